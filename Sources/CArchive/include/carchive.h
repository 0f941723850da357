#ifndef CARCHIVE_H
#define CARCHIVE_H
#include <archive.h>
#include <archive_entry.h>
/* libarchive drags in fifteen libraries; only the parser helper pays for them. 0 = loaded, -1 = not there. */
int ca_load(void);
#endif
