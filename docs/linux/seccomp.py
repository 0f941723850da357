"""A seccomp filter with KILL_PROCESS ends the whole process at the first forbidden call, with SIGSYS."""

import ctypes
import os
import platform
import signal
import struct
import threading

import facts

KILL_PROCESS, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
# Numbers of socket(2); the filter forbids one harmless call so that Python itself can go on.
SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def forbid_socket(action):
    code = b"".join(struct.pack("=HBBI", *line) for line in [
        (LOAD, 0, 0, 0),  # seccomp_data.nr
        (EQUAL, 0, 1, SOCKET), (RETURN, 0, 0, action), (RETURN, 0, 0, ALLOW)])
    buffer = ctypes.create_string_buffer(code, len(code))
    facts.call("prctl", facts.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    program = Program(4, ctypes.addressof(buffer))
    if facts.call("prctl", facts.PR_SET_SECCOMP, 2, ctypes.byref(program)) != 0:
        raise OSError("no seccomp here")


def direct():
    forbid_socket(KILL_PROCESS)
    os.open("/dev/null", os.O_RDONLY)
    facts.call("socket", 1, 1, 0)
    return 0


def in_a_thread():
    def work():
        forbid_socket(KILL_PROCESS)
        facts.call("socket", 1, 1, 0)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return 0


def ignoring():
    signal.signal(signal.SIGSYS, signal.SIG_IGN)
    return direct()


def inherited():
    forbid_socket(KILL_PROCESS)
    return 0 if facts.in_child(lambda: facts.call("socket", 1, 1, 0) and 0)[1] == signal.SIGSYS else 1


facts.seen(facts.in_child(direct) == (None, signal.SIGSYS), "the first forbidden call ends the process with SIGSYS; others go on")
facts.seen(facts.in_child(in_a_thread) == (None, signal.SIGSYS), "KILL_PROCESS in one thread ends all threads")
facts.seen(facts.in_child(ignoring) == (None, signal.SIGSYS), "ignoring SIGSYS does not help")
facts.seen(facts.in_child(inherited) == (0, None), "a forked child has the filter too")
facts.end()
