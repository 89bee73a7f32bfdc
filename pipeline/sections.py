"""The sections of a document: what stands between one heading and the next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline import prose
from pipeline.document import Document, Heading
from pipeline.index import Index
from pipeline.prose import Prose
from pipeline.source import Span

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


def cited(document: Document, section: Section) -> bool:
    """Whether a section cites anything: a key, a source in plain text or on the web, a note."""
    if any(section.span.contains(item.span) for item in document.body.citations):
        return True
    links = (link for link in document.body.links if section.span.contains(link.span))
    if any(link.destination.startswith(("http:", "https:")) for link in links):
        return True
    if any(_TEXTUAL.search(item.text) for item in section.blocks):
        return True
    marks = {
        item.label
        for item in document.body.footnotes
        if not item.definition and section.span.contains(item.span)
    }
    return bool(marks) and bool(marks & _cited_notes(document))


def _cited_notes(document: Document) -> set[str]:
    """The labels of the notes that cite: a note is the text after its label."""
    notes = [item for item in document.body.footnotes if item.definition]
    inside = [block.span for block in document.body.blocks if block.kind == "note"]
    found = set()
    for citation in document.body.citations:
        if any(span.contains(citation.span) for span in inside):
            before = [note.label for note in notes if note.span.start < citation.span.start]
            found.update(before[-1:])
    return found
