"""The HTML of each unit, the same for every output: openings, generated pages, linked pieces."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from lxml.html import builder
from markupsafe import Markup

from pipeline import figures, labels, page_marks, terms
from pipeline.book import Book, Piece, Unit
from pipeline.index import Target
from pipeline.linker import Entry, Linked, serialize


@dataclass(frozen=True)
class UnitPage:
    """A unit's HTML with its contents entries."""

    unit: Unit
    html: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Related:
    """A relation of a card in words, and the cards it leads to."""

    label: str
    targets: tuple[tuple[str, str], ...]  # (title, anchor or "")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> jinja2.Template:
    """A template by its file name."""
    return _environment().get_template(name)


def compose(book: Book, linked: Linked) -> tuple[UnitPage, ...]:
    """Every unit that is built now, in order."""
    composer = _Composer(book, linked)
    return tuple(composer.page(unit) for unit in book.units if composer.needed(unit))


class _Composer:
    def __init__(self, book: Book, linked: Linked) -> None:
        self.book = book
        self.linked = linked
        self.lang = book.language

    def needed(self, unit: Unit) -> bool:
        """Lists of figures and tables are printed where there are enough to look up."""
        if unit.kind == "figures":
            return len(self.linked.figures) >= LISTED
        return unit.kind != "tables" or len(self.linked.tables) >= LISTED

    def page(self, unit: Unit) -> UnitPage:
        values: dict[str, Any] = {
            "book": self.book.imprint,
            "words": self.book.words,
            "unit": unit,
            "lang": self.lang,
            "title_en": unit.title_en,
        }
        kind = unit.kind
        if kind == "contents":
            values["entries"] = tuple(self.contents())
        elif kind in ("figures", "tables"):
            values["entries"] = getattr(self.linked, kind)
        elif kind == "index":
            values["groups"] = terms.collect(self.book, self.linked)
            values["where"] = self._where
        elif kind == "timeline":
            values["years"] = self._years()
            values["figures"] = tuple(self._figures())
        elif kind == "references" and self.linked.references is not None:
            values["pieces"] = [{"html": _inner(self.linked.references)}]
        else:
            values["pieces"] = [self._piece(unit, piece) for piece in unit.pieces]
        name = "figures" if kind == "tables" else kind
        html = template(f"{name if name in TEMPLATES else 'chapter'}.html").render(values)
        if self.book.edition.page_list:
            html = page_marks.name_blocks(html, unit.slug)
        return UnitPage(unit, html, tuple(self._entries(unit)))

    # ---- contents -------------------------------------------------------------------------

    def contents(self) -> Iterator[Entry]:
        """The lines of the contents: units, and the headings of level 2 below them if asked for."""
        below = int(self.book.config.setting("contents_depth", default=2)) - 1
        for unit in self.book.whole:
            if unit.listed and unit.slug in self.book.included:
                deepest = unit.depth + below
                yield from (entry for entry in self._entries(unit) if entry.level <= deepest)

    def _entries(self, unit: Unit) -> Iterator[Entry]:
        yield Entry(unit.slug, unit.depth, unit.title, unit.title_en, unit.number)
        for piece in unit.pieces:
            if unit.kind == "entries":
                yield Entry(piece.slug, 2, piece.title, number=piece.document.text("date"))
            elif unit.kind != "part":
                found = self.linked.pieces[piece.slug].headings
                for entry in found:
                    if entry.level == 2:
                        yield Entry(entry.anchor, unit.depth + 1, entry.text, entry.english)

    # ---- pieces ---------------------------------------------------------------------------

    def _piece(self, unit: Unit, piece: Piece) -> dict[str, Any]:
        tree = self.linked.pieces[piece.slug].tree
        self._references(unit, tree)
        if unit.kind == "entries":
            _mark_badge(tree)
        document = piece.document
        return {
            "slug": piece.slug,
            "kind": piece.kind,
            "title": piece.title,
            "title_en": piece.title_en,
            "date": document.text("date"),
            "badge": self._badge(piece),
            "status": document.text("verification_status"),
            "related": tuple(self._related(piece)),
            "used_in": self._used_in(piece),
            "html": _inner(tree),
        }

    def _references(self, unit: Unit, tree: Any) -> None:
        """Give a bibliography that the author did not place a heading of its own."""
        for refs in (*tree.find_class("references"), *tree.find_class("sources")):
            if not len(refs):
                refs.drop_tree()
                continue
            previous = refs.getprevious()
            if previous is None or previous.tag not in ("h1", "h2", "h3", "h4"):
                word = self.book.words["sources" if unit.kind == "entries" else "references"]
                make = builder.H4 if unit.kind == "entries" else builder.H2
                refs.addprevious(make(builder.CLASS("references-heading"), word))

    def _badge(self, piece: Piece) -> str:
        given = self.book.config.badges.get(piece.document.text("significance_level"), "")
        badge = self.book.voice.half(given)
        words = badge.partition("|")[0].strip()
        return "" if words and words in piece.document.source.text else badge

    def _related(self, piece: Piece) -> Iterator[Related]:
        found: dict[str, list[tuple[str, str]]] = {}
        for item in self.book.index.causal_links:
            if item.document.path == piece.document.path:
                target = item.resolution.target
                text = (
                    self.book.title_of(target) if target else self.book.voice.text(item.target.text)
                )
                found.setdefault(item.name.text, []).append((text, self._anchor(target)))
        for name, targets in found.items():
            yield Related(labels.relation(name, self.lang), tuple(targets))

    def _anchor(self, target: Target | None) -> str:
        piece = self.book.pieces.get(target.path) if target else None
        return piece.slug if piece and piece.slug in self.book.included else ""

    def _used_in(self, piece: Piece) -> tuple[tuple[str, str], ...]:
        """The chapters whose front matter names this piece."""
        result: dict[str, str] = {}
        for reference in self.book.index.references:
            if reference.document.role != "chapter":
                continue
            found = self.book.index.resolve(reference.scalar.text, reference.kinds).target
            if found and found.path == piece.document.path:
                user = self.book.pieces.get(reference.document.path)
                if user:
                    unit = self.book.unit_of[user.slug]
                    anchor = user.slug if user.slug in self.book.included else ""
                    result[f"{unit.number} {unit.title}".strip()] = anchor
        return tuple(result.items())

    def _figures(self) -> Iterator[dict[str, str]]:
        """The drawn timeline and causal graph, with what a reader who cannot see them needs."""
        found = figures.events(self.book)
        note = self.book.words["causes_note"].format(len(found.nodes), len(found.edges))
        for name, title, text in (
            (figures.TIMELINE, self.book.words["timeline"], ""),
            (figures.CAUSES, self.book.words["causes"], note),
        ):
            if name in self.linked.pictures:
                yield {"src": name, "title": title, "note": text}

    def _where(self, term: terms.Term) -> list[tuple[str, str]]:
        """Where there are no pages, the chapters that name a term: (anchor, chapter), each once."""
        found: dict[str, str] = {}
        for anchor in term.anchors:
            unit = self.book.unit_of[self.linked.homes[anchor]]
            found.setdefault(unit.number or unit.title, anchor)
        return [(anchor, text) for text, anchor in found.items()]

    def _years(self) -> dict[str, list[dict[str, str]]]:
        years: dict[str, list[dict[str, str]]] = {}
        for unit in self.book.whole:
            if unit.content_type and unit.content_type.place == "timeline":
                for piece in unit.pieces:
                    document = piece.document
                    years.setdefault(document.text("date")[:4], []).append(
                        {
                            "date": document.text("date"),
                            "title": piece.title,
                            "level": document.text("significance_level"),
                            "anchor": piece.slug if piece.slug in self.book.included else "",
                        }
                    )
        return years


def _mark_badge(tree: Any) -> None:
    """Mark a first paragraph of nothing but bold words as the badge, in the author's own words."""
    first = next(iter(tree), None)
    if first is None or first.tag != "p" or not len(first) or (first.text or "").strip():
        return
    if all(part.tag == "strong" and (part.tail or "").strip() in BETWEEN for part in first):
        first.classes.add("badge")


def _inner(tree: Any) -> Markup:
    """What stands within an element."""
    inner = Markup("".join(serialize(child) for child in tree))
    text = (tree.text or "").strip()
    return Markup.escape(text) + inner if text else inner


TEMPLATES = frozenset(
    "half-title title copyright contents figures part entries timeline index colophon".split()
)
BETWEEN = frozenset(("", "|", "·", "/"))  # what may stand between the words of a badge
LISTED = 5  # figures or tables that make a list of them worth a page
