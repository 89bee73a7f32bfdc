"""Asking git about a book's repository: nothing is changed, no hook, helper or remote is used."""

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline import process
from pipeline.errors import UserError

SECONDS = 60.0

# Nothing of a repository's or user's configuration may run a program or reach the network.
COMMAND = (
    "git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never",
    "-c", "log.showSignature=false", "-c", "diff.relative=false", "-c", "core.quotePath=false",
    "-c", "safe.bareRepository=explicit", "-c", "diff.autoRefreshIndex=false",
)  # fmt: skip
ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


_LEVEL = re.compile(r"^(?:fatal|error|warning): ")


class GitError(Exception):
    """What git said when it could not answer."""


def ask(
    folder: Path, *words: str, data: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """What `git …` prints, run in `folder` with `data` as its input.

    Raises `GitError` where git fails, `UserError` where there is no git.
    """
    try:
        outcome = process.run(
            (*COMMAND, *words),
            data=data,
            cwd=folder,
            limits=process.Limits(SECONDS),
            environment={**ENVIRONMENT, **(environment or {})},
        )
    except OSError as error:
        raise UserError(
            f"git cannot be run: {error.strerror or error}",
            hint="install git (make-book doctor says how)",
        ) from error
    if outcome.late:
        raise GitError(f"git took longer than {SECONDS:g} seconds")
    if outcome.code:
        said = outcome.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitError(_LEVEL.sub("", said) or f"git {words[0]} failed")
    return outcome.stdout


def without_programs(folder: Path) -> dict[str, str]:
    """An environment in which git runs no hook, and gives no file of the disk to a filter.

    To be used where git compares files of the disk. Raises as `ask` does.
    """
    names = b""
    with contextlib.suppress(GitError):  # there are none
        names = ask(folder, "config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    found = {os.fsdecode(name).rpartition(".")[0] for name in names.split(b"\0") if name}
    off = {"clean": "", "smudge": "", "process": "", "required": "false"}
    settings = [(f"{name}.{key}", to) for name in sorted(found) for key, to in off.items()]
    settings.append(("core.hooksPath", os.devnull))
    result = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, to) in enumerate(settings):
        result |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": to}
    return result


def top(folder: Path) -> Path:
    """The first folder of the repository that a folder is in. Raises `UserError` for none."""
    try:
        found = ask(folder, "rev-parse", "--show-toplevel")
    except GitError as error:
        raise UserError(
            f"{folder} is in no git repository", hint="run `git init` there first"
        ) from error
    return Path(os.fsdecode(found).rstrip("\n"))
