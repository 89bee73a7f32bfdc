"""The index of the book: marked terms, and the concepts, organizations and events it links to."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline import language, pinyin
from pipeline.book import Book
from pipeline.linker import Linked
from pipeline.normal_form import normal_form

OTHER = "#"


@dataclass
class Term:
    """An entry of the index: `home` is its own page in the book, `places` where it is named.

    By its `reading` the index is ordered.
    """

    text: str
    english: str = ""
    home: str = ""
    places: list[str] = field(default_factory=list)
    reading: str = ""

    @property
    def anchors(self) -> list[str]:
        """All places in the book, its own page first."""
        return [self.home, *self.places] if self.home else self.places

    @property
    def group(self) -> str:
        """The letter it stands under."""
        first = next((char for char in self.reading if char.isalnum()), OTHER)
        return first.upper() if "a" <= first <= "z" else OTHER


def collect(book: Book, linked: Linked) -> dict[str, list[Term]]:
    """The terms of the book by letter, each in order of reading."""
    terms: dict[str, Term] = {}
    by_name: dict[str, Term] = {}
    for unit in book.units:
        if unit.kind != "entries":
            continue
        for piece in unit.pieces:
            term = terms[piece.slug] = Term(piece.title, piece.title_en, piece.slug)
            document = piece.document
            names = language.split_title(document.title, document.title_en)
            for name in (piece.title, *names, *document.texts("aliases")):
                by_name.setdefault(_fold(name), term)
                by_name.setdefault(_fold(book.voice.text(name)), term)
    for slug, anchor in linked.mentions:
        if slug in terms:
            terms[slug].places.append(anchor)
    for text, anchor in linked.marks:
        term = by_name.setdefault(_fold(text), Term(text))
        terms.setdefault(term.home or _fold(text), term)
        term.places.append(anchor)
    used = [term for term in terms.values() if term.places]
    plain = {term.text: normal_form("NFKC", term.text) for term in used}
    read = pinyin.readings(plain.values(), book.index.project.store)
    for term in used:
        term.reading = read[plain[term.text]]
    return _grouped(used)


def _fold(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", normal_form("NFKC", text)).strip().casefold()


def _grouped(terms: Iterable[Term]) -> dict[str, list[Term]]:
    groups: dict[str, list[Term]] = {}
    for term in sorted(terms, key=lambda term: (term.group == OTHER, term.reading, term.text)):
        groups.setdefault(term.group, []).append(term)
    return groups


def merged(labels: Iterable[str]) -> list[tuple[str, str]]:
    """Pages as (first, last) ranges, in order and without repeats; three in a row make a range."""
    result: list[list[str]] = []
    for label in dict.fromkeys(labels):
        if result and _follows(result[-1][-1], label):
            result[-1].append(label)
        else:
            result.append([label])
    ranges: list[tuple[str, str]] = []
    for run in result:
        if len(run) > 2:
            ranges.append((run[0], run[-1]))
        else:
            ranges += [(label, label) for label in run]
    return ranges


def _follows(one: str, two: str) -> bool:
    return one.isdigit() and two.isdigit() and int(two) == int(one) + 1


def in_pages(places: Iterable[str], pages: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(anchor, first page, last page) of the merged pages of a term's places."""
    anchors: dict[str, str] = {}
    for anchor in places:
        if anchor in pages:
            anchors.setdefault(pages[anchor], anchor)
    ordered = sorted(anchors, key=lambda label: (label.isdigit(), len(label), label))
    return [(anchors[first], first, last) for first, last in merged(ordered)]
