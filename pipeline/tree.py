"""A tree of files to read from: the disk, or the disk with some files replaced.

Nothing outside the root is read: a symlink that leaves it is listed in `escapes` only.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import UserError
from pipeline.source import Source
from pipeline.stamps import Stamps

CHUNK = 1 << 16
SKIPPED = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", "build"})


@dataclass(frozen=True)
class Listing:
    """What is there: POSIX paths from the root. `files` can be read, `special` cannot."""

    files: frozenset[str]
    folders: frozenset[str]
    escapes: frozenset[str] = frozenset()
    special: frozenset[str] = frozenset()


class Unreadable(Exception):
    """A file that cannot be read, with the reason in words."""


@dataclass(frozen=True)
class Tree:
    """Files below `root`; `overlay` replaces contents, None deletes a file."""

    root: Path
    overlay: Mapping[str, bytes | None] = field(default_factory=dict)
    _folders: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def listing(self) -> Listing:
        """Walk the tree once; hidden and generated folders are left out."""
        walk = _Walk(self.root)
        walk.visit("")
        gone = {path for path, data in self.overlay.items() if data is None}
        added = {path for path, data in self.overlay.items() if data is not None}
        folders = walk.folders | {folder for path in added for folder in _parents(path)}
        return Listing(
            frozenset((walk.files - gone) | added),
            frozenset(folders),
            frozenset(walk.escapes),
            frozenset(walk.special),
        )

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a file. Raises `Unreadable`, also for more than `limit` bytes."""
        if (data := self.overlay.get(path)) is not None:
            return data
        try:
            return read_regular(self._real(path), limit)
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error

    def _real(self, path: str) -> str:
        """Where a path leads."""
        folder, _, name = path.rpartition("/")
        real = f"{self._folder(folder)}/{name}"
        if os.path.islink(real):  # noqa: PTH114 - pathlib takes long, for ten thousand of them
            real = os.path.realpath(real)
        if not real.startswith(self._folder("").rstrip("/") + "/"):
            raise Unreadable("a symbolic link that leaves the project")
        return real

    def _folder(self, path: str) -> str:
        """Where a folder leads, followed once, for there are few."""
        if path not in self._folders:
            self._folders[path] = os.path.realpath(self.root / path)
        return self._folders[path]

    def source(self, path: str, limit: int, stamps: Stamps) -> Source:
        """A file, read now or, where its bytes are surely known, when asked for.

        Raises `Unreadable`, and `UserError` where a file changes while the book is read.
        """
        if path in self.overlay:
            return Source(path, self.read(path, limit))
        try:
            status = os.stat(f"{self.root}/{path}")  # noqa: PTH116 - for ten thousand of them
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        if digest := stamps.digest(path, status):
            return Source(path, lambda: self._same(path, limit, digest), digest, status.st_size)
        data = self.read(path, limit)
        return Source(path, data, stamps.learn(path, status, hashlib.sha256(data).digest()))

    def _same(self, path: str, limit: int, digest: str) -> bytes:
        with contextlib.suppress(Unreadable):
            data = self.read(path, limit)
            if hashlib.sha256(data).hexdigest() == digest:
                return data
        raise UserError(f"{path}: changed while the book was read", hint="run the command again")


def read_regular(path: Path | str, limit: int) -> bytes:
    """The bytes of a file, never waiting for a pipe. Raises `OSError` and `Unreadable`."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file")
        if status.st_size > limit:
            raise Unreadable(f"larger than the limit of {limit:,} bytes")
        found = os.read(handle, status.st_size + 1)  # room for all that may be takes long to make
        while len(found) <= limit and (more := os.read(handle, CHUNK)):
            found += more
        return found[: limit + 1]
    finally:
        os.close(handle)


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


class _Walk:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.real = os.path.realpath(root)
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.escapes: set[str] = set()
        self.special: set[str] = set()

    def visit(self, start: str) -> None:
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            try:
                entries = list(os.scandir(self.root / folder))
            except OSError:
                self.special.add(folder)
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if self._is_folder(entry, path):
                    self.folders.add(path)
                    waiting.append(path)

    def _is_folder(self, entry: os.DirEntry[str], path: str) -> bool:
        """Sort an entry into its set; whether it is a folder to walk."""
        if entry.name in SKIPPED or entry.name.startswith("."):
            return False
        if entry.is_symlink():
            self._link(entry, path)
            return False
        if entry.is_dir(follow_symlinks=False):
            return True
        (self.files if entry.is_file(follow_symlinks=False) else self.special).add(path)
        return False

    def _link(self, entry: os.DirEntry[str], path: str) -> None:
        real = os.path.realpath(entry.path)
        inside = real == self.real or real.startswith(self.real + os.sep)
        if not inside:
            self.escapes.add(path)
        elif Path(real).is_file():
            self.files.add(path)
        else:
            self.special.add(path)
