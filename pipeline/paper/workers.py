"""Runs functions in forked children, each with limits of its own, and a reach.

A child inherits what its parent has imported, so it starts in milliseconds. It answers with
bytes, at once or piece by piece. One that crashes, hangs, asks for too much memory or reaches for
other files harms nobody else.
"""

import contextlib
import gc
import os
import resource
import selectors
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pipeline import interruption, sandbox
from pipeline.interruption import kill_group
from pipeline.process import Limits
from pipeline.sandbox import Reach

DONE, FAILED, PIECE = b"+", b"!", b"."
CHUNK = 1 << 20
HEAD = 9  # bytes before a piece: its mark and its length
TURNS = 256  # works that children can take in turns


class Refusal(Exception):
    """A task's own report that it cannot be done; the text is for the user."""


@dataclass(frozen=True)
class Task:
    """A named piece of work that gives bytes, or bytes piece by piece."""

    name: str
    work: Callable[[], bytes | Iterator[bytes]]


@dataclass(frozen=True)
class Answer:
    """What became of a task: its bytes, or why there are none. `refused` marks a `Refusal`.

    Of a task that gives pieces each is an answer with `more`; the last one has no bytes.
    """

    task: Task
    data: bytes
    error: str = ""
    refused: bool = False
    more: bool = False


@dataclass
class _Child:
    task: Task
    pid: int
    pipe: int
    deadline: float
    received: bytearray = field(default_factory=bytearray)


def run(
    tasks: Sequence[Task], workers: int, limits: Limits, reach: Reach | None = None
) -> Iterator[Answer]:
    """Do the tasks, in their order, as many at a time as there are workers; yield what comes.

    With a reach they touch nothing else; what they write in passing goes to its first folder.
    """
    waiting = list(reversed(tasks))
    running: dict[int, _Child] = {}
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or running:
                while waiting and len(running) < max(1, workers):
                    child = _start(waiting.pop(), limits, reach)
                    running[child.pipe] = child
                    selector.register(child.pipe, selectors.EVENT_READ)
                pause = min(child.deadline for child in running.values()) - time.monotonic()
                for key, _ in selector.select(max(0.0, pause)):
                    ended = _receive(running[key.fd])
                    yield from _pieces(running[key.fd])
                    if ended:
                        selector.unregister(key.fd)
                        yield _end(running.pop(key.fd), limits)
                for child in _late(running):
                    selector.unregister(child.pipe)
                    _stop(running.pop(child.pipe))
                    yield Answer(child.task, b"", limits.late())
        finally:
            for child in running.values():
                _stop(child)


def in_turns(
    works: Sequence[Callable[[], bytes]], workers: int, limits: Limits
) -> Iterator[tuple[int, bytes]]:
    """What each of at most 256 works gave, by its index, as they come.

    Each child takes the next one that is left, so that all end together. A work that a child
    could not do is left out.
    """
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as file:
            file.write(bytes(range(len(works))))
        tasks = [Task(f"turns {n}", partial(_turns, works, reading)) for n in range(workers)]
        for answer in run(tasks, workers, limits):
            if answer.more:
                yield answer.data[0], answer.data[1:]
    finally:
        os.close(reading)


def _turns(works: Sequence[Callable[[], bytes]], reading: int) -> Iterator[bytes]:
    while number := os.read(reading, 1):
        yield number + works[number[0]]()


@contextlib.contextmanager
def beside(task: Task, limits: Limits) -> Iterator[Callable[[], Answer]]:
    """Do a task while the caller goes on; what is given waits for the answer."""
    child = _start(task, limits, None)
    answers: list[Answer] = []

    def wait() -> Answer:
        if not answers:
            while not _receive(child):
                pass
            answers.append(_end(child, limits))
        return answers[0]

    try:
        yield wait
    finally:
        if not answers:
            _stop(child)


