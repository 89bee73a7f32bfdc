"""The one writer of files: atomic, durable, staged beside its target.

A reader sees the old bytes or the new ones, never a mixture. The mode is kept, and temporary
neighbours that a killed process left behind are swept by `sweep`.

Sources are written by the journal only: it stages the new bytes with `stage`, and `install`,
`move` and `remove` put them in place.
"""

import contextlib
import errno
import fcntl
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import UserError

PREFIX = ".make-book-"
SUFFIX = ".tmp"
ASIDE = f"{PREFIX}old-"
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""Errors of a disk, which is full, read-only or broken, and none of ours."""
HOUR = 3600.0  # seconds; no write takes as long


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
    import tempfile  # nor does it write sources

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
    return UserError(f"cannot write {path}: {reason}", hint=_CURES.get(error.errno or 0, _CURE))


_CURE = "check the folder's permissions, and the disk"
_CURES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space"),
    **dict.fromkeys((errno.EACCES, errno.EPERM), "check the folder's permissions"),
    errno.EROFS: "the disk is read-only: work on a copy of the book",
    errno.EISDIR: "a folder stands there: move or remove it",
    errno.ENOTDIR: "a file stands where a folder belongs: move or remove it",
    errno.EEXIST: "a file stands where a folder belongs: move or remove it",
    errno.ELOOP: "a symbolic link stands there: remove it",
}


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
    import shutil  # a check removes nothing

    shutil.rmtree(folder, ignore_errors=True)


def deliver(target: str, data: bytes) -> None:
    """Write what a user asked for: folders are made, `-` is the standard output.

    Raises `UserError` where it cannot be written.
    """
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    if Path(target).is_dir():
        raise UserError(f"{target} is a folder", hint="name a file")
    write(Path(target), data)


# ---- outputs --------------------------------------------------------------------------------


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder beside the outputs, gone when the block ends.

    It is locked while its process lives, so that what killed processes left is known and swept.
    """
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _sweep(folder)
            stage = Path(tempfile.mkdtemp(prefix=PREFIX, suffix=SUFFIX, dir=folder))
            handle = _lock(stage)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield stage
    finally:
        discard(stage)
        os.close(handle)


def sweep_stages(folder: Path) -> None:
    """Remove what earlier builds left beside the outputs and no process works in any more."""
    with contextlib.suppress(OSError), _locked(folder):
        _sweep(folder)


def _sweep(folder: Path) -> None:
    """Remove what no process works in any more; an output that stepped aside comes back."""
    for stage in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if not stage.is_dir() or stage.is_symlink():
                continue
            with _locked(stage, wait=False):
                for old in stage.glob(f"{ASIDE}*"):
                    target = folder / old.name.removeprefix(ASIDE)
                    if not os.path.lexists(target):
                        old.replace(target)
                discard(stage)
    sweep(folder, older_than=HOUR, now=time.time())


@contextlib.contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    handle = _lock(folder, wait=wait)
    try:
        yield
    finally:
        os.close(handle)


def _lock(folder: Path, *, wait: bool = True) -> int:
    """A descriptor that locks a folder until it is closed. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BaseException:
        os.close(handle)
        raise
    return handle


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
    """Folders change places in one step where the system can do that.

    Elsewhere the old one steps aside first, and comes back on failure, or when it is swept.
    """
    if not os.path.lexists(target):
        staged.replace(target)
    elif not _exchanged(staged, target):
        _stepped_aside(staged, target)


def _stepped_aside(staged: Path, target: Path) -> None:
    aside = staged.parent / f"{ASIDE}{target.name}"
    target.replace(aside)
    try:
        staged.replace(target)
    except OSError:
        aside.replace(target)
        raise


def _exchanged(one: Path, two: Path) -> bool:
    """Whether two paths of one disk changed places in one step, by the call of Linux or macOS."""
    import ctypes

    library = ctypes.CDLL(None)
    here, first, second = -100, os.fsencode(one), os.fsencode(two)
    for name, words in (
        ("renameat2", (here, first, here, second, 2)),
        ("renamex_np", (first, second, 2)),
    ):
        with contextlib.suppress(AttributeError):
            return bool(getattr(library, name)(*words) == 0)
    return False


def sweep(folder: Path, *, older_than: float, now: float) -> None:
    """Remove temporary neighbours that killed processes left, `older_than` seconds old."""
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if now - path.lstat().st_mtime < older_than:
                continue
            if path.is_dir() and not path.is_symlink():
                discard(path)
            else:
                path.unlink()
