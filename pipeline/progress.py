"""Progress on stderr: a bar on a terminal, a plain line per stage elsewhere."""

import os
import sys
from types import TracebackType
from typing import Any, Protocol

from pipeline.clean_text import clean, raw


class Progress(Protocol):
    """Stages of long work; `step(stage, done, total)` may be called from the main thread only."""

    def step(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` parts of a stage are ready."""

    def note(self, text: str) -> None:
        """Say something in one line."""

    def __enter__(self) -> "Progress":
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""


class Quiet:
    """Says nothing but notes."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Nothing to show."""

    def note(self, text: str) -> None:
        """Print a line to stderr."""
        print(clean(text), file=sys.stderr)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


class Lines(Quiet):
    """A line when a stage is done."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Print the stage once it is complete."""
        if done == total > 0:
            self.note(f"{stage} {done}/{total}")


class Bar(Quiet):
    """A bar for each stage that has begun."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress as RichProgress,
            TextColumn,
        )

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(file=raw(sys.stderr), no_color=bool(os.environ.get("NO_COLOR")))
        self._bars = RichProgress(*columns, console=console, transient=True)
        self._tasks: dict[str, Any] = {}

    def step(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage."""
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def note(self, text: str) -> None:
        """Print a line above the bars."""
        self._bars.console.print(clean(text), markup=False, highlight=False)

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()


def of(*, quiet: bool = False) -> Progress:
    """The progress display that fits where stderr goes."""
    if quiet:
        return Quiet()
    return Bar() if sys.stderr.isatty() else Lines()
