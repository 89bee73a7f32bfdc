"""The visible text of a range: markup stripped as pandoc would before it shows the text."""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from pipeline.clean_text import in_xml

Piece = tuple[int, int, str]
"""Start, end, and what a reader sees in place of these characters."""

MAX_LOOK_BACK = 100
"""Characters before a citation in which emphasis is looked for."""

HOLE = "\0"
_MARKED = re.compile(r"[\\&*_~^\n\0]")
_UNIT = re.compile(r"\0|\\(?P<escape>[^\w])|&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|\w{2,31});", re.S)
_RUN = re.compile(r"\*+|_+")
_STRUCK = re.compile(r"~~(?=\S)([^~]++)~~|~([^\s~]++)~|\^([^\s^]++)\^")
_BREAK = re.compile(r" *\n *")
_EMOJI = re.compile(r":(?=[a-z0-9_+-]*+:)(?:[a-z0-9_+-]*[a-z][a-z0-9_+-]*|[+-]1|100|1234):")


def visible_text(source: str, start: int, end: int, pieces: Sequence[Piece]) -> str:
    """The visible text of a range; `pieces` in order, an outer one before what it holds."""
    parts: list[str] = []
    shown: list[str] = []
    at = start
    for index in range(bisect_left(pieces, (start,)), len(pieces)):
        left, right, show = pieces[index]
        if left >= end:
            break
        if left >= at and right <= end:
            parts += (source[at:left].replace(HOLE, ""), HOLE)
            shown.append(show)
            at = right
    parts.append(source[at:end].replace(HOLE, ""))
    return in_xml(_plain("".join(parts), iter(shown)))


def emphasis_open(source: str, pieces: Sequence[Piece]) -> bool:
    """Whether some emphasis begins in a text that never ends."""
    parts: list[str] = []
    at = 0
    for start, end, _ in pieces:
        if start >= at:
            parts += (source[at:start], HOLE)
            at = end
    text = _UNIT.sub(HOLE, "".join(parts) + source[at:])
    return bool(_emphasis(text)[1])


def emphasis_closed(source: str, at: int) -> bool:
    """Whether the character before an offset ends some emphasis."""
    if at == 0 or source[at - 1] not in "*_":
        return False
    gone, _ = _emphasis(source[max(0, at - MAX_LOOK_BACK) : at])
    return any(end == min(at, MAX_LOOK_BACK) for _, end in gone)


def without_emoji(visible: str) -> str:
    """A text without its emoji short codes, which pandoc leaves out of identifiers."""
    return _EMOJI.sub("", visible) if ":" in visible else visible


def _plain(text: str, shown: Iterator[str]) -> str:
    if not _MARKED.search(text):
        return text.strip()
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        unit = match[0]
        held.append(next(shown) if unit == HOLE else match["escape"] or html.unescape(unit))
        return HOLE

    text = _without_emphasis(_UNIT.sub(hold, text))
    text = _STRUCK.sub(lambda match: match[1] or match[2] or match[3], text)
    texts = iter(held)
    text = re.sub(HOLE, lambda _: next(texts), _BREAK.sub(" ", text))
    return _BREAK.sub(" ", text).strip()


def _without_emphasis(text: str) -> str:
    gone, _ = _emphasis(text)
    if not gone:
        return text
    kept = []
    at = 0
    for start, end in sorted(gone):
        kept.append(text[at:start])
        at = end
    return "".join(kept) + text[at:]


def _emphasis(text: str) -> tuple[list[tuple[int, int]], list[tuple[str, int, int]]]:
    """Marks that pair, by pandoc's rules for what opens and closes, and marks that stay open."""
    gone: list[tuple[int, int]] = []
    opened: list[tuple[str, int, int]] = []
    for match in _RUN.finditer(text):
        char, start, end = match[0][0], *match.span()
        if end - start > 3:
            continue
        after = text[end : end + 1]
        if char == "*" or not after.isalnum():
            start = _close(char, start, end, opened, gone)
        before = text[start - 1] if start else " "
        if start < end and after.strip() and (char == "*" or not before.isalnum()):
            opened.append((char, start, end))
    return gone, opened


def _close(
    char: str, start: int, end: int, opened: list[tuple[str, int, int]], gone: list[tuple[int, int]]
) -> int:
    """Close what a run of marks closes; the offset of its marks that are left."""
    while start < end and opened:
        index = next((i for i in range(len(opened) - 1, -1, -1) if opened[i][0] == char), -1)
        if index < 0:
            break
        _, left, right = opened[index]
        run, size = end - start, right - left
        if run != size and 3 not in (run, size):
            break
        used = min(run, size)
        gone += [(right - used, right), (start, start + used)]
        start += used
        del opened[index:]
        if size > used:
            opened.append((char, left, right - used))
    return start
