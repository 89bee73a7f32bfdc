"""Spellings that a book chooses: the colon of bold labels and the quotation marks around Han."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.diagnostics import Edit
from pipeline.document import Document
from pipeline.expressions import expression
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text.prose import NOTE, Text, of, whole
from pipeline.text.typography import COLONS, HAN, QUOTES

_LINE = expression(r"[^\r\n]+")
_BOLD = expression(r"\*\*|__")
_COLON = expression(r"[:：]")
_HAN = expression(f"[{HAN}]")
_PATTERNS = (
    ("ascii", '"', re.compile(r'"([^"\r\n]*)"')),
    *(
        (how, marks[0], re.compile(f"{marks[0]}([^{marks}]*){marks[1]}"))
        for how, marks in QUOTES.items()
    ),
)
_LABEL_LENGTH = 60


@dataclass(frozen=True)
class Spelling:
    """A label's colon or a pair of quotes: how it is spelt, and where its marks stand."""

    how: str
    marks: tuple[Span, ...]


def label_colons(document: Document, index: Index) -> Iterator[Spelling]:
    """The colons of bold labels that hold Han: `**规模**:` and `**规模：**`."""
    if not _BOLD.search(document.source.text):
        return
    visible = whole(document, index)
    for line in _lines(visible.text):
        if span := _colon(document.source.text, visible, line):
            how = "full" if document.source.slice(span) == "：" else "half"
            yield Spelling(how, (span,))


def _lines(text: str) -> Iterator[re.Match[str]]:
    """The lines that have a colon."""
    end = 0
    for colon in _COLON.finditer(text):
        if colon.start() >= end:
            start = max(text.rfind(mark, end, colon.start()) for mark in "\r\n") + 1
            line = _LINE.match(text, max(start, end))
            assert line is not None
            end = line.end()
            yield line


def _colon(text: str, item: Text, line: re.Match[str]) -> Span | None:
    start = item.place(line.start())
    mark = text[start - 2 : start]
    if mark not in ("**", "__"):
        return None
    end = text.find(mark, start, start + _LABEL_LENGTH * 2)
    found = _COLON.search(item.text, line.start(), min(line.end(), line.start() + _LABEL_LENGTH))
    while found and end > 0:
        place = item.place(found.start())
        if place in (end - 1, end + 2):
            named = _HAN.search(item.text, line.start(), found.start())
            return Span(place, place + 1) if named else None
        found = _COLON.search(item.text, found.end(), line.end())
    return None


def quotations(document: Document, index: Index) -> Iterator[Spelling]:
    """The quotations that hold Han, in ASCII quotes or in those of a style."""
    text = whole(document, index).text
    patterns = [item for item in _PATTERNS if item[1] in text]
    for item in of(document, index) if patterns else ():
        for how, mark, pattern in patterns:
            if mark not in item.text or (how == "ascii" and item.text.count(mark) % 2):
                continue
            for match in pattern.finditer(item.text):
                if _HAN.search(match[1]):
                    ends = (match.start(), match.end() - 1)
                    yield Spelling(how, tuple(item.span(at, at + 1) for at in ends))


def rewritten(document: Document, spelling: Spelling, how: str) -> tuple[Edit, ...] | None:
    """The edits that spell a mark as the book does; None where the place is not plain."""
    marks = COLONS[how] if how in COLONS else QUOTES[how]
    typed = [document.source.slice(span) for span in spelling.marks]
    if any(len(text) != 1 or text == NOTE for text in typed):
        return None
    return tuple(
        Edit(document.path, span.start, span.end, mark)
        for span, mark in zip(spelling.marks, marks, strict=True)
    )
