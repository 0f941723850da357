/* What Linux offers and Swift's Glibc module does not show, and nothing else. Every function is a plain system call:
   it returns what the call returns and leaves errno. */
#ifndef CLINUX_H
#define CLINUX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "confine.h"

/* renameat2(2). flags: 1 = RENAME_NOREPLACE. */
int cl_renameat2(int olddir, const char *oldname, int newdir, const char *newname, unsigned flags);
/* syncfs(2): waits for every dirty page of the file system, other people's too. */
int cl_syncfs(int fd);
/* openat(2), which is variadic in C. */
int cl_openat(int dir, const char *name, int flags, unsigned mode);
/* Lists a directory through a descriptor of its own (offset 0): the NUL-terminated names, without "." and "..", one
   after the other in a malloc'd buffer that the caller frees. */
int cl_list(int dir, char **names, size_t *bytes);
/* fork(2): for the parser helper only, which has one thread. */
pid_t cl_fork(void);
/* 1 when the descriptor lies on a network file system, where flock and rename promise less; -1 on error. */
int cl_is_network_fs(int fd);
/* The kernel's opinion of its clock: 1 synchronised, 0 not, -1 on error (adjtimex). */
int cl_clock_synchronised(void);
#endif
