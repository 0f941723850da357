"""After fdatasync an appended line survives a power cut, its file's new size included; a rename needs the directory's fsync.

An ext4 file system in a file is mounted; the "power cut" is a copy of that file while the mount goes on, as the disk would
be after the cut. The copy is mounted (its journal is replayed) and read. Needs root and a loop device.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import facts

if os.geteuid() != 0:
    sys.exit("fdatasync.py: error: needs root to mount a file system of its own")


def mount(image, at):
    os.makedirs(at, exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, at], check=True)


def after_power_cut(image, folder, read):
    """What read(mount point) gives on a copy of the image as it is now."""
    copy, at = os.path.join(folder, "after.img"), os.path.join(folder, "after")
    shutil.copyfile(image, copy)
    mount(copy, at)
    try:
        return read(at)
    finally:
        subprocess.run(["umount", at], check=True)
        os.unlink(copy)


def lines(at):
    with open(os.path.join(at, "lines"), encoding="ascii") as file:
        return file.read().split()


with tempfile.TemporaryDirectory() as folder:
    image, live = os.path.join(folder, "live.img"), os.path.join(folder, "live")
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    # mkfs is part of e2fsprogs, which every Debian has.
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", image], check=True)
    mount(image, live)
    try:
        path = os.path.join(live, "lines")
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, b"first\n")
        os.fsync(descriptor)
        root = os.open(live, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(root)

        os.write(descriptor, b"second\n")
        facts.seen(after_power_cut(image, folder, lines) == ["first"], "a line that was written and not synced is lost by a power cut")
        os.fdatasync(descriptor)
        facts.seen(after_power_cut(image, folder, lines) == ["first", "second"],
                   "after fdatasync the appended line is there, and the size of its file with it")

        os.rename(path, os.path.join(live, "moved"))
        facts.seen("lines" in after_power_cut(image, folder, os.listdir), "a rename alone is undone by a power cut")
        os.fsync(root)
        names = after_power_cut(image, folder, os.listdir)
        facts.seen("moved" in names and "lines" not in names, "after fsync of the directory it stays")
        os.close(root)
        os.close(descriptor)
    finally:
        subprocess.run(["umount", live], check=True)
facts.end()
