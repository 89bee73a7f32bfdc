"""Parsed documents, kept by content: the facts of all in one entry, the parses in a few shards."""

import hashlib
import zlib
from collections.abc import Collection, Set
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from pipeline import anchors, cache, front_matter, parser
from pipeline.cache import Store, kept
from pipeline.document import NESTING, Document, Facts, Mapping, Nesting, Parsed, plain
from pipeline.front_matter import LIMITS, Limits
from pipeline.markdown import mentions
from pipeline.source import Source

SHARDS = 16
SPARE = 200  # parses of other states of the book that are kept, and once more as many as it has
NAMES = ("aliases", "name", "name_en", "title", "title_en")

T = TypeVar("T")
_encode = msgspec.msgpack.Encoder().encode


class Bounds(NamedTuple):
    """How large and how deep a document may be."""

    yaml: Limits = LIMITS
    nesting: Nesting = NESTING


class Row(Struct, array_like=True):
    """What reading one document gave: its facts, and its parse as bytes."""

    key: bytes
    shard: int
    facts: Facts
    parsed: bytes


def parse(source: Source, bounds: Bounds, names: Set[str] | None = None) -> Parsed:
    """Read the front matter and the Markdown of a file; `names` as in `mentions.told`."""
    span, start, problems = front_matter.split(source)
    front = None
    if span is not None:
        node, found = front_matter.compose(source, span, bounds.yaml)
        problems = (*problems, *found)
        front = node if isinstance(node, Mapping) else None
    body = parser.parse_body(source, start, bounds.nesting)
    if names is not None:
        body = mentions.told(body, names)
    return Parsed(front, span, body, (*problems, *body.problems))


class Archive:
    """The documents that were read before, in the cache of a book."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shards: dict[int, dict[bytes, bytes]] = {}
        self._changed: set[int] = set()

    @cached_property
    def facts(self) -> dict[bytes, Facts]:
        """The facts by the key of the document."""
        return kept(self._store, _name("facts"), dict[bytes, Facts]) or {}

    def parsed(self, key: bytes, shard: int) -> Parsed | None:
        """The parse of a key."""
        found = self._shard(shard).get(key)
        return msgspec.msgpack.decode(found, type=Parsed) if found else None

    def learn(self, row: Row) -> None:
        """Take what another process has read."""
        self.facts[row.key] = row.facts
        self._shard(row.shard)[row.key] = row.parsed
        self._changed.add(row.shard)

    def save(self, current: Collection[bytes]) -> None:
        """Write what was learnt; of what is not `current` the oldest goes."""
        for number in self._changed:
            rows = _trimmed(self._shards[number], current, SPARE // SHARDS)
            self._store.put(_name(number), _encode(rows))
        if self._changed:
            self._store.put(_name("facts"), _encode(_trimmed(self.facts, current, SPARE)))
        self._changed.clear()

    def _shard(self, number: int) -> dict[bytes, bytes]:
        if number not in self._shards:
            found = kept(self._store, _name(number), dict[bytes, bytes])
            self._shards[number] = found or {}
        return self._shards[number]


def _name(part: object) -> str:
    return cache.key("document", cache.tool(), str(part))


def _trimmed(rows: dict[bytes, T], current: Collection[bytes], spare: int) -> dict[bytes, T]:
    if len(rows) <= 2 * len(current) + spare:
        return rows
    return {key: value for key, value in rows.items() if key in current}


@lru_cache(maxsize=64)
def _told(about: object, bounds: Bounds, names: frozenset[str] | None) -> bytes:
    """What beside its text a document is read by."""
    return _digest(about, bounds, names and sorted(names))


class Entry:
    """The place of one document in an archive: a `Reading`."""

    def __init__(
        self,
        archive: Archive,
        source: Source,
        bounds: Bounds,
        names: frozenset[str] | None,
        about: object,
    ) -> None:
        self.archive = archive
        self.bounds = bounds
        self.names = names
        path = source.path.encode("utf-8", "surrogateescape")
        self.shard = zlib.crc32(path) % SHARDS
        told = b"%b\0%b" % (bytes.fromhex(source.digest), _told(about, bounds, names))
        self.key = hashlib.blake2b(path + b"\0" + told, digest_size=16).digest()
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts | None:
        """What is known of the document without its parse."""
        if self._facts is None:
            self._facts = self.archive.facts.get(self.key)
        return self._facts

    def parsed(self, source: Source) -> Parsed:
        """The parse, from the archive if it is there."""
        return self.archive.parsed(self.key, self.shard) or parse(source, self.bounds, self.names)

    def row(self, document: Document, id_field: str) -> Row | None:
        """What to keep of the document; None where it has characters that cannot be kept."""
        try:
            return Row(self.key, self.shard, facts(document, id_field), _encode(document.parsed))
        except UnicodeEncodeError:
            return None


# ---- facts ---------------------------------------------------------------------------------


def facts(document: Document, id_field: str) -> Facts:
    """The facts of a document that is parsed."""
    parsed = document.parsed
    entries = parsed.front.entries if parsed.front else ()
    fields = {entry.key.text: plain(entry.value) for entry in reversed(entries)}
    heading = next((item.text for item in parsed.body.headings), "")
    names = {key: fields.get(key) for key in (id_field, *NAMES)}
    broken = any(problem.code == "FM002" for problem in parsed.problems)
    called = _digest(document.path, document.kind, document.role, names, heading, broken)
    marked = tuple(item.identifier for item in anchors.explicit(document))
    head = document.source.text[: parsed.body.span.start]
    into = sorted(anchors.names(document))
    return Facts(
        parsed.front_span,
        fields,
        heading,
        document.told,
        broken,
        marked,
        called,
        _digest(called, head),
        _digest(document.path, into, marked),
        _digest(document.path, _marks(document)),
    )


def _marks(document: Document) -> list[object]:
    source = document.source
    marks = [(item.identifier, source.position(item.span.start), item.span.start)
             for item in anchors.explicit(document)]  # fmt: skip
    boxes = [(div.opening.start, div.opening.end) for div in document.body.divs]
    return [marks, boxes if marks else []]


def _digest(*parts: object) -> bytes:
    text = repr(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=12).digest()
