"""On which page each unit begins, and which label each page bears; pure."""

import html as entities
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

Numbering = Literal["none", "roman", "arabic"]
Start = Literal["right", "next"]

CHARACTERS_A_PAGE = 690
_ROMAN = {"m": 1000, "cm": 900, "d": 500, "cd": 400, "c": 100, "xc": 90, "l": 50, "xl": 40}
_ROMAN |= {"x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}
_GLYPHS = re.compile(rb"<([0-9a-f]+)>")
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"<a\b[^>]*>")
_PAGEREF = re.compile(r"""\bclass\s*=\s*(?:"[^"]*\bpageref\b[^"]*"|'[^']*\bpageref\b[^']*')""")
_TARGET = re.compile(r"""\bhref\s*=\s*["']#([^"']*)["']""")
_IDENTIFIER = re.compile(r"""\sid\s*=\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Extent:
    """A unit as far as placing it goes."""

    pages: int
    numbering: Numbering
    start: Start


@dataclass(frozen=True)
class Folio:
    """The number of a page in its sequence, and its label: `xii`, `12`."""

    number: int
    label: str


@dataclass(frozen=True)
class Place:
    """Where a unit stands: index of its first page in the book, folios of its pages.

    `blank` is the folio of the blank page before it, if there is one.
    """

    first: int
    blank: Folio | None
    folios: tuple[Folio, ...]

    @property
    def side(self) -> str:
        """The side of the first page; the first page of a book is a right-hand page."""
        return side(self.first)


def side(index: int) -> str:
    """The side of the page with this index in the book."""
    return "left" if index % 2 else "right"


def place(units: Sequence[Extent], *, mirror: bool) -> tuple[Place, ...]:
    """Where all units stand. Pages without numbering count in the sequence that runs."""
    places: list[Place] = []
    index = 0
    counts = {"roman": 0, "arabic": 0}
    running = "roman"

    def count(sequence: str) -> Folio:
        counts[sequence] += 1
        number = counts[sequence]
        return Folio(number, roman(number) if sequence == "roman" else str(number))

    for unit in units:
        blank = None
        if mirror and unit.start == "right" and index % 2:
            blank = count(running)
            index += 1
        running = unit.numbering if unit.numbering != "none" else running
        folios = tuple(count(running) for _ in range(unit.pages))
        places.append(Place(index, blank, folios))
        index += unit.pages
    return tuple(places)


def continued(where: Place, pages: int) -> Place:
    """The same place for a unit of another length."""
    known = where.folios[:pages]
    first = known[0]
    decimal = first.label.isdigit()
    numbers = range(first.number + len(known), first.number + pages)
    more = (Folio(number, str(number) if decimal else roman(number)) for number in numbers)
    return replace(where, folios=(*known, *more))


def folios(where: Place) -> list[Folio]:
    """The folios of a unit, and before them that of its blank page."""
    return [*([where.blank] if where.blank else []), *where.folios]


def label_ranges(pages: Sequence[Folio]) -> str:
    """The labels of a book's pages, as entries of a PDF number tree."""
    # Pages of one sequence have labels of one kind whose numbers run on.
    runs = groupby(
        enumerate(pages), lambda pair: (pair[1].label.isdigit(), pair[1].number - pair[0])
    )
    firsts = ((decimal, *next(run)) for (decimal, _), run in runs)
    return " ".join(
        f"{index} <</S /{'D' if decimal else 'r'} /St {folio.number}>>"
        for decimal, index, folio in firsts
    )


def roman(number: int) -> str:
    """A number in lower-case roman numerals."""
    result = ""
    for letters, value in _ROMAN.items():
        result += letters * (number // value)
        number %= value
    return result


def identifiers(html: str) -> Iterator[str]:
    """All anchors that a fragment has."""
    return (entities.unescape(match[1]) for match in _IDENTIFIER.finditer(html))


def targets(html: str) -> set[str]:
    """All anchors that the links of a fragment name."""
    return {entities.unescape(match[1]) for match in _TARGET.finditer(html)}


def page_references(html: str) -> set[str]:
    """Anchors whose page number a fragment prints."""
    links = (link[0] for link in _LINK.finditer(html) if _PAGEREF.search(link[0]))
    found = (_TARGET.search(link) for link in links)
    return {entities.unescape(match[1]) for match in found if match}


def shape(label: str) -> str:
    """What a layout depends on of a label: numbers of as many digits take the same place."""
    return "#" * len(label) if label.isdigit() else label


def guess(fragments: Sequence[tuple[str, Numbering, Start]]) -> tuple[list[Extent], dict[str, int]]:
    """Likely extents from the length of the text, and the page in its unit of each anchor."""
    extents = []
    pages: dict[str, int] = {}
    for html, numbering, start in fragments:
        length = len(_TAG.sub("", html))
        for match in _IDENTIFIER.finditer(html):
            before = length * match.start() // max(1, len(html))
            pages.setdefault(entities.unescape(match[1]), before // CHARACTERS_A_PAGE)
        extents.append(Extent(1 + length // CHARACTERS_A_PAGE, numbering, start))
    return extents, pages


def labels(places: Sequence[Place], pages: Sequence[Mapping[str, int]]) -> dict[str, str]:
    """The printed page of each anchor, from its page within its unit; the first place counts."""
    result: dict[str, str] = {}
    for where, anchors in zip(places, pages, strict=True):
        for name, page in anchors.items():
            last = len(where.folios) - 1
            result.setdefault(name, where.folios[min(page, last)].label)
    return result


def renumber(run: bytes, old: str, new: str, digits: Sequence[str]) -> bytes:
    """Put a number of as many digits into a piece of page content, by glyph ids.

    The last place that shows the old number counts.
    """
    if old == new:
        return run
    before = [digits[int(digit)].encode() for digit in old]
    after = [digits[int(digit)].encode() for digit in new]
    places = [at for text in _GLYPHS.finditer(run) for at in range(text.start(1), text.end(1), 4)]
    shown = [run[at : at + 4] for at in places]
    size = len(before)
    start = max(i for i in range(len(shown) - size + 1) if shown[i : i + size] == before)
    result = bytearray(run)
    for at, glyph in zip(places[start : start + size], after, strict=True):
        result[at : at + 4] = glyph
    return bytes(result)
