"""Which language an author has marked a place as: by a div, a span or a heading's attribute."""

import re
from collections.abc import Iterator

from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span

_LANG = re.compile(r"(?:^|[\s{])(?:lang|xml:lang)=[\"']?([A-Za-z-]+)")


def language(document: Document, index: Index, place: Span) -> str | None:
    """The language of the narrowest marked range around a place, None where nothing is marked."""
    ranges = index.of(document, _ranges)
    around = [(len(span), tag) for span, tag in ranges if span.contains(place)]
    return min(around)[1] if around else None


def _ranges(document: Document, index: Index) -> list[tuple[Span, str]]:
    return [*_divs(document), *_spans(document)]


def _divs(document: Document) -> Iterator[tuple[Span, str]]:
    for div in document.body.divs:
        if tag := div.attributes.value("lang"):
            yield div.span, tag


def _spans(document: Document) -> Iterator[tuple[Span, str]]:
    """Bracketed spans: the marker that opens the one which an attribute follows."""
    text = document.source.text
    opened: list[int] = []
    closed: tuple[int, int] | None = None
    for region in document.body.regions:
        mark = text[region.span.start : region.span.end]
        if region.kind == "marker" and mark in ("[", "!["):
            opened.append(region.span.start)
        elif region.kind == "marker" and mark == "]" and opened:
            closed = (opened.pop(), region.span.end)
        elif closed and (region.kind, region.span.start) == ("attributes", closed[1]):
            match = _LANG.search(mark)
            if match:
                yield Span(closed[0], region.span.end), match[1]
