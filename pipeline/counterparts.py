"""A document in one of its two languages: what says the same twice is kept once.

In a section, blocks of one language that follow each other are a run, and two runs beside each
other are counterparts. Headings, captions and badges such as `概述 (Overview)` have two halves.
Nothing goes for want of a counterpart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline import language, parser
from pipeline.document import Block, Body, Document, Heading
from pipeline.expressions import expression
from pipeline.markdown import mentions
from pipeline.source import Source, Span
from pipeline.text import prose
from pipeline.text.prose import Prose

MUCH = 4
"""Where one paragraph stands beside several, so many times as much text is about something else."""

_BADGE = expression(r"\*\*[^*|｜]+\*\*\s*[|｜]\s*\*\*[^*|｜]+\*\*\s*")
_PICTURE = expression(r"!\[(?P<alt>.*)\]\([^()]*\)(?:\{[^{}]*\})?\s*", re.DOTALL)
_MARKED = expression(r"\[[^\[\]]*\]\{[^{}]*\blang=[\"']?(?P<tag>[A-Za-z]+)[^{}]*\}\s*")
_MARK = expression(r"[-*+]|\d")
_COMMENT = expression(r"<!--.*?-->", re.DOTALL)
_NOTE = expression(r".*(?:\n(?!\[\^)[ \t]*\S.*|(?:\n[ \t\r]*)+\n(?: {4}|\t).*)*\n?")
_BLANK_LINES = expression(r"(?:[ \t]*(?:\r\n?|\n))*")


@dataclass(frozen=True)
class Passage:
    """Blocks that stay or go as one: a paragraph, a list, a quotation, a table, a marked div.

    `span` covers whole lines; `language` is `zh`, `en`, or empty where it is neutral.
    """

    span: Span
    kinds: frozenset[str]
    text: str
    declared: str = ""

    @property
    def language(self) -> str:
        """What is declared wins; else what the characters say."""
        return self.declared or language.of(self.text)

    def with_more(self, span: Span, kind: str, text: str) -> "Passage":
        """The passage with another block."""
        whole = Span(self.span.start, max(self.span.end, span.end))
        return replace(self, span=whole, kinds=self.kinds | {kind}, text=f"{self.text}\n{text}")


Change = tuple[Span, str]
"""A span and what stands there instead."""


@dataclass(frozen=True)
class Cut:
    """What an edition of one language changes in a document, and what it cannot.

    `changes` are in order and apart from each other; `unpaired` is what stays although it is in the
    other language.
    """

    changes: tuple[Change, ...]
    unpaired: tuple[Span, ...]


def edited(document: Document, only: str | None) -> Document:
    """The document of an edition of one language, `zh` or `en`; with None as it is."""
    changes = find(document, only).changes if only else ()
    if not changes:
        return document
    text, at = document.source.text, 0
    parts: list[str] = []
    for span, instead in changes:
        parts += (text[at : span.start], instead)
        at = span.end
    source = Source(document.path, document.source.encode("".join((*parts, text[at:]))))
    return document.with_body(source, _parsed(source, document))


def _parsed(source: Source, document: Document) -> Body:
    """The body of what is left, with the citations of the whole."""
    whole = document.body
    keys = {cite.key for cite in whole.citations}
    return mentions.told(parser.parse_body(source, whole.span.start, whole.nesting), keys)


def find(document: Document, only: str) -> Cut:
    """What changes and what stays where one language, `zh` or `en`, is kept."""
    gone: list[Span] = []
    others: list[Span] = []
    for section in _sections(document):
        away = _paired(section, only)
        gone += (_with_blank_lines(document.source, passage.span) for passage in away)
        left = (item for item in section if item not in away)
        others += (item.span for item in left if _is_other(item.language, only))
    gone += _idle_notes(document, gone)
    for heading in _below_title(document):
        if _is_other(language.of(heading.text), only):
            others.append(heading.text_span)
    halved = [*_headings(document, only), *_captions(document, only)]
    unpaired = [span for span in others if not _is_halved(document, span, halved)]
    kept = [item for item in halved if not any(span.contains(item[0]) for span in gone)]
    return Cut(tuple(sorted([*((span, "") for span in gone), *kept])), tuple(sorted(unpaired)))


def _is_halved(document: Document, span: Span, halved: list[Change]) -> bool:
    """Whether nothing in the other language is left of a span: not so of a table's cells."""
    inside = any(span.contains(change[0]) for change in halved)
    return inside and not any(span.contains(table.span) for table in document.body.tables)


def _is_other(found: str, only: str) -> bool:
    return found in ("zh", "en") and found != only


# ---- passages -----------------------------------------------------------------------------


def _sections(document: Document) -> Iterator[list[Passage]]:
    """The passages between headings, code, rules and the fences of divs, in order.

    Notes are looked past: they stand where the author had room for them.
    """
    text = document.source.text
    section: list[Passage] = []
    end = document.body.span.start
    for item in prose.read(document):
        span, declared = _place(document, item)
        kind = _kind(document.source, item.block)
        between = text[end : span.start]
        if section and section[-1].span.contains(item.block.span):
            section[-1] = section[-1].with_more(span, kind, item.text)
            continue
        if kind == "heading" or _COMMENT.sub("", between).strip(" \t\r\n>"):
            yield section
            section = []
        if section and _goes_on(document.source, section[-1], span, kind, between):
            section[-1] = section[-1].with_more(span, kind, item.text)
        elif kind not in ("heading", "note"):
            section.append(Passage(span, frozenset({kind}), item.text, declared))
        end = span.end
    yield section


