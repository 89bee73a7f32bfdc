"""The book: ordered, numbered units, decided before anything is rendered.

A *unit* is what starts on a new page and is laid out alone; it holds *pieces*, one per document,
or is generated (title page, contents, timeline). `assemble` decides everything that crosses a
unit: order, numbers, one unique slug per piece.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from pipeline import fonts, labels, language, pinyin, voice as voices
from pipeline.config import Config, ContentType, Edition, slugify
from pipeline.document import Document
from pipeline.errors import UserError
from pipeline.filters import Filters
from pipeline.index import Index, Target
from pipeline.order import number, reading_order
from pipeline.voice import Imprint, Voice

Kind = Literal[
    "half-title", "title", "copyright", "contents", "figures", "tables", "front", "part",
    "chapter", "back", "timeline", "entries", "references", "index", "colophon",
]  # fmt: skip


BEFORE = ("half-title", "title", "copyright", "contents", "figures", "tables")


@dataclass(frozen=True)
class Piece:
    """A document's place in the book: `slug` is its anchor and the prefix of those within.

    The document is that of the edition, and so are its titles; `title_en` stands beside another.
    """

    document: Document
    slug: str
    kind: str
    sources: tuple[str, ...] = ()
    title: str = ""
    title_en: str = ""


@dataclass(frozen=True)
class Unit:
    """Pages that are laid out together. `number` is what readers call it: 第3章, Part II."""

    kind: Kind
    slug: str
    title: str
    title_en: str = ""
    number: str = ""
    pieces: tuple[Piece, ...] = ()
    depth: int = 1
    content_type: ContentType | None = None

    @property
    def front(self) -> bool:
        """Whether its pages are numbered before the first chapter, in Roman numerals."""
        return self.kind in (*BEFORE, "front")

    @property
    def paper_only(self) -> bool:
        """Whether only a printed book has it."""
        return self.kind in ("half-title", "figures", "tables", "colophon")

    @property
    def listed(self) -> bool:
        """Whether the contents name it."""
        return self.kind not in (*BEFORE, "colophon")


@dataclass(frozen=True)
class Book:
    """One edition of the book. `whole` has every unit, `units` those that are built now."""

    index: Index
    edition: Edition
    voice: Voice
    whole: tuple[Unit, ...]
    units: tuple[Unit, ...] = field(default=())

    @property
    def config(self) -> Config:
        """The configuration of the book."""
        return self.index.config

    @property
    def language(self) -> str:
        """The language of the edition."""
        return self.edition.language

    @property
    def words(self) -> Mapping[str, str]:
        """The words the book prints, in its language."""
        return labels.of(self.language)

    @cached_property
    def imprint(self) -> Imprint:
        """What the edition says of itself."""
        return self.voice.imprint(self.config)

    @property
    def slug(self) -> str:
        """File name of the edition's outputs, without extension."""
        first = self.config.editions[0].name == self.edition.name
        name = self.config.slug if first else f"{self.config.slug}-{self.edition.name}"
        return name if self.units == self.whole else f"{name}-{self.units[0].slug}"

    @cached_property
    def faces(self) -> dict[str, tuple[str, ...]]:
        """The font families of each role: `fonts:` of the edition, of the book, else ours."""
        own = self.config.setting("editions", self.edition.name, "fonts")
        own = own if isinstance(own, Mapping) else {}
        return fonts.roles({**self.config.setting("fonts", default={}), **own}, self.language)

    @property
    def references(self) -> Unit | None:
        """The list of references of the whole book, if it has one and it is built now."""
        return next((unit for unit in self.units if unit.kind == "references"), None)

    @cached_property
    def pieces(self) -> dict[str, Piece]:
        """Pieces of the whole book by the path of their document."""
        return {piece.document.path: piece for unit in self.whole for piece in unit.pieces}

    @cached_property
    def unit_of(self) -> dict[str, Unit]:
        """The unit that holds a piece, by the piece's slug; a unit's own slug too."""
        result = {piece.slug: unit for unit in self.whole for piece in unit.pieces}
        return result | {unit.slug: unit for unit in self.whole}

    def title_of(self, target: Target) -> str:
        """What a target is called in this edition, whether it has a place in the book or not."""
        if piece := self.pieces.get(target.path):
            return piece.title
        english = target.document.title_en if target.document else ""
        return self.voice.title(target.title, english)[0]

    @cached_property
    def included(self) -> frozenset[str]:
        """Slugs of the pieces and units that are built now."""
        slugs = {unit.slug for unit in self.units}
        return frozenset(slugs | {piece.slug for unit in self.units for piece in unit.pieces})


