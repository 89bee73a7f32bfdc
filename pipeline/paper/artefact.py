"""What one laid out unit of a book is made of: pages, objects, fonts, anchors; pure data.

An artefact has the content of its pages only. It holds no page number of its own, no running
head and no font program, so it stays good when the unit moves to other pages.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

MAGIC = b"unit1\n"
SEPARATOR = b"\0"


@dataclass(frozen=True)
class PageKind:
    """What the style of a page depends on; the fields of a CSS page selector."""

    side: str
    blank: bool
    name: str
    index: int
    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Ref:
    """A printed page number: its bytes in the page's content, and the glyph of each digit.

    `digits` holds ten glyph ids in hex of four, or none where the digits are not equally wide.
    """

    start: int
    end: int
    target: str
    label: str
    digits: tuple[str, ...]


@dataclass(frozen=True)
class PageLayer:
    """One page without its margin boxes. Numbers of objects count within the unit, from 1.

    `style` stands for all page rules that match: equal pages get equal margin boxes.
    `strings` are the named strings that the page sets. `height` is in points.
    """

    kind: PageKind
    style: str
    strings: tuple[tuple[str, str], ...]
    height: float
    page: int
    content: int
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class Anchor:
    """A place that links may name: index of the page in the unit, points from its lower left."""

    page: int
    x: float
    y: float


@dataclass(frozen=True)
class Bookmark:
    """An entry of the outline, at the level that the style gives it."""

    level: int
    label: str
    closed: bool
    place: Anchor


@dataclass(frozen=True)
class FontUse:
    """The glyphs used of one face, with what a font dictionary needs; widths in 1/1000 em."""

    name: str
    family: str
    path: str
    index: int
    flags: int
    ascent: int
    descent: int
    italic_angle: int
    stem_v: int
    stem_h: int
    colour: bool
    widths: Mapping[int, float]
    to_unicode: Mapping[int, str]
    missing: Mapping[int, int]

    def union(self, other: "FontUse") -> "FontUse":
        """Both uses; where they differ this one counts."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("widths", "to_unicode", "missing"):
            values[name] = {**getattr(other, name), **getattr(self, name)}
        return FontUse(**values)

    def only(self, glyphs: Iterable[int]) -> "FontUse":
        """The use of these glyphs alone."""
        wanted = set(glyphs)
        widths = {glyph: width for glyph, width in self.widths.items() if glyph in wanted}
        texts = {glyph: text for glyph, text in self.to_unicode.items() if glyph in wanted}
        return replace(self, widths=widths, to_unicode=texts, missing={})


@dataclass(frozen=True)
class Notice:
    """A warning of the layout, with the character that no font has, if it is about one."""

    text: str
    character: str | None = None


@dataclass(frozen=True)
class Picture:
    """An image of a PDF: the inside of its dictionary, its bytes, and the image that masks it."""

    head: str
    data: bytes
    mask: "Picture | None"


@dataclass(frozen=True)
class Objects:
    """The PDF objects of a unit; bodies are joined by NUL, the first is object 1.

    References read `5 0 R`, keys of the parent tree `@5`: both are moved when units are joined.
    A stream's body lacks length, and filter if it is in `raw`. `roots` are the children of the
    structure's document element, `identifiers` those of its elements that have an ID.
    """

    packed: bytes
    count: int
    streams: Mapping[int, bytes]
    raw: frozenset[int]
    fonts: int
    resources: int
    document: int
    parents: int
    keys: int
    roots: tuple[int, ...]
    identifiers: tuple[tuple[str, int], ...]
    intents: str

    @property
    def bodies(self) -> bytes:
        """The bodies of all objects, kept compressed until they are needed."""
        return zlib.decompress(self.packed)


@dataclass(frozen=True)
class Artefact:
    """A unit, laid out."""

    pages: tuple[PageLayer, ...]
    anchors: Mapping[str, Anchor]
    bookmarks: tuple[Bookmark, ...]
    fonts: Mapping[str, FontUse]
    notices: tuple[Notice, ...]
    objects: Objects


def dump(artefact: Artefact) -> bytes:
    """Bytes for a store; no code is needed to read them."""
    objects = artefact.objects
    meta = asdict(artefact)
    meta["objects"] |= {"packed": None, "raw": sorted(objects.raw)}
    meta["objects"]["streams"] = [(number, len(data)) for number, data in objects.streams.items()]
    head = json.dumps(meta, ensure_ascii=False, separators=(",", ":")).encode()
    sizes = len(head).to_bytes(8, "big") + len(objects.packed).to_bytes(8, "big")
    return b"".join((MAGIC, sizes, head, objects.packed, *objects.streams.values()))


def load(data: bytes) -> Artefact | None:
    """The artefact, or None where the bytes are not one."""
    try:
        return _load(data)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None


def _load(data: bytes) -> Artefact:
    if not data.startswith(MAGIC):
        raise ValueError("not an artefact")
    start = len(MAGIC) + 16
    head = int.from_bytes(data[start - 16 : start - 8], "big")
    packed = int.from_bytes(data[start - 8 : start], "big")
    meta = json.loads(data[start : start + head])
    position = start + head + packed
    objects = meta["objects"]
    objects["packed"] = data[start + head : position]
    streams = {}
    for number, length in objects["streams"]:
        streams[number] = data[position : position + length]
        position += length
    if position != len(data):
        raise ValueError("truncated")
    return Artefact(
        pages=tuple(_page(page) for page in meta["pages"]),
        anchors={name: Anchor(**place) for name, place in meta["anchors"].items()},
        bookmarks=tuple(
            Bookmark(**{**mark, "place": Anchor(**mark["place"])}) for mark in meta["bookmarks"]
        ),
        fonts=load_fonts(meta["fonts"]),
        notices=tuple(Notice(**notice) for notice in meta["notices"]),
        objects=Objects(
            **{
                **objects,
                "streams": streams,
                "raw": frozenset(objects["raw"]),
                "roots": tuple(objects["roots"]),
                "identifiers": tuple((name, number) for name, number in objects["identifiers"]),
            }
        ),
    )


def _page(page: dict[str, Any]) -> PageLayer:
    kind = page["kind"]
    groups = tuple((name, index) for name, index in kind["groups"])
    return PageLayer(
        **{
            **page,
            "kind": PageKind(**{**kind, "groups": groups}),
            "strings": tuple((name, text) for name, text in page["strings"]),
            "refs": tuple(Ref(**{**ref, "digits": tuple(ref["digits"])}) for ref in page["refs"]),
        }
    )


def load_fonts(fonts: Mapping[str, Mapping[str, Any]]) -> dict[str, FontUse]:
    """Font uses from their JSON form, where keys of tables are text."""
    return {name: FontUse(**{**use, **_tables(use)}) for name, use in fonts.items()}


def _tables(use: Mapping[str, Any]) -> dict[str, dict[int, Any]]:
    names = ("widths", "to_unicode", "missing")
    return {name: {int(key): value for key, value in use[name].items()} for name in names}


def union(
    uses: "tuple[Mapping[str, FontUse], ...] | list[Mapping[str, FontUse]]",
) -> dict[str, FontUse]:
    """All uses of each face as one; the first that shows a glyph counts."""
    result: dict[str, FontUse] = {}
    for fonts in uses:
        for key, use in fonts.items():
            result[key] = result[key].union(use) if key in result else use
    return result
