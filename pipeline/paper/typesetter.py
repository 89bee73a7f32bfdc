"""Typesetting by WeasyPrint: the one module that touches its private names.

A unit of the book is laid out as a content layer, without margin boxes and font programs
(`typeset`); the margin boxes of its pages are made afterwards, from a few data (`set_margins`).
On the way Chinese lines are filled between characters, and tagged PDF gets richer tags. The
hooks stand only while one of the two functions runs.
"""

import contextlib
import ctypes
import functools
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import unquote

import pydyf
import weasyprint
import weasyprint.document
import weasyprint.draw
import weasyprint.layout
import weasyprint.pdf
import weasyprint.pdf.fonts
import weasyprint.pdf.stream
import weasyprint.pdf.tags
import weasyprint.urls
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document, Page
from weasyprint.formatting_structure import boxes, build
from weasyprint.html import get_html_metadata
from weasyprint.layout import LayoutContext, block, inline, layout_document
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.background import layout_backgrounds, layout_box_backgrounds
from weasyprint.layout.leader import leader_index
from weasyprint.layout.page import (
    PageType,
    make_margin_boxes,
    page_height,
    page_width,
    set_page_type_computed_styles,
)
from weasyprint.layout.percent import resolve_percentages
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.pdf.stream import Stream
from weasyprint.text import line_break
from weasyprint.text.ffi import TO_UNITS, ffi, pango
from weasyprint.text.fonts import FontConfiguration, font_features

from pipeline import cache
from pipeline.paper import justification, marginalia, structure
from pipeline.paper.artefact import (
    SEPARATOR,
    Anchor,
    Artefact,
    Bookmark,
    FontUse,
    Notice,
    Objects,
    PageKind,
    PageLayer,
    Picture,
    Ref,
)
from pipeline.paper.guarded import LOGGER, LocalFetcher, give_numbers, noticed
from pipeline.paper.layout_job import Style, UnitRequest
from pipeline.paper.margins import Want

TRIED = ("70.0",)
FEATURES = (
    "kerning",
    "variant_ligatures",
    "variant_position",
    "variant_caps",
    "variant_numeric",
    "variant_alternates",
    "variant_east_asian",
    "feature_settings",
)
TIGHTENING = 0.55  # em by which a line may be too long
LOOSE = 0.2  # em between characters from which a Latin word is hyphenated
CLOSER = 0.1  # em by which characters may come closer
WIDE = 0.08  # em between characters that a reader of the PDF may take for a space
SCALE = 0.75  # points in a CSS pixel
TOLERANCE = 0.01  # CSS pixels

ffi.cdef("PangoAttribute * pango_attr_family_new (const char *family);")
for _name in ("char[]", "char[4]", "uintptr_t", "unsigned int *", "hb_tag_t[100]",
              "PangoFcFontMap *", "PangoLogAttr[]", "PangoRectangle *"):  # fmt: skip
    ffi.typeof(_name)  # parsed once, not by each worker


class UnsupportedStyle(Exception):
    """The style asks for something that cannot be set unit by unit."""


def supported() -> str | None:
    """None, or why the installed WeasyPrint is not to be patched."""
    if weasyprint.__version__ not in TRIED:
        return f"WeasyPrint {weasyprint.__version__} is not one of those tried: {', '.join(TRIED)}"
    return None


@dataclass(frozen=True)
class Margins:
    """Content of the margin boxes of a page; size and height in points."""

    content: bytes
    fonts: Mapping[str, FontUse]
    states: Mapping[str, str]
    images: Mapping[str, Picture]
    width: float
    height: float


# Hooks


@contextlib.contextmanager
def _hooked(*hooks: tuple[object, str, object]) -> Iterator[None]:
    saved = [(target, name, getattr(target, name)) for target, name, _ in hooks]
    for target, name, value in hooks:
        setattr(target, name, value)
    try:
        yield
    finally:
        for target, name, value in reversed(saved):
            setattr(target, name, value)


@contextlib.contextmanager
def patched(pages: "list[Any]", variant: str | None) -> Iterator[None]:
    """Set Chinese lines and tags well in a document of one piece; its pages go into the list."""
    tagger = _Tagger("book", pages)
    with _hooked(
        *_archive_hooks(variant),
        *CHINESE_HOOKS,
        *NOTE_HOOKS,
        *TOP_HOOKS,
        *MARGINALIA_HOOKS,
        *TAG_HOOKS,
        (weasyprint.pdf.tags, "_build_box_tree", tagger.build),
    ):
        yield


# Chinese lines


def _chinese(style: Any) -> bool:
    return justification.is_chinese(style["lang"])


_set_text = line_break.Layout.set_text
_align_text = inline.text_align


def _set_chinese_text(self: Any, text: str, justify: bool = False) -> None:
    if getattr(self, "adorned", False):
        # The text before, longer or shorter, had other marks, or the same elsewhere.
        pango.pango_layout_set_attributes(self.layout, _own_attributes(self.style))
    _set_text(self, text, justify)
    spacing = self.justification_spacing if justify else 0
    chinese = _chinese(self.style)
    trims = list(justification.trimmed(self.text)) if chinese else []
    marks = list(justification.shared(self.text)) if chinese else []
    self.adorned = bool(trims or marks)
    if not (spacing or self.adorned):
        return
    attributes = pango.pango_layout_get_attributes(self.layout)
    if attributes == ffi.NULL:
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)

    def add(attribute: Any, start: int, end: int, insert: Any) -> None:
        attribute.start_index = len(self.text[:start].encode())
        attribute.end_index = attribute.start_index + len(self.text[start:end].encode())
        insert(attributes, attribute)

    for start, end in marks:
        face = pango.pango_attr_family_new(_han_first(self.style))
        add(face, start, end, pango.pango_attr_list_insert)
    for start, end in trims:
        halves = pango.pango_attr_font_features_new(b"halt 1")
        add(halves, start, end, pango.pango_attr_list_insert)
    if spacing:
        own = self.style["letter_spacing"]
        own = 0 if own == "normal" else own
        for start, end, share in justification.spans(self.text, chinese):
            wide = pango.pango_attr_letter_spacing_new(int((spacing * share + own) * TO_UNITS))
            add(wide, start, end, pango.pango_attr_list_change)
    pango.pango_layout_set_attributes(self.layout, attributes)


def _han_first(style: Any) -> bytes:
    """The families of a style from the last: styles name the Latin face before that of Han."""
    return ",".join(reversed(style["font_family"])).encode()


def _own_attributes(style: Any) -> Any:
    """The features that the style asks for, as WeasyPrint sets them up."""
    features = font_features(*(style[f"font_{name}"] for name in FEATURES))
    attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
    if features:
        text = ",".join(f"{key} {value}" for key, value in features.items()).encode()
        pango.pango_attr_list_insert(attributes, pango.pango_attr_font_features_new(text))
    return attributes


