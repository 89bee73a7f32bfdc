"""Runs commands as a user without privileges: root is one too, once it has given them up."""

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

_DROP, _VERSION = 24, 0x20080522  # PR_CAPBSET_DROP, _LINUX_CAPABILITY_VERSION_3
_OVERRIDES = (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def run(
    root: Path, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`make-book` in a process to which the permissions of files apply."""
    if os.geteuid() == 0 and sys.platform != "linux":
        pytest.skip("root keeps its privileges on this system")
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        cwd=root, capture_output=True, text=True, check=False, preexec_fn=_obey,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **(env or {})},
    )  # fmt: skip


def _obey() -> None:
    """Let permissions apply to this process, and to all that it starts."""
    if os.geteuid():
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _OVERRIDES:
        if libc.prctl(_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "a capability cannot be dropped")
    head, none = struct.pack("Ii", _VERSION, 0), bytes(24)
    if libc.capset(head, none):
        raise OSError(ctypes.get_errno(), "capabilities cannot be given up")
