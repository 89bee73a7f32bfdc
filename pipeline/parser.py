"""Markdown to its constructs, each with its exact place in the source.

`parse_body` never fails: what it cannot read is a problem or an uncertain link. `prepare` gives
the text that pandoc is to read.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter

from pipeline.clean_text import in_xml
from pipeline.document import (
    NESTING,
    Anchor,
    Attributes,
    Block,
    Body,
    Citation,
    Div,
    Footnote,
    Heading,
    Link,
    Nesting,
    Problem,
    Region,
    Row,
    Table,
)  # fmt: skip
from pipeline.markdown import mentions
from pipeline.markdown.blocks import outline
from pipeline.markdown.flat import Flat, Placed, merged
from pipeline.markdown.inlines import Scan, marked
from pipeline.markdown.lexemes import RawAttributes, tag_attributes, unescape
from pipeline.markdown.outline import Leaf, Outline, RawHeading, RawTable, label_key
from pipeline.markdown.scanner import RawLink, References
from pipeline.markdown.slugs import Slugs
from pipeline.markdown.visible import visible_text, without_emoji
from pipeline.source import Source, Span


def parse_body(source: Source, start: int = 0, nesting: Nesting = NESTING) -> Body:
    """The Markdown of a source from an offset on, the one after its front matter."""
    flat = Flat(source.text, start)
    return _Reading(flat, outline(flat.text, nesting)).body()


def prepare(source: Source, body: Body) -> str:
    """The body for pandoc: `\\n` only, blank lines where GitHub needs none, nothing unprintable.

    Within a quotation a blank line carries the marks of the quotation; a numbered line that is no
    list on GitHub has its delimiter escaped; a mention is a link without text. Lines keep their
    order, and none is lost.
    """
    text = source.text
    parts: list[str] = []
    at = body.span.start
    edits = [(offset, *_blank_line(text, offset)) for offset in body.blank_lines]
    edits += [(offset, Span(offset, offset), "\\") for offset in body.escapes]
    edits += [(span.start, span, link) for span, link in mentions.written(text, body)]
    for _, span, inserted in sorted(edits):
        parts += (_plain(text[at : span.start]), inserted)
        at = span.end
    parts.append(_plain(text[at : body.span.end]))
    return "".join(parts)


def _plain(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return in_xml(text)


def _blank_line(text: str, offset: int) -> tuple[Span, str]:
    """Where to insert a blank line above a block, and the line, with the marks of its quote."""
    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return Span(line, line), text[line:offset].rstrip() + "\n"


@lru_cache(maxsize=4096)  # many cards have the same headings
def _plain_text(text: str) -> str:
    """The visible text of a text that holds no construct."""
    return visible_text(text, 0, len(text), ())


_TITLED = ("heading", "caption")  # whose visible text is asked for
_PLACE = attrgetter("span")
_NONE = Attributes()


class _Reading:
    """One pass over the leaves of an outline, collecting what they hold."""

    def __init__(self, flat: Flat, found: Outline) -> None:
        self._flat = flat
        self._found = found
        self._links: list[Link] = []
        self._citations: list[Citation] = []
        self._footnotes: list[Footnote] = []
        self._regions: list[Region] = []
        self._anchors: list[Anchor] = []
        self._headings: list[Heading] = []
        self._blocks: list[Block] = []
        self._problems: list[Problem] = []
        self._doubts = merged(found.unsure)
        self._escapes: list[int] = []
        self._ids: list[tuple[str, str]] = []
        self._captions: dict[int, str] = {}

    def body(self) -> Body:
        """Everything, each kind in order of its place."""
        self._blocks_found()
        references = self._references()
        ids = iter(self._ids)
        for leaf in self._found.leaves:
            self._leaf(leaf, references, next(ids) if leaf.heading else ("", ""))
        return Body(
            span=self._flat.span(0, len(self._flat.text)),
            headings=tuple(self._headings),
            links=tuple(sorted(self._links, key=_PLACE)),
            citations=tuple(sorted(self._citations, key=_PLACE)),
            footnotes=tuple(sorted(self._footnotes, key=_PLACE)),
            tables=tuple(sorted(map(self._table, self._found.tables), key=_PLACE)),
            anchors=tuple(sorted(self._anchors, key=_PLACE)),
            divs=tuple(sorted(self._divs(), key=_PLACE)),
            regions=tuple(sorted(self._regions, key=_PLACE)),
            blocks=tuple(sorted(self._blocks, key=_PLACE)),
            blank_lines=tuple(sorted({self._flat.at(at) for at in self._found.blank_lines})),
            escapes=tuple(sorted({*map(self._flat.at, self._found.escapes), *self._escapes})),
            problems=tuple(self._problems),
            nesting=self._found.nesting,
        )

    def _blocks_found(self) -> None:
        found, span = self._found, self._flat.span
        self._regions += (Region(span(s, e), kind) for s, e, kind in found.regions)
        self._anchors += (Anchor(name, span(s, e)) for name, s, e in found.anchors)
        self._footnotes += (Footnote(name, span(s, e), True) for name, s, e in found.notes)
        for tag in found.tags:
            name, start, end = tag_attributes(tag).get("id", ("", 0, 0))
            if name:
                self._anchors.append(Anchor(name, span(start, end)))
        if found.too_deep is not None:
            self._too_deep(span(found.too_deep, found.too_deep), found.nesting.blocks, "block")

    def _too_deep(self, span: Span, limit: int, what: str) -> None:
        message = f"{what}s nested more than {limit} deep (limits.{what}_depth)"
        help_text = "what stands deeper is not checked; take out some levels"
        self._problems.append(Problem("CH010", span, message, help_text))

    def _references(self) -> References:
        """The identifiers of headings, as pandoc makes them before it knows any reference."""
        slugs = Slugs()
        headings: dict[str, str] = {}
        for leaf in self._found.leaves:
            if leaf.heading is None:
                continue
            text = self._flat.text[slice(*leaf.lines[0])]
            explicit = leaf.heading.attributes.identifier if leaf.heading.attributes else ""
            scan = Scan(text, References(), self._found.nesting.brackets) if marked(text) else None
            shown = without_emoji(scan.visible() if scan else _plain_text(text))
            anchor = slugs.pandoc(shown, explicit)
            headings.setdefault(label_key(text), anchor)
            self._ids.append((anchor, slugs.github(shown)))
        return References(
            self._found.definitions,
            headings,
            frozenset(self._found.examples),
            frozenset(label for label, _, _ in self._found.notes),
        )

    # ---- leaves ---------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf, references: References, ids: tuple[str, str]) -> None:
        if leaf.kind not in _TITLED and len(leaf.lines) == 1:
            start, end = leaf.lines[0]
            if not marked(self._flat.text, start, end):
                if start < end:
                    self._blocks.append(Block(leaf.kind, self._flat.span(start, end)))
                return
        placed = Placed(leaf.lines, self._flat)
        if placed.text:
            self._blocks.append(Block(leaf.kind, placed.span(0, len(placed.text))))
        for gap in placed.gaps():
            self._regions.append(Region(gap, "marker"))
        titled = leaf.kind in _TITLED
        if marked(placed.text):
            scan = Scan(placed.text, references, self._found.nesting.brackets)
            self._marked(leaf, scan, placed)
            shown = scan.visible() if titled else ""
        else:
            shown = _plain_text(placed.text) if titled else ""
        if leaf.kind == "caption":
            self._captions[leaf.lines[0][0]] = shown
        if leaf.heading:
            self._heading(leaf.heading, shown, placed, ids)

    def _marked(self, leaf: Leaf, scan: Scan, placed: Placed) -> None:
        certain = leaf.certain and scan.certain and not self._unsure(leaf)
        self._links += (self._link(link, scan, placed, certain) for link in scan.links)
        self._citations += (
            Citation(c.key, placed.span(*c.span), placed.span(*c.group), c.narrative, c.suffix)
            for c in scan.citations
        )
        self._footnotes += (Footnote(n, placed.span(s, e), False) for n, s, e in scan.notes)
        self._regions += (Region(placed.span(s, e), kind) for s, e, kind in scan.regions)
        self._anchors += (Anchor(name, placed.span(s, e)) for name, s, e in scan.anchors)
        if scan.too_deep is not None:
            at = placed.span(scan.too_deep, scan.too_deep)
            self._too_deep(at, scan.depth, "bracket")
        if leaf.certain or leaf.kind != "cell":
            self._escapes += (placed.span(at, at).start for at in scan.literal())

    def _unsure(self, leaf: Leaf) -> bool:
        index = bisect_right(self._doubts, (leaf.lines[-1][1], -1)) - 1
        return index >= 0 and leaf.lines[0][0] <= self._doubts[index][1]

    def _heading(self, raw: RawHeading, shown: str, placed: Placed, ids: tuple[str, str]) -> None:
        self._headings.append(
            Heading(
                raw.level,
                shown,
                self._flat.span(raw.start, raw.end),
                placed.span(0, len(placed.text)),
                *ids,
                self._attributes(raw.attributes),
            )
        )

    def _link(self, raw: RawLink, scan: Scan, placed: Placed, certain: bool) -> Link:
        target, where = raw.target, placed.span(*raw.destination)
        attributes = self._attributes(raw.attributes, None if raw.definition else placed)
        if raw.definition:
            text = self._flat.text[raw.definition.start : raw.definition.stop]
            target = unescape(text)
            where = self._flat.span(raw.definition.start, raw.definition.stop)
        return Link(
            target,
            placed.span(raw.start, raw.end),
            where,
            scan.visible(*raw.label) if raw.text is None else raw.text,
            raw.kind,
            raw.image,
            raw.angle,
            certain and raw.certain,
            attributes,
        )

    def _attributes(self, raw: RawAttributes | None, placed: Placed | None = None) -> Attributes:
        if raw is None:
            return _NONE
        span = None
        if raw.identifier:
            span = (placed or self._flat).span(raw.id_start, raw.id_end)
        return Attributes(raw.identifier, raw.classes, raw.pairs, span)

    # ---- tables and divs ------------------------------------------------------------------

    def _table(self, raw: RawTable) -> Table:
        rows = [
            Row(self._flat.span(*line), tuple(self._flat.span(*cell) for cell in cells))
            for line, cells in raw.rows
        ]
        caption = self._captions.get(raw.caption.leaf.lines[0][0], "") if raw.caption else ""
        return Table(
            self._flat.span(raw.start, raw.end),
            rows[0],
            tuple(rows[1:]),
            raw.columns,
            caption,
            self._attributes(raw.caption.attributes if raw.caption else None),
        )

    def _divs(self) -> Iterator[Div]:
        for raw in self._found.divs:
            attributes = self._attributes(raw.attributes)
            if raw.name:
                attributes = Attributes(classes=(raw.name,))
            yield Div(
                self._flat.span(raw.start, raw.end), attributes, self._flat.span(*raw.opening)
            )
