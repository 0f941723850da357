"""SCM_RIGHTS hands an open file to another process, and only that: no path, no second look."""

import array
import os
import socket
import tempfile

import facts

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "package")
    with open(path, "w", encoding="ascii") as file:
        file.write("0123456789")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    os.read(descriptor, 3)
    os.unlink(path)
    with open(path, "w", encoding="ascii") as file:
        file.write("squatted!!")

    def receive():
        ours.close()
        os.close(descriptor)
        data, given, _, _ = theirs.recvmsg(16, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
        received = array.array("i", given[0][2])[0]
        facts.seen(data == b"one", "a SEQPACKET message arrives whole, with its descriptor")
        facts.seen(os.read(received, 4) == b"3456", "it is the same open file: the inode that was opened, and its offset")
        facts.seen(not os.get_inheritable(received), "MSG_CMSG_CLOEXEC sets close-on-exec on the received descriptor")
        return facts.wrong

    facts.sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os._exit(receive())
    theirs.close()
    ours.sendmsg([b"one"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
    ended = os.waitpid(child, 0)[1] == 0
    facts.seen(ended and os.read(descriptor, 9) == b"789", "reading there moved the offset here: pread, or seek first")
facts.end()
