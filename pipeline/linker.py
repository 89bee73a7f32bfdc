"""Fragments → the linked book: one anchor per target, numbers, titles, and links that work.

Two passes over the trees. The first names every target (`slug` for a piece, `slug.id` within) and
numbers figures and tables; the second points every link at them. What cannot be resolved in this
edition becomes plain text. Links are left as `#anchor`, image sources as paths from the project's
root: each output turns them into its own addresses.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import takewhile
from urllib.parse import unquote

from lxml import html as lxml_html
from lxml.html import HtmlElement, builder

from pipeline import anchors, images, language, order
from pipeline.book import Book, Piece, Unit
from pipeline.converter import Fragment
from pipeline.document import Document

_BLOCKS = frozenset("p ul ol dl table figure pre blockquote div section aside hr".split())
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_UNKNOWN_KEY = re.compile(r"^(.*)\?$", re.DOTALL)


@dataclass(frozen=True)
class Label:
    """What a link without text prints for a target: 图 3-1, or a title."""

    anchor: str
    text: str
    title: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the contents, of the bookmarks, or of a list of figures."""

    anchor: str
    level: int
    text: str
    english: str = ""
    number: str = ""


@dataclass(frozen=True)
class LinkedPiece:
    """A document's linked tree (a `div`), without its title heading."""

    piece: Piece
    tree: HtmlElement
    headings: tuple[Entry, ...] = ()


@dataclass
class Linked:
    """The linked book. `homes` maps every anchor to the slug of the unit that holds it.

    `marks` are terms marked for the index, `mentions`
    links to entries such as concepts, by the slug of the entry; both with the anchor of the place.
    """

    pieces: dict[str, LinkedPiece] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    figures: list[Entry] = field(default_factory=list)
    tables: list[Entry] = field(default_factory=list)
    pictures: dict[str, images.Picture] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)
    mentions: list[tuple[str, str]] = field(default_factory=list)
    references: HtmlElement | None = None  # those of the whole book, in one list


def link(book: Book, fragments: Mapping[str, Fragment]) -> Linked:
    """Link the pieces that the book builds now; `fragments` are by the slug of their piece."""
    return _Linker(book, fragments).run()


