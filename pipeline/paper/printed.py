"""A unit's HTML for paper: notes at their place, gaps between Han and Latin, files for images."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

from lxml.html import HtmlElement, builder

from pipeline import cache, files, images, labels, safe_svg, terms
from pipeline.cache import Store
from pipeline.converter import parse
from pipeline.linker import serialize
from pipeline.paper import formulas
from pipeline.units import UnitPage

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LATIN = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff"
_GAP = re.compile(f"(?<=[{HAN}])(?=[{LATIN}])|(?<=[{LATIN}%])(?=[{HAN}])")
_SOURCE = re.compile(r'\bsrc="([^"]*)"')
_ANY_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(f"[{LATIN}.,%:/+-]+$")  # what a citation after it must not be parted from
_JOINT = re.compile(r"(?<=\w[./_:(-])(?=\w\w)")  # where code in a line may break
_OUTSIDE = re.compile(f"(?<=[{HAN}])(?=[“‘])|(?<=[”’])(?=[{HAN}])")
_END = re.compile(f"(?:[{HAN}]|[!-~]{{1,12}} ?)[{HAN}][，。；：、！？）》”’…]{{0,3}}\\s*$")
_ADDRESS = re.compile(r"\b(https?://|www\.)([!-~]+)")
NOTE = "footnote"
_MARKS = "，。；：！？）》”’… \n"
_STOPS = frozenset("，。；：、！？）》”’,.;:!?)")
_UNTOUCHED = frozenset({"code", "pre", "kbd", "samp", "math", "svg", "sup", "sub", "rt"})
_BLOCKS = frozenset(
    "section article header aside nav div p li ol ul dl dt dd table caption thead tbody"
    " tr td th figure figcaption blockquote h1 h2 h3 h4 h5 h6 pre hr br".split()
)


_COLONS = frozenset({"", ":", "："})
_TEXTS = frozenset({"p", "ul", "ol", "blockquote"})
_WIDE = ("table", "figure", "img", "pre")
SUMMARY = 60  # characters without Han that make a paragraph English
LONGEST = 24  # characters: a longer run before a citation may be parted from it
WHOLE = 14  # rows: a table up to this long is kept on one page


def printable(
    page: UnitPage,
    pictures: Mapping[str, images.Picture],
    folder: Path,
    lang: str,
    store: Store,
    *,
    beside: bool = False,
) -> tuple[str, list[str]]:
    """HTML of a unit for the layout engine, and what could not be set, in words.

    Formulas and cleaned drawings are put into `folder`. Boxes that may stand `beside` the text get
    a name. Kept by content, but where there are formulas, whose pictures may be gone.
    """
    sources = sorted({unescape(name) for name in _SOURCE.findall(page.html)} & pictures.keys())
    shown = {name: _shown(pictures[name], folder, store) for name in sources}
    if "<math" in page.html:
        return _made(page, shown, folder, lang, store, beside=beside)
    paths = [(name, str(path)) for name, path in shown.items()]
    name = cache.key(
        "printable", cache.tool(), page.html, paths, lang, page.unit.slug if beside else ""
    )
    kept = store.get(name)
    if kept is not None:
        return kept.decode("utf-8"), []
    html, failures = _made(page, shown, folder, lang, store, beside=beside)
    store.put(name, html.encode("utf-8"))
    return html, failures


def _made(
    page: UnitPage,
    shown: Mapping[str, Path],
    folder: Path,
    lang: str,
    store: Store,
    *,
    beside: bool,
) -> tuple[str, list[str]]:
    tree = parse(page.html)
    failures = formulas.draw(tree, folder, store)
    inline_notes(tree)
    for image in tree.iter("img"):
        if path := shown.get(image.get("src", "")):
            image.set("src", path.as_uri())
    _mark(tree, lang)
    add_gaps(tree)
    open_addresses(tree)
    open_quotes(tree)
    part_labels(tree)
    for mark in tree.find_class("citation"):
        _bind(mark)
    ends = ("p", "li", "dd", "caption", "figcaption")
    for paragraph in (*tree.iter(*ends), *tree.find_class(NOTE)):
        _bind_end(paragraph)
    for table in tree.iter("table"):
        if len(list(table.iter("tr"))) <= WHOLE:
            table.set("class", f"{table.get('class', '')} whole".strip())
    if beside:
        for number, box in enumerate(tree.find_class("event-box")):
            _name_box(box, f"{page.unit.slug}-{number}")
    return "".join(serialize(child) for child in tree), failures


def _shown(picture: images.Picture, folder: Path, store: Store) -> Path:
    """The file to print: of a drawing, one that asks for nothing outside of it."""
    if picture.media_type != "image/svg+xml":
        return picture.path
    given = picture.path.read_bytes()
    name = cache.key("drawing", cache.tool(), given)
    data = store.get(name)
    if data is None:
        data = safe_svg.sanitize(given) or b""
        store.put(name, data)
    if not data:
        return picture.path
    path = folder / f"{picture.path.stem}-{hashlib.sha256(data).hexdigest()[:24]}.svg"
    files.keep(path, data)
    return path


def _mark(tree: HtmlElement, lang: str) -> None:
    """Classes for the style, and words where the text asks for the page of a target."""
    for link in tree.find_class("page"):
        if link.tag == "a":
            _name_page(link, lang)
    for emphasis in tree.iter("em", "i", "cite"):
        if not _ANY_HAN.search(emphasis.text_content()):
            emphasis.set("class", f"{emphasis.get('class', '')} latin".strip())
    for paragraph in tree.iter("p"):
        _mark_paragraph(paragraph, lang)
    for code in tree.iter("code"):
        if code.text and not len(code) and next(code.iterancestors("pre"), None) is None:
            code.text = _JOINT.sub("\u200b", code.text)


# ---- boxes in the margin ------------------------------------------------------------------


def _name_box(box: HtmlElement, name: str) -> None:
    """Say beside which paragraph a box may stand: the one after it, else the one before.

    A box of more than words is too wide for the margin, and a note in it has no foot there.
    """
    if box.find_class(NOTE) or any(True for _ in box.iter(*_WIDE)):
        return
    around = (box.itersiblings(), box.itersiblings(preceding=True))
    for siblings in around:
        near = next((item for item in siblings if "event-box" not in item.get("class", "")), None)
        if near is not None and near.tag in _TEXTS:
            line = next(near.iter("p", "li"))
            line.set("data-notes", f"{line.get('data-notes', '')} {name}".strip())
            box.set("data-note", name)
            return


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
            link.tail = ", "
            places.append(link)
        if len(places):
            places[-1].tail = None
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
    """A `span` that floats to the foot of the page; its further paragraphs become block spans."""
    for back in list(item.find_class("footnote-back")):
        back.drop_tree()
    note = builder.SPAN(builder.CLASS(NOTE), id=identifier)
    paragraphs = [child for child in item if child.tag == "p"]
    if len(paragraphs) == 1 == len(item):
        note.text = paragraphs[0].text
        note.extend(list(paragraphs[0]))
        return note
    note.text = (item.text or "").strip() or None
    for child in list(item):
        if child.tag == "p":
            child.tag = "span"
            child.tail = None
            if child is not paragraphs[0]:
                child.set("class", "note-paragraph")
        note.append(child)
    return note


def _replace(old: HtmlElement, new: HtmlElement) -> None:
    new.tail = old.tail
    parent = old.getparent()
    if parent is not None:
        parent.replace(old, new)


def _name_page(link: HtmlElement, lang: str) -> None:
    """Add to a link the page of its target, in words around a number that is set later."""
    before, _, after = labels.of(lang)["page"].partition("{0}")
    opening, closing = ("（", "）") if lang.startswith("zh") else (" (", ")")
    number = builder.A(builder.CLASS("pageref"), href=link.get("href", ""))
    number.tail = f"{after}{closing}{link.tail or ''}"
    link.tail = opening + before
    del link.attrib["class"]
    parent = link.getparent()
    if parent is not None:
        parent.insert(parent.index(link) + 1, number)


def _mark_paragraph(paragraph: HtmlElement, lang: str) -> None:
    text = paragraph.text_content()
    if lang.startswith("zh") and len(text) >= SUMMARY and not _ANY_HAN.search(text):
        paragraph.set("lang", "en")
    given = paragraph.get("class", "")
    if _only_bold(paragraph) and given != "badge" and paragraph.getnext() is not None:
        paragraph.set("class", f"{given} label".strip())


def _only_bold(paragraph: HtmlElement) -> bool:
    """Whether a paragraph is a label: bold words, with a colon at most."""
    bare = not (paragraph.text or "").strip() and len(paragraph) == 1
    return bare and paragraph[0].tag == "strong" and (paragraph[0].tail or "").strip() in _COLONS


def _bind(mark: HtmlElement) -> None:
    """Keep a citation on the line of what it follows, a character or a word, with its stop."""
    slot, parent = _before(mark), mark.getparent()
    before = slot.get()
    if not before or before[-1:].isspace():
        return
    word = _WORD.search(before)
    start = word.start() if word else len(before) - 1
    if len(before) - start > LONGEST:
        start = len(before) - 1
    bound = builder.SPAN(builder.CLASS("bound"), before[start:])
    slot.set(before[:start])
    tail = mark.tail or ""
    parent.replace(mark, bound)
    bound.append(mark)
    stop = tail[:1] if tail[:1] in _STOPS else ""
    mark.tail, bound.tail = stop or None, tail[len(stop) :]


def _bind_end(paragraph: HtmlElement) -> None:
    """Leave no single character to the last line of a paragraph."""
    if any(child.tag in _BLOCKS for child in paragraph):
        return
    last = _last(paragraph)
    if isinstance(last, HtmlElement):
        _bind_more(last)
        return
    text, holder = last.get(), last.element
    end = _END.search(text)
    if end is None or (holder.tag in _UNTOUCHED and not last.tail):
        return
    bound = builder.SPAN(builder.CLASS("bound"), end[0])
    last.set(text[: end.start()])
    parent = holder.getparent() if last.tail else holder
    parent.insert(parent.index(holder) + 1 if last.tail else 0, bound)


def _last(element: HtmlElement) -> "_Slot | HtmlElement":
    """The run of text with which an element ends, but for marks and notes; or what is bound."""
    for child in reversed(element):
        if (child.tail or "").strip(_MARKS):
            return _Slot(child, True, fixed=False)
        if child.get("class") == "bound":
            return child
        if child.get("class") != NOTE:
            return _last(child)
    return _Slot(element, False, fixed=False)


def _bind_more(bound: HtmlElement) -> None:
    """Keep another character with one that stands before a citation."""
    before = _before(bound)
    text = before.get()
    if _ANY_HAN.match(text[-1:]) and _ANY_HAN.match(bound.text or ""):
        bound.text = text[-1] + (bound.text or "")
        before.set(text[:-1])


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

    @property
    def ragged(self) -> bool:
        around = self.element.iterancestors("div")
        return any("references" in item.get("class", "").split() for item in around)

    def set(self, text: str) -> None:
        if self.tail:
            self.element.tail = text
        else:
            self.element.text = text


def _before(element: HtmlElement) -> _Slot:
    """The run of text before an element."""
    previous = element.getprevious()
    holder = element.getparent() if previous is None else previous
    return _Slot(holder, previous is not None, fixed=False)


def gapped(text: str) -> str:
    """A text with a space between Han and Latin."""
    return _GAP.sub(" ", text)


def add_gaps(tree: HtmlElement) -> None:
    """Put a space between Han and Latin, also across inline elements, but not in code or math."""
    for text in (tree, *tree.find_class(NOTE)):
        _close_gaps(_slots(text, fixed=False, root=True))


def open_addresses(tree: HtmlElement) -> None:
    """Let addresses break anywhere; those of references, whose lines are ragged, at their marks."""
    for text in (tree, *tree.find_class(NOTE)):
        for slot in _slots(text, fixed=False, root=True):
            if slot and not slot.fixed and _ADDRESS.search(slot.get()) and not slot.ragged:
                slot.set(_ADDRESS.sub(_opened, slot.get()))


def part_labels(tree: HtmlElement) -> None:
    """Let a line of references end between a label, such as DOI:, and its address, not within."""
    for entry in tree.find_class("csl-entry"):
        for link in entry.iter("a"):
            slot = _before(link)
            if slot.get().endswith(":"):
                slot.set(slot.get() + "\u200b")
                if len(link.text_content()) <= LONGEST:
                    link.set("class", "bound")


def open_quotes(tree: HtmlElement) -> None:
    """Let a line end between a Han character and the outside of a quotation mark beside it.

    Else it may not: these marks are also those of Latin, which stand close to words.
    """
    for paragraph in tree.iter("p", "li", "dd"):
        for slot in _slots(paragraph, fixed=False, root=True):
            if slot and not slot.fixed:
                slot.set(_OUTSIDE.sub("\u200b", slot.get()))


def _opened(address: "re.Match[str]") -> str:
    return address[1] + "\u200b".join(address[2])


def _close_gaps(slots: Iterator[_Slot | None]) -> None:
    previous: _Slot | None = None
    for slot in slots:
        text = slot.get() if slot else ""
        if slot and not text:
            continue
        if slot and not slot.fixed:
            slot.set(gapped(text))
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
