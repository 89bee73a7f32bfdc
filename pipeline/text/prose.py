"""The visible text of a document: blocks without markup, each character with its place.

Emphasis marks, link targets, attributes and comments are taken out, so that marks are seen through
them. What is no prose leaves a trace: `OBJECT` for code, math, tags and addresses, `NOTE` for
citations and footnote marks.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from msgspec import Struct

from pipeline.document import Block, Document, Region
from pipeline.expressions import matches
from pipeline.index import Index
from pipeline.source import Span

OBJECT = "\ufffc"
NOTE = "\ufff9"

_MARK = re.compile(r"[\\&*_~]")  # what each of these begins with
_TOKEN = re.compile(
    r"\\[!-/:-@\[-`{-~]|\\(?=[\r\n])|&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});"
    r"|\*+|_+|~~"
)
_HIDDEN = ("marker", "comment", "attributes", "definition")


class Text(Struct, frozen=True, gc=False):
    """Visible text; `place` leads from its characters to the source."""

    text: str
    _starts: tuple[int, ...]
    _places: tuple[int, ...]

    def place(self, at: int) -> int:
        """The offset in the source of a character."""
        index = bisect_right(self._starts, at) - 1
        return self._places[index] + at - self._starts[index] if index >= 0 else 0

    def span(self, start: int, end: int) -> Span:
        """The span in the source of the characters from `start` to before `end`."""
        if start == end:
            return Span(self.place(start), self.place(start))
        return Span(self.place(start), self.place(end - 1) + 1)


class Prose(Text, frozen=True, gc=False):
    """The visible text of one block."""

    block: Block


def of(document: Document, index: Index) -> tuple[Prose, ...]:
    """The visible text of the blocks of a document, in reading order."""
    return index.of(document, _blocks)


def whole(document: Document, index: Index) -> Text:
    """The visible text of all blocks, each on lines of its own."""
    return index.of(document, _joined)


def heading(document: Document, index: Index) -> Prose | None:
    """The visible text of the first heading of level 1."""
    found = next((item.text_span for item in document.body.headings if item.level == 1), None)
    return next((item for item in of(document, index) if item.block.span == found), None)


def _blocks(document: Document, index: Index) -> tuple[Prose, ...]:
    return tuple(read(document))


def _joined(document: Document, index: Index) -> Text:
    items = of(document, index)
    starts: list[int] = []
    places: list[int] = []
    size = 0
    for item in items:
        starts += [start + size for start in item._starts]
        places += item._places
        size += len(item.text) + 1
    return Text("\n".join([item.text for item in items]), tuple(starts), tuple(places))


def read(document: Document) -> Iterator[Prose]:
    """The visible text of each block."""
    text, regions = document.source.text, document.body.regions
    places = [(region.span.start, region.span.end) for region in regions]
    first, count = 0, len(places)
    for block in document.body.blocks:
        start, end = block.span.start, block.span.end
        while first < count and places[first][1] <= start:
            first += 1
        last = first
        while last < count and places[last][0] < end:
            last += 1
        if first == last and start < end and not _MARK.search(text, start, end):
            yield Prose(text[start:end], (0,), (start,), block)
        else:
            yield _prose(text, block, regions[first:last])


def _prose(text: str, block: Block, regions: tuple[Region, ...]) -> Prose:
    pieces: list[tuple[str, int]] = []
    at, end = block.span.start, block.span.end
    for region in regions:
        start, stop = region.span.start, region.span.end
        if stop <= at:
            continue
        if start > at:
            pieces += _visible(text, at, start)
        if trace := _trace(text, region):
            pieces.append((trace, max(start, at)))
        at = min(stop, end)
    if at < end:
        pieces += _visible(text, at, end)
    parts = [part for part, _ in pieces]
    starts = tuple(accumulate(map(len, parts[:-1]), initial=0)) if parts else ()
    return Prose("".join(parts), starts, tuple([place for _, place in pieces]), block)


def _trace(text: str, region: Region) -> str:
    if region.kind in _HIDDEN:
        return ""
    start = region.span.start
    if region.kind == "url":
        return "" if text[start] in "([" and text[start - 1 : start] == "]" else OBJECT
    if region.kind == "footnote" or (region.kind == "citation" and text[start] == "["):
        return NOTE
    return OBJECT


def _visible(text: str, at: int, end: int) -> list[tuple[str, int]]:
    if not _MARK.search(text, at, end):
        return [(text[at:end], at)]
    pieces: list[tuple[str, int]] = []
    for match in matches(_MARK, _TOKEN, text, at, end):
        shown, place = _shown(text, match)
        if shown is None:
            continue
        if match.start() > at:
            pieces.append((text[at : match.start()], at))
        at = match.end()
        if shown:
            pieces.append((shown, place))
    if at < end:
        pieces.append((text[at:end], at))
    return pieces


def _shown(text: str, match: re.Match[str]) -> tuple[str | None, int]:
    """What a mark shows and where; None where it is plain text."""
    mark, start, end = match[0], match.start(), match.end()
    if mark[0] == "\\":
        return mark[1:], start + 1
    if mark[0] == "&":
        shown = html.unescape(mark)
        return (shown[:1], start) if shown != mark else (None, start)
    before, after = text[start - 1 : start], text[end : end + 1]
    if (not before or before.isspace()) and (not after or after.isspace()):
        return None, start
    if mark[0] == "_" and _is_word(before) and _is_word(after):
        return None, start
    return "", start


def _is_word(char: str) -> bool:
    return char.isalnum()
