"""mtime can be set by whoever owns a file; ctime cannot, and every change moves it."""

import os
import tempfile
import time

import facts

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "drop")
    with open(path, "w", encoding="ascii") as file:
        file.write("first")
    before = os.stat(path)
    time.sleep(0.05)
    with open(path, "r+", encoding="ascii") as file:
        file.write("other")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = os.stat(path)
    same = (before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns)
    facts.seen(same, "after a change of its bytes a file can have the same inode, size and mtime")
    facts.seen(after.st_ctime_ns > before.st_ctime_ns, "its ctime has moved: two equal looks must compare ctime too")
facts.end()