def assemble(
    index: Index,
    edition: Edition,
    *,
    chapter: str | None = None,
    exceptions: Mapping[str, str] = MappingProxyType({}),
) -> Book:
    """The book of an edition; `chapter` builds one alone, with its numbers of the whole.

    `exceptions` are words whose Traditional form the book decides. Raises `UserError` for an empty
    book or a chapter that does not exist.
    """
    voice = voices.of(index.config, edition, exceptions)
    whole = tuple(_Assembly(index, edition, voice).units())
    if not any(unit.pieces for unit in whole):
        folders = ", ".join(sorted(kind.path for kind in index.config.content))
        raise UserError(
            f"the book is empty: no Markdown file in {folders}",
            hint="write a chapter, or set `content:` in book.yaml to where yours are",
        )
    units = whole if chapter is None else (_chosen(index, whole, chapter),)
    return Book(index, edition, voice, whole, units)


def listed(index: Index) -> set[str]:
    """The paths of the documents that some edition has."""
    editions = index.config.editions
    if not editions or any(not (e.status or e.tags or e.chapters) for e in editions):
        return {document.path for document in index.documents}
    found: set[str] = set()
    for edition in editions:
        try:
            found |= set(assemble(index, edition).pieces)
        except UserError:
            continue  # an edition without chapters is the matter of `build`
    return found


def _chosen(index: Index, units: Iterable[Unit], name: str) -> Unit:
    chapters = [unit for unit in units if unit.kind in ("chapter", "front", "back", "part")]
    for unit in chapters:
        documents = [piece.document for piece in unit.pieces]
        numbers = {number(index, document) for document in documents} - {""}
        if name in numbers or name in {unit.slug, *(item.path for item in documents)}:
            return unit
    known = ", ".join(unit.number or unit.slug for unit in chapters)
    raise UserError(f"no chapter {name!r}", hint=f"this book has {known}")


