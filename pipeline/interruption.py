"""Told to stop by a signal: child processes die first, then `Interrupted` is raised."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from pipeline.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

_groups: set[int] = set()  # children that run now, each the head of its process group
_stopped = threading.Event()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Told to stop, kill all children and raise `Interrupted`; told again, die at once.

    Only the main thread is told, so that elsewhere this does nothing. What was ignored before,
    as under `nohup`, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: handler for number, handler in before.items() if handler != signal.SIG_IGN}
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        _stopped.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    _leave_to_the_system()
    _stopped.set()
    _kill_children()
    raise Interrupted(number)


def end_when_told() -> None:
    """Told to stop, kill all children and end, as one that works for another process does."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    _kill_children()
    os._exit(128 + number)


def _kill_children() -> None:
    for pid in tuple(_groups):
        kill_group(pid)


def forget() -> None:
    """In a child that was forked: let the system deal with these signals; have no children."""
    _leave_to_the_system()
    _groups.clear()


def _leave_to_the_system() -> None:
    for number in SIGNALS:
        if signal.getsignal(number) in (_stop, _end):
            signal.signal(number, signal.SIG_DFL)


def die_with(parent: int) -> None:
    """In a child: be killed when the parent is, where the kernel offers that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it is gone already
            os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def running(pid: int) -> Iterator[None]:
    """A child, the head of its group, that dies when this process is told to stop."""
    begun(pid)
    try:
        yield
    finally:
        ended(pid)


def begun(pid: int) -> None:
    """The same, until it has `ended`."""
    _groups.add(pid)
    if _stopped.is_set():
        kill_group(pid)


def ended(pid: int) -> None:
    """See `begun`."""
    _groups.discard(pid)


def kill_group(pid: int) -> None:
    """Kill a child and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
