#include "carchive.h"
#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* One pointer for each function used, called as `lib.name`. */
static struct {
    int ready;
    __typeof__(&archive_read_new) read_new;
    __typeof__(&archive_read_append_filter) read_append_filter;
    __typeof__(&archive_read_support_format_tar) read_support_format_tar;
    __typeof__(&archive_read_open) read_open;
    __typeof__(&archive_read_next_header) read_next_header;
    __typeof__(&archive_read_data_block) read_data_block;
    __typeof__(&archive_read_free) read_free;
    __typeof__(&archive_error_string) error_string;
    __typeof__(&archive_entry_pathname) entry_pathname;
    __typeof__(&archive_entry_filetype) entry_filetype;
    __typeof__(&archive_entry_hardlink) entry_hardlink;
    __typeof__(&archive_entry_size) entry_size;
} lib;
static struct {
    int ready;
    __typeof__(&inflateInit2_) inflate_init;
    __typeof__(&inflate) inflate;
    __typeof__(&inflateEnd) inflate_end;
    __typeof__(&deflateInit2_) deflate_init;
    __typeof__(&deflate) deflate;
    __typeof__(&deflateEnd) deflate_end;
    __typeof__(&crc32) crc;
} z;

/* RTLD_NOW: a child may not open or map anything later. */
#define TAKE(handle, field, symbol) \
    if (!(*(void **)&(field) = dlsym(handle, #symbol))) return name

const char *ca_load_zlib(void) {
    const char *name = "libz.so.1";
    if (z.ready) return NULL;
    void *h = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!h) return name;
    TAKE(h, z.inflate_init, inflateInit2_);
    TAKE(h, z.inflate, inflate);
    TAKE(h, z.inflate_end, inflateEnd);
    TAKE(h, z.deflate_init, deflateInit2_);
    TAKE(h, z.deflate, deflate);
    TAKE(h, z.deflate_end, deflateEnd);
    TAKE(h, z.crc, crc32);
    z.ready = 1;
    return NULL;
}

const char *ca_load(void) {
    const char *name = ca_load_zlib();
    if (name || lib.ready) return name;
    name = "libarchive.so.13";
    void *h = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!h) return name;
    TAKE(h, lib.read_new, archive_read_new);
    TAKE(h, lib.read_append_filter, archive_read_append_filter);
    TAKE(h, lib.read_support_format_tar, archive_read_support_format_tar);
    TAKE(h, lib.read_open, archive_read_open);
    TAKE(h, lib.read_next_header, archive_read_next_header);
    TAKE(h, lib.read_data_block, archive_read_data_block);
    TAKE(h, lib.read_free, archive_read_free);
    TAKE(h, lib.error_string, archive_error_string);
    TAKE(h, lib.entry_pathname, archive_entry_pathname);
    TAKE(h, lib.entry_filetype, archive_entry_filetype);
    TAKE(h, lib.entry_hardlink, archive_entry_hardlink);
    TAKE(h, lib.entry_size, archive_entry_size);
    lib.ready = 1;
    return NULL;
}

uint32_t ca_crc32(uint32_t crc, const uint8_t *bytes, size_t count) { return (uint32_t)z.crc(crc, bytes, (uInt)count); }

struct ca_inflate { z_stream s; };

struct ca_inflate *ca_inflate_new(void) {
    struct ca_inflate *i = calloc(1, sizeof *i);
    /* 15 bits of window, +16: a gzip header and nothing else. */
    if (i && z.inflate_init(&i->s, 15 + 16, ZLIB_VERSION, sizeof i->s) != Z_OK) { free(i); return NULL; }
    return i;
}

int ca_inflate_run(struct ca_inflate *i, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count) {
    i->s.next_in = (Bytef *)in;
    i->s.avail_in = (uInt)*in_count;
    i->s.next_out = out;
    i->s.avail_out = (uInt)*out_count;
    int r = z.inflate(&i->s, Z_NO_FLUSH);
    *in_count -= i->s.avail_in;
    *out_count -= i->s.avail_out;
    switch (r) {
    case Z_OK: case Z_BUF_ERROR: return 0;
    case Z_STREAM_END: return 1;
    case Z_MEM_ERROR: return -2;
    default: return -1;
    }
}

void ca_inflate_free(struct ca_inflate *i) {
    if (!i) return;
    z.inflate_end(&i->s);
    free(i);
}

struct ca_deflate { z_stream s; };

struct ca_deflate *ca_deflate_new(void) {
    struct ca_deflate *d = calloc(1, sizeof *d);
    if (d && z.deflate_init(&d->s, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, sizeof d->s) != Z_OK) {
        free(d);
        return NULL;
    }
    return d;
}

int ca_deflate_run(struct ca_deflate *d, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count, int finish) {
    d->s.next_in = (Bytef *)in;
    d->s.avail_in = (uInt)*in_count;
    d->s.next_out = out;
    d->s.avail_out = (uInt)*out_count;
    int r = z.deflate(&d->s, finish ? Z_FINISH : Z_NO_FLUSH);
    *in_count -= d->s.avail_in;
    *out_count -= d->s.avail_out;
    return r == Z_STREAM_END ? 1 : r == Z_OK || r == Z_BUF_ERROR ? 0 : -1;
}

void ca_deflate_free(struct ca_deflate *d) {
    if (!d) return;
    z.deflate_end(&d->s);
    free(d);
}

struct ca_tar { struct archive *a; void *context; ca_source source; struct archive_entry *entry; };

static la_ssize_t give(struct archive *a, void *context, const void **bytes) {
    (void)a;
    struct ca_tar *t = context;
    return (la_ssize_t)t->source(t->context, bytes);
}

struct ca_tar *ca_tar_open(void *context, ca_source source) {
    struct ca_tar *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->context = context;
    t->source = source;
    t->a = lib.read_new();
    /* Filter and format pinned, never bid for: bidding hangs on a gzip file of 293 bytes. */
    if (!t->a || lib.read_append_filter(t->a, ARCHIVE_FILTER_NONE) != ARCHIVE_OK ||
        lib.read_support_format_tar(t->a) != ARCHIVE_OK) {
        ca_tar_close(t);
        return NULL;
    }
    if (lib.read_open(t->a, t, NULL, give, NULL) != ARCHIVE_OK) { /* the problem is told by ca_tar_next */ }
    return t;
}

int ca_tar_next(struct ca_tar *t, struct ca_entry *e) {
    int r = lib.read_next_header(t->a, &t->entry);
    if (r == ARCHIVE_EOF) return 1;
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN) return -1;
    e->path = lib.entry_pathname(t->entry);
    e->size = lib.entry_size(t->entry);
    switch (lib.entry_filetype(t->entry)) {
    case AE_IFREG: e->kind = 'f'; break;
    case AE_IFDIR: e->kind = 'd'; break;
    case AE_IFLNK: e->kind = 'l'; break;
    default: e->kind = '?';
    }
    if (lib.entry_hardlink(t->entry)) e->kind = 'h';
    return 0;
}

int ca_tar_data(struct ca_tar *t, const void **bytes, size_t *count, int64_t *offset) {
    la_int64_t at = 0;
    int r = lib.read_data_block(t->a, bytes, count, &at);
    *offset = at;
    if (r == ARCHIVE_EOF) return 1;
    return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : -1;
}

const char *ca_tar_problem(struct ca_tar *t) {
    const char *text = lib.error_string(t->a);
    return text ? text : "no reason given";
}

void ca_tar_close(struct ca_tar *t) {
    if (!t) return;
    if (t->a) lib.read_free(t->a);
    free(t);
}