def _leaves(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _leaves(child)
    else:
        yield box


def _seam(left: Any, right: Any) -> bool:
    return left is not None and justification.joined(
        left.text, right.text, _chinese(left.style), _chinese(right.style)
    )


def _stretch_weight(line: Any) -> float:
    total, previous = 0.0, None
    for leaf in _leaves(line):
        if isinstance(leaf, boxes.TextBox):
            total += justification.weight(leaf.text, _chinese(leaf.style))
            total += _seam(previous, leaf)
            previous = leaf
        else:
            previous = None
    return total


class _Stretcher:
    """Moves and widens the boxes of a line, left to right."""

    def __init__(self, context: Any, spacing: float) -> None:
        self.context = context
        self.spacing = spacing
        self.advance = 0.0
        self.previous: Any = None

    def stretch(self, box: Any) -> None:
        if isinstance(box, boxes.TextBox):
            self._stretch_text(box)
        elif isinstance(box, boxes.LineBox | boxes.InlineBox):
            box.position_x += self.advance
            before = self.advance
            right_to_left = box.style["direction"] == "rtl"
            for child in box.children[::-1] if right_to_left else box.children:
                if child.is_in_normal_flow():
                    self.stretch(child)
            box.width += self.advance - before
        else:
            self.previous = None
            box.translate(self.advance, 0)

    def _stretch_text(self, box: Any) -> None:
        if _seam(self.previous, box):
            self.previous.seam = self.spacing
            self.advance += self.spacing
        self.previous = box
        box.position_x += self.advance
        weight = justification.weight(box.text, _chinese(box.style))
        if not weight:
            box.justification_spacing = self.spacing
            return
        _set_spacing(self.context, box, self.spacing + getattr(box, "tightened", 0))
        self.advance += self.spacing * weight
        box.width += self.spacing * weight


def _stretch_line(context: Any, line: Any, spacing: float, advance: float) -> None:
    _Stretcher(context, spacing).stretch(line)


def _fill_line(context: Any, line: Any, width: float, last: bool) -> Any:
    """Align a line; one that is half an em too long for a mark at its end is drawn together."""
    excess = line.width - width
    if 0 < excess <= TIGHTENING * line.style["font_size"] and not last:
        texts = [leaf for leaf in _leaves(line) if isinstance(leaf, boxes.TextBox)]
        justified = line.style["text_align_all"] == "justify"
        if justified and texts and justification.may_tighten(texts[-1].text):
            inline.justify_line(context, line, -excess)
            return 0
    return _align_text(context, line, width, last)


_split_text_box = inline.split_text_box


def _split_even_text_box(context: Any, given: Any, width: Any, *rest: Any, **named: Any) -> Any:
    """Split off a line of text that stands in its line as its style does, whatever face it has.

    Else a line where Han and Latin meet is higher than the others, and the page loses its grid.
    """
    box, *others = _split_text_box(context, given, width, *rest, **named)
    if width is not None and box is not None and others[0] is not None and 2 * box.width < width:
        # A trimmed mark may make Pango's line too long, and WeasyPrint then keeps but a word.
        less = width - TIGHTENING * given.style["font_size"]
        again, *others_again = _split_text_box(context, given, less, *rest, **named)
        if again is not None and again.width > box.width:
            box, others = again, others_again
    if width is not None and box is not None and others[0] is not None:
        skip = rest[0] or 0
        if hyphenated := _hyphenated(context, given, width, box, skip, others[0]):
            box, others = hyphenated[0], [skip + hyphenated[1], False]
    if box is not None:
        # What let the line break here is no character of it.
        box.text = box.text.rstrip("\u200b") or box.text
        _tighten(context, box, width)
        height, baseline = line_break.strut(box.style)
        above = baseline - box.baseline
        box.margin_top += above
        box.margin_bottom = height - box.height - box.margin_top
        box.baseline = baseline
    return box, *others


def _hyphenated(
    context: Any, given: Any, width: float, box: Any, start: int, end: int
) -> tuple[Any, int] | None:
    """A line that is wide for want of a Latin word, with a part of it, and how many bytes it takes.

    WeasyPrint knows no hyphenation for Chinese.
    """
    style = given.style
    weight = max(1.0, justification.weight(box.text, _chinese(style)))
    loose = width - box.width > LOOSE * weight * style["font_size"]
    justified = style["text_align_all"] == "justify" and style["hyphens"] == "auto"
    if not (loose and justified and _chinese(style)):
        return None
    data = given.text.encode()
    word = justification.LATIN_WORD.match(data[end:].decode())
    if word is None:
        return None
    dictionary = line_break.pyphen.Pyphen(lang="en_US", left=2, right=3)
    for part, _ in dictionary.iterate(word[0]):
        head = data[start:end] + part.encode()
        longer = given.copy_with_text(head.decode() + style["hyphenate_character"])
        made, more, _ = _split_text_box(context, longer, width, 0)
        if more is None and made.width <= width:
            return made, len(head)
    return None


def _tighten(context: Any, box: Any, width: float | None) -> None:
    """Draw together a text that is half an em too long for a mark at its end.

    Else, where it follows another text, WeasyPrint breaks the line before it.
    """
    box.tightened = 0.0
    excess = box.width - width if width is not None else 0
    weight = justification.weight(box.text, _chinese(box.style))
    size = box.style["font_size"]
    if 0 < excess <= min(TIGHTENING, CLOSER * weight) * size and justification.may_tighten(
        box.text
    ):
        box.tightened = -excess / weight
        _set_spacing(context, box, box.tightened)
        box.width = width


def _set_spacing(context: Any, box: Any, spacing: float) -> None:
    box.justification_spacing = spacing
    box.pango_layout = inline.create_layout(
        box.text, box.style, context, max_width=None, justification_spacing=spacing
    )
    box.pango_layout.deactivate()


_draw_text = weasyprint.draw.draw_text
LAST_GLYPH = re.compile(rb"\[(.*<(?:[0-9a-f]{4})*)([0-9a-f]{4}>[^<>]*)\] TJ", re.DOTALL)


def _draw_readable_text(stream: Any, box: Any, *rest: Any) -> None:
    """Draw a text; where it is wide, say what it reads, else gaps are taken for spaces."""
    wide = WIDE * box.style["font_size"]
    seam = getattr(box, "seam", 0)
    if max(box.justification_spacing, seam) < wide or not (seam or justification.has_gap(box.text)):
        _draw_text(stream, box, *rest)
        return
    said = pydyf.String(box.text.translate({0xAD: None, 0x200B: None}))
    stream.begin_marked_content("Span", pydyf.Dictionary({"ActualText": said}))
    start = len(stream.stream)
    _draw_text(stream, box, *rest)
    if seam:
        _reach_seam(stream.stream, start, seam)
    stream.end_marked_content()


def _reach_seam(drawn: list[Any], start: int, seam: float) -> None:
    """Widen the last glyph drawn since `start` by what lies between it and the next text.

    A reader that takes the text by what it says measures it from its first glyph to its last.
    """
    for place in range(len(drawn) - 1, start - 1, -1):
        shown = LAST_GLYPH.fullmatch(drawn[place]) if isinstance(drawn[place], bytes) else None
        if shown:
            before, last = b"[%b>] TJ" % shown[1], b"[<%b] TJ" % shown[2]
            drawn[place : place + 1] = [before, b"%.6g Tc" % seam, last, b"0 Tc"]
            return


CHINESE_HOOKS = (
    (weasyprint.draw, "draw_text", _draw_readable_text),
    (inline, "split_text_box", _split_even_text_box),
    (line_break.Layout, "set_text", _set_chinese_text),
    (inline, "text_align", _fill_line),
    (inline, "count_expandable_spaces", _stretch_weight),
    (inline, "add_word_spacing", _stretch_line),
)


# Notes

_lay_note = LayoutContext.layout_footnote
_report_note = LayoutContext.report_footnote
_iterate_lines = block.iter_line_boxes
_break_line = block._break_line


def _lay_newest_note(self: Any, note: Any) -> Any:
    """Lay out a note; the area of notes overflows only where its height is limited.

    Else WeasyPrint compares two sums of the same numbers, and one that is rounded up moves a note.
    """
    limited = self.current_footnote_area.max_height != float("inf")
    overflow = _lay_note(self, note) and limited
    self.newest_note = note
    return overflow


def _iterate_noting(context: Any, *rest: Any) -> Iterator[Any]:
    for line in _iterate_lines(context, *rest):
        context.newest_note = None
        yield line


def _report_newest_note(self: Any, note: Any) -> None:
    """Move a note to the next page for its own length only, not to make room for a later line."""
    if note is getattr(self, "newest_note", None):
        _report_note(self, note)
        return
    self.current_page_footnotes.remove(note)
    self.kept_notes = [note, *getattr(self, "kept_notes", [])]


def _break_with_notes(context: Any, *rest: Any) -> Any:
    context.current_page_footnotes.extend(getattr(context, "kept_notes", []))
    context.kept_notes = []
    return _break_line(context, *rest)


NOTE_HOOKS = (
    (LayoutContext, "layout_footnote", _lay_newest_note),
    (LayoutContext, "report_footnote", _report_newest_note),
    (block, "iter_line_boxes", _iterate_noting),
    (block, "_break_line", _break_with_notes),
)


# Notes in the margin

_lay_out = layout_document


def _lay_out_beside(html: Any, root: Any, context: Any) -> Any:
    """Lay out a document, then what stands beside its lines."""
    pages = list(_lay_out(html, root, context))
    if html.etree_element.find(".//div[@class='marginalia']") is not None:
        beside = _Marginalia(html, context)
        for page in pages:
            beside.add_to(page)
    return pages


class _Marginalia:
    """Sets notes and boxes beside the lines they belong to, and numbers the lines of a page.

    `data-notes` of an element names what stands beside its first line, elements with that
    `data-note` that are not displayed themselves. Numbers look as the first `.line-number` does.
    """

    GAP = 4.0  # pixels between notes
    APART = 12.0  # pixels between boxes
    TALLEST = 0.5  # of the page, for a box

    def __init__(self, html: Any, context: Any) -> None:
        self.html = html
        self.context = context
        source = html.etree_element
        beside = source.iterfind(".//div[@class='marginalia']/*[@data-note]")
        self.notes = {note.get("data-note"): note for note in beside}
        self.number = source.find(".//*[@class='line-number']")
        self.numbers: dict[int, Any] = {}
        self.set: set[str] = set()

    def add_to(self, page: Any) -> None:
        """Put the notes and the numbers of a page into its body."""
        root = page.children[0]
        if not root.children:
            return
        lines = [line for child in page.children for line in _lines(child)]
        body = root.children[0]
        numbers = self._numbers(lines, root) if self.number is not None else ()
        notes = list(self._notes(lines, root))
        boxed = [note for note in notes if note.box.element_tag == "aside"]
        found = [note for note in notes if note.box.element_tag != "aside"]
        added = (*numbers, *self._findings(found, page))
        body.children = (*body.children, *added)
        placed = self._boxes(boxed, page)
        for note in placed:
            _insert(root, note.line, note.box)
        for box in (*added, *(note.box for note in placed)):
            layout_box_backgrounds(page, box, self.context.get_image_from_uri)

    def _numbers(self, lines: list[Any], root: Any) -> Iterator[Any]:
        bases = [line.position_y + line.baseline for line in lines]
        for count, base in enumerate(marginalia.numbered(bases, self._lead(root)), start=1):
            if count not in self.numbers:
                self.number.text = str(count)
                self.numbers[count] = self._block(self.number, root)
            box = self.numbers[count].deepcopy()
            _make_artifacts(box)
            first = next(_lines(box))
            box.translate(root.position_x, base - first.position_y - first.baseline)
            yield box

    def _lead(self, root: Any) -> float:
        """Pixels from a number to the next, at least."""
        self.number.text = "0"
        return 0.9 * float(self._block(self.number, root).height)

    def _notes(self, lines: list[Any], root: Any) -> "Iterator[_Beside]":
        """What stands beside some lines, from the top."""
        for line in sorted(lines, key=lambda line: line.position_y):
            for name in self._named(line):
                box = self._block(self.notes[name], root)
                first = next(_lines(box))
                top = line.position_y + line.baseline - first.position_y - first.baseline
                yield _Beside(line, box, top)

    def _named(self, line: Any) -> Iterator[str]:
        for part in line.descendants():
            element = part.element
            if element is not None and isinstance(part, boxes.InlineBox | boxes.LineBox):
                names = (element.get("data-notes") or "").split()
                fresh = [name for name in names if name in self.notes and name not in self.set]
                self.set.update(fresh)
                yield from fresh

    def _findings(self, found: "list[_Beside]", page: Any) -> list[Any]:
        """Findings at their places, as many as there is room for."""
        top, bottom = page.content_box_y(), page.margin_height() - page.margin_bottom / 2
        count = marginalia.fitting([note.height for note in found], bottom - top, self.GAP)
        if count < len(found):
            LOGGER.warning("%d findings have no room beside their page", len(found) - count)
        _spread(found[:count], top, bottom, self.GAP)
        for note in found[:count]:
            note.box.translate(page.content_box_x() + page.width, 0)
        return [note.box for note in found[:count]]

    def _boxes(self, found: "list[_Beside]", page: Any) -> "list[_Beside]":
        """Boxes at their places in the wider margin; those without room there are told."""
        top, bottom = page.content_box_y(), page.content_box_y() + page.height
        room = max(page.margin_left, page.margin_right)
        fit = [
            note
            for note in found
            if note.height <= self.TALLEST * page.height and note.box.margin_width() <= room
        ]
        count = marginalia.fitting([note.height for note in fit], page.height, self.APART)
        placed = fit[:count]
        for note in found:
            if note not in placed:
                note.box.element.set(marginalia.HOMELESS, "")
        _spread(placed, top, bottom, self.APART)
        left = page.content_box_x()
        for note in placed:
            outside = page.margin_left > page.margin_right
            note.box.translate(left - note.box.margin_width() if outside else left + page.width, 0)
        return placed

    def _block(self, element: Any, root: Any) -> Any:
        """An element as a block at the upper left corner."""
        context = self.context
        (box,) = build.element_to_box(
            element,
            context.style_for,
            context.get_image_from_uri,
            self.html.base_url,
            context.target_collector,
            context.counter_style,
            [],
        )
        box.process_whitespace()
        box.process_text_transform()
        box = build.create_anonymous_boxes(box)
        box.position_x = box.position_y = 0
        context.create_block_formatting_context(box)
        box, *_ = block.block_level_layout(context, box, -float("inf"), None, root)
        context.finish_block_formatting_context()
        return box


class _Beside(NamedTuple):
    """A note or a box, the line it belongs to, and where its top would best be, in pixels."""

    line: Any
    box: Any
    top: float

    @property
    def height(self) -> float:
        """Pixels."""
        return float(self.box.margin_height())


def _spread(notes: list[_Beside], top: float, bottom: float, gap: float) -> None:
    """Move notes from the top of the page to their places."""
    wanted, heights = [note.top for note in notes], [note.height for note in notes]
    tops = marginalia.spread(wanted, heights, top, bottom, gap)
    for note, place in zip(notes, tops, strict=True):
        note.box.translate(0, place)


def _insert(parent: Any, line: Any, box: Any) -> bool:
    """Put a box before the block of a line, so that it is read there; whether it was found."""
    for place, child in enumerate(parent.children):
        inner = child._box if isinstance(child, AbsolutePlaceholder) else child
        if not isinstance(inner, boxes.ParentBox):
            continue
        if line in inner.children:
            parent.children = (*parent.children[:place], box, *parent.children[place:])
            return True
        if _insert(inner, line, box):
            return True
    return False


def _lines(box: Any) -> Iterator[Any]:
    """The lines of text in a box."""
    box = box._box if isinstance(box, AbsolutePlaceholder) else box
    if isinstance(box, boxes.LineBox):
        texts = (part for part in box.descendants() if isinstance(part, boxes.TextBox))
        if any(part.text.strip() for part in texts):
            yield box
    elif isinstance(box, boxes.ParentBox) and not isinstance(box, boxes.MarginBox):
        for child in box.children:
            yield from _lines(child)


_lay_block = block.block_level_layout_switch


def _lay_block_at_top(
    context: Any, box: Any, bottom: float, skip: Any, around: Any, first: bool, *rest: Any
) -> Any:
    """Lay out a block; at the top of a page that none asked for it has no margin above.

    WeasyPrint takes every page with a name for one that was asked for.
    """
    if box.is_for_root_element:
        context.top = box.position_y
    elif first and context.current_page > 1 and abs(box.position_y - context.top) < TOLERANCE:
        _, wanted, *_ = context.page_maker[context.current_page - 1]
        if wanted["break"] == "any":
            box.margin_top = 0
    return _lay_block(context, box, bottom, skip, around, first, *rest)


TOP_HOOKS = ((block, "block_level_layout_switch", _lay_block_at_top),)
MARGINALIA_HOOKS = ((weasyprint.document, "layout_document", _lay_out_beside),)


# Tags

ROLES = {
    "aside": "Sect",
    "b": "Span",
    "cite": "Span",
    "code": "Code",
    "em": "Span",
    "figure": "Div",
    "footer": "Div",
    "header": "Div",
    "i": "Span",
    "nav": "Sect",
    "pre": "Div",
    "q": "Quote",
    "small": "Span",
    "strong": "Span",
    "sub": "Span",
    "sup": "Span",
}
CONTENTS = {"/L": "/TOC", "/LI": "/TOCI", "/LBody": "/NonStruct"}
_get_pdf_tag = weasyprint.pdf.tags._get_pdf_tag
_build_box_tree = weasyprint.pdf.tags._build_box_tree


ONCE = frozenset("/P /H1 /H2 /H3 /H4 /H5 /H6 /Caption /BlockQuote /Art /Sect /Span /Code".split())


def _role(tag: str | None) -> Any:
    """The type of an element of a tag, or of its generated content."""
    if tag and tag.startswith("a::"):
        return "Span"
    return ROLES.get(tag or "") or _get_pdf_tag(tag)


class _Tagger:
    """Adds to the structure elements of a unit what WeasyPrint leaves out."""

    def __init__(self, key: str, pages: list[Any]) -> None:
        self.key = key
        self.pages = pages
        self.notes = 0
        self.open: list[Any] = [None]  # the sources of the boxes around

    def build(self, box: Any, parent: Any, pdf: Any, page: int, *rest: Any) -> Iterator[Any]:
        """Structure elements of a box; stands in for WeasyPrint's recursive function."""
        box = box._box if isinstance(box, AbsolutePlaceholder) else box
        if _is_artifact(box):
            return
        source, around = box.element, self.open[-1]
        self.open.append(source)
        for element in _build_box_tree(box, parent, pdf, page, *rest):
            if source is not None and source is around and element["S"] in ONCE:
                element["S"] = "/NonStruct"
            elif source is not None:
                self._describe(element, box, source, page)
            yield element
        self.open.pop()

    def _describe(self, element: Any, box: Any, source: Any, page: int) -> None:
        if element["S"] == "/Figure":
            self._figure(element, box, page)
        if source.tag == "a" and box.link_annotation:
            box.link_annotation["Contents"] = pydyf.String(_description(source))
        if "::" not in (box.element_tag or ""):
            self._enrich(element, box, source)

    def _enrich(self, element: Any, box: Any, source: Any) -> None:
        lang = source.get("lang")
        if lang and box.element_tag not in ("html", "body"):
            element["Lang"] = pydyf.String(lang)
        classes = (source.get("class") or "").split()
        if "footnote" in classes and element["S"] in ("/Span", "/Div"):
            self.notes += 1
            element["S"] = "/Note"
            element["ID"] = pydyf.String(f"note-{self.notes}")
        if source.get("data-contents") is not None:
            element["S"] = CONTENTS.get(element["S"], element["S"])
        if source.tag == "th" and "A" in element:
            row = source.get("scope") == "row"
            element["A"]["Scope"] = "/Row" if row else "/Column"

    def _figure(self, element: Any, box: Any, page: int) -> None:
        if "math" in (box.element.get("class") or "").split():
            element["S"] = "/Formula"
        x1, y1, x2, y2 = element["A"]["BBox"]
        height = self.pages[page].height
        corners = (x1, height - y2, x2, height - y1)
        element["A"]["BBox"] = pydyf.Array(round(place * SCALE, 4) for place in corners)


def _description(link: Any) -> str:
    """What a link says of itself to those who cannot see it."""
    text = " ".join("".join(link.itertext()).replace("\u200b", "").split())
    return str(text or link.get("aria-label") or link.get("title") or link.get("href", ""))


_marked = Stream.marked
_handle_leader = inline.handle_leader


def _handle_and_mark_leader(context: Any, line: Any, container: Any) -> None:
    _handle_leader(context, line, container)
    _, leader = leader_index(line)
    if leader:
        leader.children = _in_one(leader.children, context)
        _make_artifacts(leader)


def _in_one(parts: tuple[Any, ...], context: Any) -> tuple[Any, ...]:
    """The equal texts of a leader as one: to draw each dot takes as long as to draw a line."""
    if len(parts) < 2:
        return parts
    whole = min(parts, key=lambda part: part.position_x).copy()
    text, width = whole.text * len(parts), whole.width * len(parts)
    layout, _, rest, found, *_ = line_break.split_first_line(text, whole.style, context, None, 0)
    if rest is not None or abs(found - width) > TOLERANCE:
        return parts
    whole.text, whole.pango_layout, whole.width = text, layout, found
    return (whole,)


_make_margin_boxes = make_margin_boxes


def _make_untold_margin_boxes(*arguments: Any) -> Iterator[Any]:
    for box in _make_margin_boxes(*arguments):
        _make_artifacts(box)
        yield box


def _make_artifacts(box: Any) -> None:
    for part in box.descendants():
        part.is_artifact = True


def _is_artifact(box: Any) -> bool:
    """Whether a box is not read aloud: a leader, a margin box, a picture that says nothing."""
    source = box.element
    silent = source is not None and source.tag == "img" and not (source.get("alt") or "").strip()
    return silent or getattr(box, "is_artifact", False)


@contextlib.contextmanager
def _marked_unless_artifact(self: Any, box: Any, tag: str) -> Iterator[None]:
    if self._tags is not None and _is_artifact(box):
        with self.artifact():
            yield
        return
    with _marked(self, box, tag):
        yield


_gather = weasyprint.document.gather_anchors
_add_tags = weasyprint.pdf.add_tags


def _gather_own_links(box: Any, anchors: Any, links: list[Any], *rest: Any) -> None:
    """One link for each box of a link, not for each box in it."""
    _gather(box, anchors, links, *rest)
    links[:] = [link for link in links if link[3].link]


def _add_fitting_tags(pdf: Any, *rest: Any) -> None:
    _add_tags(pdf, *rest)
    root = pdf.objects[_number(pdf.catalog["StructTreeRoot"])]
    structure.repair(pdf.objects, _number(root["K"][0]))


_add_image = Stream.add_image


def _add_plain_image(self: Any, image: Any, _: bool, ratio: float) -> Any:
    """An archive's viewer must not smooth images."""
    return _add_image(self, image, False, ratio)


def _archive_hooks(variant: str | None) -> tuple[tuple[object, str, object], ...]:
    archived = (variant or "").startswith("pdf/a")
    return ((Stream, "add_image", _add_plain_image),) if archived else ()


TAG_HOOKS = (
    (Stream, "marked", _marked_unless_artifact),
    (inline, "handle_leader", _handle_and_mark_leader),
    (weasyprint.layout, "make_margin_boxes", _make_untold_margin_boxes),
    (weasyprint.document, "gather_anchors", _gather_own_links),
    (weasyprint.pdf, "add_tags", _add_fitting_tags),
    (weasyprint.pdf.tags, "_get_pdf_tag", _role),
)


# Content layer


class _ContentPage(Page):  # type: ignore[misc]  # untyped base
    """A page that keeps the stream it was painted on."""

    stream: Any = None

    def __init__(self, page: Any) -> None:
        self.__dict__.update(vars(page))
        self.bookmarks: list[Any] = []
        self.anchors = dict(page.anchors)

    def paint(self, stream: Any, scale: float = 1) -> None:
        super().paint(stream, scale)
        self.stream = stream


_pangoft2 = ctypes.CDLL("libpangoft2-1.0.so.0")
_pangoft2.pango_fc_font_get_pattern.restype = ctypes.c_void_p
_pangoft2.pango_fc_font_get_pattern.argtypes = [ctypes.c_void_p]
_fontconfig = ctypes.CDLL("libfontconfig.so.1")
_fontconfig.FcPatternGetString.argtypes = [
    ctypes.c_void_p,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_char_p),
]


