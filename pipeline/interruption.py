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
    forget()
    _stopped.set()
    for pid in tuple(_groups):
        kill_group(pid)
    raise Interrupted(number)


def forget() -> None:
    """Let the system deal with these signals, as in a child that was forked."""
    for number in SIGNALS:
        if signal.getsignal(number) is _stop:
            signal.signal(number, signal.SIG_DFL)


def die_with_parent() -> None:
    """In a child: be killed when the parent is, where the kernel offers that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


@contextlib.contextmanager
def running(pid: int) -> Iterator[None]:
    """A child, the head of its group, that dies when this process is told to stop."""
    _groups.add(pid)
    try:
        if _stopped.is_set():
            kill_group(pid)
        yield
    finally:
        _groups.discard(pid)


def kill_group(pid: int) -> None:
    """Kill a child and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