def fork() -> int:
    """A child that dies with us; 0 there. What was printed before is printed once."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Python warns where threads run; the child uses none of what they may hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        interruption.die_with(parent)
    return pid


def _start(task: Task, limits: Limits, reach: Reach | None) -> _Child:
    reading, writing = os.pipe()
    pid = fork()
    if pid == 0:
        os.close(reading)
        _be_child(task, writing, limits, reach)
    # Both sides do it, so that the group is there when it is to be killed.
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    interruption.begun(pid)
    os.close(writing)
    return _Child(task, pid, reading, time.monotonic() + limits.seconds)


def _be_child(task: Task, pipe: int, limits: Limits, reach: Reach | None) -> None:
    """Never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        interruption.forget()
        gc.freeze()
        _restrict(limits, reach)
        with os.fdopen(pipe, "wb") as file:
            file.write(_answer(task, limits, file))
        code = 0
    finally:
        leave(code)


def leave(code: int) -> None:
    """End a child at once; never returns."""
    while True:  # without memory even this fails at times, and the child must not go on as us
        try:
            os._exit(code)
        except BaseException:
            continue


def _restrict(limits: Limits, reach: Reach | None) -> None:
    for kind, limit in limits.rlimits():
        amount = limit + (_inherited() if kind == resource.RLIMIT_DATA else 0)
        with contextlib.suppress(OSError, ValueError):  # macOS knows some by name only
            resource.setrlimit(kind, (amount, amount))
    if reach:
        tempfile.tempdir = str(next(iter(reach.write), Path("/nowhere")))
        sandbox.confine(reach)


def _inherited() -> int:
    """Bytes of data that a child has from its parent, who may be large; 0 where none can tell."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[5]
    except (OSError, IndexError):
        return 0
    return int(pages) * resource.getpagesize()


def _answer(task: Task, limits: Limits, file: BinaryIO) -> bytes:
    """The end of an answer; its pieces, if it has any, are written as they are made."""
    try:
        made = task.work()
        if isinstance(made, bytes):
            return DONE + made
        for piece in made:
            file.write(PIECE + len(piece).to_bytes(HEAD - 1, "little"))
            file.write(piece)
            file.flush()
        return DONE
    except Refusal as error:
        return FAILED + b"?" + str(error).encode("utf-8", "replace")
    except RecursionError:
        return FAILED + b" it is nested too deeply"
    except MemoryError:
        return FAILED + b" " + limits.full().encode()
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        return FAILED + b" " + text.encode("utf-8", "replace")


def _receive(child: _Child) -> bool:
    """Take what has come; whether it was the last."""
    data = os.read(child.pipe, CHUNK)
    child.received += data
    return not data


def _pieces(child: _Child) -> Iterator[Answer]:
    """The pieces that have come whole."""
    got = child.received
    while got.startswith(PIECE) and len(got) >= HEAD:
        end = HEAD + int.from_bytes(got[1:HEAD], "little")
        if len(got) < end:
            return
        piece = bytes(got[HEAD:end])
        del got[:end]
        yield Answer(child.task, piece, more=True)


def _end(child: _Child, limits: Limits) -> Answer:
    os.close(child.pipe)
    _, status = os.waitpid(child.pid, 0)
    interruption.ended(child.pid)
    code = os.waitstatus_to_exitcode(status)
    data = bytes(child.received)
    if data.startswith(DONE) and code == 0:
        return Answer(child.task, data[1:])
    if data.startswith(FAILED):
        return Answer(child.task, b"", data[2:].decode("utf-8", "replace"), data[1:2] == b"?")
    if code < 0:  # libraries in C end so where they get no memory
        return Answer(child.task, b"", f"it crashed with signal {-code}, or {limits.full()}")
    return Answer(child.task, b"", f"it ended with code {code}")


def _late(running: dict[int, _Child]) -> list[_Child]:
    now = time.monotonic()
    return [child for child in running.values() if child.deadline <= now]


def _stop(child: _Child) -> None:
    kill_group(child.pid)
    os.close(child.pipe)
    os.waitpid(child.pid, 0)
    interruption.ended(child.pid)
