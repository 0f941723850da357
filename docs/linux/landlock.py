"""What Landlock as Debian 12's kernel has it (ABI 2) does not stop: truncate and chmod by path, signals by pid, sockets."""

import ctypes
import errno
import os
import signal
import socket
import struct
import tempfile

import facts

CREATE, RESTRICT = 444, 446
ABI_2 = (1 << 14) - 1  # every right up to LANDLOCK_ACCESS_FS_REFER; TRUNCATE came with ABI 3


def syscall(number, *arguments):
    return facts.call("syscall", ctypes.c_long(number), *arguments)


abi = syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
if abi < 2:
    facts.seen(False, f"Landlock ABI 2 or later (found {abi})")
    facts.end()
facts.figure(f"this kernel has Landlock ABI {abi}; the rules below use the rights of ABI 2")


def confine():
    rights = struct.pack("=Q", ABI_2)
    ruleset = syscall(CREATE, rights, ctypes.c_size_t(8), ctypes.c_uint(0))
    facts.call("prctl", facts.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if ruleset < 0 or syscall(RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0)) != 0:
        raise OSError("no Landlock here")


def tried(work):
    try:
        work()
        return 0
    except OSError as error:
        return error.errno


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "somebody's")
    with open(path, "w", encoding="ascii") as file:
        file.write("bytes that are not the child's")
    os.chmod(path, 0o600)
    bystander = os.fork()
    if bystander == 0:
        signal.pause()

    def child():
        confine()
        facts.seen(tried(lambda: os.open(path, os.O_RDONLY)) == errno.EACCES, "without a rule, opening a file is EACCES")
        facts.seen(tried(lambda: os.open(path, os.O_WRONLY)) == errno.EACCES, "opening it for writing too")
        facts.seen(tried(lambda: os.unlink(path)) == errno.EACCES, "unlinking it too")
        facts.seen(tried(lambda: os.truncate(path, 0)) == 0, "truncate by path succeeds all the same")
        facts.seen(tried(lambda: os.chmod(path, 0o666)) == 0, "chmod by path succeeds")
        facts.seen(tried(lambda: os.kill(bystander, signal.SIGTERM)) == 0, "kill of a process outside succeeds")
        facts.seen(tried(lambda: socket.socket().close()) == 0, "socket succeeds: seccomp has to refuse all four, and does")
        return facts.wrong

    status, _ = facts.in_child(child)
    facts.seen(status == 0, "all of this in one confined child")
    facts.seen(os.stat(path).st_size == 0 and os.stat(path).st_mode & 0o777 == 0o666, "from outside: the file is empty, its mode is changed")
    facts.seen(os.waitpid(bystander, 0)[1] == signal.SIGTERM, "from outside: the other process is gone")
facts.end()
