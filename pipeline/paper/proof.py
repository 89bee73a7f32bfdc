"""A unit's HTML for editors: what was found is marked in the text, with a note to stand beside it.

A place in a source is found again in the HTML by the letters around it, because nothing else is
the same in both: markup, marks and spaces are not compared. What has no place of its own in the
text stands at the words before it, at last at the heading.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml.html import HtmlElement, builder

from pipeline.book import Piece, Unit
from pipeline.converter import parse
from pipeline.diagnostics import Diagnostic
from pipeline.document import Document
from pipeline.linker import serialize

SIZES = (16, 8, 4)  # letters that must agree, the surest first
STEP = 12  # letters further back, where nothing agrees
LONGEST = 90  # characters of a message beside the text
MARKED = 30  # letters that a mark covers at most
BEFORE = 4  # letters that are marked before what is not printed
_UNPRINTED = frozenset({"comment", "attributes", "url", "html", "raw", "definition", "marker"})
_SKIPPED = frozenset({"svg", "math", "style", "script"})
Findings = Mapping[str, Sequence[Diagnostic]]


def annotate(html: str, unit: Unit, findings: Findings) -> str:
    """A unit with its findings, by the path of their documents, and the status of each piece."""
    tree = parse(html)
    notes = builder.DIV(builder.CLASS("marginalia"))
    for piece in unit.pieces:
        root = _root(tree, unit, piece)
        found = findings.get(piece.document.path, ())
        root.set("data-status", status(piece.document, len(found)))
        for place, items in _Places(root, piece.document).of(found):
            _beside(place, items, notes, unit.slug)
    if unit.pieces:
        notes.append(builder.P(builder.CLASS("line-number")))
        tree.append(notes)
    return "".join(serialize(child) for child in tree)


def status(document: Document, count: int) -> str:
    """What every page of a document says of it: its status, its findings, its file."""
    stage = document.text("status") or document.text("verification_status") or "no status"
    findings = f"{count} finding{'' if count == 1 else 's'}"
    return f"{stage.replace('_', ' ')} · {findings} · {document.path}"


def _root(tree: HtmlElement, unit: Unit, piece: Piece) -> HtmlElement:
    """The element that holds a piece: its own, or that of a unit of one piece."""
    names = (piece.slug, unit.slug)
    found = (tree.xpath(".//*[@id=$name]", name=name) for name in names)
    return next((elements[0] for elements in found if elements), tree)


def _beside(
    mark: HtmlElement, items: Sequence[Diagnostic], notes: HtmlElement, prefix: str
) -> None:
    """Add the notes of a mark; the engine sets them beside its first line."""
    names = [f"{prefix}-{len(notes) + index}" for index in range(len(items))]
    mark.set("data-notes", " ".join(names))
    for name, item in zip(names, items, strict=True):
        note = builder.P(builder.CLASS(f"finding {item.severity}"), builder.B(item.code), " ")
        note.set("lang", "en")
        note.set("data-note", name)
        note.extend(_words(item.message))
        notes.append(note)


def _words(message: str) -> Iterator[HtmlElement]:
    """The beginning of a message; what it quotes between backticks as code."""
    short = message if len(message) <= LONGEST else f"{message[:LONGEST].rstrip()}…"
    for index, part in enumerate(short.split("`")):
        yield builder.CODE(part) if index % 2 else builder.SPAN(part)


# ---- places ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Letters:
    """The letters and digits of a text, folded, and the offset of each in it."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str, ranges: Iterable[tuple[int, int]]) -> "Letters":
        """The letters in some ranges."""
        places = [
            place for start, end in ranges for place in range(start, end) if text[place].isalnum()
        ]
        return cls("".join(_folded(text[place]) for place in places), tuple(places))


def _folded(char: str) -> str:
    small = char.lower()
    return small if len(small) == 1 else char


@dataclass(frozen=True)
class _Slot:
    """A run of text of the tree: an element's `text` or its `tail`."""

    element: HtmlElement
    tail: bool
    text: str

    def wrap(self, start: int, end: int) -> HtmlElement:
        """Put a mark around characters of what is left of the run, counted from its start."""
        mark = builder.MARK(builder.CLASS("found"), self.text[start:end])
        own = self.element.tail if self.tail else self.element.text
        mark.tail = (own or "")[end:]
        if self.tail:
            self.element.tail = None
            self.element.addnext(mark)
            self.element.tail = self.text[:start]
        else:
            self.element.text = self.text[:start]
            self.element.insert(0, mark)
        return mark


