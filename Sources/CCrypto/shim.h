/* SHA256_Init/Update/Final are one third faster on short messages than EVP and need no EVP_MD_fetch (1 ms, reads
   openssl.cnf) at start; OpenSSL 3 marks them deprecated but keeps them through the whole 3.x series. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
