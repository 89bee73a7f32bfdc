"""Tables: pipe tables cell by cell, the other kinds as text that is not certain; captions.

As in `containers`, a function reads what begins at a line and returns the line after it.
"""

import re
from bisect import bisect_left

from pipeline.markdown import lexemes, pipes
from pipeline.markdown.inlines import Scan
from pipeline.markdown.lexemes import RawAttributes
from pipeline.markdown.outline import Caption, Leaf, Line, Range, RawTable
from pipeline.markdown.scanner import References
from pipeline.markdown.scope import DASHES, Scope

_CAPTION = re.compile(r" {0,3}(?::(?![!-/:-@\[-`{-~])|[Tt]able:) *+")
_GROUPS = re.compile(r" {0,3}-++(?: ++-++)*+ *+$")
_EMPHASIS = re.compile(r"[*_]")
_GRID = re.compile(r"\+[-=:+]++\+ *+$")


def table(scope: Scope, index: int) -> int | None:
    """A table, its caption before or after it."""
    line = scope.lines[index]
    match = _CAPTION.match(scope.text, line.start, line.end)
    if match is None:
        return _table(scope, index, None)
    end = _caption_end(scope, index)
    head = scope.after_blanks(end)
    caption = _caption(scope, index, end, match.end())
    return _table(scope, head, caption) if caption and head < len(scope.lines) else None


def _table(scope: Scope, index: int, caption: Caption | None) -> int | None:
    line = scope.lines[index]
    if line.at - line.start < 4 and scope.table_head(index):
        return _pipe_table(scope, index, caption)
    end = _opaque(scope, index)
    if end is None:
        return None
    for row in scope.lines[index:end]:
        if row.at < row.end:
            scope.keep("cell", [(row.start, row.end)], certain=False)
    if caption:
        scope.out.leaves.append(caption.leaf)
    return end


def _pipe_table(scope: Scope, index: int, caption: Caption | None) -> int:
    start = scope.lines[index].start
    columns = pipes.columns(scope.text, scope.lines[index + 1])
    rows = [_row(scope, scope.lines[index])]
    index += 2
    while not scope.blank(index):
        row = _row(scope, scope.lines[index])
        if not row[1] or _ends_table(scope, index):
            break
        rows.append(row)
        index += 1
    end = scope.lines[index - 1].end
    if caption:
        scope.out.leaves.append(caption.leaf)
    for line, cells in rows:
        if lexemes.Opaque(scope.text[slice(*line)]).code_is_open():
            scope.doubt(index - 1, start)
        for column, cell in enumerate(cells):
            scope.keep("cell", [cell], certain=column < columns)
    if caption is None:
        caption, index = _caption_after(scope, index)
    scope.out.anchor(caption.attributes if caption else None)
    scope.out.tables.append(RawTable(start, end, tuple(rows), columns, caption))
    return index


def _row(scope: Scope, line: Line) -> tuple[Range, tuple[Range, ...]]:
    return (line.start, line.end), pipes.cells(scope.text, line)


def _ends_table(scope: Scope, index: int) -> bool:
    line = scope.lines[index]
    if scope.list_start(line):
        scope.out.blank_lines.append(line.start)
        return True
    return scope.interrupted(index)


def _caption_after(scope: Scope, index: int) -> tuple[Caption | None, int]:
    at = scope.after_blanks(index)
    if at >= len(scope.lines):
        return None, index
    line = scope.lines[at]
    match = _CAPTION.match(scope.text, line.start, line.end)
    if match is None:
        return None, index
    end = _caption_end(scope, at)
    caption = _caption(scope, at, end, match.end())
    if caption is None:
        return None, index
    scope.out.leaves.append(caption.leaf)
    return caption, end


def _caption_end(scope: Scope, index: int) -> int:
    """The line after a caption: attributes end one, and so does what ends a paragraph."""
    while True:
        line = scope.lines[index]
        index += 1
        if trailing_attributes(scope, line.at, line.end)[1] or scope.blank(index):
            return index
        after = scope.lines[index]
        if scope.list_start(after) or scope.closes_div(after) or scope.interrupted(index):
            return index


def _caption(scope: Scope, index: int, end: int, start: int) -> Caption | None:
    lines: list[Range] = [(line.at, line.end) for line in scope.lines[index:end]]
    lines[0] = (start, lines[0][1])
    first, stop = lines[-1]
    stop, attributes = trailing_attributes(scope, first, stop)
    lines[-1] = (first, scope.trimmed(first, stop))
    if all(left >= right for left, right in lines) and attributes is None:
        return None
    if attributes:
        scope.out.regions.append((stop, attributes.end, "attributes"))
    return Caption(Leaf("caption", tuple(lines), scope.certain), attributes)


def trailing_attributes(scope: Scope, start: int, end: int) -> tuple[int, RawAttributes | None]:
    """Attributes that end a line, and where the text before them ends."""
    stop = scope.trimmed(start, end)
    brace = stop if stop > start and scope.text[stop - 1] == "}" else -1
    for _ in range(3):
        brace = scope.text.rfind("{", start, brace) if brace > 0 else -1
        found = lexemes.attributes(scope.text, brace, stop) if brace >= 0 else None
        if found and found.end == stop and not scope.text.startswith("\\", brace - 1):
            inline = _inline(scope, scope.text[start:stop], brace - start)
            return (stop, None) if inline else (brace, found)
    return stop, None


def _inline(scope: Scope, text: str, brace: int) -> bool:
    """Whether attributes belong to what they follow, or to emphasis that never ends."""
    beside = text.endswith(("]", ")", "`", ">"), 0, brace)
    if not beside and not _EMPHASIS.search(text, 0, brace):
        return False
    known = text if beside else text[:brace]
    scan = Scan(known, References(), scope.out.nesting.brackets)
    return scan.emphasis_open() or any(start == brace for start, _, _ in scan.regions)


# ---- tables that are not read cell by cell ------------------------------------------------


def _opaque(scope: Scope, index: int) -> int | None:
    """The end of a grid, simple or multiline table."""
    line = scope.lines[index]
    if _GRID.match(scope.text, line.start, line.end):
        return scope.paragraph_end(index)
    if _groups(scope, index) and not scope.blank(index + 1):
        if DASHES.match(scope.text, line.start, line.end) and not _multiline_head(scope, index):
            return None
        return _dashes_end(scope, index + 1)
    if not scope.blank(index + 2) and _groups(scope, index + 1, several=True):
        return scope.paragraph_end(index)
    return None


def _groups(scope: Scope, index: int, *, several: bool = False) -> bool:
    line = scope.lines[index]
    if not scope.text.startswith("-", line.at):
        return False
    match = _GROUPS.match(scope.text, line.start, line.end)
    return bool(match and (not several or " " in match[0].strip()))


def _multiline_head(scope: Scope, index: int) -> bool:
    index += 1
    while not scope.blank(index):
        if _groups(scope, index):
            line = scope.lines[index]
            return not DASHES.match(scope.text, line.start, line.end)
        index += 1
    return False


def _dashes_end(scope: Scope, index: int) -> int | None:
    if scope.dashes is None:
        lines = range(len(scope.lines))
        scope.dashes = [at for at in lines if scope.blank(at + 1) and _groups(scope, at)]
    later = bisect_left(scope.dashes, index)
    return scope.dashes[later] + 1 if later < len(scope.dashes) else None