class _Assembly:
    def __init__(self, index: Index, edition: Edition, voice: Voice) -> None:
        self.index = index
        self.config = index.config
        self.edition = edition
        self.voice = voice
        self.filters = Filters(edition, index)
        self.words = labels.of(edition.language)
        self.slugs: set[str] = set()

    def units(self) -> Iterator[Unit]:
        title, english = self.voice.title(self.config.title, self.config.title_en)
        yield Unit("half-title", self._slug("half-title"), title)
        yield Unit("title", self._slug("title-page"), title, english)
        yield self._made("copyright", "copyright")
        yield self._made("contents", "contents", "Contents")
        yield self._made("figures", "figure-list", "Figures")
        yield self._made("tables", "table-list", "Tables")
        content = (*self._body(), *self._appendices())
        yield from content
        pieces = [piece for unit in content for piece in unit.pieces]
        cites = any(piece.document.body.citations or piece.sources for piece in pieces)
        if self.config.citation_scope == "book" and self.index.entries and cites:
            yield self._made("references", "references")
        if any(_MARK.search(piece.document.source.text) for piece in pieces):
            yield self._made("index", "book-index", "Index")
        yield self._made("colophon", "colophon")

    def _made(self, kind: Kind, name: str, english: str = "") -> Unit:
        """A unit that the book makes itself, titled by the words of its language."""
        return Unit(kind, self._slug(name), self.words[kind], self._beside(english))

    def _beside(self, english: str) -> str:
        """English that is printed with a word of the book's own: in Chinese of two languages."""
        chinese = language.is_chinese(self.edition.language) and not self.voice.only
        return english if chinese else ""

    # ---- body -----------------------------------------------------------------------------

    def _body(self) -> Iterator[Unit]:
        documents = [
            self.voice.document(document)
            for document in self.index.documents
            if (kind := self.config.content_type(document.kind)) and kind.place == "body"
        ]
        ordered = sorted(documents, key=lambda item: reading_order(item, self.config))
        yield from (self._single("front", item) for item in ordered if item.role == "front")
        yield from self._chapters([d for d in ordered if d.role in ("part", "chapter")])
        yield from (self._single("back", item) for item in ordered if item.role == "back")

    def _chapters(self, documents: list[Document]) -> Iterator[Unit]:
        """Parts and chapters; a part keeps its number where chapters before it are left out."""
        folder = None
        chapters = [item for item in documents if item.role == "chapter"]
        indexes = {posixpath.dirname(d.path): d for d in documents if d.role == "part"}
        folders = dict.fromkeys(posixpath.dirname(item.path) for item in chapters)
        parts = [name for name in folders if name in indexes]
        for document in filter(self.filters.take, chapters):
            here = posixpath.dirname(document.path)
            if here != folder and here in indexes:
                yield self._part(indexes[here], parts.index(here) + 1)
            folder = here
            depth = 2 if here in indexes else 1
            yield self._single("chapter", document, depth)

    def _part(self, document: Document, count: int) -> Unit:
        number = self.words["part"].format(labels.ordinal(count, self.edition.language))
        title, english = self._title(document)
        piece = Piece(document, self._slug(f"part-{count}"), "part", (), title, english)
        return Unit("part", piece.slug, title, english, number, (piece,))

    def _title(self, document: Document) -> tuple[str, str]:
        named = document.text("title") or strip_number(document.title)
        return self.voice.title(named, document.title_en)

    def _single(self, kind: Kind, document: Document, depth: int = 1) -> Unit:
        piece = self._piece(document)
        title, english = self._title(document)
        called = number(self.index, document) if kind == "chapter" else ""
        words = self.words["chapter"].format(called) if called else ""
        return Unit(kind, piece.slug, title, english, words, (piece,), depth)

    # ---- appendices -----------------------------------------------------------------------

    def _appendices(self) -> Iterator[Unit]:
        kinds = sorted(self.config.content, key=lambda kind: (kind.place != "timeline", kind.key))
        for kind in kinds:
            taken = filter(self.filters.take, self.index.of_kind(kind.name))
            documents = tuple(map(self.voice.document, taken))
            if kind.place == "body" or not documents:
                continue
            if kind.place == "timeline":
                yield self._made("timeline", "timeline", "Timeline")
            yield self._entries(kind, documents)

    def _entries(self, kind: ContentType, documents: tuple[Document, ...]) -> Unit:
        slug = self._slug(kind.key)
        pieces = [self._piece(item, kind.name) for item in documents]
        if kind.place == "timeline":
            pieces.sort(key=lambda piece: (piece.document.text("date"), piece.document.path))
        else:
            read = pinyin.readings((piece.title for piece in pieces), self.index.project.store)
            pieces.sort(key=lambda piece: (read[piece.title], piece.document.path))
        chinese = language.is_chinese(self.edition.language)
        named = kind.heading if chinese and kind.heading else kind.heading_en or kind.key
        title, english = self.voice.text(named), self._beside(kind.heading_en)
        return Unit("entries", slug, title, english, "", tuple(pieces), 1, kind)

    def _piece(self, document: Document, prefix: str = "") -> Piece:
        identifier = self.index.identifier(document)
        slug = self._slug(f"{prefix}-{identifier}" if prefix else identifier)
        sources = tuple(item.text for item in self.index.source_scalars(document))
        title, english = self.voice.title(document.title, document.title_en)
        return Piece(document, slug, document.kind, sources, title, english)

    def _slug(self, name: str) -> str:
        base = slugify(name)
        base = base if base[0].isalpha() else f"x-{base}"
        slug, count = base, 1
        while slug in self.slugs:
            count += 1
            slug = f"{base}-{count}"
        self.slugs.add(slug)
        return slug


_MARK = re.compile(r"\]\{[^}\n]*\.index\b")
_NUMBER = re.compile(
    r"^(?:第\s*[0-9零〇一二三四五六七八九十百]+\s*[章部编篇节回卷]|(?:chapter|part)\s+(?:\d+|[ivxlc]+))"
    r"\s*[::：.、．—–-]*\s*",
    re.IGNORECASE,
)


def strip_number(title: str) -> str:
    """A heading without its `第8章` or `Chapter 8:`; unchanged if nothing else is left."""
    return _NUMBER.sub("", title) or title
