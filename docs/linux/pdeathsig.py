"""PR_SET_PDEATHSIG: a child dies with its parent, unless the parent was gone before it asked."""

import os
import signal
import time

import facts


def grandchild(before):
    """Kills the middle process; (pid of the grandchild, parent it saw after the call)."""
    said, says = os.pipe()
    middle = os.fork()
    if middle == 0:
        parent = os.getpid()
        if os.fork() == 0:
            if before == "late":
                os.kill(parent, signal.SIGKILL)
                while os.getppid() == parent:
                    time.sleep(0.01)
            facts.call("prctl", facts.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            os.write(says, f"{os.getpid()} {int(os.getppid() == parent)}".encode())
            signal.pause()
        signal.pause()
    pid, same = map(int, os.read(said, 40).split())
    if before != "late":
        os.kill(middle, signal.SIGKILL)
    os.waitpid(middle, 0)
    end = time.monotonic() + 2
    while facts.alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return pid, same


pid, same = grandchild("early")
facts.seen(same == 1 and not facts.alive(pid), "a child that asked in time is killed when its parent is killed with -9")
pid, same = grandchild("late")
facts.seen(facts.alive(pid), "a child that asks after its parent's death is never told")
facts.seen(same == 0, "it can see that: getppid is no longer the pid it was forked from; such a child must end itself")
os.kill(pid, signal.SIGKILL)
facts.end()
