"""Emphasis as pandoc pairs it, and whether GitHub shows it (CommonMark's flanking rules)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.document import Block, Document, Region
from pipeline.source import Span
from pipeline.text.typography import PAIRS

_RUN = re.compile(r"\\.|\*+", re.DOTALL)
_TRAILING = "，。、；：？！…"


@dataclass(frozen=True)
class Emphasis:
    """A pair of marks: where the two stand, and which of them GitHub does not take."""

    opening: Span
    closing: Span
    opens: bool
    closes: bool

    @property
    def shown(self) -> bool:
        """Whether GitHub shows it."""
        return self.opens and self.closes


def lost(document: Document) -> Iterator[Emphasis]:
    """The emphasis of a document that GitHub shows as asterisks."""
    regions = [item for item in document.body.regions if item.kind != "marker"]
    first = 0
    text = document.source.text
    for block in document.body.blocks:
        if text.find("*", block.span.start, block.span.end) < 0:
            continue
        while first < len(regions) and regions[first].span.end <= block.span.start:
            first += 1
        last = first
        while last < len(regions) and regions[last].span.start < block.span.end:
            last += 1
        yield from (found for found in _pairs(text, block, regions[first:last]) if not found.shown)


def _pairs(text: str, block: Block, regions: Sequence[Region]) -> Iterator[Emphasis]:
    """Runs of equal length, each closing the last one open."""
    opened: list[Span] = []
    for span in _runs(text, block, regions):
        before, after = _beside(text, block, span)
        partner = opened[-1] if opened and len(opened[-1]) == len(span) else None
        if partner is not None and not before.isspace() and before:
            opened.pop()
            yield Emphasis(
                partner, span, _opens(*_beside(text, block, partner)), _closes(before, after)
            )
        elif after and not after.isspace():
            opened.append(span)


def _runs(text: str, block: Block, regions: Sequence[Region]) -> Iterator[Span]:
    at = 0
    for match in _RUN.finditer(text, block.span.start, block.span.end):
        if match[0][0] == "\\" or len(match[0]) > 3:
            continue
        while at < len(regions) and regions[at].span.end <= match.start():
            at += 1
        if at == len(regions) or regions[at].span.start > match.start():
            yield Span(*match.span())


def _beside(text: str, block: Block, span: Span) -> tuple[str, str]:
    before = text[span.start - 1] if span.start > block.span.start else ""
    after = text[span.end] if span.end < block.span.end else ""
    return before, after


def _opens(before: str, after: str) -> bool:
    """Left-flanking."""
    if not after or after.isspace():
        return False
    return not _is_mark(after) or not before or before.isspace() or _is_mark(before)


def _closes(before: str, after: str) -> bool:
    """Right-flanking."""
    if not before or before.isspace():
        return False
    return not _is_mark(before) or not after or after.isspace() or _is_mark(after)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def mended(text: str, found: Emphasis) -> str | None:
    """The whole with its marks moved inward past punctuation; None where that changes more."""
    inner = text[found.opening.end : found.closing.start]
    mark = text[found.opening.start : found.opening.end]
    lead = trail = ""
    while len(inner) > 2 and not _stands(text, found, lead, inner, trail):
        if inner[-1] in _TRAILING:
            inner, trail = inner[:-1], inner[-1] + trail
            continue
        closing = PAIRS.get(inner[0], '"' if inner[0] == '"' else "")
        if not closing or inner[-1] != closing or closing in inner[1:-1]:
            return None
        lead, inner, trail = lead + inner[0], inner[1:-1], closing + trail
    shown = _stands(text, found, lead, inner, trail)
    return f"{lead}{mark}{inner}{mark}{trail}" if shown else None


def _stands(text: str, found: Emphasis, lead: str, inner: str, trail: str) -> bool:
    before = lead[-1:] or text[found.opening.start - 1 : found.opening.start]
    after = trail[:1] or text[found.closing.end : found.closing.end + 1]
    return bool(inner) and _opens(before, inner[0]) and _closes(inner[-1], after)
