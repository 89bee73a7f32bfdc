"""A filter of system calls on Linux: a thread, and what it starts, opens no socket of any kind.

Needs no privileges, costs microseconds and cannot be taken back. Landlock beside it knows TCP
alone; a network namespace is no way, since a program with threads may not leave its own without
privileges. Source: docs.kernel.org/userspace-api/seccomp_filter.
"""

import contextlib
import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

_NO_NEW_PRIVILEGES, _SET_FILTER, _MODE_FILTER = 38, 22, 2  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # where the kernel tells them, in bytes
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EACCES
_IO_URING = 425  # sets up a queue through which sockets can be asked for, too
_OTHER_TABLE = 0x40000000  # system calls of x32 begin here

# By the processor: its name for the kernel, and the calls from `socket` to `setsockopt`.
_PROCESSORS = {
    "x86_64": (0xC000003E, 41, 55),
    "aarch64": (0xC00000B7, 198, 212),
    "riscv64": (0xC00000F3, 198, 212),
}


def refuse() -> None:
    """Refuse all sockets to this thread, and to all that it starts; nothing where none can."""
    with contextlib.suppress(OSError):
        _install()


@cache
def refusal() -> str:
    """Why sockets are not refused here, in words; empty where they are, by trying it out."""
    if sys.platform != "linux":
        return "seccomp is a part of Linux"
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_tried).result()


def _tried() -> str:
    try:
        _install()
    except OSError as error:
        return error.strerror or str(error)
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).close()
    except PermissionError:
        return ""
    return "the kernel does not enforce it"


def _install() -> None:
    filters = _filters()
    program = struct.pack("HxxxxxxP", len(filters) // 8, ctypes.addressof(filters))
    libc = ctypes.CDLL(None, use_errno=True)
    for words in ((_NO_NEW_PRIVILEGES, 1, None), (_SET_FILTER, _MODE_FILTER, program)):
        if libc.prctl(*words, None, None):
            number = ctypes.get_errno()
            raise OSError(number, f"seccomp is not to be had: {os.strerror(number)}")


def _filters() -> "ctypes.Array[ctypes.c_char]":
    """The filter as the kernel reads it. Raises `OSError` for a processor that is not known."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _PROCESSORS or sys.maxsize < 1 << 32:
        raise OSError(errno.ENOSYS, f"no filter for this processor is known ({machine})")
    name, first, last = _PROCESSORS[machine]
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, 5, name),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 3, 0, _OTHER_TABLE),
        (_EQUAL, 2, 0, _IO_URING),
        (_AT_LEAST, 0, 2, first),
        (_AT_LEAST, 1, 0, last + 1),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    )
    data = b"".join(struct.pack("HBBI", *step) for step in steps)
    return ctypes.create_string_buffer(data, len(data))
