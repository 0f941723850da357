/* The parser helper and the confinement of its children (architecture.md, "Trust lines"). */
#ifndef CONFINE_H
#define CONFINE_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How many 64-bit words a request has. */
#define CL_REQUEST_WORDS 16

/* Starts `path parser-helper` with the environment SWIFT_BACKTRACE, LC_ALL, TZ and nothing else, /dev/null as 0, 1 and 2, a
   SOCK_SEQPACKET socket as 3, no other descriptor, default signals, a process group of its own. Returns our end of the
   socket (close-on-exec), or -1. */
int cl_helper_start(const char *path, pid_t *pid);

/* Two connected stream sockets, close-on-exec. */
int cl_pair(int pair[2]);

/* Asks the helper for a child: it gets `package` as 0 and `answer` as 1; its wait status arrives on `status` as one int,
   a negative errno when it could not be forked. 0 or -1. */
int cl_helper_ask(int helper, const int64_t words[CL_REQUEST_WORDS], int package, int answer, int status);

/* The helper's whole life: forks a child for each request, at most `most` at once, reaps it, and kills it when nobody waits
   for its status any more. Ends when the other end of socket 3 is closed. `serve` runs in the child and gives its exit
   status. One thread, by design: a fork of a threaded process would inherit locks that nobody opens. */
int cl_helper_serve(int most, int (*serve)(const int64_t *words));

/* For the child, before it reads a hostile byte. Limits: `memory` bytes of address space beyond what is mapped now, seconds of
   processor time, no new descriptor, no file size, no process. Then Landlock without any right, where the kernel has it,
   then the seccomp filter. 0, or -1 when limits or filter could not be set. */
int cl_confine(uint64_t memory, unsigned cpu_seconds);

/* Landlock's ABI that cl_confine uses; 0 when the kernel has none. */
int cl_landlock_abi(void);

/* Confines a child as a parser is confined, lets it make one system call, and gives back its wait status: exit 0 when the call
   went through, exit 1 when it failed. -1 when there was no such child. For `doctor` and for the tests that try the filter. */
int cl_confined_call(long number, long a, long b, long c, long d);
#endif
