"""flock belongs to the open file, not to the process: a forked child keeps it, an unlinked file keeps nothing out."""

import fcntl
import os
import signal
import tempfile
import time

import facts


def held(path):
    """True when nobody else can take the lock by that name."""
    with open(path, "a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True


def killed_holder(path, set_up_child):
    """A process takes the lock, forks a child, and is killed with SIGKILL; the pid of the child that stays."""
    said, says = os.pipe()
    holder = os.fork()
    if holder == 0:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            set_up_child()
            os.write(says, str(os.getpid()).encode())
            signal.pause()
        signal.pause()
    child = int(os.read(said, 20))
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    return child


def gone_within(seconds, pid):
    end = time.monotonic() + seconds
    while facts.alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not facts.alive(pid)


with tempfile.TemporaryDirectory() as folder:
    lock = os.path.join(folder, "lock")
    orphan = killed_holder(lock, lambda: None)
    facts.seen(held(lock), "after kill -9 of the holder its forked child still keeps the flock, O_CLOEXEC or not")
    os.kill(orphan, signal.SIGKILL)
    free = gone_within(5, orphan) and not held(lock)
    facts.seen(free, "when the last process with the open file is gone the lock is free; nobody has to remove anything")

    orphan = killed_holder(lock, lambda: facts.call("prctl", facts.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    facts.seen(gone_within(5, orphan) and not held(lock), "with PR_SET_PDEATHSIG the child dies with the holder, and the lock with it")

    # Unlinking: one waits for the lock, the holder unlinks the file, a third makes a new one of the same name.
    first = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(first, fcntl.LOCK_EX)
    second = os.open(lock, os.O_RDWR)
    os.unlink(lock)
    os.close(first)
    fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    third = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(third, fcntl.LOCK_EX | fcntl.LOCK_NB)
    facts.seen(True, "when a holder unlinks the lock file, two others can hold \"the\" lock at once")
    apart = os.fstat(second).st_ino != os.stat(lock).st_ino and os.fstat(third).st_ino == os.stat(lock).st_ino
    facts.seen(apart, "fstat against the name tells which of the two is the real one; the other starts again")
facts.end()
