"""The sections of a document: what stands between one heading and the next."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.document import Document, Heading, Link
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import prose
from pipeline.text.prose import Prose

_TEXTUAL = re.compile(
    r"\[[0-9]{1,3}\]"
    r"|[(（;；][^()（）]{0,80}(?:[,，]|et al\.|等)\s*(?:1[0-9]|20)[0-9]{2}[a-z]?[)）;；,，]"
)


@dataclass(frozen=True)
class Section:
    """A heading (None before the first), its range, and the blocks of text below it."""

    heading: Heading | None
    span: Span
    blocks: tuple[Prose, ...]


def of(document: Document, index: Index) -> Iterator[Section]:
    """The sections in reading order, headings of every level apart."""
    headings: list[Heading | None] = [None, *document.body.headings]
    texts = [item for item in prose.of(document, index) if item.block.kind != "heading"]
    at = 0
    for place, heading in enumerate(headings):
        start = heading.span.start if heading else document.body.span.start
        following = headings[place + 1] if place + 1 < len(headings) else None
        end = following.span.start if following else document.body.span.end
        first = at
        while at < len(texts) and texts[at].block.span.start < end:
            at += 1
        yield Section(heading, Span(start, end), tuple(texts[first:at]))


def citing(document: Document) -> Callable[[Section], bool]:
    """Whether a section cites: a key, an author and year, an outside address, a citing note."""
    notes = _cited_notes(document)
    places = [item.span.start for item in document.body.citations]
    places += [item.span.start for item in document.body.links if _is_outside(item)]
    places += [
        item.span.start
        for item in document.body.footnotes
        if not item.definition and item.label in notes
    ]
    places.sort()

    def cites(section: Section) -> bool:
        first = bisect_left(places, section.span.start)
        if first < len(places) and places[first] < section.span.end:
            return True
        return any(_TEXTUAL.search(item.text) for item in section.blocks)

    return cites


def _is_outside(link: Link) -> bool:
    return link.destination.startswith(("http:", "https:"))


def _cited_notes(document: Document) -> set[str]:
    """The labels of the notes that cite: a note is the text after its label."""
    notes = [item for item in document.body.footnotes if item.definition]
    starts = [item.span.start for item in notes]
    inside = [block.span for block in document.body.blocks if block.kind == "note"]
    blocks = [span.start for span in inside]
    found = set()
    for citation in document.body.citations:
        block = bisect_right(blocks, citation.span.start) - 1
        note = bisect_right(starts, citation.span.start) - 1
        if block >= 0 and note >= 0 and inside[block].contains(citation.span):
            found.add(notes[note].label)
    return found