def _kind(source: Source, block: Block) -> str:
    """What kind of block a block corresponds to: a caption is part of its table."""
    if block.kind == "caption":
        return "cell"
    picture = block.kind == "paragraph" and _PICTURE.fullmatch(source.slice(block.span))
    return "picture" if picture else block.kind


def _goes_on(source: Source, last: Passage, span: Span, kind: str, between: str) -> bool:
    """Whether lines are more of the list, the table or the quotation above them."""
    if last.declared or last.kinds != {kind}:
        return False
    if kind == "item":
        mark = _MARK.match(source.slice(span))
        first = _MARK.match(source.slice(last.span))
        same = not mark or not first or _series(mark[0]) == _series(first[0])
        return same and not between.strip()
    return kind == "cell" or (kind == "quote" and (not between or ">" in between))


def _series(mark: str) -> str:
    """The mark of a list, that of any number for a number."""
    return "1" if mark.isdigit() else mark


def _place(document: Document, item: Prose) -> tuple[Span, str]:
    """The lines that a block stands and falls with, and the language that is declared for them."""
    span = item.block.span
    for div in document.body.divs:
        if div.span.contains(span) and (tag := div.attributes.value("lang")):
            return _lines(document.source, div.span), _main(tag)
    for table in document.body.tables:
        if table.span.contains(span):
            return _lines(document.source, table.span), ""
    marked = _MARKED.fullmatch(document.source.slice(span))
    return _lines(document.source, span), _main(marked["tag"]) if marked else ""


def _main(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _lines(source: Source, span: Span) -> Span:
    """The whole lines of a span, with the end of the last."""
    starts = source.line_starts
    first, _ = source.position(span.start)
    last, _ = source.position(max(span.start, span.end - 1))
    return Span(starts[first - 1], starts[last] if last < len(starts) else len(source.text))


def _with_blank_lines(source: Source, span: Span) -> Span:
    """Lines and the blank ones below them."""
    match = _BLANK_LINES.match(source.text, span.end)
    return Span(span.start, match.end() if match else span.end)


def _idle_notes(document: Document, gone: list[Span]) -> Iterator[Span]:
    """The notes that only what goes calls."""
    notes = document.body.footnotes
    for note in (item for item in notes if item.definition):
        calls = [item for item in notes if item.label == note.label and not item.definition]
        if calls and all(any(span.contains(call.span) for span in gone) for call in calls):
            match = _NOTE.match(document.source.text, note.span.start)
            end = match.end() if match else note.span.end
            yield _with_blank_lines(document.source, Span(note.span.start, end))


# ---- pairs --------------------------------------------------------------------------------


def _paired(section: list[Passage], only: str) -> list[Passage]:
    """The passages in the other language that go, for they have a counterpart."""
    told = [item for item in section if item.language in ("zh", "en")]
    runs = [list(run) for _, run in groupby(told, key=lambda item: item.language)]
    away: list[Passage] = []
    place = 0
    while place + 1 < len(runs):
        pair = sorted(runs[place : place + 2], key=lambda run: run[0].language == only)
        found = _counterparts(*pair)
        away += found
        place += 2 if found else 1
    return away


def _counterparts(run: list[Passage], beside: list[Passage]) -> list[Passage]:
    """What of a run the one beside it says too: blocks of the same kind.

    As many blocks correspond one to one; else one side may not say much more than the other, unless
    the author has marked as its version what goes.
    """
    kinds = frozenset[str]().union(*(item.kinds for item in beside))
    found = [item for item in run if item.kinds & kinds]
    others = [item for item in beside if any(item.kinds & one.kinds for one in found)]
    if len(found) == len(others) or all(item.declared for item in found):
        return found
    sizes = sorted((_size(found), _size(others)))
    return found if sizes[1] <= MUCH * sizes[0] else []


def _size(run: list[Passage]) -> int:
    """Bytes of UTF-8, of which a text and its translation take about as many."""
    return sum(len(item.text.encode("utf-8", "replace")) for item in run)


# ---- halves -------------------------------------------------------------------------------


def _headings(document: Document, only: str) -> Iterator[Change]:
    """Headings keep their half, and the identifier that they have had as a whole."""
    for heading in document.body.headings:
        found = language.halves(document.source.slice(heading.text_span))
        if found is None:
            continue
        yield heading.text_span, found[only == "en"]
        if not heading.attributes.identifier:
            yield _name(document, heading.text_span.end, heading.span.end, heading.anchor)


def _name(document: Document, start: int, end: int, name: str) -> Change:
    """Add an identifier to the attributes that stand in a range, or attributes to the start."""
    brace = document.source.text.find("{", start, end)
    if brace < 0:
        return Span(start, start), f" {{#{name}}}"
    return Span(brace + 1, brace + 1), f"#{name} "


def _below_title(document: Document) -> tuple[Heading, ...]:
    """The headings but the one that is the title, which front matter may give in two languages."""
    headings = document.body.headings
    return headings[1:] if headings and headings[0].level == 1 else headings


def _captions(document: Document, only: str) -> Iterator[Change]:
    """Captions of tables and pictures keep their half, and badges."""
    for block in document.body.blocks:
        typed = document.source.slice(block.span)
        picture = _PICTURE.fullmatch(typed)
        start, text = 0, typed
        if picture:
            start, text = picture.start("alt"), picture["alt"]
        elif block.kind != "caption" and not _BADGE.fullmatch(typed):
            continue
        if found := language.halves(text):
            at = block.span.start + start
            yield Span(at, at + len(text)), found[only == "en"]
