"""A unit's HTML for paper: notes at their place, gaps between Han and Latin, files for images."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml.html import HtmlElement, builder

from pipeline import formulas, images, terms
from pipeline.converter import parse
from pipeline.linker import serialize
from pipeline.units import UnitPage

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LATIN = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff"
_GAP = re.compile(f"(?<=[{HAN}])(?=[{LATIN}])|(?<=[{LATIN}%])(?=[{HAN}])")
NOTE = "footnote"
_STOPS = frozenset("，。；：、！？）》”’,.;:!?)")
_UNTOUCHED = frozenset({"code", "pre", "kbd", "samp", "math", "svg", "sup", "sub", "rt"})
_BLOCKS = frozenset(
    "section article header aside nav div p li ol ul dl dt dd table caption thead tbody"
    " tr td th figure figcaption blockquote h1 h2 h3 h4 h5 h6 pre hr br".split()
)


WHOLE = 14  # rows: a table up to this long is kept on one page


def printable(
    page: UnitPage, pictures: Mapping[str, images.Picture], folder: Path
) -> tuple[str, list[str]]:
    """HTML of a unit for the layout engine, and what could not be set, in words.

    Formulas are drawn into `folder`.
    """
    tree = parse(page.html)
    failures = formulas.draw(tree, folder)
    inline_notes(tree)
    for image in tree.iter("img"):
        picture = pictures.get(image.get("src", ""))
        if picture:
            image.set("src", Path(picture.path).as_uri())
    for link in tree.find_class("page"):
        if link.tag == "a":
            link.set("class", "pageref")
    add_gaps(tree)
    for mark in tree.find_class("citation"):
        _bind(mark)
    for table in tree.iter("table"):
        if len(list(table.iter("tr"))) <= WHOLE:
            table.set("class", f"{table.get('class', '')} whole".strip())
    return "".join(serialize(child) for child in tree), failures


# ---- index ------------------------------------------------------------------------------


def with_pages(html: str, pages: Mapping[str, str]) -> str:
    """An index whose places are pages: repeats are gone, three or more in a row are a range."""
    tree = parse(html)
    for places in tree.find_class("places"):
        anchors = places.get("data-places", "").split()
        for child in list(places):
            child.drop_tree()
        places.text = None
        for anchor, first, last in terms.in_pages(anchors, pages):
            text = first if first == last else f"{first}–{last}"
            link = builder.A(text, href=f"#{anchor}")
            link.tail = " "
            places.append(link)
    return "".join(serialize(child) for child in tree)


# ---- notes --------------------------------------------------------------------------------


def inline_notes(tree: HtmlElement) -> None:
    """Move each note from the end of its piece to where it is called."""
    notes: dict[str, HtmlElement] = {}
    for section in list(tree.find_class("footnotes")):
        for item in section.iter("li"):
            if name := item.get("id"):
                notes[name] = item
        section.drop_tree()
    for call in list(tree.find_class("footnote-ref")):
        item = notes.get(call.get("href", "").lstrip("#"))
        if item is not None:
            _replace(call, _note(item, call.get("id", "")))


def _note(item: HtmlElement, identifier: str) -> HtmlElement:
    """A `span` that floats to the foot of the page; paragraphs within become block spans."""
    for back in list(item.find_class("footnote-back")):
        back.drop_tree()
    note = builder.SPAN(builder.CLASS(NOTE), id=identifier)
    paragraphs = [child for child in item if child.tag == "p"]
    if len(paragraphs) == 1 == len(item):
        note.text = paragraphs[0].text
        note.extend(list(paragraphs[0]))
        return note
    note.text = item.text
    for child in list(item):
        if child.tag == "p":
            child.tag = "span"
            child.set("class", "note-paragraph")
        note.append(child)
    return note


def _replace(old: HtmlElement, new: HtmlElement) -> None:
    new.tail = old.tail
    parent = old.getparent()
    if parent is not None:
        parent.replace(old, new)


def _bind(mark: HtmlElement) -> None:
    """Keep a citation on the line of the character before it, with the stop after it."""
    previous, parent = mark.getprevious(), mark.getparent()
    before = (previous.tail if previous is not None else parent.text) or ""
    if parent is None or not before or before[-1:].isspace():
        return
    bound = builder.SPAN(builder.CLASS("bound"), before[-1])
    if previous is not None:
        previous.tail = before[:-1]
    else:
        parent.text = before[:-1]
    tail = mark.tail or ""
    parent.replace(mark, bound)
    bound.append(mark)
    stop = tail[:1] if tail[:1] in _STOPS else ""
    mark.tail, bound.tail = stop or None, tail[len(stop) :]


# ---- gaps ---------------------------------------------------------------------------------


class _Slot:
    """One run of text in the tree: an element's `text` or its `tail`."""

    __slots__ = ("element", "fixed", "tail")

    def __init__(self, element: HtmlElement, tail: bool, fixed: bool) -> None:
        self.element = element
        self.tail = tail
        self.fixed = fixed

    def get(self) -> str:
        return (self.element.tail if self.tail else self.element.text) or ""

    def set(self, text: str) -> None:
        if self.tail:
            self.element.tail = text
        else:
            self.element.text = text


def add_gaps(tree: HtmlElement) -> None:
    """Put a space between Han and Latin, also across inline elements, but not in code or math."""
    for text in (tree, *tree.find_class(NOTE)):
        _close_gaps(_slots(text, fixed=False, root=True))


def _close_gaps(slots: Iterator[_Slot | None]) -> None:
    previous: _Slot | None = None
    for slot in slots:
        text = slot.get() if slot else ""
        if slot and not text:
            continue
        if slot and not slot.fixed:
            slot.set(_GAP.sub(" ", text))
        if slot and previous:
            _join(previous, slot)
        previous = slot


def _join(left: _Slot, right: _Slot) -> None:
    before, after = left.get(), right.get()
    if not _GAP.search(before[-1:] + after[:1]):
        return
    if not left.fixed:
        left.set(before + " ")
    elif not right.fixed:
        right.set(" " + after)


def _slots(element: HtmlElement, *, fixed: bool, root: bool = False) -> Iterator[_Slot | None]:
    """The runs of text in reading order, None where a block begins or ends; notes are apart."""
    if not isinstance(element.tag, str) or (not root and element.get("class") == NOTE):
        return
    breaks = element.tag in _BLOCKS or element.tag in ("sup", "sub")
    inner = fixed or element.tag in _UNTOUCHED
    if breaks:
        yield None
    yield _Slot(element, False, inner)
    for child in element:
        yield from _slots(child, fixed=inner)
        yield _Slot(child, True, inner)
    if breaks:
        yield None
