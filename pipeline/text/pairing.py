"""Marks that come in pairs: which of them have no partner."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.expressions import expression
from pipeline.text.prose import Prose
from pipeline.text.typography import CLOSERS, HAN, PAIRS

_MARK = expression("[" + re.escape("".join((*PAIRS, *CLOSERS))) + '"]')
_ENUMERATOR = expression(
    r"(?:^|[\s，。；：、,;:(（\[])(?:[0-9]{1,3}|[A-Za-z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})\Z"
)
_INTERVAL = expression(r"[^,，;；()\[\]（）]{1,24}[,，;；][^,，;；()\[\]（）]{1,24}")
_WORD = expression(rf"[A-Za-z0-9](?<![{HAN}])")
_DEEPEST = 100  # marks open at once; those further out are forgotten
_EMOTICON = (":", ";", ":-", ";-")
_WIDTHS = {"（": "(", "）": ")"}


@dataclass(frozen=True)
class Stray:
    """A mark without its partner, `at` an offset in the prose."""

    item: Prose
    at: int
    mark: str
    message: str


def strays(items: Sequence[Prose]) -> Iterator[Stray]:
    """The unpaired marks of blocks that follow each other."""
    for place, item in enumerate(items):
        if marks := list(_MARK.finditer(item.text)):
            following = items[place + 1].text if place + 1 < len(items) else ""
            yield from _of_block(item, marks, following.lstrip()[:1])


def _of_block(item: Prose, marks: list[re.Match[str]], following: str) -> Iterator[Stray]:
    """Each mark that stays open or closes nothing; a quotation may reopen in the next block."""
    text = item.text
    opened: list[tuple[str, int]] = []
    straight: list[int] = []
    for match in marks:
        mark, at = match[0], match.start()
        if mark == '"':
            if not re.search(r"[0-9]\Z", text[max(at - 1, 0) : at]):
                straight.append(at)
        elif mark in "‘’" and _is_apostrophe(text, at):
            continue
        elif mark in PAIRS:
            opened.append((mark, at))
        else:
            yield from _closed(item, mark, at, opened)
            del opened[:-_DEEPEST]
    for mark, at in opened:
        if mark not in "“‘「『" or following != mark:
            yield Stray(item, at, mark, f"`{mark}` is never closed")
    if len(straight) % 2 and following != '"':
        yield Stray(item, straight[-1], '"', '`"` has no partner')


def _closed(item: Prose, mark: str, at: int, opened: list[tuple[str, int]]) -> Iterator[Stray]:
    text, wanted = item.text, CLOSERS[mark]
    if opened and opened[-1][0] == wanted:
        opened.pop()
        return
    if opened and _is_interval(text, opened[-1], mark, at):
        opened.pop()
        return
    if opened and _WIDTHS.get(opened[-1][0], opened[-1][0]) == _WIDTHS.get(wanted, wanted):
        opening, _ = opened.pop()
        yield Stray(item, at, mark, f"`{opening}` is closed by `{mark}`")
        return
    depth = next((i for i in range(len(opened) - 1, -1, -1) if opened[i][0] == wanted), None)
    if depth is not None:
        for other, place in opened[depth + 1 :]:
            yield Stray(item, place, other, f"`{other}` is not closed before `{mark}`")
        del opened[depth:]
        return
    if not _is_loose(text, mark, at):
        yield Stray(item, at, mark, f"`{mark}` closes nothing")


def _is_loose(text: str, mark: str, at: int) -> bool:
    """Whether a closing bracket stands alone by right: `1)`, `a）`, `:)`."""
    if mark not in ")）":
        return False
    before = text[max(at - 12, 0) : at]
    return bool(_ENUMERATOR.search(before)) or before.endswith(_EMOTICON)


def _is_interval(text: str, opening: tuple[str, int], mark: str, at: int) -> bool:
    return (
        opening[0] in "(["
        and mark in ")]"
        and _INTERVAL.fullmatch(text[opening[1] + 1 : at]) is not None
    )


def _is_apostrophe(text: str, at: int) -> bool:
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    return bool(_WORD.match(before) or (text[at] == "’" and _WORD.match(after))) or (
        text[at] == "‘" and bool(_WORD.match(after))
    )
