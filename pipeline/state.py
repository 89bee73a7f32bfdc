"""The folder `.make-book/`: what the tool keeps for itself beside a book, never in git."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline import files
from pipeline.config import STATE
from pipeline.errors import UserError

PATIENCE = 10.0  # seconds to wait for another process that writes


def folder(root: Path) -> Path:
    """`.make-book/` of a book, made if need be, with a `.gitignore` that hides it.

    To be called under the lock: what a killed process left in it is swept. Raises `UserError`
    where it is a symbolic link or no folder: it could lead anywhere.
    """
    path = _made(root)
    files.sweep(path, older_than=0.0, now=time.time() + 1)
    hide(path)
    return path


def hide(path: Path) -> None:
    """Let git ignore the folder. Raises `UserError` where it cannot be written."""
    ignore = path / ".gitignore"
    if not os.path.lexists(ignore):
        files.write(ignore, b"*\n")


def _made(root: Path) -> Path:
    path = root / STATE
    refuse_link(path)
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise files.cannot_write(path, error) from error
    return path


def refuse_link(path: Path) -> None:
    """Raise `UserError` where a path of ours is a symbolic link, or anything but a folder."""
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise UserError(
            f"{path} is not a plain folder, so nothing is written through it",
            hint="remove it; make-book makes its own",
        )


@contextlib.contextmanager
def lock(root: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Be the only process that writes the sources of a book.

    The system drops the lock when the process ends, however it ends. Raises `UserError` where
    another one holds it for longer than `patience` seconds.
    """
    path = _made(root) / "lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise files.cannot_write(path, error) from error
    try:
        _wait(handle, root, time.monotonic() + patience)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, root: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if time.monotonic() >= deadline:
                raise UserError(
                    f"another make-book is changing the sources of {root}",
                    hint="wait until it is done, then try again",
                ) from error
        time.sleep(0.05)
