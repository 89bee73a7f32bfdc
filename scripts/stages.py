"""Runs `make-book` with a clock at each stage and writes the CPU seconds of every process.

``python scripts/stages.py LOG WORD…`` appends lines ``stage seconds`` to a log. A stage does not
count what a stage inside it takes; workers count too.
"""

import functools
import importlib
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Module, name in it, and the stage that it is.
STAGES = (
    ("pipeline.project", "load", "read and parse"),
    ("pipeline.index", "build", "index"),
    ("pipeline.checker", "check", "check"),
    ("pipeline.book", "assemble", "assemble, convert, link"),
    ("pipeline.rendering", "convert", "assemble, convert, link"),
    ("pipeline.linker", "link", "assemble, convert, link"),
    ("pipeline.units", "compose", "make pages of HTML"),
    ("pipeline.paper.printed", "printable", "make pages of HTML"),
    ("pipeline.paper.setting", "prepare", "import WeasyPrint"),
    ("pipeline.paper.setting", "typesetter", "import WeasyPrint"),
    ("pipeline.paper.incremental.Incremental", "_margins", "running heads and folios"),
    ("pipeline.paper.joiner", "join", "join"),
    ("pipeline.files", "publish", "join"),
)
LATE: tuple[tuple[str, str, str], ...] = (
    ("pipeline.paper.typesetter", "typeset", "lay out pages"),
    ("pipeline.paper.typesetter", "read_style", "read HTML and CSS"),
    ("pipeline.paper.typesetter._Session", "__init__", "read HTML and CSS"),
    ("pipeline.paper.typesetter", "_artefact", "write pages"),
    ("pipeline.paper.typesetter.MarginSetter", "make", "running heads and folios"),
)
STRAIGHT = (
    ("weasyprint.HTML", "__init__", "read HTML and CSS"),
    ("weasyprint.CSS", "__init__", "read HTML and CSS"),
    ("weasyprint.HTML", "render", "lay out pages"),
    ("weasyprint.document.Document", "write_pdf", "write pages"),
)
START = "start, import, the rest"


class Clock:
    """Counts the CPU seconds of this process between marks, for the stage that is on."""

    def __init__(self, log: str) -> None:
        # Opened once: workers may reach no other file.
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.stack = [START]
        self.seconds: dict[str, float] = defaultdict(float)
        self.last = 0.0
        self.late = LATE  # what is there once WeasyPrint is imported

    def turn(self) -> None:
        """Book what has passed to the stage that is on."""
        now = time.process_time()
        self.seconds[self.stack[-1]] += now - self.last
        self.last = now

    def write(self) -> None:
        """Append the sums, in one piece."""
        self.turn()
        lines = "".join(f"{name}\t{seconds}\n" for name, seconds in self.seconds.items())
        os.write(self.log, lines.encode())
        self.seconds.clear()

    def wrap(self, place: str, name: str, stage: str) -> None:
        """Put a clock around a function."""
        owner = _owner(place)
        real = getattr(owner, name)

        @functools.wraps(real)
        def timed(*rest: Any, **named: Any) -> Any:
            self.turn()
            self.stack.append(stage)
            try:
                return real(*rest, **named)
            finally:
                self.turn()
                self.stack.pop()
                if name == "typesetter" and self.late:
                    late, self.late = self.late, ()
                    for item in late:
                        self.wrap(*item)

        setattr(owner, name, timed)


def _owner(place: str) -> Any:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError:
        module, _, name = place.rpartition(".")
        return getattr(importlib.import_module(module), name)


def _count_children(clock: Clock) -> None:
    """Workers write what they took before they end."""
    fork = os.fork

    def counted() -> int:
        clock.turn()
        pid = fork()
        if pid == 0:
            clock.seconds.clear()
            clock.last = time.process_time()
            leave: Callable[[int], Any] = os._exit

            def end(code: int) -> None:
                clock.write()
                leave(code)

            os._exit = end  # type: ignore[assignment]
        return pid

    os.fork = counted


def _let_press_end() -> None:
    """The process that sets pages keeps the log, and ends by itself, to write what it took."""
    from pipeline.paper import press as module
    from pipeline.paper.press import Press

    module._keep_open = lambda *kept: None
    kill = Press.stop

    def stop(press: Press) -> None:
        running = press._running
        if running is None or not running.idle:
            kill(press)
            return
        press._running = None
        running.orders.close()
        os.waitpid(running.pid, 0)

    Press.stop = stop  # type: ignore[method-assign,assignment]


def main() -> int:
    """Run the command and write where its time went."""
    log, *words = sys.argv[1:]
    clock = Clock(log)
    _count_children(clock)
    if words[0] == "straight":
        import peers

        from pipeline.paper import typesetter  # noqa: F401  # as Straight does

        for item in STRAIGHT:
            clock.wrap(*item)
        peers.straight(words[1], words[2])
        code = 0
    else:
        from pipeline import cli

        for item in STAGES:
            clock.wrap(*item)
        _let_press_end()
        code = cli.main(words)
    clock.write()
    return code


def read(log: Path) -> dict[str, float]:
    """The seconds of each stage."""
    sums: dict[str, float] = defaultdict(float)
    for line in log.read_text("utf-8").splitlines():
        name, _, seconds = line.partition("\t")
        sums[name] += float(seconds)
    return dict(sums)


if __name__ == "__main__":
    raise SystemExit(main())
