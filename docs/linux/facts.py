"""What the programs beside this file share: saying what was seen, and a few calls that Python does not have."""

import ctypes
import os
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
RENAME_NOREPLACE = 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 38, 22
wrong = 0


def seen(holds, text):
    """One fact: printed as it was seen; the program ends with 1 when it does not hold."""
    global wrong
    wrong += not holds
    print(f"{'seen' if holds else 'NOT SEEN'}: {text}", flush=True)


def figure(text):
    """A measured value: differs from machine to machine, so nobody compares it."""
    print(f"~ {text}", flush=True)


def end():
    sys.exit(1 if wrong else 0)


def call(name, *arguments):
    """A C library call; its result, or the negative errno."""
    result = getattr(libc, name)(*arguments)
    return -ctypes.get_errno() if result == -1 else result


def rename_noreplace(old, new):
    return call("renameat2", AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), RENAME_NOREPLACE)


def in_child(work):
    """Runs work in a forked child; (exit status, None) or (None, signal)."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            os._exit(work() or 0)
        except BaseException as error:
            print(f"NOT SEEN: the child failed: {error!r}", flush=True)
            os._exit(99)
    _, status = os.waitpid(child, 0)
    return (None, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), None)


def alive(pid):
    """False for a process that is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def name_of(number):
    return signal.Signals(number).name
