"""The one writer of files: atomic, durable, staged beside its target.

A reader sees the old bytes or the new ones, never a mixture. Symlinks are followed, the mode is
kept, and temporary neighbours that a killed process left behind are swept by `sweep`.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import UserError

PREFIX = ".make-book-"


def write(path: Path, data: bytes) -> None:
    """Replace the content of `path` by `data`, or leave it as it was.

    Raises `UserError` where the folder cannot be written or the disk is full.
    """
    target = path.resolve() if path.is_symlink() else path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
    except OSError as error:
        raise cannot_write(path, error) from error


def _replace(target: Path, data: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    handle, name = tempfile.mkstemp(prefix=PREFIX, dir=target.parent)
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(_default_mode() if mode is None else mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(target.parent)


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Make renames within a folder durable, where the system knows how."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def cannot_write(path: Path, error: OSError) -> UserError:
    """A failed write in words."""
    reason = error.strerror or str(error)
    return UserError(
        f"cannot write {path}: {reason}", hint="free some space or check the folder's permissions"
    )


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder beside the outputs, gone when the block ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def publish(staged: Path, target: Path) -> None:
    """Move a finished file or folder from its staging folder into place."""
    try:
        if staged.is_dir():
            _publish_folder(staged, target)
        else:
            with staged.open("rb") as stream:
                os.fsync(stream.fileno())
            staged.chmod(_default_mode())
            staged.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise cannot_write(target, error) from error


def _publish_folder(staged: Path, target: Path) -> None:
    """A folder cannot be replaced in one step: the old one steps aside, and back on failure."""
    aside = staged.parent / f"{PREFIX}old-{target.name}"
    if target.exists():
        target.replace(aside)
    try:
        staged.replace(target)
    except OSError:
        if aside.exists():
            aside.replace(target)
        raise


def sweep(folder: Path, *, older_than: float, now: float) -> None:
    """Remove temporary neighbours that killed processes left, `older_than` seconds old."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if now - path.lstat().st_mtime < older_than:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
