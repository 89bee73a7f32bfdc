"""Faults of Chinese punctuation in visible text, each with its mending (GB/T 15834)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.prose import NOTE, OBJECT, Prose
from pipeline.typography import CLOSING, DASH, ELLIPSIS, FULL_WIDTH, HAN, OPENING, STOPS

_ONE_HAN = re.compile(f"[{HAN}]")
_BEFORE = f"[{HAN}{CLOSING}”’]"
_AFTER = f"[{HAN}{OPENING}“‘]"
_HALF = re.compile(
    rf"(?P<before>{_BEFORE}){NOTE}*(?P<mark>[,;:!?])(?P<space>[ \t]*)"
    rf"(?=(?P<after>{_AFTER})|(?P<end>[ \t]*(?:\r?\n|\Z)))"
)
_ONE_SIDED = re.compile(rf"(?<=[{HAN}])[,;](?=[A-Za-z])|(?<=[A-Za-z])[,;!?](?=[{HAN}])")
_LAST_DOT = re.compile(rf"(?<=[{HAN}])\.(?=[ \t]*(?:\r?\n|\Z|[{HAN}]))")
_DOTS = re.compile(rf"(?<=[{HAN}{CLOSING}”])\.{{3,}}|(?<!\.)\.{{3,}}(?=[{HAN}{OPENING}“])")
_HYPHENS = re.compile(
    rf"(?P<left>[{HAN}{CLOSING}”])[ \t]*(?P<mark>(?<!-)-{{2,3}})(?!-)[ \t]*"
    rf"(?P<right>[{HAN}{OPENING}“])"
)
_SPACE = re.compile(
    rf"(?<=[^\s{OBJECT}{NOTE}])(?P<one>[ \t]+)(?=[{STOPS}{CLOSING}])"
    rf"|(?<=[{STOPS}{OPENING}{CLOSING}])(?P<two>[ \t]+)(?=[^\s{OBJECT}{NOTE}])"
    rf"|(?<=[^\s{OBJECT}{NOTE}])(?P<three>[ \t]+)(?=[{OPENING}])"
)
_DOUBLED = re.compile(r"(?P<mark>[，、；：。])(?P=mark)+|(?:[，、；：][，、；：。]|。[，、；：])")
_BRACKETS = re.compile(rf"(?<=[{HAN}{STOPS}”])\((?P<inner>[^()（）\r\n]*[{HAN}][^()（）\r\n]*)\)")

Change = tuple[int, int, str]


@dataclass(frozen=True)
class Fault:
    """A fault: where it is in the prose, what is wrong, and changes if the mending is certain."""

    start: int
    end: int
    message: str
    help: str
    changes: tuple[Change, ...] = ()


def faults(item: Prose) -> Iterator[Fault]:
    """The faults of a block, kind by kind."""
    for find in _FINDERS:
        yield from find(item)


def _half(item: Prose) -> Iterator[Fault]:
    for match in _HALF.finditer(item.text):
        at, mark = match.start("mark"), match["mark"]
        if not (_is_han(match["before"]) or _is_han(match["after"])):
            continue
        changes = [(at, at + 1, FULL_WIDTH[mark])]
        if match["space"] and match["after"] and _contiguous(item, at, match.end()):
            changes = [(at, match.end(), FULL_WIDTH[mark])]
        beside = "between Han" if match["after"] else "after Han"
        message = f"half-width `{mark}` {beside}"
        yield Fault(at, at + 1, message, f"write `{FULL_WIDTH[mark]}`", tuple(changes))


def _one_sided(item: Prose) -> Iterator[Fault]:
    for match in _ONE_SIDED.finditer(item.text):
        full = FULL_WIDTH[match[0]]
        message = f"half-width `{match[0]}` between Han and Latin"
        yield Fault(*match.span(), message, f"in a Chinese sentence write `{full}`")


def _dot(item: Prose) -> Iterator[Fault]:
    for match in _LAST_DOT.finditer(item.text):
        if match.end() == len(item.text) or item.text[match.end()] in " \t\r\n":
            yield Fault(*match.span(), "half-width `.` after Han", "end the sentence with `。`")


def _dots(item: Prose) -> Iterator[Fault]:
    for match in _DOTS.finditer(item.text):
        change = (*match.span(), ELLIPSIS)
        yield Fault(*match.span(), f"`{match[0]}` beside Han", f"write `{ELLIPSIS}`", (change,))


def _hyphens(item: Prose) -> Iterator[Fault]:
    for match in _HYPHENS.finditer(item.text):
        start, end = match.end("left"), match.start("right")
        if not _contiguous(item, start, end):
            start, end = match.span("mark")
        span = match.span("mark")
        yield Fault(
            *span, f"`{match['mark']}` beside Han", f"write `{DASH}`", ((start, end, DASH),)
        )


def _space(item: Prose) -> Iterator[Fault]:
    for match in _SPACE.finditer(item.text):
        start, end = match.span()
        if _contiguous(item, start - 1, end + 1):
            message = "space beside a full-width mark"
            yield Fault(start, end, message, "remove it", ((start, end, ""),))


def _doubled(item: Prose) -> Iterator[Fault]:
    for match in _DOUBLED.finditer(item.text):
        changes: tuple[Change, ...] = ()
        if len(match[0]) == 2 and match["mark"]:
            changes = ((match.start() + 1, match.end(), ""),)
        advice = f"write `{match['mark']}`" if changes else "keep the one that is meant"
        yield Fault(*match.span(), f"`{match[0][:8]}`: one mark too many", advice, changes)


def _brackets(item: Prose) -> Iterator[Fault]:
    for match in _BRACKETS.finditer(item.text):
        start, end = match.span()
        changes = ((start, start + 1, "（"), (end - 1, end, "）"))
        yield Fault(start, start + 1, "half-width brackets around Han", "write `（…）`", changes)


_FINDERS: tuple[Callable[[Prose], Iterator[Fault]], ...] = (
    _half, _one_sided, _dot, _dots, _hyphens, _space, _doubled, _brackets,
)  # fmt: skip


def _is_han(char: str | None) -> bool:
    return char is not None and _ONE_HAN.fullmatch(char) is not None


def _contiguous(item: Prose, start: int, end: int) -> bool:
    """Whether nothing but these characters stands there in the source."""
    return item.place(end - 1) - item.place(start) == end - 1 - start