class _Places:
    """Where the places of a document's source stand in its HTML."""

    def __init__(self, root: HtmlElement, document: Document) -> None:
        self.slots = list(_slots(root))
        self.starts: list[int] = []
        total = 0
        for slot in self.slots:
            self.starts.append(total)
            total += len(slot.text)
        self.whole = "".join(slot.text for slot in self.slots)
        self.document = document

    @cached_property
    def printed(self) -> Letters:
        return Letters.of(self.whole, [(0, len(self.whole))])

    @cached_property
    def written(self) -> Letters:
        return Letters.of(self.document.source.text, _printed(self.document))

    def of(self, findings: Iterable[Diagnostic]) -> Iterator[tuple[HtmlElement, list[Diagnostic]]]:
        """Marks in the text with what was found there; the last first, as they are put in."""
        groups: list[tuple[int, int, list[Diagnostic]]] = []
        for start, end, item in sorted(
            ((*self._span(item), item) for item in findings), key=lambda entry: entry[:2]
        ):
            if groups and start < groups[-1][1]:
                groups[-1][2].append(item)
            else:
                groups.append((start, end, [item]))
        for start, end, items in reversed(groups):
            slot = bisect_right(self.starts, start) - 1
            offset = self.starts[slot]
            yield self.slots[slot].wrap(start - offset, end - offset), items

    def _span(self, item: Diagnostic) -> tuple[int, int]:
        """The characters of the printed text that a finding is about, of one run."""
        lines = self.document.source.line_starts
        start = lines[item.line - 1] + item.column - 1
        end = lines[item.end_line - 1] + item.end_column - 1
        first = bisect_left(self.written.places, start)
        count = min(MARKED, bisect_left(self.written.places, end) - first)
        places = (*self.printed.places, len(self.whole))
        if start < self.document.body.span.start:
            return self._within(places[0], places[0] + 1)
        at, exact = self._find(first)
        if not exact:
            return self._within(places[max(0, at - BEFORE + 1)], places[at] + 1)
        if count:
            return self._within(places[at], places[at + count - 1] + 1)
        before = max(0, at - 1)
        between = places[before] + 1, places[at]
        if self.whole[slice(*between)].strip():
            return self._within(*between)
        return self._within(places[before], places[before] + 1)

    def _within(self, begin: int, end: int) -> tuple[int, int]:
        """The part of a range that lies in the run where it begins."""
        slot = bisect_right(self.starts, begin) - 1
        return begin, min(end, self.starts[slot] + len(self.slots[slot].text))

    def _find(self, first: int) -> tuple[int, bool]:
        """Which letter of the printed text is that of the source, and whether it is that one."""
        source, printed = self.written.text, self.printed.text
        likely = first * len(printed) // max(1, len(source))
        for at in range(first, -1, -STEP):
            for size in SIZES if at == first else SIZES[:2]:
                after, before = source[at : at + size], source[max(0, at - size) : at]
                if len(after) == size and (place := _nearest(printed, after, likely)) is not None:
                    return place, at == first
                if len(before) == size and (place := _nearest(printed, before, likely)) is not None:
                    return place + size - 1, False
        return 0, False


def _nearest(text: str, part: str, likely: int) -> int | None:
    """The place of a part in a text that is the nearest to the likely one."""
    before = text.rfind(part, 0, likely + len(part))
    after = text.find(part, likely)
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - likely), default=None)


def _slots(element: HtmlElement) -> Iterator[_Slot]:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return
    if element.text:
        yield _Slot(element, False, element.text)
    for child in element:
        yield from _slots(child)
        if child.tail:
            yield _Slot(child, True, child.tail)


def _printed(document: Document) -> Iterator[tuple[int, int]]:
    """The ranges of a source that are printed, so far as markup tells."""
    at = document.body.span.start
    for region in document.body.regions:
        if region.kind in _UNPRINTED:
            yield at, max(at, region.span.start)
            at = max(at, region.span.end)
    yield at, document.body.span.end