class _Linker:
    def __init__(self, book: Book, fragments: Mapping[str, Fragment]) -> None:
        self.book = book
        self.fragments = fragments
        self.result = Linked()
        self.labels: dict[str, dict[str, Label]] = {}  # document path → fragment → label
        self.explicit: dict[str, Label] = {}
        self.places: Counter[str] = Counter()

    def run(self) -> Linked:
        for unit in self.book.whole:
            self.result.homes[unit.slug] = unit.slug
            for piece in unit.pieces:
                self.result.homes[piece.slug] = unit.slug
        self._references()
        trees = [(unit, piece, self._name(unit, piece)) for unit, piece in self._built()]
        for _, piece, tree in trees:
            self._point(piece, tree)
            headings = self.result.pieces[piece.slug].headings
            self.result.pieces[piece.slug] = LinkedPiece(piece, tree, headings)
        return self.result

    def _built(self) -> Iterator[tuple[Unit, Piece]]:
        for unit in self.book.units:
            for piece in unit.pieces:
                yield unit, piece

    def _references(self) -> None:
        if not (unit := self.book.references):
            return
        fragment = self.fragments[unit.slug]
        if fragment.failure:
            self.result.failures.append(fragment.failure)
        tree = fragment.tree()
        _drop_order(tree)
        for element in tree.xpath(".//*[@id]"):
            element.set("id", f"{unit.slug}.{element.get('id')}")
            self.result.homes[element.get("id")] = unit.slug
        language.mark(tree, self.book.language)
        self.result.references = tree

    # ---- first pass: names and numbers ----------------------------------------------------

    def _name(self, unit: Unit, piece: Piece) -> HtmlElement:
        fragment = self.fragments[piece.slug]
        if fragment.failure:
            self.result.failures.append(fragment.failure)
        tree = fragment.tree()
        self.book.voice.tree(tree)
        known = self.labels.setdefault(piece.document.path, {})
        known[""] = Label(piece.slug, piece.title)
        _drop_order(tree)
        if listed := self.book.references:
            for entry in _drop_references(tree):
                known[entry] = Label(f"{listed.slug}.{entry}", "")
        self._drop_title(piece, tree, known)
        self._number(unit, piece, tree, known)
        headings = tuple(self._headings(unit, piece, tree, known))
        for element in tree.iter():
            if isinstance(element.tag, str) and (name := element.get("id")):
                anchor = f"{piece.slug}.{name}"
                element.set("id", anchor)
                known.setdefault(name, Label(anchor, element.get("title") or _caption(element)))
                self.result.homes[anchor] = unit.slug
        self._aliases(piece.document, known)
        for explicit in anchors.explicit(piece.document):
            if explicit.identifier in known:
                self.explicit.setdefault(explicit.identifier, known[explicit.identifier])
        self.result.pieces[piece.slug] = LinkedPiece(piece, tree, headings)
        return tree

    def _drop_title(self, piece: Piece, tree: HtmlElement, known: dict[str, Label]) -> None:
        """The title is printed by the unit's opening; links to its heading go there."""
        first = next(tree.iter(*HEADINGS), None)
        if first is None or first.tag != "h1":
            return
        known[first.get("id", "")] = Label(piece.slug, piece.title)
        first.drop_tree()

    def _number(self, unit: Unit, piece: Piece, tree: HtmlElement, known: dict[str, Label]) -> None:
        chapter = order.number(self.book.index, piece.document) if unit.kind == "chapter" else ""
        counts = {"figure": 0, "table": 0}
        for element in tree.iter("figure", "table"):
            caption = element.find("figcaption" if element.tag == "figure" else "caption")
            if caption is None or not chapter:
                continue
            counts[element.tag] += 1
            number = f"{self.book.words[element.tag]} {chapter}-{counts[element.tag]}"
            name = element.get("id") or f"{element.tag}-{counts[element.tag]}"
            element.set("id", name)
            entry = Entry(f"{piece.slug}.{name}", 1, _listed(caption), number=number)
            text = caption.text_content().strip()
            known[name] = Label(entry.anchor, number, text)
            self.explicit.setdefault(name, known[name])
            (self.result.figures if element.tag == "figure" else self.result.tables).append(entry)
            caption.attrib.pop("aria-hidden", None)
            _prepend(caption, builder.SPAN(builder.CLASS("caption-number"), number))

    def _headings(
        self, unit: Unit, piece: Piece, tree: HtmlElement, known: dict[str, Label]
    ) -> Iterator[Entry]:
        shift = 1 if unit.kind == "entries" else 0
        for heading in list(tree.iter(*HEADINGS)):
            level = max(2, int(heading.tag[1])) + shift
            heading.tag = f"h{min(level, 6)}"
            name = heading.get("id")
            if not name:
                continue
            text, english = language.split_title(_plain(heading))
            anchor = f"{piece.slug}.{name}"
            known[name] = Label(anchor, text)
            language.split_heading(heading)
            yield Entry(anchor, level, text, english)

    def _aliases(self, document: Document, known: dict[str, Label]) -> None:
        for heading in document.body.headings:
            if heading.anchor in known:
                known.setdefault(heading.github, known[heading.anchor])

    # ---- second pass: links ---------------------------------------------------------------

    def _point(self, piece: Piece, tree: HtmlElement) -> None:
        language.mark(tree, self.book.language)
        for box in tree.find_class("event"):
            self._event_box(box)
        self._marks(piece, tree)
        for element in list(tree.iter("a", "img")):
            if element.tag == "img":
                self._picture(piece, element)
            elif element.get("href") is not None:
                self._link(piece, element)
        for cite in tree.find_class("citation"):
            _mark_unknown(cite, self.book.index.entries)
        for section in tree.xpath("//*[@role='doc-endnotes']"):
            section.set("class", "footnotes")

    def _link(self, piece: Piece, element: HtmlElement) -> None:
        href = element.get("href", "")
        label = self._label(piece.document, href)
        if label is None and self._is_external(piece.document, href):
            return
        if label is None:
            if _bare(element):
                element.text = self._left_out(piece.document, href)
            _unlink(element)
            return
        element.set("href", f"#{label.anchor}")
        self._mention(piece, element, label)
        if _bare(element):
            element.text = label.text or href.removeprefix("#")

    def _left_out(self, document: Document, href: str) -> str:
        """What a link without text says where its target is not in this edition."""
        found = self.book.index.link_target(document, href)
        if found.document is None or found.where == "anchor":
            return found.fragment or href
        return self.book.voice.title(found.document.title, found.document.title_en)[0]

    def _marks(self, piece: Piece, tree: HtmlElement) -> None:
        """Give every term that is marked for the index an anchor."""
        for mark in tree.find_class("index"):
            text = mark.get("data-term") or _plain(mark)
            self.result.marks.append((text, self._anchor(piece, mark)))

    def _mention(self, piece: Piece, element: HtmlElement, label: Label) -> None:
        """A link from a chapter to an entry is a place for the index."""
        home = self.book.unit_of.get(label.anchor)
        if home is not None and home.kind == "entries" and piece.kind == "chapter":
            self.result.mentions.append((label.anchor, self._anchor(piece, element)))

    def _anchor(self, piece: Piece, element: HtmlElement) -> str:
        name = element.get("id")
        if not name:
            self.places[piece.slug] += 1
            name = f"{piece.slug}.at-{self.places[piece.slug]}"
            element.set("id", name)
            self.result.homes[name] = self.book.unit_of[piece.slug].slug
        return str(name)

    def _is_external(self, document: Document, href: str) -> bool:
        return self.book.index.link_target(document, href).where == "external"

    def _label(self, document: Document, href: str) -> Label | None:
        target = self.book.index.link_target(document, href)
        if target.where == "anchor":
            known = self.labels.get(document.path, {})
            return known.get(target.fragment) or self.explicit.get(target.fragment)
        if target.where != "file" or target.document is None:
            return None
        piece = self.book.pieces.get(target.document.path)
        if piece is None or piece.slug not in self.book.included:
            return None
        whole = Label(piece.slug, piece.title)
        return self.labels.get(target.document.path, {}).get(target.fragment, whole)

    def _picture(self, piece: Piece, element: HtmlElement) -> None:
        target = self.book.index.link_target(piece.document, element.get("src", ""))
        picture = None
        if target.where == "file":
            picture = images.vet(self.book.index.project.root, target.path, self.book.config.limit)
        if picture is None:
            _missing(element, self.book.words["missing_image"])
            return
        self.result.pictures[target.path] = picture
        element.set("src", target.path)

    def _event_box(self, box: HtmlElement) -> None:
        name = box.get("id", "").rpartition(".")[2]
        found = self.book.index.resolve(name, ("event",)).target
        piece = self.book.pieces.get(found.path) if found else None
        box.tag = "aside"
        box.set("class", "event-box")
        if (box.text or "").strip():
            _prepend(box, _paragraph(box))
        if found is None or found.document is None:
            return
        date, title = found.document.text("date"), self.book.title_of(found)
        inside = piece is not None and piece.slug in self.book.included
        link_ = builder.A(title, href=f"#{piece.slug}") if inside and piece else builder.SPAN(title)
        head = builder.P(builder.CLASS("event-box-head"), builder.SPAN(date), " ", link_)
        _prepend(box, head)


