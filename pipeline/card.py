"""What the page of an event card says beside its front matter: heading date, badge, footer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline import dates
from pipeline.document import Document
from pipeline.expressions import expression
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import prose
from pipeline.text.prose import Prose

_DATE = expression(r"[(（]\s*([0-9]{4}(?:-[0-9]{2}){0,2}|[0-9]{4}\s*年[^()（）]{0,12})\s*[)）]\s*$")
_FOOTER = expression(  # a first letter, which a search finds at once
    r"[Vv验核驗](?:(?<=[Vv])(?i:erification\s+status)|(?<=[验核驗])(?:证状态|实状态|證狀態))"
    r"\s*[:：][\W_]*"
)
_PART = expression(r"[^|｜\n]+")
_WORDS = expression(r"\w.*\w|\w")
_STATUSES = (
    ("highly_verified", r"highly[\s_-]+verified|高度(?:验证|核实)|多方(?:验证|核实)"),
    ("single_source", r"single[\s_-]+source[d]?|单一来源"),
    ("verified", r"verified|已(?:验证|核实)"),
    ("reported", r"reported|据报道"),
    ("disputed", r"disputed|有争议|存在争议"),
)
_STATUS = expression("|".join(rf"(?P<{name}>{form})\b" for name, form in _STATUSES), re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What the page says, where, and how: `text` as it stands there."""

    value: str
    text: str
    span: Span


def heading_date(document: Document, index: Index) -> Said | None:
    """The date in parentheses at the end of the level-1 heading."""
    heading = prose.heading(document, index)
    match = _DATE.search(heading.text) if heading else None
    if heading is None or match is None:
        return None
    start = match.start(1)
    text = match[1].rstrip()
    value = dates.normalized(text)
    said = Said(value, text, heading.span(start, start + len(text)))
    return said if dates.interval(value) else None


def badge(document: Document, index: Index) -> Iterator[Said]:
    """The parts of the badge line that name a level, each with that level.

    The line stands between the level-1 heading and the next one.
    """
    levels = _levels(tuple(index.config.badges.items()))
    for item in _head(document, index):
        found = list(_parts(item, levels))
        if found:
            yield from found
            return


def _head(document: Document, index: Index) -> Iterator[Prose]:
    headings = document.body.headings
    begin = headings[0].span.end if headings and headings[0].level == 1 else 0
    end = next((item.span.start for item in headings if item.span.start >= begin), None)
    for item in prose.of(document, index):
        if item.block.kind == "heading" or item.block.span.start < begin:
            continue
        if end is not None and item.block.span.start >= end:
            return
        yield item


@lru_cache(maxsize=8)
def _levels(badges: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Each word and symbol of the badges → its level; what several share is left out."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for level, line in badges:
        for _, text in _tokens(line):
            if found.setdefault(_key(text), level) != level:
                shared.add(_key(text))
    return {key: level for key, level in found.items() if key not in shared}


def _tokens(line: str) -> Iterator[tuple[int, str]]:
    """The symbols and the words between the bars of a badge line, with their offsets."""
    for part in _PART.finditer(line):
        words = _WORDS.search(part[0])
        symbol = part[0][: words.start() if words else None].strip()
        if symbol:
            yield part.start() + part[0].index(symbol), symbol
        if words:
            yield part.start() + words.start(), words[0]


def _key(text: str) -> str:
    return " ".join(text.replace("\ufe0f", "").casefold().split())


def _parts(item: Prose, levels: Mapping[str, str]) -> Iterator[Said]:
    if len(item.text) > 200:
        return
    tokens = list(_tokens(item.text))
    if not any(_key(text) in levels for _, text in tokens[:2]):
        return
    for at, text in tokens:
        if level := levels.get(_key(text)):
            yield Said(level, text, item.span(at, at + len(text)))


def badge_part(badges: Mapping[str, str], level: str, said: Said) -> str | None:
    """What a part of the badge line of one level is in that of another; None if unlike."""
    own = [text for _, text in _tokens(badges.get(level, ""))]
    other = [text for _, text in _tokens(badges.get(said.value, ""))]
    places = [at for at, text in enumerate(other) if _key(text) == _key(said.text)]
    return own[places[0]] if places and len(own) == len(other) else None


def footer_status(document: Document, index: Index) -> Said | None:
    """The status that the line *Verification Status* names, the last one of the page."""
    found = None
    there = _FOOTER.search(prose.whole(document, index).text)
    for item in prose.of(document, index) if there else ():
        if item.block.kind == "heading":
            continue
        for match in _FOOTER.finditer(item.text):
            status = _STATUS.match(item.text, match.end())
            if status and status.lastgroup:
                found = Said(status.lastgroup, status[0], item.span(*status.span()))
    return found
