#define _GNU_SOURCE
#include "clinux.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

int cl_renameat2(int od, const char *o, int nd, const char *n, unsigned flags) {
    return (int)syscall(SYS_renameat2, od, o, nd, n, flags);
}

int cl_syncfs(int fd) { return syncfs(fd); }

int cl_openat(int dir, const char *name, int flags, unsigned mode) { return openat(dir, name, flags, (mode_t)mode); }

struct linux_dirent64 {
    uint64_t d_ino;
    int64_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[];
};

int cl_list(int dir, char **names, size_t *bytes) {
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    char buf[32768] __attribute__((aligned(8)));
    char *out = NULL;
    size_t used = 0, room = 0;
    for (;;) {
        long n = syscall(SYS_getdents64, fd, buf, sizeof buf);
        if (n == 0) break;
        if (n < 0) goto fail;
        for (long at = 0; at < n;) {
            struct linux_dirent64 *d = (struct linux_dirent64 *)(buf + at);
            at += d->d_reclen;
            size_t len = strlen(d->d_name) + 1;
            if (d->d_name[0] == '.' && (len == 2 || (len == 3 && d->d_name[1] == '.'))) continue;
            if (used + len > room) {
                room = (used + len) * 2 + 256;
                char *more = realloc(out, room);
                if (!more) { errno = ENOMEM; goto fail; }
                out = more;
            }
            memcpy(out + used, d->d_name, len);
            used += len;
        }
    }
    close(fd);
    *names = out;
    *bytes = used;
    return 0;
fail: {
        int e = errno;
        close(fd);
        free(out);
        errno = e;
        return -1;
    }
}

pid_t cl_fork(void) { return fork(); }

int cl_is_network_fs(int fd) {
    struct statfs s;
    if (fstatfs(fd, &s) < 0) return -1;
    switch ((unsigned long)s.f_type & 0xffffffffUL) {
    case 0x6969: case 0xff534d42UL: case 0xfe534d42UL: case 0x517b: case 0x01021997: return 1;
    default: return 0;
    }
}

int cl_clock_synchronised(void) {
    struct timex t;
    memset(&t, 0, sizeof t);
    int state = adjtimex(&t);
    if (state < 0) return -1;
    return state != TIME_ERROR && !(t.status & STA_UNSYNC);
}
