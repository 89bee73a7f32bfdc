"""Pipe tables: the delimiter row, and rows split into cells as pandoc splits them."""

import re
from itertools import pairwise

from pipeline.markdown.lexemes import MATH, Opaque
from pipeline.markdown.outline import Line, Range

_DELIMITER = re.compile(
    r" {0,3}(?P<open>\|)?(?P<first> *+:?-++:? *+)(?P<rest>(?:[|+] *+:?-++:? *+)*+)(?P<last>\|)? *+$"
)
_GUARDED = re.compile(r"[\\`$<]")
_TOKEN = re.compile(r"\\.|[`$<|]")


def columns(text: str, line: Line) -> int:
    """The number of columns of a delimiter row, 0 where the line is none."""
    match = _DELIMITER.match(text, line.start, line.end)
    if match is None or not (match["open"] or match["rest"]):
        return 0
    return 1 + match["rest"].count("|") + match["rest"].count("+")


def cells(text: str, line: Line) -> tuple[Range, ...]:
    """The trimmed cells of a row; none where the line is no row."""
    start, end = line.at, line.start + len(text[line.start : line.end].rstrip())
    if start >= end or text.find("|", start, end) < 0:
        return ()
    opened = text[start] == "|"
    bars = _bars(text, start, end)
    edges = [start - 1, *bars] if not opened else bars
    if not (bars and bars[-1] == end - 1 and len(edges) > 1):
        edges = [*edges, end]
    if len(edges) < 3 and not (opened or (bars and bars[-1] == end - 1)):
        return ()
    return tuple(_trimmed(text, left + 1, right) for left, right in pairwise(edges))


def _bars(text: str, start: int, end: int) -> list[int]:
    if not _GUARDED.search(text, start, end):
        return _positions(text, start, end)
    row = text[start:end]
    opaque = Opaque(row)
    bars = []
    at = 0
    while match := _TOKEN.search(row, at):
        at = match.end()
        if match[0] == "|":
            bars.append(start + match.start())
        elif match[0] == "`":
            span = opaque.code(match.start())
            at = span[2] if span else opaque.run_end(match.start())
        elif match[0] == "$":
            math = MATH.match(row, match.start())
            at = math.end() if math else at
        elif match[0] == "<":
            at = max(at, opaque.markup(match.start(), len(row)))
    return bars


def _positions(text: str, start: int, end: int) -> list[int]:
    found = []
    at = text.find("|", start, end)
    while at >= 0:
        found.append(at)
        at = text.find("|", at + 1, end)
    return found


def _trimmed(text: str, start: int, end: int) -> Range:
    cell = text[start:end]
    left = start + len(cell) - len(cell.lstrip())
    return (left, max(left, start + len(cell.rstrip())))
