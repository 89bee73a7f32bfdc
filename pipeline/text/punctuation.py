"""Faults of Chinese punctuation in visible text, each with its mending (GB/T 15834)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.expressions import expression
from pipeline.text.prose import NOTE, OBJECT, Text
from pipeline.text.typography import CLOSING, DASH, ELLIPSIS, FULL_WIDTH, HAN, OPENING, STOPS

_ONE_HAN = expression(f"[{HAN}]")
_MARK = expression(r"[,;:!?]")
_BEFORE = expression(f"[{HAN}{CLOSING}”’]")
_AFTER = expression(f"[{HAN}{OPENING}“‘]")
_REST = expression(r"([ \t]*)(?=(\r?\n|\Z)?)")
_ONE_SIDED = expression(rf"[,;!?](?:(?<=[{HAN}][,;])(?=[A-Za-z])|(?<=[A-Za-z][,;!?])(?=[{HAN}]))")
_LAST_DOT = expression(rf"\.(?<=[{HAN}]\.)(?=[ \t]*(?:\r?\n|\Z))")
_DOTS = expression(
    rf"\.(?:(?<=[{HAN}{CLOSING}”]\.)\.{{2,}}|(?<!\.\.)\.{{2,}}(?=[{HAN}{OPENING}“]))"
)
_HYPHENS = expression(
    rf"(?P<left>[{HAN}{CLOSING}”])[ \t]*(?P<mark>(?<!-)-{{2,3}})(?!-)[ \t]*"
    rf"(?P<right>[{HAN}{OPENING}“])"
)
_SPACE = expression(r"[ \t](?<=\S.)[ \t]*+(?=\S)")
_TRACES = frozenset((OBJECT, NOTE))
_MARKS = frozenset(STOPS + OPENING + CLOSING)
_DOUBLED = expression(
    r"(?P<one>[，、；：。])(?:(?P<mark>(?P=one))(?P=one)*|(?<=[，、；：])[，、；：。]|(?<=。)[，、；：])"
)
_BRACKETS = expression(rf"\((?<=[{HAN}{STOPS}”]\()(?P<inner>[^()（）\r\n]{{1,200}})\)")

Change = tuple[int, int, str]


@dataclass(frozen=True)
class Fault:
    """A fault: where it is in the prose, what is wrong, and changes if the mending is certain."""

    start: int
    end: int
    message: str
    help: str
    changes: tuple[Change, ...] = ()


def faults(item: Text) -> Iterator[Fault]:
    """The faults of a text whose blocks stand on lines of their own, kind by kind."""
    text = item.text
    for needed, find in _FINDERS:
        if any(mark in text for mark in needed):
            yield from find(item)


def _half(item: Text) -> Iterator[Fault]:
    for match in _MARK.finditer(item.text):
        at, mark = match.start(), match[0]
        rest = _REST.match(item.text, at + 1)
        assert rest is not None
        ends = rest[2] is not None
        before = _last_before(item.text, at)
        after = item.text[rest.end() : rest.end() + 1]
        if not _BEFORE.match(before) or not (ends or _AFTER.match(after)):
            continue
        if not (_ONE_HAN.match(before) or _ONE_HAN.match(after)):
            continue
        gap = rest[1] and not ends and _contiguous(item, at, rest.end())
        change = (at, rest.end() if gap else at + 1, FULL_WIDTH[mark])
        message = f"half-width `{mark}` {'after' if ends else 'between'} Han"
        yield Fault(at, at + 1, message, f"write `{FULL_WIDTH[mark]}`", (change,))


def _last_before(text: str, at: int) -> str:
    """The character before an offset, footnote marks and citations left out."""
    while at and text[at - 1] == NOTE:
        at -= 1
    return text[at - 1 : at]


def _one_sided(item: Text) -> Iterator[Fault]:
    for match in _ONE_SIDED.finditer(item.text):
        full = FULL_WIDTH[match[0]]
        message = f"half-width `{match[0]}` between Han and Latin"
        yield Fault(*match.span(), message, f"in a Chinese sentence write `{full}`")


def _dot(item: Text) -> Iterator[Fault]:
    for match in _LAST_DOT.finditer(item.text):
        yield Fault(*match.span(), "half-width `.` after Han", "end the sentence with `。`")


def _dots(item: Text) -> Iterator[Fault]:
    for match in _DOTS.finditer(item.text):
        change = (*match.span(), ELLIPSIS)
        yield Fault(*match.span(), f"`{match[0][:9]}` beside Han", f"write `{ELLIPSIS}`", (change,))


def _hyphens(item: Text) -> Iterator[Fault]:
    for match in _HYPHENS.finditer(item.text):
        start, end = match.end("left"), match.start("right")
        if not _contiguous(item, start, end):
            start, end = match.span("mark")
        change, message = (start, end, DASH), f"`{match['mark']}` beside Han"
        yield Fault(*match.span("mark"), message, f"write `{DASH}`", (change,))


def _space(item: Text) -> Iterator[Fault]:
    for match in _SPACE.finditer(item.text):
        start, end = match.span()
        before, after = item.text[start - 1], item.text[end]
        beside = after in _MARKS or before in _MARKS
        if beside and not {before, after} & _TRACES and _contiguous(item, start - 1, end + 1):
            message = "space beside a full-width mark"
            yield Fault(start, end, message, "remove it", ((start, end, ""),))


def _doubled(item: Text) -> Iterator[Fault]:
    for match in _DOUBLED.finditer(item.text):
        changes: tuple[Change, ...] = ()
        if len(match[0]) == 2 and match["mark"]:
            changes = ((match.start() + 1, match.end(), ""),)
        advice = f"write `{match['mark']}`" if changes else "keep the one that is meant"
        yield Fault(*match.span(), f"`{match[0][:8]}`: one mark too many", advice, changes)


def _brackets(item: Text) -> Iterator[Fault]:
    for match in _BRACKETS.finditer(item.text):
        start, end = match.span()
        if not _ONE_HAN.search(match["inner"]):
            continue
        changes = ((start, start + 1, "（"), (end - 1, end, "）"))
        yield Fault(start, start + 1, "half-width brackets around Han", "write `（…）`", changes)


def _contiguous(item: Text, start: int, end: int) -> bool:
    """Whether nothing but these characters stands there in the source."""
    return item.place(end - 1) - item.place(start) == end - 1 - start


_FINDERS: tuple[tuple[tuple[str, ...], Callable[[Text], Iterator[Fault]]], ...] = (
    (tuple(",;:!?"), _half),
    (tuple(",;!?"), _one_sided),
    ((".",), _dot),
    (("...",), _dots),
    (("--",), _hyphens),
    ((" ", "\t"), _space),
    (tuple("，、；：。"), _doubled),
    (("(",), _brackets),
)
