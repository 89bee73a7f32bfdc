"""The one writer of files: atomic, durable, staged beside its target.

A reader sees the old bytes or the new ones, never a mixture. The mode is kept, and temporary
neighbours that a killed process left behind are swept by `sweep`.

Sources are written by the journal only: it stages the new bytes with `stage`, and `install`,
`move` and `remove` put them in place.
"""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import UserError

PREFIX = ".make-book-"
SUFFIX = ".tmp"


def write(path: Path, data: bytes) -> None:
    """Replace the content of `path` by `data`, or leave it as it was.

    A symbolic link is replaced, not followed: it may have come with the book. Raises `UserError`
    where the folder cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        raise cannot_write(path, error) from error


def keep(path: Path, data: bytes) -> None:
    """Write a file of ours, unless it is there to the byte. Raises `UserError`."""
    try:
        same = not path.is_symlink() and path.read_bytes() == data
    except OSError:
        same = False
    if not same:
        write(path, data)


def _replace(target: Path, data: bytes) -> None:
    plain = target.exists() and not target.is_symlink()
    mode = stat.S_IMODE(target.stat().st_mode) if plain else None
    handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=target.parent)
    try:
        _fill(handle, data)
        Path(name).chmod(_default_mode() if mode is None else mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(target.parent)


def _fill(handle: int, data: bytes) -> None:
    """Write all bytes to a descriptor, down to the disk, and close it."""
    try:
        _write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


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


# ---- sources, by the journal ----------------------------------------------------------------


def stage(path: Path, data: bytes) -> None:
    """Write a new file down to the disk; the file must not be there. Raises `OSError`."""
    _fill(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), data)


def install(staged: Path, target: Path) -> None:
    """Put a staged file in the place of `target`, whose mode and links stay. Raises `OSError`.

    A file with several hard links cannot be replaced without parting from them: it is written in
    place, and the staged copy stays where it is.
    """
    real = target.resolve() if target.is_symlink() else target
    status = real.stat() if real.exists() else None
    if status and status.st_nlink > 1:
        _overwrite(real, staged.read_bytes())
        return
    staged.chmod(stat.S_IMODE(status.st_mode) if status else _default_mode())
    if status and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):  # only a privileged user can keep another's ownership
            os.chown(staged, status.st_uid, status.st_gid)
    try:
        staged.replace(real)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _replace(real, staged.read_bytes())
        staged.unlink()
    sync_folder(real.parent)


def _overwrite(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        _write_all(handle, data)
        os.ftruncate(handle, len(data))
        os.fsync(handle)
    finally:
        os.close(handle)


def move(old: Path, new: Path) -> None:
    """Rename a file or folder; what stands at `new` is never replaced. Raises `OSError`."""
    if os.path.lexists(new) and not _same(old, new):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new))
    old.rename(new)
    sync_folder(new.parent)
    sync_folder(old.parent)


def _same(old: Path, new: Path) -> bool:
    """Whether two names are one file: on a disk without case they may be."""
    return os.path.lexists(old) and os.path.samestat(old.lstat(), new.lstat())


def make_folders(folder: Path) -> None:
    """Make a folder and those above it. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(folder.parent)


def remove(path: Path) -> None:
    """Remove a file; nothing happens where there is none. Raises `OSError`."""
    path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Remove an empty folder. Raises `OSError`, also where it is not empty."""
    path.rmdir()


def discard(folder: Path) -> None:
    """Remove a folder of ours with all that is in it, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)


# ---- outputs --------------------------------------------------------------------------------


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder beside the outputs, gone when the block ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=PREFIX, suffix=SUFFIX, dir=folder))
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
    aside = staged.parent / f"{PREFIX}old-{target.name}{SUFFIX}"
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
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if now - path.lstat().st_mtime < older_than:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
