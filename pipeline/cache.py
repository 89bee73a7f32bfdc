"""Content-addressed cache: a key names all that influences the value, so nothing goes stale.

A damaged, foreign or older entry is a miss: a store believes what its own user signed, and nothing
that came with a book. Values are bytes.
"""

import contextlib
import hashlib
import hmac
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pipeline import __version__, files

MAGIC = f"make-book cache 1 {__version__}\n".encode()
DAY = 86400.0
OFTEN = 3600.0  # seconds between two looks at the size of a cache

T = TypeVar("T")


def key(*parts: object) -> str:
    """A key from strings, bytes, numbers and tuples of them; no two unlike tuples share one."""
    digest = hashlib.sha256(MAGIC)
    _feed(digest.update, parts)
    return digest.hexdigest()


def _feed(update: Callable[[bytes], None], parts: Iterable[object]) -> None:
    for part in parts:
        if isinstance(part, tuple | list):
            update(b"(")
            _feed(update, part)
            update(b")")
            continue
        data = part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogateescape")
        update(f"{type(part).__name__}{len(data)}:".encode())
        update(data)


@cache
def tool() -> str:
    """A key of this tool and of all that is installed beside it: whatever may change an answer."""
    libraries = (name for folder in sys.path for name in _names(folder) if name.endswith("-info"))
    here = os.path.dirname(__file__)  # noqa: PTH120
    folders = (here, os.path.join(os.path.dirname(here), "schemas"))  # noqa: PTH118, PTH120
    code = sorted(item for folder in folders for item in _files(folder))
    return key(tuple(code), tuple(sorted(set(libraries))))


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    """(path, bytes, time) of each file; pathlib would take ten times as long."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_file():
            status = entry.stat()
            yield entry.path, status.st_size, status.st_mtime_ns
        elif entry.name != "__pycache__":
            yield from _files(entry.path)


def _names(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder)  # noqa: PTH208 - names are all that is asked for
    return []


class Store:
    """Entries below a folder, each signed; a store without a folder keeps nothing."""

    def __init__(self, folder: Path | None, secret: bytes = b"") -> None:
        self.folder = folder
        self.secret = secret
        self.written = 0  # bytes, by this object

    def get(self, name: str) -> bytes | None:
        """The value of a key, None for a miss."""
        if self.folder is None:
            return None
        try:
            with open(self._path(name), "rb") as stream:
                data = stream.read()
                used = os.fstat(stream.fileno()).st_mtime
        except OSError:
            return None
        head, body = data[: len(MAGIC) + 32], data[len(MAGIC) + 32 :]
        if not hmac.compare_digest(head, MAGIC + self._signature(name, body)):
            return None
        if time.time() - used > DAY:  # what is of use is dropped last
            with contextlib.suppress(OSError):
                os.utime(self._path(name))
        return body

    def put(self, name: str, data: bytes) -> None:
        """Keep a value; a cache that cannot be written is no error."""
        if self.folder is None:
            return
        path = self._path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent.is_symlink():
                return
            temporary = path.with_name(f"{files.PREFIX}{os.getpid()}-{path.name}")
            temporary.unlink(missing_ok=True)
            try:
                with temporary.open("xb") as stream:
                    stream.write(MAGIC + self._signature(name, data) + data)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            self.written += len(data)

    def size(self) -> int:
        """The bytes that all entries take."""
        return sum(size for _, size, _ in self._entries())

    def prune(self, megabytes: float) -> None:
        """Drop what was of no use for longest, until the rest takes no more than `megabytes`,
        and what killed processes left.

        The folder is looked at once an hour, and only by one who wrote into it.
        """
        if self.folder is None or not self.written:
            return
        mark = self.folder / "pruned"
        with contextlib.suppress(OSError):
            if 0 <= time.time() - mark.lstat().st_mtime < OFTEN:
                return
        with contextlib.suppress(OSError):
            mark.unlink(missing_ok=True)
            mark.open("xb").close()
        left, now = megabytes * 1e6, time.time()
        for used, size, path in sorted(self._entries(), reverse=True):
            left -= size
            torn = path.name.startswith(files.PREFIX) and used < now - files.HOUR
            if left < 0 or torn:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """(time of last use, bytes, path)."""
        for path in self.folder.glob("*/*") if self.folder else ():
            with contextlib.suppress(OSError):
                status = path.lstat()
                yield status.st_mtime, status.st_size, path

    def _signature(self, name: str, data: bytes) -> bytes:
        return hmac.digest(self.secret, name.encode() + data, "sha256")

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / name[:2] / name[2:]


def kept(store: Store, name: str, kind: type[T]) -> T | None:
    """A value of the cache as a type; None for a miss."""
    data = store.get(name)
    import msgspec  # the installer reads this module before there are any packages

    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.msgpack.decode(data, type=kind) if data is not None else None
    return None
