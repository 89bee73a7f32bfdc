"""Changes to a Markdown text by exact spans, for copies that are not sources."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.document import Link
from pipeline.source import Span

_REFERENCE = re.compile(r"(!?\[.*\])(\[[^\]]*\])\Z", re.DOTALL)


@dataclass(frozen=True, order=True)
class Change:
    """Put `text` in place of a span."""

    span: Span
    text: str


def apply(text: str, changes: Iterable[Change]) -> str:
    """The text with its changes; the same change twice is one, of two that overlap the outer."""
    parts: list[str] = []
    place = 0
    for change in sorted(set(changes), key=lambda item: (item.span.start, -item.span.end)):
        if change.span.start < place:
            continue
        parts += (text[place : change.span.start], change.text)
        place = change.span.end
    return "".join((*parts, text[place:]))


def unlink(text: str, link: Link) -> Iterator[Change]:
    """Changes that leave of a link its text, with the markup within."""
    start, end = link.span.start, link.span.end
    if link.kind == "html":
        yield Change(link.destination_span, "#")
        return
    if link.kind == "autolink":
        yield Change(link.span, link.text)
        return
    close = _end_of_text(text, link)
    if close is None:
        yield Change(link.span, link.text)
        return
    yield Change(Span(start, start + 1), "")
    yield Change(Span(close, end), "")


def _end_of_text(text: str, link: Link) -> int | None:
    """Where the `]` after a link's text stands."""
    start, end = link.span.start, link.span.end
    if link.kind == "inline":
        found = text.rfind("](", start, link.destination_span.start)
        return found if found > start else None
    if match := _REFERENCE.match(text[start:end]):
        return start + len(match[1]) - 1
    return end - 1 if text[end - 1 : end] == "]" else None
