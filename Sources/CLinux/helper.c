#define _GNU_SOURCE
#include "confine.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL 3
#define MOST 16

int cl_helper_start(const char *path, pid_t *pid) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return -1;
    /* Above the numbers that the file actions fill: a dup2 onto itself would leave close-on-exec set. */
    int theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, 10);
    close(pair[1]);
    if (theirs < 0) { close(pair[0]); return -1; }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int e = posix_spawn_file_actions_init(&actions);
    if (!e) e = posix_spawnattr_init(&attributes);
    for (int fd = 0; !e && fd < 3; fd++) e = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    if (!e) e = posix_spawn_file_actions_adddup2(&actions, theirs, CONTROL);
    if (!e) e = posix_spawn_file_actions_addclosefrom_np(&actions, CONTROL + 1);
    /* A group of its own: Ctrl-C is for the runner, whose end ends the helper. */
    if (!e) e = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    if (!e) e = posix_spawnattr_setsigmask(&attributes, &none);
    if (!e) e = posix_spawnattr_setsigdefault(&attributes, &all);
    char *words[] = {"sallyport", "parser-helper", NULL};
    char *environment[] = {"SWIFT_BACKTRACE=enable=no", "LC_ALL=C.UTF-8", "TZ=UTC0", NULL};
    if (!e) e = posix_spawn(pid, path, &actions, &attributes, words, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(theirs);
    if (e) { close(pair[0]); errno = e; return -1; }
    return pair[0];
}

int cl_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair); }

int cl_helper_ask(int helper, const int64_t words[CL_REQUEST_WORDS], int package, int answer, int status) {
    int fds[3] = {package, answer, status};
    union { struct cmsghdr head; char room[CMSG_SPACE(sizeof fds)]; } control;
    memset(&control, 0, sizeof control);
    struct iovec data = {(void *)words, sizeof(int64_t) * CL_REQUEST_WORDS};
    struct msghdr m = {0};
    m.msg_iov = &data;
    m.msg_iovlen = 1;
    m.msg_control = control.room;
    m.msg_controllen = sizeof control.room;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(c), fds, sizeof fds);
    for (;;) {
        ssize_t n = sendmsg(helper, &m, MSG_NOSIGNAL);
        if (n >= 0) return 0;
        if (errno != EINTR) return -1;
    }
}

struct child { pid_t pid; int process, status, killed; };

static void report(int fd, int value) {
    ssize_t n;
    do n = write(fd, &value, sizeof value);
    while (n < 0 && errno == EINTR);
}

/* Receives one request; 0 when the runner is gone, -1 when the message is none of ours. */
static int receive(int64_t *words, int fds[3]) {
    union { struct cmsghdr head; char room[CMSG_SPACE(3 * sizeof(int))]; } control;
    struct iovec data = {words, sizeof(int64_t) * CL_REQUEST_WORDS};
    struct msghdr m = {0};
    m.msg_iov = &data;
    m.msg_iovlen = 1;
    m.msg_control = control.room;
    m.msg_controllen = sizeof control.room;
    ssize_t n;
    do n = recvmsg(CONTROL, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n <= 0) return 0;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(3 * sizeof(int))) return -1;
    memcpy(fds, CMSG_DATA(c), 3 * sizeof(int));
    if (n == (ssize_t)(sizeof(int64_t) * CL_REQUEST_WORDS)) return 1;
    for (int i = 0; i < 3; i++) close(fds[i]);
    return -1;
}

static _Noreturn void become(const int fds[3], pid_t helper, const int64_t *words, int (*serve)(const int64_t *)) {
    /* The helper has one thread, so its death and nothing else sends this signal. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != helper) _exit(0);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(fds[0], 0) < 0 || dup2(fds[1], 1) < 0) _exit(3);
    if (syscall(SYS_close_range, 2, ~0U, 0)) _exit(3);
    _exit(serve(words));
}

static struct child begin(const int64_t *words, const int fds[3], int (*serve)(const int64_t *)) {
    pid_t helper = getpid();
    struct child c = {fork(), -1, fds[2], 0};
    if (c.pid == 0) become(fds, helper, words, serve);
    int e = errno;
    close(fds[0]);
    close(fds[1]);
    if (c.pid > 0) {
        c.process = (int)syscall(SYS_pidfd_open, c.pid, 0);
        if (c.process >= 0) return c;
        e = errno;
        kill(c.pid, SIGKILL);
        waitpid(c.pid, NULL, 0);
    }
    report(c.status, -e);
    close(c.status);
    c.pid = -1;
    return c;
}

int cl_helper_serve(int most, int (*serve)(const int64_t *words)) {
    struct child children[MOST];
    int count = 0;
    if (most > MOST) most = MOST;
    signal(SIGPIPE, SIG_IGN);
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    for (;;) {
        struct pollfd p[1 + 2 * MOST];
        p[0] = (struct pollfd){CONTROL, count < most ? POLLIN : 0, 0};
        for (int i = 0; i < count; i++) {
            p[1 + 2 * i] = (struct pollfd){children[i].process, POLLIN, 0};
            p[2 + 2 * i] = (struct pollfd){children[i].killed ? -1 : children[i].status, 0, 0};
        }
        if (poll(p, (nfds_t)(1 + 2 * count), -1) < 0 && errno != EINTR) return 1;
        /* Its children die with it (PR_SET_PDEATHSIG). */
        if (p[0].revents & (POLLHUP | POLLERR) && !(p[0].revents & POLLIN)) return 0;
        for (int i = count - 1; i >= 0; i--) {
            if (p[1 + 2 * i].revents) {
                int status = 0;
                while (waitpid(children[i].pid, &status, 0) < 0 && errno == EINTR) {}
                report(children[i].status, status);
                close(children[i].status);
                close(children[i].process);
                children[i] = children[--count];
            } else if (p[2 + 2 * i].revents & (POLLERR | POLLHUP)) {
                kill(children[i].pid, SIGKILL);
                children[i].killed = 1;
            }
        }
        if (p[0].revents & POLLIN) {
            int64_t words[CL_REQUEST_WORDS];
            int fds[3];
            int got = receive(words, fds);
            if (got == 0) return 0;
            if (got < 0) continue;
            struct child c = begin(words, fds, serve);
            if (c.pid > 0) children[count++] = c;
        }
    }
}