def _plain(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _caption(element: HtmlElement) -> str:
    found = element.find("figcaption" if element.tag == "figure" else "caption")
    return "" if found is None else _plain(found)


def _listed(element: HtmlElement) -> str:
    """A caption in a list: without citations and notes, which belong to the page itself."""
    parts = element.xpath(
        ".//text()[not(ancestor::*[contains(@class, 'citation') or @role='doc-noteref'])]"
    )
    return " ".join("".join(parts).split())


def _paragraph(box: HtmlElement) -> HtmlElement:
    """What a box holds before its first block, as a paragraph: pandoc gives it none."""
    words = builder.P()
    words.text, box.text = (box.text or "").lstrip(), None
    words.extend(list(takewhile(lambda child: child.tag not in _BLOCKS, box)))
    return words


def _prepend(element: HtmlElement, child: HtmlElement) -> None:
    child.tail, element.text = element.text, None
    element.insert(0, child)


def _bare(element: HtmlElement) -> bool:
    """Whether a link shows nothing, and is no hidden mark such as that of a line of code."""
    return not _plain(element) and not len(element) and not element.get("aria-hidden")


def _unlink(element: HtmlElement) -> None:
    """A link that leads nowhere in this edition becomes plain text."""
    element.tag = "span"
    element.attrib.pop("href", None)
    element.attrib.pop("role", None)
    element.set("class", "unlinked")


def _missing(element: HtmlElement, word: str) -> None:
    text = element.get("alt") or element.get("src") or ""
    element.tag = "span"
    element.attrib.clear()
    element.set("class", "missing-image")
    element.text = f"[{word}: {text}]" if text else f"[{word}]"


def _mark_unknown(cite: HtmlElement, known: object) -> None:
    """Citeproc prints an unknown key as **key?**; the book prints [?key]."""
    keys = set(cite.get("data-cites", "").split())
    whole = _plain(cite)
    for strong in list(cite.iter("strong")):
        match = _UNKNOWN_KEY.match(_plain(strong))
        if match and match[1] in keys:
            for child in list(strong):
                child.drop_tree()
            alone = whole == f"[{match[1]}?]"
            strong.tag, strong.text = "span", f"?{match[1]}" if alone else f"[?{match[1]}]"
            strong.set("class", "unknown-citation")
            parent = strong.getparent()
            if parent is not None and parent.tag == "a":
                parent.drop_tag()


def _drop_order(tree: HtmlElement) -> None:
    for div in tree.xpath(".//div[@id='citation-order']"):
        div.drop_tree()


def _drop_references(tree: HtmlElement) -> Iterator[str]:
    """Take out a list of references; the names of its entries."""
    for listed in tree.find_class("references"):
        yield from (entry.get("id") for entry in listed.find_class("csl-entry"))
        listed.drop_tree()


_FRAGMENT = re.compile(r'(?<= href=")#[^"]*')


def serialize(element: HtmlElement) -> str:
    """HTML of an element without what follows it; fragments of addresses stay readable."""
    text = lxml_html.tostring(element, encoding="unicode", with_tail=False)
    return _FRAGMENT.sub(lambda match: escape(unquote(match[0])), str(text))
