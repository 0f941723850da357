"""rename replaces a symbolic link without a moment in which it is missing; RENAME_NOREPLACE never replaces."""

import errno
import os
import tempfile

import facts

SWITCHES = 20_000
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name in ("a", "b"):
        os.mkdir(name)
    os.symlink("a", "current")

    def reader():
        reads = 0
        while not os.path.exists("stop"):
            if os.readlink("current") not in ("a", "b"):
                return 1
            reads += 1
        return 0 if reads else 2

    facts.sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            os._exit(reader())
        except OSError:
            os._exit(3)
    for number in range(SWITCHES):
        os.symlink("ab"[number % 2], "next")
        os.rename("next", "current")
    open("stop", "w").close()
    facts.seen(os.waitpid(child, 0)[1] == 0, "a link that is replaced by rename 20,000 times is there at every look")

    for name in ("one", "two"):
        with open(name, "w", encoding="ascii") as file:
            file.write(name)
    code = -facts.rename_noreplace("one", "two")
    facts.seen(code == errno.EEXIST and open("two", encoding="ascii").read() == "two",
               "renameat2 with RENAME_NOREPLACE onto a name that exists is EEXIST and changes nothing")
    facts.seen(facts.rename_noreplace("one", "three") == 0 and not os.path.exists("one"), "onto a free name it renames")
    os.symlink("nowhere", "dangling")
    facts.seen(-facts.rename_noreplace("three", "dangling") == errno.EEXIST, "a dangling symbolic link counts as a name that exists")
facts.end()