class _FileFont(weasyprint.pdf.stream.Font):  # type: ignore[misc]  # untyped base
    """A font that knows its file instead of holding a copy of it."""

    def __init__(self, pango_font: Any, *rest: Any) -> None:
        super().__init__(pango_font, *rest)
        pattern = _pangoft2.pango_fc_font_get_pattern(int(ffi.cast("uintptr_t", pango_font)))
        path = ctypes.c_char_p()
        _fontconfig.FcPatternGetString(pattern, b"file", 0, ctypes.byref(path))
        self.path = (path.value or b"").decode()

    def get_unused_glyph_id(self, codepoint: int) -> int:
        """A number for a missing glyph that is the same in every unit."""
        room = max(1, 2**16 - self.glyph_count)
        self.missing[codepoint] = min(2**16 - 1, self.glyph_count + codepoint % room)
        return int(self.missing[codepoint])

    @property
    def use(self) -> FontUse:
        """What was used of the face so far."""
        if self.bitmap or "fvar" in self.tables:
            raise UnsupportedStyle(f"the font {self.family} is a bitmap or variable font")
        return FontUse(
            name=self.name.decode(),
            family=self.family,
            path=self.path,
            index=self.index,
            flags=self.flags,
            ascent=self.ascent,
            descent=self.descent,
            italic_angle=self.italic_angle,
            stem_v=self.stemv,
            stem_h=self.stemh,
            colour=bool(self.png or self.svg or self.colr),
            widths=dict(self.widths),
            to_unicode=dict(self.to_unicode),
            missing=dict(self.missing),
        )


