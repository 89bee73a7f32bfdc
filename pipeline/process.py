"""The one runner of child processes: limits, a process group of its own, no inherited secrets."""

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "FONTCONFIG_FILE")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; seconds are wall-clock, megabytes of address space."""

    seconds: float = 60.0
    megabytes: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended; `exceeded` names the limit that stopped it."""

    code: int
    stdout: bytes
    stderr: bytes
    exceeded: str = ""


def run(
    command: Sequence[str | Path],
    *,
    data: bytes = b"",
    cwd: Path | None = None,
    limits: Limits | None = None,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command to its end, or to its limit; the whole process group is killed then.

    Raises `OSError` where the command cannot be started.
    """
    bounds = limits or Limits()
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    child = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env={**variables, **(environment or {})},
        start_new_session=True,
    )
    _limit_memory(child.pid, bounds.megabytes)
    try:
        stdout, stderr = child.communicate(data, timeout=bounds.seconds)
    except subprocess.TimeoutExpired:
        kill_group(child.pid)
        stdout, stderr = child.communicate()
        return Outcome(-signal.SIGKILL, stdout, stderr, f"{bounds.seconds:g} seconds")
    except BaseException:
        kill_group(child.pid)
        child.wait()
        raise
    return Outcome(child.returncode, stdout, stderr)


def _limit_memory(pid: int, megabytes: int | None) -> None:
    if megabytes is None or not hasattr(resource, "prlimit"):
        return
    amount = megabytes << 20
    with contextlib.suppress(OSError):
        resource.prlimit(pid, resource.RLIMIT_AS, (amount, amount))


def kill_group(pid: int) -> None:
    """Kill a child and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
