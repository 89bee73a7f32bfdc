"""Content-addressed cache: a key names all that influences the value, so nothing goes stale.

A damaged, foreign or older entry is a miss: a store believes what its own user signed, and nothing
that came with a book. Values are bytes.
"""

import contextlib
import hashlib
import hmac
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from pipeline import __version__, files

MAGIC = f"make-book cache 1 {__version__}\n".encode()


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


class Store:
    """Entries below a folder, each signed; a store without a folder keeps nothing."""

    def __init__(self, folder: Path | None, secret: bytes = b"") -> None:
        self.folder = folder
        self.secret = secret

    def get(self, name: str) -> bytes | None:
        """The value of a key, None for a miss."""
        if self.folder is None:
            return None
        try:
            data = self._path(name).read_bytes()
        except OSError:
            return None
        head, body = data[: len(MAGIC) + 32], data[len(MAGIC) + 32 :]
        if not hmac.compare_digest(head, MAGIC + self._signature(name, body)):
            return None
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
            with temporary.open("xb") as stream:
                stream.write(MAGIC + self._signature(name, data) + data)
            temporary.replace(path)

    def prune(self, days: float = 30.0) -> None:
        """Drop entries that were not written for `days`, and what killed processes left."""
        if self.folder is None:
            return
        now = time.time()
        for path in self.folder.glob("*/*"):
            age = files.HOUR if path.name.startswith(files.PREFIX) else days * 86400
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < now - age:
                    path.unlink()

    def _signature(self, name: str, data: bytes) -> bytes:
        return hmac.digest(self.secret, name.encode() + data, "sha256")

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / name[:2] / name[2:]