def _uses(fonts: Mapping[Any, _FileFont]) -> dict[str, FontUse]:
    result: dict[str, FontUse] = {}
    for font in fonts.values():
        known = result.get(font.hash)
        result[font.hash] = known.union(font.use) if known else font.use
    return result


class _Recorder:
    """Notes where page numbers are drawn. Marks are comments in the content, taken out later."""

    MARK = re.compile(rb"%ref (\d+)\n(.*?)\n%end\n", re.DOTALL)

    def __init__(self) -> None:
        self.refs: list[Ref] = []
        self.digits: dict[str, tuple[str, ...]] = {}
        self.draw_text = _draw_readable_text

    def draw(self, stream: Any, box: Any, *rest: Any) -> None:
        """Draw a text; stands in for WeasyPrint's function."""
        label = _printed_label(box)
        if label is None:
            self.draw_text(stream, box, *rest)
            return
        target = unquote(box.element.get("href", "#")[1:])
        stream.stream.append(f"%ref {len(self.refs)}")
        stream._old_font = None
        self.draw_text(stream, box, *rest)
        digits = self._digits(stream, box) if label.isdigit() else ()
        self.refs.append(Ref(0, 0, target, label, digits))
        stream.stream.append(b"%end")

    def extract(self, content: bytes) -> tuple[bytes, tuple[Ref, ...]]:
        """Content without the marks, and where the numbers are."""
        parts, refs, position, length = [], [], 0, 0
        for match in self.MARK.finditer(content):
            parts += [content[position : match.start()], match[2], b"\n"]
            start = length + match.start() - position
            length = start + len(match[2]) + 1
            refs.append(replace(self.refs[int(match[1])], start=start, end=length - 1))
            position = match.end()
        return b"".join([*parts, content[position:]]), tuple(refs)

    def _digits(self, stream: Any, box: Any) -> tuple[str, ...]:
        """Glyph ids of 0 to 9 as this box shows them, if all are equally wide.

        They count as used, so that the fonts do not depend on the number known at layout.
        """
        names = ("font_family", "font_weight", "font_style", "font_size", "font_feature_settings")
        key = repr([str(box.style[name]) for name in names])
        if key not in self.digits:
            self.digits[key] = self._draw_digits(stream, box)
        return self.digits[key]

    def _draw_digits(self, stream: Any, box: Any) -> tuple[str, ...]:
        scratch = stream.clone(resources=stream._resources, tags=None)
        copy, shown = box.copy(), box.pango_layout.text
        copy.text = copy.pango_layout.text = "0123456789"
        self.draw_text(scratch, copy, 0, "clip", "none")
        copy.pango_layout.text = shown
        lines = [bytes(item) for item in scratch.stream if isinstance(item, bytes)]
        texts = [line for line in lines if line.endswith(b" TJ")]
        if len(texts) != 1:
            return ()
        glyphs = _glyphs(texts[0])
        gaps = set(re.findall(rb">(-?[\d.]+)<", texts[0]))
        name = next(line for line in lines if line.endswith(b" Tf")).split()[0][1:].decode()
        widths = {
            font.widths.get(int(glyph, 16))
            for font in stream._fonts.values()
            for glyph in glyphs
            if font.hash == name
        }
        even = len(glyphs) == 10 and len(widths) == 1 and len(gaps) <= 1
        return tuple(glyphs) if even else ()


