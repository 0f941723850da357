"""O_NOFOLLOW and O_NONBLOCK make opening a drop safe: a symbolic link is refused, a FIFO does not hang."""

import errno
import os
import select
import stat
import tempfile

import facts

FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
with tempfile.TemporaryDirectory() as folder:
    fifo, link, plain = (os.path.join(folder, name) for name in ("fifo", "link", "plain"))
    os.mkfifo(fifo)
    os.symlink("/etc/passwd", link)
    open(plain, "w").close()

    descriptor = os.open(fifo, FLAGS)
    facts.seen(stat.S_ISFIFO(os.fstat(descriptor).st_mode), "with O_NONBLOCK a FIFO without a writer opens at once; fstat then says what it is")
    os.close(descriptor)

    # The same without O_NONBLOCK: the child says when it is through, and never does.
    begin, through = os.pipe()
    child = os.fork()
    if child == 0:
        os.open(fifo, os.O_RDONLY | os.O_NOFOLLOW)
        os.write(through, b"x")
        os._exit(0)
    hung = not select.select([begin], [], [], 0.5)[0]
    os.kill(child, 9)
    os.waitpid(child, 0)
    facts.seen(hung, "without O_NONBLOCK the same open waits until somebody writes")

    try:
        os.open(link, FLAGS)
        code = 0
    except OSError as error:
        code = error.errno
    facts.seen(code == errno.ELOOP, "with O_NOFOLLOW a symbolic link is ELOOP")

    # O_NOFOLLOW looks at the last component only.
    os.symlink(folder, os.path.join(folder, "folder"))
    os.close(os.open(os.path.join(folder, "folder", "plain"), FLAGS))
    facts.seen(True, "a symbolic link as an earlier component is followed all the same: hence directory descriptors and openat")
    os.close(os.open(plain, FLAGS))
    facts.seen(True, "both flags change nothing for a regular file")
facts.end()
