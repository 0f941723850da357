#define _GNU_SOURCE
#include "confine.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "the seccomp filter knows x86-64 and aarch64"
#endif

/* Bytes mapped now: libraries and runtime, which are not the package's fault. */
static uint64_t mapped(void) {
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f) return (uint64_t)1 << 30;
    if (fscanf(f, "%lu", &pages) != 1) pages = 1 << 18;
    fclose(f);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int limit(int what, rlim_t soft, rlim_t hard) {
    struct rlimit r = {soft, hard};
    return setrlimit((__rlimit_resource_t)what, &r);
}

static int limits(uint64_t space, unsigned cpu) {
    return limit(RLIMIT_AS, space, space) || limit(RLIMIT_CPU, cpu, cpu + 1) || limit(RLIMIT_CORE, 0, 0) ||
           limit(RLIMIT_FSIZE, 0, 0) || limit(RLIMIT_NPROC, 0, 0) || limit(RLIMIT_NOFILE, 0, 0) ||
           limit(RLIMIT_MEMLOCK, 0, 0)
               ? -1
               : 0;
}

/* linux/landlock.h of Debian 12 ends at ABI 2; the structure only grows. */
struct ruleset { uint64_t fs, net, scoped; };
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

int cl_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    return abi < 0 ? 0 : (int)abi;
}

/* Every right that the kernel knows is handled and no rule gives any back. */
static void landlock(void) {
    int abi = cl_landlock_abi();
    if (abi < 1) return;
    struct ruleset r = {0, 0, 0};
    size_t size = 8;
    r.fs = abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : abi == 2 ? 0x3fff : 0x1fff;
    if (abi >= 4) { r.net = 3; size = 16; }
    if (abi >= 6) { r.scoped = 3; size = 24; }
    int fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
    if (fd < 0) return;
    syscall(SYS_landlock_restrict_self, fd, 0);
    close(fd);
}

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), ALLOW
/* The low half of an argument: x86-64 and aarch64 are little-endian. */
#define LOAD_ARGUMENT(n) LOAD(args[n])

static int filter(void) {
    uint32_t me = (uint32_t)getpid();
    struct sock_filter program[] = {
        LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0), KILL,
        LOAD(nr),
#if defined(__x86_64__)
        /* x32 calls have the same arch and bit 30 set. */
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), KILL,
#endif
        CALL(read), CALL(pread64), CALL(write), CALL(lseek), CALL(close), CALL(munmap), CALL(mremap), CALL(brk),
        CALL(madvise), CALL(futex), CALL(getrandom), CALL(clock_gettime), CALL(rt_sigprocmask), CALL(rt_sigreturn),
        CALL(gettid), CALL(getpid), CALL(exit_group),
        /* mmap: never executable. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4),
        LOAD_ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), KILL, ALLOW,
        /* tgkill: itself, as abort() does. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
        LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, me, 0, 1), ALLOW,
        KILL,
    };
    struct sock_fprog p = {sizeof program / sizeof *program, program};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p);
}

int cl_confine(uint64_t memory, unsigned cpu_seconds) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) return -1;
    uint64_t space = mapped() + memory; /* opens a path: before Landlock */
    landlock();                         /* needs a descriptor: before the limits */
    return limits(space, cpu_seconds) || filter() ? -1 : 0;
}

int cl_confined_call(long number, long a, long b, long c, long d) {
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) {
        if (cl_confine((uint64_t)64 << 20, 5)) _exit(2);
        _exit(syscall(number, a, b, c, d, 0, 0) < 0 ? 1 : 0);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return status;
}