def _glyphs(shown: bytes) -> list[str]:
    runs = re.findall(rb"<([0-9a-f]*)>", shown)
    return [run[i : i + 4].decode() for run in runs for i in range(0, len(run), 4)]


def _printed_label(box: Any) -> str | None:
    element = box.element
    if element is None or not box.element_tag.endswith("::after"):
        return None
    label: str | None = element.get("data-page")
    return label if label and label in box.text else None


class _Sheet(NamedTuple):
    """A style as WeasyPrint has it, and what it warned of."""

    css: Any
    counters: Any
    notices: Mapping[Notice, None]


def _sheet(style: Style, fonts: Any) -> _Sheet:
    counters = CounterStyle()
    with noticed() as notices:
        css = weasyprint.CSS(
            string=style.css,
            base_url=style.base.as_uri() + "/",
            url_fetcher=LocalFetcher(style.roots),
            font_config=fonts,
            counter_style=counters,
        )
    return _Sheet(css, counters, notices)


@functools.lru_cache(maxsize=4)
def _known_sheet(style: Style) -> _Sheet:
    return _sheet(style, None)


def shareable(css: str) -> bool:
    """Whether a style is all that it depends on, so that it can be read once."""
    return not re.search(r"@import|@font-face", css, re.IGNORECASE)


