"""Knows a build that would give what is there already, without importing what builds.

Kept is a digest of all that may influence an output: every file of the book's folder, the options,
the tool and its libraries, the fonts of the machine, renames that git knows; and with it a digest
of the outputs, which nobody may have touched since.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from pipeline import cache, files, fonts, process
from pipeline.cache import Store, kept
from pipeline.errors import UserError
from pipeline.history import History
from pipeline.stamps import Stamps
from pipeline.tree import Tree

EPOCH = "SOURCE_DATE_EPOCH"


class Built(Struct, array_like=True):
    """What a build printed: its summary, its notes, its outputs with what is said of each."""

    summary: str
    notes: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]
    digest: str = ""


class Builds:
    """The builds of a book that are kept, for some words of the command line."""

    def __init__(self, root: Path, words: Iterable[object], store: Store) -> None:
        self._root = root
        self._store = store
        self._stamps = Stamps(root, store)
        self._words = tuple(map(str, words))
        self._name = self._key() if store.folder else ""

    def last(self) -> Built | None:
        """The build of just these inputs, if its outputs are still there as it left them."""
        found = kept(self._store, self._name, Built) if self._name else None
        if found is None or found.digest != self._digest(path for path, _ in found.outputs):
            return None
        for folder in {(self._root / path).parent for path, _ in found.outputs}:
            files.sweep_stages(folder)
        self._stamps.save()
        return found

    def keep(self, built: Built) -> None:
        """Keep what was built, unless a file of the book has changed meanwhile."""
        if self._name and self._name == self._key():
            built.digest = self._digest(path for path, _ in built.outputs)
            self._store.put(self._name, msgspec.msgpack.encode(built))
            self._stamps.save()

    def _key(self) -> str:
        inputs = (tuple(self._inputs()), tuple(_machine()), self._words)
        return cache.key("build", cache.tool(), str(self._root), inputs)

    def _inputs(self) -> Iterator[tuple[str, str]]:
        listing = Tree(self._root).listing()
        for path in sorted(listing.files):
            yield path, self._of(path)
        for path in sorted(listing.escapes | listing.special):
            yield path, ""
        history = History(self._root, self._store)
        yield "renames", repr((sorted(history.renames.items()), sorted(history.former)))

    def _digest(self, paths: Iterable[str]) -> str:
        told = []
        for path in sorted(paths):
            place = self._root / path
            files = [place] if not place.is_dir() else sorted(place.rglob("*"))
            names = [item.relative_to(self._root).as_posix() for item in files if item.is_file()]
            told.append((path, [(name, self._of(name)) for name in names]))
        return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()

    def _of(self, path: str) -> str:
        """The SHA-256 of a file, and why there is none where it cannot be read."""
        place = f"{self._root}/{path}"
        try:
            status = os.stat(place)  # noqa: PTH116 - for ten thousand of them
            if known := self._stamps.digest(path, status):
                return known
            with open(place, "rb") as stream:
                found = hashlib.file_digest(stream, "sha256").digest()
        except OSError as error:
            return error.strerror or str(error)
        return self._stamps.learn(path, status, found)


def _machine() -> Iterator[object]:
    """The fonts that are installed, and what of the environment reaches a build."""
    for name in (*sorted(process.PASSED_ON), EPOCH):
        yield name, os.environ.get(name, "")
    try:
        faces = {face.path for face in fonts.installed()}
    except UserError:
        return
    for path in sorted(faces):
        try:
            status = path.stat()
        except OSError:
            continue
        yield str(path), status.st_size, status.st_mtime_ns
