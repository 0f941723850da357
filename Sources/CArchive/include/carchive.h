/* libarchive and zlib, loaded with dlopen: libarchive drags in fifteen libraries, and only the parser helper pays for them.
   Nothing is linked; the headers give the types. */
#ifndef CARCHIVE_H
#define CARCHIVE_H
#include <stddef.h>
#include <stdint.h>

/* NULL when both libraries are there, else the name of the missing one. zlib alone: ca_load_zlib. */
const char *ca_load(void);
const char *ca_load_zlib(void);

/* A gzip stream of exactly one member. */
struct ca_inflate;
struct ca_inflate *ca_inflate_new(void);
/* Reads *in_count bytes at most and writes *out_count at most; both come back as what was used. 0: go on. 1: the member is
   complete, CRC and length right. -1: damaged. -2: no memory. */
int ca_inflate_run(struct ca_inflate *, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count);
void ca_inflate_free(struct ca_inflate *);

/* Writes a gzip stream: no name, no time, level 9. `finish` after the last input. 0: go on, 1: complete, -1: error. */
struct ca_deflate;
struct ca_deflate *ca_deflate_new(void);
int ca_deflate_run(struct ca_deflate *, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count, int finish);
void ca_deflate_free(struct ca_deflate *);

uint32_t ca_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

/* A tar stream read by libarchive, without any filter, through `source`, which gives the next bytes (0 at the end, -1 to stop). */
typedef int64_t (*ca_source)(void *context, const void **bytes);
struct ca_tar;
struct ca_entry {
    const char *path; /* NULL when libarchive cannot say */
    int kind;         /* f, d, l (symbolic link), h (hard link), or ? */
    int64_t size;
};
struct ca_tar *ca_tar_open(void *context, ca_source source);
/* 0: an entry. 1: the end. -1: refused (ca_tar_problem). */
int ca_tar_next(struct ca_tar *, struct ca_entry *);
/* 0: a piece at *offset. 1: the end of the entry. -1: refused. */
int ca_tar_data(struct ca_tar *, const void **bytes, size_t *count, int64_t *offset);
const char *ca_tar_problem(struct ca_tar *);
void ca_tar_close(struct ca_tar *);
#endif
