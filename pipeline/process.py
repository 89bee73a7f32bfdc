"""The one runner of child processes: limits, a process group of its own, no inherited secrets."""

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.interruption import kill_group, running

if TYPE_CHECKING:
    from pipeline.sandbox import Reach

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "FONTCONFIG_FILE")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; seconds are wall-clock, megabytes of its own memory.

    Where a book may change them, `settings` is `chapter` for `limits.chapter_seconds` and
    `limits.chapter_megabytes`.
    """

    seconds: float = 60.0
    megabytes: int | None = None
    settings: str = ""

    @classmethod
    def of(cls, settings: str, limit: Callable[[str], float]) -> "Limits":
        """The limits of a kind of work, by a function that knows each by its name."""
        megabytes = int(limit(f"{settings}_megabytes"))
        return cls(limit(f"{settings}_seconds"), megabytes, settings)

    def late(self) -> str:
        """That the time is up, in words."""
        return f"it takes longer than {self.seconds:g} seconds{self._setting('seconds')}"

    def full(self) -> str:
        """That the memory is used up, in words."""
        return f"it needs more than {self.megabytes} megabytes{self._setting('megabytes')}"

    def _setting(self, unit: str) -> str:
        return f" (limits.{self.settings}_{unit})" if self.settings else ""

    def times(self, seconds: int, megabytes: int) -> "Limits":
        """For work that is larger so many times."""
        memory = None if self.megabytes is None else self.megabytes * megabytes
        return replace(self, seconds=self.seconds * seconds, megabytes=memory)

    def rlimits(self) -> Iterator[tuple[int, int]]:
        """What the kernel is told. Processor time ends a child whose parent is gone."""
        yield resource.RLIMIT_CPU, int(2 * self.seconds) + 1
        yield resource.RLIMIT_CORE, 0
        if self.megabytes is not None:
            yield resource.RLIMIT_DATA, self.megabytes << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended; `late` where its time was up."""

    code: int
    stdout: bytes
    stderr: bytes
    late: bool = False


def run(
    command: Sequence[str | Path],
    *,
    data: bytes = b"",
    cwd: Path | None = None,
    limits: Limits | None = None,
    reach: "Reach | None" = None,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command to its end, or to its limit; the whole process group is killed then.

    With a reach it touches nothing else, where the system can see to that. Raises `OSError`
    where the command cannot be started.
    """
    bounds = limits or Limits()
    child = _start(command, cwd, reach, environment or {})
    with running(child.pid):
        _limit(child.pid, bounds)
        try:
            stdout, stderr = child.communicate(data, timeout=bounds.seconds)
        except subprocess.TimeoutExpired:
            kill_group(child.pid)
            stdout, stderr = child.communicate()
            return Outcome(-signal.SIGKILL, stdout, stderr, late=True)
        except BaseException:
            kill_group(child.pid)
            child.wait()
            raise
    return Outcome(child.returncode, stdout, stderr)


def _start(
    command: Sequence[str | Path],
    cwd: Path | None,
    reach: "Reach | None",
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}

    def start() -> subprocess.Popen[bytes]:
        if reach:
            from pipeline import sandbox  # like threads, for children with a reach alone

            sandbox.confine(reach)
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**variables, **environment},
            start_new_session=True,
        )

    if not reach:
        return start()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:  # a thread that is restricted, starts the child and ends
        return pool.submit(start).result()


def _limit(pid: int, limits: Limits) -> None:
    if not hasattr(resource, "prlimit"):
        return
    for kind, amount in limits.rlimits():
        with contextlib.suppress(OSError):
            resource.prlimit(pid, kind, (amount, amount))
