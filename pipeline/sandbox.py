"""A thread, and what it starts, touches the named files and no network: Landlock, seccomp.

Needs no privileges and cannot be taken back. Where the kernel has neither, nothing is restricted,
and what the program itself allows holds alone. Source: docs.kernel.org/userspace-api/landlock.
"""

import contextlib
import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline import no_sockets

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture of Linux
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS

# Rights over files, by the bits of the kernel: execute, read a file, list a folder …
_EXECUTE = 1 << 0
_READ = 1 << 2 | 1 << 3
_TRUNCATE = 1 << 14
_CHANGE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | _TRUNCATE  # write, remove, make; no devices
_OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | _TRUNCATE  # what a rule about a plain file may name
_HANDLED = ((1, (1 << 13) - 1), (2, 1 << 13), (3, _TRUNCATE), (5, 1 << 15))  # since which version
_TCP = 0b11  # to listen and to connect, from version 4 on
_SCOPED = 0b11  # abstract sockets of others, and signals to them, from version 6 on
_FIELDS = ((6, 3), (4, 2), (1, 1))  # how many fields of the attributes each version knows

NETWORK_SINCE = 4


@dataclass(frozen=True)
class Reach:
    """What may be touched: files, and folders with all that is in them. What is missing is none."""

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    execute: tuple[Path, ...] = ()


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def version() -> int:
    """The version of Landlock that the kernel speaks; 0 where there is none."""
    with contextlib.suppress(OSError):
        return _call(_CREATE, None, 0, _ASK_VERSION)
    return 0


@cache
def refusal() -> str:
    """Why Landlock does not hold here, in words; empty where it does, by trying it out."""
    if sys.platform != "linux":
        return "Landlock is a part of Linux"
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_tried).result()


def _tried() -> str:
    try:
        _call(_CREATE, None, 0, _ASK_VERSION)
        confine(Reach())
        list(Path("/").iterdir())
    except PermissionError as error:
        return "" if error.filename else "forbidden by the container"
    except OSError as error:
        reasons = {
            errno.ENOSYS: "the kernel is older than 5.13 or has no Landlock",
            errno.EOPNOTSUPP: "switched off when the kernel was started",
        }
        return reasons.get(error.errno or 0, os.strerror(error.errno or 0))
    return "the kernel does not enforce it"


def confine(reach: Reach) -> None:
    """Restrict this thread, and all that it starts from now on. Raises `OSError`.

    What the kernel has not is left out.
    """
    no_sockets.refuse()
    speaks = version()
    if not speaks:
        return
    handled = sum(rights for since, rights in _HANDLED if since <= speaks)
    fields = next(count for since, count in _FIELDS if since <= speaks)
    attributes = (ctypes.c_uint64 * fields)(*(handled, _TCP, _SCOPED)[:fields])
    ruleset = _call(_CREATE, ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    try:
        for paths, rights in (
            (reach.read, _READ),
            (reach.write, _READ | _CHANGE),
            (reach.execute, _READ | _EXECUTE),
        ):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        if _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise _failure()
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    with _handle(path) as parent:
        if parent is None:
            return
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_FILES
        _call(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(_Rule(rights, parent)), 0)


@contextlib.contextmanager
def _handle(path: Path) -> Iterator[int | None]:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    words = (ctypes.c_long(word) if isinstance(word, int) else word for word in arguments)
    result: int = _libc().syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise _failure()
    return result


def _failure() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
