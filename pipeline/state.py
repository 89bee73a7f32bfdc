"""The folder `.make-book/`: what the tool keeps for itself beside a book, never in git."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline import files, user_state
from pipeline.cache import Store
from pipeline.config import FILE, OUTPUT, STATE
from pipeline.errors import UserError

PATIENCE = 10.0  # seconds to wait for another process that writes


def root_of(start: Path) -> Path | None:
    """The nearest folder upward that has a `book.yaml`."""
    return next((path for path in (start, *start.parents) if (path / FILE).is_file()), None)


def find_root(start: Path) -> Path:
    """The nearest folder upward that has a `book.yaml`. Raises `UserError` if none has."""
    if root := root_of(start):
        return root
    raise UserError(
        f"no {FILE} in {start} or in any folder above it",
        hint="run `make-book init` in the book's folder, or name the folder with -C",
    )


def chosen(name: str) -> Path:
    """The book's folder: that of `-C DIR`, else the nearest upward with a `book.yaml`."""
    start = Path(name)
    if not start.is_dir():
        raise UserError(f"no folder {start}", hint="name the book's folder with -C")
    return find_root(start.resolve())


def folder(root: Path) -> Path:
    """`.make-book/` of a book, made if need be, with a `.gitignore` that hides it.

    To be called under the lock: what a killed process left in it is swept. Raises `UserError`
    where it is a symbolic link or no folder: it could lead anywhere.
    """
    path = _made(root)
    files.sweep(path, older_than=0.0, now=time.time() + 1)
    hide(path)
    return path


def place(root: Path, *names: str) -> Path:
    """A folder below `.make-book/`, made if need be. Raises `UserError`, see `folder`."""
    path = _made(root)
    hide(path)
    for name in names:
        path /= name
        refuse_link(path)
        with _writing(path):
            path.mkdir(exist_ok=True)
    return path


def store(root: Path) -> Store:
    """The cache of a book, or one that keeps nothing where there can be none."""
    try:
        return Store(place(root, "cache"), user_state.secret(root))
    except UserError:
        return Store(None)


def output(root: Path) -> Path:
    """`build/` of a book. Raises `UserError` where it is a symbolic link or no folder."""
    refuse_link(root / OUTPUT)
    return root / OUTPUT


def hide(path: Path) -> None:
    """Let git ignore the folder. Raises `UserError` where it cannot be written."""
    ignore = path / ".gitignore"
    if not os.path.lexists(ignore):
        files.write(ignore, b"*\n")


def _made(root: Path) -> Path:
    path = root / STATE
    refuse_link(path)
    with _writing(path):
        path.mkdir(exist_ok=True)
    return path


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise files.cannot_write(path, error) from error


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
    with _writing(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
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