def read_style(style: Style) -> None:
    """Read a style here, once, for all workers to come; where it fails, each of them says so."""
    if shareable(style.css):
        with contextlib.suppress(Exception):
            _known_sheet(style)


class _Session:
    """One HTML document with the book's style, ready for layout."""

    def __init__(self, source: str, style: Style, in_text: frozenset[str] = frozenset()) -> None:
        self.style = style
        self.fonts = FontConfiguration()
        fetcher = LocalFetcher(style.roots)
        base = style.base.as_uri() + "/"
        self.html = weasyprint.HTML(string=source, base_url=base, url_fetcher=fetcher)
        marginalia.take_out(self.html.etree_element, in_text)
        known = _known_sheet(style) if shareable(style.css) else _sheet(style, self.fonts)
        self.counters = known.counters.copy()
        self.notices = known.notices
        self.options = {**weasyprint.DEFAULT_OPTIONS, "stylesheets": [known.css]}
        self.options |= {"pdf_variant": style.variant, "uncompressed_pdf": True}
        _, properties = weasyprint.pdf.VARIANTS.get(style.variant, (None, {}))
        for name, value in properties.items():
            if not self.options.get(name):
                self.options[name] = value
        self.context = Document._build_layout_context(
            self.html, self.fonts, self.counters, {}, self.options
        )

    def root(self) -> Any:
        return build.build_formatting_structure(
            self.html.etree_element,
            self.context.style_for,
            self.context.get_image_from_uri,
            self.html.base_url,
            self.context.target_collector,
            self.counters,
            self.context.footnotes,
        )

    def document(self, pages: list[Any]) -> Any:
        metadata = DocumentMetadata(**get_html_metadata(self.html))
        intent = self.options["output_intent"]
        return Document(pages, metadata, self.html.url_fetcher, self.fonts, {}, intent)

    def matching_rules(self, kind: Any) -> str:
        """A name for the page rules that match: the same for pages of equal style."""
        style_for = self.context.style_for
        found = [
            f"{i}.{j}"
            for i, (sheet, _, _) in enumerate(style_for._sheets)
            for j, (_, selectors, _) in enumerate(sheet.page_rules)
            if any(style_for._page_type_match(selector[2], kind) for selector in selectors)
        ]
        return " ".join(found)


def unit_source(request: UnitRequest) -> str:
    """The HTML document of a unit."""
    return (
        f'<!DOCTYPE html><html lang="{request.lang}" style="break-before: {request.side}">'
        f"<head><title>{request.key}</title></head><body>"
        f'<section class="unit {request.page_name}" lang="{request.lang}" '
        f'style="page: {request.page_name}; counter-reset: footnote">{request.html}'
        "</section></body></html>"
    )


def _no_margin_boxes(*_: object) -> tuple[()]:
    return ()


