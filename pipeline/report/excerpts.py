"""Lines of a source around a place, and what a fix changes, cut into pieces that are safe to show.

Pieces instead of offsets: whoever shows them need not count code points as we do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.clean_text import visible
from pipeline.diagnostics import Diagnostic, Edit, Fix
from pipeline.source import Source

MARGIN = 2  # lines above and below
BESIDE = 160  # code points kept on either side of what is marked
MARKED = 400
ROWS = 8  # lines that a mark may show
CLOSE = 48  # code points kept beside an edit
EDITS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line in three pieces; `marked` is None on a line around the place, may be empty on it."""

    number: int
    before: str
    marked: str | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit takes away and puts in, with the text of the line beside it."""

    path: str
    line: int
    before: str
    old: str
    new: str
    after: str


def safe(text: str) -> str:
    """Text with line ends kept, and nothing else that a page would obey or hide."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(map(visible, line)) for line in lines)


def around(source: Source, item: Diagnostic) -> tuple[Line, ...]:
    """The lines of a finding with its place marked, and some lines above and below."""
    count = len(source.line_starts)
    if not source.text or item.line > count:
        return ()
    last = min(item.end_line, count)
    if last > item.line and item.end_column == 1:
        last -= 1
    first = max(1, item.line - MARGIN)
    rows = range(first, min(count, last + MARGIN) + 1)
    marked = range(item.line, min(last, item.line + ROWS - 1) + 1)
    shown = [n for n in rows if n < item.line or n in marked or n > last]
    return tuple(_line(source, item, number, number in marked) for number in shown)


def _line(source: Source, item: Diagnostic, number: int, marked: bool) -> Line:
    text = source.line(number)
    if not marked:
        return Line(number, safe(_head(text, 2 * BESIDE)))
    start = item.column - 1 if number == item.line else 0
    end = item.end_column - 1 if number == item.end_line else len(text)
    start, end = min(start, len(text)), max(start, min(end, len(text)))
    before, after = _tail(text[:start], BESIDE), _head(text[end:], BESIDE)
    return Line(number, safe(before), safe(_head(text[start:end], MARKED)), safe(after))


def line(source: Source | None, number: int) -> str:
    """One line, cut; empty where there is none."""
    if source is None or not 1 <= number <= len(source.line_starts):
        return ""
    return safe(_head(source.line(number).strip(), BESIDE))


def changes(fix: Fix, sources: Mapping[str, Source]) -> Iterator[Change]:
    """The first edits of a fix."""
    for edit in fix.edits[:EDITS]:
        if source := sources.get(edit.path):
            yield _change(edit, source)


def _change(edit: Edit, source: Source) -> Change:
    text = source.text
    row, _ = source.position(edit.start)
    begin = source.line_starts[row - 1]
    end_row, _ = source.position(edit.end)
    end = source.line_starts[end_row - 1] + len(source.line(end_row))
    return Change(
        edit.path,
        row,
        safe(_tail(text[begin : edit.start], CLOSE)),
        safe(_head(text[edit.start : edit.end], MARKED)),
        safe(_head(edit.text, MARKED)),
        safe(_head(text[edit.end : max(end, edit.end)], CLOSE)),
    )


def _head(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _tail(text: str, limit: int) -> str:
    return text if len(text) <= limit else "…" + text[1 - limit :]
