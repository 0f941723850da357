"""syncfs writes everybody's dirty pages, fsync those of one file; both are durable for what we wrote."""

import os
import sys
import tempfile
import time

import facts

OTHERS = 96 << 20
folder = tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None)


def written(device):
    """Bytes that the block device has taken; None where the file system has no device of its own."""
    try:
        with open(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat", encoding="ascii") as file:
            return int(file.read().split()[6]) * 512
    except OSError:
        return None


def measured(work):
    before, begin = written(device), time.monotonic()
    work()
    seconds, after = time.monotonic() - begin, written(device)
    return seconds, None if before is None else after - before


with folder as place:
    device = os.stat(place).st_dev
    root = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    facts.call("syncfs", root)
    with open(os.path.join(place, "somebody else's"), "wb") as others:
        others.write(os.urandom(1 << 20) * (OTHERS >> 20))
    ours = os.open(os.path.join(place, "ours"), os.O_WRONLY | os.O_CREAT)
    os.write(ours, b"x" * 4096)
    file_seconds, file_bytes = measured(lambda: os.fsync(ours))
    os.write(ours, b"x" * 4096)
    all_seconds, all_bytes = measured(lambda: facts.call("syncfs", root))
    if all_bytes is None:
        facts.figure("the file system has no block device of its own; bytes cannot be counted")
    else:
        # Writeback may have begun by itself; what both calls did together is what the other file needed.
        facts.seen(file_bytes + all_bytes >= OTHERS // 2 and all_bytes > file_bytes,
                   "syncfs of a directory waits for another's 96 MiB; fsync of our 4 KiB does not")
        facts.figure(f"fsync {file_bytes >> 10} KiB in {file_seconds * 1000:.1f} ms, syncfs {all_bytes >> 10} KiB in {all_seconds * 1000:.1f} ms")
facts.end()