def typeset(style: Style, request: UnitRequest) -> "tuple[Artefact, MarginSetter]":
    """Lay out a unit; the setter makes margin boxes of its pages.

    Raises `UnsupportedStyle`, or whatever WeasyPrint raises.
    """
    recorder = _Recorder()
    hooks = (
        *_archive_hooks(style.variant),
        *CHINESE_HOOKS,
        *NOTE_HOOKS,
        *TOP_HOOKS,
        *TAG_HOOKS,
        (weasyprint.layout, "make_margin_boxes", _no_margin_boxes),
        (weasyprint.draw, "draw_text", recorder.draw),
        (weasyprint.pdf.fonts, "get_hb_object_data", lambda face: b""),
        (weasyprint.pdf.stream, "Font", _FileFont),
    )
    with noticed() as notices, _hooked(*hooks):
        session, root, laid_out = _laid_out(style, request)
        notices.update(session.notices)
        pages = [Page(box) for box in laid_out]
        made = _artefact(session, request, pages, recorder, notices)
        return made, MarginSetter(session, root)


def _laid_out(style: Style, request: UnitRequest) -> tuple[_Session, Any, list[Any]]:
    """A unit, laid out with all boxes beside the text that find room there."""
    in_text: frozenset[str] = frozenset()
    while True:
        session = _Session(unit_source(request), style, in_text)
        tree = session.html.etree_element
        give_numbers(tree, request.labels)
        root = session.root()
        laid_out = _lay_out_beside(session.html, root, session.context)
        more = marginalia.homeless(tree)
        if not more:
            return session, root, laid_out
        in_text |= more


def margin_setter(style: Style, lang: str) -> "MarginSetter":
    """A setter for pages of units laid out before."""
    session = _Session(f'<!DOCTYPE html><html lang="{lang}"><body></body></html>', style)
    return MarginSetter(session, session.root())


def _artefact(
    session: _Session,
    request: UnitRequest,
    pages: list[Any],
    recorder: _Recorder,
    notices: Mapping[Notice, None],
) -> Artefact:
    anchors, bookmarks = _places(pages)
    layers = [_ContentPage(page) for page in pages]
    wanted = {link[1] for page in layers for link in page.links if link[0] == "internal"}
    for name in sorted((wanted - anchors.keys()) & request.elsewhere):
        layers[-1].anchors[name] = (0, 0, 0, 0)
    fonts: dict[str, FontUse] = {}

    def record_fonts(pdf: Any, used: Any, *rest: Any) -> Any:
        fonts.update(_uses(used))
        return pydyf.Dictionary()

    tagger = _Tagger(request.key, layers)
    hooks = (
        (weasyprint.pdf, "build_fonts_dictionary", record_fonts),
        (weasyprint.pdf.tags, "_build_box_tree", tagger.build),
    )
    with _hooked(*hooks):
        pdf = weasyprint.pdf.generate_pdf(session.document(layers), None, 1, **session.options)
    packer = _Packer(pdf, request.key, recorder)
    return Artefact(
        pages=tuple(packer.page(session, layer) for layer in layers),
        anchors=anchors,
        bookmarks=tuple(bookmarks),
        fonts=fonts,
        notices=tuple(notices),
        objects=packer.objects(),
    )


def _places(pages: list[Any]) -> tuple[dict[str, Anchor], list[Bookmark]]:
    anchors: dict[str, Anchor] = {}
    bookmarks = []
    for index, page in enumerate(pages):

        def place(x: float, y: float, index: int = index, height: float = page.height) -> Anchor:
            return Anchor(index, round(x * SCALE, 6), round((height - y) * SCALE, 6))

        for name, (x, y, *_) in page.anchors.items():
            anchors.setdefault(name, place(x, y))
        for level, label, (x, y), state in page.bookmarks:
            bookmarks.append(Bookmark(level, label, state == "closed", place(x, y)))
    return anchors, bookmarks


class _Packer:
    """Turns WeasyPrint's PDF of a unit into relocatable objects."""

    def __init__(self, pdf: Any, key: str, recorder: _Recorder) -> None:
        self.pdf = pdf
        self.key = key
        self.recorder = recorder
        self.raw: dict[int, bytes] = {}
        self.pages = iter([pdf.objects[number] for number in pdf.pages["Kids"][::3]])
        self.dropped = {0, pdf.pages.number, pdf.catalog.number}
        self.resources = 0
        self.document = self.parents = self.keys = 0
        self.roots: tuple[int, ...] = ()
        self.identifiers: list[tuple[str, int]] = []
        if "StructTreeRoot" in pdf.catalog:
            self._take_structure()
        if "Metadata" in pdf.catalog:
            self.dropped.add(_number(pdf.catalog["Metadata"]))

    def page(self, session: _Session, layer: _ContentPage) -> PageLayer:
        """A page; its dictionary is left open for what the join adds."""
        entry = next(self.pages)
        self.resources = _number(entry["Resources"])
        content = _number(entry.pop("Contents"))
        del entry["Parent"]
        data, refs = self.recorder.extract(_payload(layer.stream))
        layer.stream.stream = [data]
        if refs:
            self.raw[content] = data
        kind = PageKind(*layer._page_box.page_type)
        strings = [
            pair
            for box in layer._page_box.descendants()
            if box.string_set and box.string_set != "none"
            for pair in box.string_set
        ]
        rules = session.matching_rules(layer._page_box.page_type)
        height = layer.height * SCALE
        return PageLayer(kind, rules, tuple(strings), height, entry.number, content, refs)

    def objects(self) -> Objects:
        fonts = _number(self.pdf.objects[self.resources]["Font"])
        self.dropped.add(fonts)
        bodies, streams = [], {}
        for number, item in enumerate(self.pdf.objects[1:], start=1):
            if number in self.dropped:
                bodies.append(b"")
            elif isinstance(item, pydyf.Stream):
                extra, streams[number] = self._stream(item)
                bodies.append(extra)
            else:
                bodies.append(item.data.replace(b"\0", b"\\000"))
        return Objects(
            packed=zlib.compress(SEPARATOR.join(bodies), 1),
            count=len(bodies),
            streams=streams,
            raw=frozenset(self.raw),
            fonts=fonts,
            resources=self.resources,
            document=self.document,
            parents=self.parents,
            keys=self.keys,
            roots=self.roots,
            identifiers=tuple(self.identifiers),
            intents=_text(self.pdf.catalog.get("OutputIntents", "")),
        )

    def _stream(self, item: Any) -> tuple[bytes, bytes]:
        extra = pydyf.Dictionary(item.extra)
        data = self.raw.get(item.number)
        if data is None:
            data = _payload(item)
            if "Filter" not in extra:
                extra["Filter"] = "/FlateDecode"
                data = zlib.compress(data, 9)
        return extra.data.replace(b"\0", b"\\000"), data

    def _take_structure(self) -> None:
        """Take the tree apart: its root is made when units are joined."""
        objects = self.pdf.objects
        root = objects[_number(self.pdf.catalog["StructTreeRoot"])]
        document = objects[_number(root["K"][0])]
        tree = objects[_number(root["ParentTree"])]
        self.document, self.parents = document.number, tree.number
        self.roots = tuple(_number(kid) for kid in document["K"])
        self.dropped |= {root.number, document.number}
        numbers = tree["Nums"]
        self.keys = len(numbers) // 2
        numbers[::2] = [f"@{key}" for key in numbers[::2]]
        if self.keys:
            tree["Limits"] = pydyf.Array(["@0", f"@{self.keys - 1}"])
        for item in objects:
            if isinstance(item, pydyf.Dictionary):
                for name in ("StructParents", "StructParent"):
                    if name in item:
                        item[name] = f"@{item[name]}"
        self._name_elements()

    def _name_elements(self) -> None:
        """Element IDs are numbers within the unit: put the unit's name before them."""
        seen: dict[int, None] = {}

        def rename(text: Any) -> None:
            if id(text) not in seen:
                seen[id(text)] = None
                text.string = f"{self.key}-{text.string}"

        for item in self.pdf.objects:
            if not isinstance(item, pydyf.Dictionary):
                continue
            if isinstance(item.get("ID"), pydyf.String):
                rename(item["ID"])
                self.identifiers.append((item["ID"].string, item.number))
            if isinstance(item.get("A"), pydyf.Dictionary):
                for header in item["A"].get("Headers", ()):
                    rename(header)


