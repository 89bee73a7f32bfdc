"""Runs commands one at a time and measures them: wall-clock seconds, and the largest process."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

MOST = 3600  # seconds


@dataclass(frozen=True)
class Measure:
    """What a run took: seconds, and the most memory that one of its processes held, in MB."""

    seconds: float
    megabytes: float
    output: str = ""


def run(
    command: Sequence[str | Path], *, cwd: Path, log: Path, good: Sequence[int] = (0,),
    extra: Mapping[str, str] | None = None,
) -> Measure:  # fmt: skip
    """Run a command to its end. Exits with its output where it fails."""
    with log.open("wb") as stream:
        start = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**_environment(), **(extra or {})},
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_text("utf-8", "replace")
    if child.returncode not in good:
        sys.exit(f"{output}\nbench: {' '.join(map(str, command))} ended with {child.returncode}")
    return Measure(seconds, usage.ru_maxrss / 1024, output)


def _environment() -> dict[str, str]:
    """Ours, but that Python keeps what it compiles, as it does for a user."""
    return {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}


class Watcher:
    """`make-book watch` as a child: `next` waits until it has built again."""

    def __init__(self, command: Sequence[str | Path], cwd: Path) -> None:
        self.child = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.megabytes = 0.0

    def time(self, change: Callable[[], None]) -> Measure:
        """From the end of a change to the end of the build that it causes."""
        change()
        start = time.perf_counter()
        self.next()
        return Measure(time.perf_counter() - start, 0.0)

    def next(self) -> None:
        """Return when it waits for a change."""
        assert self.child.stdout
        for line in self.child.stdout:
            if line.startswith("waiting for a change"):
                return
        sys.exit("bench: make-book watch ended")

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.child.terminate()  # a job in the background may ignore an interrupt
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.megabytes = usage.ru_maxrss / 1024
        assert self.child.stdout
        self.child.stdout.close()


def median(measures: Sequence[Measure]) -> float:
    """The median of the seconds."""
    return statistics.median(item.seconds for item in measures)


def most(measures: Sequence[Measure]) -> float:
    """The largest process of all runs, in MB."""
    return max(item.megabytes for item in measures)


def disk(folder: Path) -> float:
    """The size of all files below a folder, in MB."""
    return sum(item.stat().st_size for item in folder.rglob("*") if item.is_file()) / 1e6
