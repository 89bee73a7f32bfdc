"""What the bytes of files were when they were last read, so that few are read again.

A file is taken for unchanged where its size, its place on the disk and the times of its content
and of its entry are those of then, and where these times were past when it was read: one that was
changed within the clock's grain is read anew. Git holds its index so, without the entry's time.
"""

import os
import time
from functools import cached_property
from pathlib import Path

import msgspec

from pipeline import cache
from pipeline.cache import Store, kept

GRAIN = 2_000_000_000  # nanoseconds; the coarsest clock of a file system that is in use

Stamp = tuple[int, int, int, int, int]  # size, device, file, times of the content and of the entry


class Stamps:
    """The digests of a folder's files by their stamps."""

    def __init__(self, root: Path, store: Store) -> None:
        self._store = store
        self._name = cache.key("stamps", cache.tool(), str(root))
        self._fresh: dict[str, tuple[Stamp, bytes]] = {}

    @cached_property
    def _known(self) -> dict[str, tuple[Stamp, bytes]]:
        return kept(self._store, self._name, dict[str, tuple[Stamp, bytes]]) or {}

    def digest(self, path: str, status: os.stat_result) -> str:
        """The SHA-256 of a file that is surely as it was, else nothing."""
        found = self._known.get(path)
        return found[1].hex() if found and found[0] == stamp(status) else ""

    def learn(self, path: str, status: os.stat_result, digest: bytes) -> str:
        """Keep the SHA-256 of bytes that were read after their status was asked for."""
        if max(status.st_mtime_ns, status.st_ctime_ns) + GRAIN < time.time_ns():
            self._fresh[path] = stamp(status), digest
        return digest.hex()

    def save(self) -> None:
        """Write what was learnt."""
        if self._fresh:
            self._known.update(self._fresh)
            self._fresh.clear()
            try:
                self._store.put(self._name, msgspec.msgpack.encode(self._known))
            except UnicodeEncodeError:  # a name that is no text; such files are read each time
                return


def stamp(status: os.stat_result) -> Stamp:
    """What of a file's status changes when its bytes do."""
    times = status.st_mtime_ns, status.st_ctime_ns
    return (status.st_size, status.st_dev, status.st_ino, *times)
