"""A process that imports WeasyPrint while its parent does other things, then sets what it is told.

It forks a worker for each task, which inherits all that was imported and read. The parent never
imports WeasyPrint, and what it holds is not copied into workers.
"""

import atexit
import contextlib
import gc
import os
import pickle
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from pipeline import interruption
from pipeline.errors import UserError
from pipeline.paper import workers
from pipeline.paper.layout_job import Style
from pipeline.paper.workers import Answer, Task
from pipeline.process import Limits
from pipeline.sandbox import Reach

FONTS = "FONTCONFIG_FILE"  # read by the libraries when a worker sets its first text


@dataclass(frozen=True)
class Order:
    """Tasks for workers, and what they share."""

    tasks: Sequence[Task]
    style: Style | None
    fonts: Path | None
    workers: int
    limits: Limits
    reach: Reach


@dataclass
class _Running:
    parent: int
    pid: int
    orders: BinaryIO
    answers: BinaryIO
    idle: bool = True


class Press:
    """The process, started by `start` or by the first order, and kept for the next ones."""

    def __init__(self) -> None:
        self._running: _Running | None = None

    def start(self) -> None:
        """Let the process import what it needs; returns at once."""
        if self._running and self._running.parent != os.getpid():
            self._running = None  # it takes orders of the process that we were forked from
        if self._running is None:
            self._running = _start()
            atexit.register(self.stop)

    def begin(self, style: Style) -> None:
        """Let it read a style, for orders to come, if it runs; returns at once.

        It is not started here: threads that start other programs may run, whose pipes a fork keeps.
        """
        if self._running and self._running.parent == os.getpid():
            with contextlib.suppress(BrokenPipeError):
                _send(None, style, self._running)

    def run(self, order: Order) -> Iterator[Answer]:
        """Do the tasks; yield as they end. Raises `UserError` where the process was killed."""
        self.start()
        running = self._running
        assert running is not None
        running.idle = False
        try:
            _send(order, order.style, running)
            named = {task.name: task for task in order.tasks}
            for _ in order.tasks:
                name, data, error, refused = pickle.load(running.answers)
                yield Answer(named[name], data, error, refused)
            running.idle = True
        except (EOFError, BrokenPipeError) as error:
            raise UserError(
                "the process that sets pages was killed", hint="run it again"
            ) from error
        finally:
            if not running.idle:
                self.stop()

    def stop(self) -> None:
        """End the process, and the workers it has."""
        running, self._running = self._running, None
        if running is None:
            return
        atexit.unregister(self.stop)
        with contextlib.suppress(OSError):
            # At work it ends its workers first; else there is nothing to put in order.
            os.kill(running.pid, signal.SIGKILL if running.idle else signal.SIGTERM)
        for stream in (running.orders, running.answers):
            with contextlib.suppress(OSError):
                stream.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(running.pid, 0)


shared = Press()


def _send(order: Order | None, style: Style | None, to: _Running) -> None:
    pickle.dump((order, style), to.orders)
    to.orders.flush()


def _start() -> _Running:
    orders, answers = os.pipe(), os.pipe()
    pid = workers.fork()
    if pid == 0:
        os.close(orders[1])
        os.close(answers[0])
        _be_press(orders[0], answers[1])
    os.close(orders[0])
    os.close(answers[1])
    return _Running(os.getpid(), pid, os.fdopen(orders[1], "wb"), os.fdopen(answers[0], "rb"))


def _be_press(orders: int, answers: int) -> None:
    """Never returns."""
    try:
        os.setpgid(0, 0)
        interruption.forget()
        interruption.end_when_told()
        _keep_open(orders, answers)
        _serve(orders, answers)
    finally:
        workers.leave(0)


def _keep_open(*kept: int) -> None:
    """Close what was inherited: no lock or pipe is to be held as long as this process lives."""
    bounds = (2, *sorted(kept), os.sysconf("SC_OPEN_MAX"))
    for below, above in pairwise(bounds):
        os.closerange(below + 1, above)


def _serve(orders: int, answers: int) -> None:
    from pipeline.paper import setting

    warnings.simplefilter("ignore")  # words of libraries for programmers; authors get the log's
    setting.prepare()
    gc.freeze()
    reading, writing = os.fdopen(orders, "rb"), os.fdopen(answers, "wb")
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            order, style = pickle.load(reading)
            setting.prepare(style)
            if order is None:
                continue
            pipes = orders, answers
            tasks = [
                Task(task.name, partial(_apart, pipes, order.fonts, task.work))
                for task in order.tasks
            ]
            for answer in workers.run(tasks, order.workers, order.limits, order.reach):
                told = (answer.task.name, answer.data, answer.error, answer.refused)
                pickle.dump(told, writing)
                writing.flush()


def _apart(pipes: Sequence[int], fonts: Path | None, work: Callable[[], bytes]) -> bytes:
    """Work that sees the fonts of its book alone, and cannot answer in the place of others."""
    for pipe in pipes:
        os.close(pipe)
    if fonts:
        os.environ[FONTS] = str(fonts)
    return work()