def _number(reference: Any) -> int:
    return int(_text(reference).split()[0])


def _text(value: Any) -> str:
    data = value.data if isinstance(value, pydyf.Object) else value
    return data.decode() if isinstance(data, bytes) else str(data)


def _payload(stream: Any) -> bytes:
    """The bytes of a stream as they are, not compressed."""
    bare = pydyf.Stream(stream.stream)
    return bytes(bare.data).split(b"\nstream\n", 1)[1].removesuffix(b"\nendstream")


# Margin boxes


class MarginSetter:
    """Makes the margin boxes of pages, as they would stand on pages laid out in one piece.

    One for each style and language. The printed folio is what `counter(page, folio)` gives.
    """

    def __init__(self, session: _Session, root: Any) -> None:
        self.session = session
        self.root = root
        self.tagged = bool(self.session.options.get("pdf_tags"))
        self.kinds: set[Any] = set()

    def make(self, request: Want) -> Margins:
        """The margin boxes of a page; of a blank page, its background and border too."""
        hooks = (
            *_archive_hooks(self.session.style.variant),
            *CHINESE_HOOKS,
            (weasyprint.pdf.fonts, "get_hb_object_data", lambda face: b""),
            (weasyprint.pdf.stream, "Font", _FileFont),
        )
        with _hooked(*hooks):
            page = self._page(request)
            resources = pydyf.Dictionary(
                {
                    kind: pydyf.Dictionary()
                    for kind in ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")
                }
            )
            fonts: dict[Any, Any] = {}
            drawn: dict[str, Any] = {}
            stream = self._draw(page, request, fonts, resources, drawn)
            if resources["Pattern"] or resources["Shading"] or resources["XObject"].keys() - drawn:
                raise UnsupportedStyle("a margin box has a gradient or transparency")
            data, images = _with_pictures(_payload(stream), drawn)
            if data and self.tagged:
                data = b"/Artifact <</Type /Pagination>> BDC\n" + data + b"\nEMC"
            states = {name: _text(state) for name, state in resources["ExtGState"].items()}
            width, height = page.margin_width() * SCALE, page.margin_height() * SCALE
            return Margins(data, _uses(fonts), states, images, width, height)

    def _page(self, request: Want) -> Any:
        context = self.session.context
        kind = request.kind
        page_type = PageType(kind.side, kind.blank, kind.name, kind.index, kind.groups)
        if page_type not in self.kinds:
            set_page_type_computed_styles(page_type, self.session.html, context.style_for)
            self.kinds.add(page_type)
        style = context.style_for(page_type)
        style["overflow"] = self.root.viewport_overflow
        page = boxes.PageBox(page_type, style)
        width, height = style["size"]
        resolve_percentages(page, (width, height))
        page.position_x = page.position_y = 0
        page_width(page, context, width)
        page_height(page, context, height)
        context.page_bottom = page.content_box_y() + page.height
        context.current_page = 2
        context.string_set = defaultdict(lambda: defaultdict(list))
        for name, text in request.carried:
            context.string_set[name][1].append(text)
        for name, text in request.strings:
            context.string_set[name][2].append(text)
        self.session.counters["folio"] = _folio(request.number, request.label)
        state: Any = ([0], {"pages": [request.total], "page": [request.number]}, [{"pages"}], [])
        page.children = tuple(make_margin_boxes(context, page, state))
        return page

    def _draw(self, page: Any, request: Want, fonts: Any, resources: Any, images: Any) -> Any:
        root = self.root.copy_with_children([])
        root.width = root.height = root.position_x = root.position_y = 0
        for side in ("top", "right", "bottom", "left"):
            root._reset_spacing(side)
        margins = page.children
        page.children = (root, *margins)
        layout_backgrounds(page, self.session.context.get_image_from_uri)
        page.children = margins
        rectangle = (0, 0, page.margin_width(), page.margin_height())
        stream = Stream(fonts, rectangle, resources, images, None, {}, None, compress=False)
        if request.kind.blank:
            # Elsewhere the content before has turned the axis already.
            stream.transform(d=-1, f=page.margin_height() * SCALE)
        with stream.stacked():
            stream.transform(a=SCALE, d=SCALE)
            if request.kind.blank:
                weasyprint.draw.draw_page(page, stream)
            else:
                for child in margins:
                    context = weasyprint.draw.StackingContext.from_box(child, page)
                    weasyprint.draw.draw_stacking_context(stream, context)
        return stream


def _with_pictures(content: bytes, drawn: Mapping[str, Any]) -> tuple[bytes, dict[str, Picture]]:
    """Content with each image named by what it is, and the images."""
    pictures = {}
    for name, each in drawn.items():
        picture = _picture(each["image"].get_x_object(each["interpolate"], max(each["dpi_ratios"])))
        own = "m" + cache.key(picture.head, picture.data, picture.mask and picture.mask.data)
        content = content.replace(b"/%b Do" % name.encode(), b"/%b Do" % own.encode())
        pictures[own] = picture
    return content, pictures


def _picture(stream: Any) -> Picture:
    extra = dict(stream.extra)
    mask = extra.pop("SMask", None)
    head = " ".join(f"/{key} {_text(value)}" for key, value in extra.items())
    return Picture(head, _payload(stream), mask and _picture(mask))


def _folio(number: int, label: str) -> dict[str, Any]:
    """A counter style that shows one number as its label."""
    nothing = ("string", "")
    return {
        "system": (None, "fixed", number),
        "symbols": (("string", label),),
        "negative": (("string", "-"), nothing),
        "prefix": nothing,
        "suffix": nothing,
        "range": "auto",
        "pad": (0, nothing),
        "fallback": "decimal",
        "additive_symbols": (),
    }
