"""Git's own hooks for a book: a check before each commit, a strict build before each push."""

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline import files, git
from pipeline.errors import UserError

COMMANDS = {"pre-commit": "check --staged --only-new", "pre-push": "build --strict"}
_SCRIPT = """\
#!/bin/sh
# {purpose} Written by `make-book init --hooks`; remove this file to be rid of it.
PATH="$PATH":{programs}
exec make-book -C {folder} {command} </dev/null
"""
_PURPOSES = {
    "pre-commit": "Checks what the commit brings.",
    "pre-push": "Builds the book; errors stop the push.",
}


def install(root: Path) -> Iterator[Path]:
    """Write the hooks of the repository that holds a book. Raises `UserError`, also for others."""
    top = git.top(root)
    name = os.fsdecode(git.ask(root, "rev-parse", "--git-path", "hooks")).rstrip("\n")
    folder = root / name
    common = os.fsdecode(git.ask(root, "rev-parse", "--git-common-dir")).rstrip("\n")
    if not _belongs(folder.resolve(), (root / common).resolve(), top.resolve()):
        raise UserError(
            f"git keeps the hooks in {folder}, which is outside of this repository",
            hint="`git config core.hooksPath` says so; add to your hooks there yourself",
        )
    taken = [folder / hook for hook in COMMANDS if (folder / hook).exists()]
    if taken:
        raise UserError(
            f"{taken[0]} is there already",
            hint=f"add to it: make-book -C {shlex.quote(str(root))} {COMMANDS[taken[0].name]}",
        )
    below = root.relative_to(top.resolve()).as_posix()
    for hook, command in COMMANDS.items():
        text = _SCRIPT.format(
            purpose=_PURPOSES[hook],
            programs=shlex.quote(str(Path(sys.executable).parent)),
            folder=shlex.quote(below),
            command=command,
        )
        path = folder / hook
        files.write(path, text.encode())
        path.chmod(0o755)
        yield path


def _belongs(folder: Path, common: Path, top: Path) -> bool:
    """Whether a folder of hooks is this repository's own, whatever its configuration says."""
    within = top if (top / ".git").exists() else common
    return folder.is_relative_to(common) or folder.is_relative_to(within)
