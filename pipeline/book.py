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
from typing import Literal

from pipeline import fonts, labels
from pipeline.config import Config, ContentType, Edition, slugify
from pipeline.document import Document
from pipeline.errors import UserError
from pipeline.index import Index
from pipeline.order import reading_order

Kind = Literal[
    "half-title", "title", "copyright", "contents", "figures", "tables", "front", "part",
    "chapter", "back", "timeline", "entries", "references", "index", "colophon",
]  # fmt: skip


BEFORE = ("half-title", "title", "copyright", "contents", "figures", "tables")


@dataclass(frozen=True)
class Piece:
    """A document's place in the book: `slug` is its anchor and the prefix of those within."""

    document: Document
    slug: str
    kind: str
    sources: tuple[str, ...] = ()


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

    @cached_property
    def pieces(self) -> dict[str, Piece]:
        """Pieces of the whole book by the path of their document."""
        return {piece.document.path: piece for unit in self.whole for piece in unit.pieces}

    @cached_property
    def unit_of(self) -> dict[str, Unit]:
        """The unit that holds a piece, by the piece's slug; a unit's own slug too."""
        result = {piece.slug: unit for unit in self.whole for piece in unit.pieces}
        return result | {unit.slug: unit for unit in self.whole}

    @cached_property
    def included(self) -> frozenset[str]:
        """Slugs of the pieces and units that are built now."""
        slugs = {unit.slug for unit in self.units}
        return frozenset(slugs | {piece.slug for unit in self.units for piece in unit.pieces})


def assemble(index: Index, edition: Edition, *, chapter: str | None = None) -> Book:
    """The book of an edition; `chapter` builds one alone, with its numbers of the whole.

    Raises `UserError` for an empty book or a chapter that does not exist.
    """
    whole = tuple(_Assembly(index, edition).units())
    if not any(unit.pieces for unit in whole):
        folders = ", ".join(sorted(kind.path for kind in index.config.content))
        raise UserError(
            f"the book is empty: no Markdown file in {folders}",
            hint="write a chapter, or set `content:` in book.yaml to where yours are",
        )
    units = whole if chapter is None else (_chosen(whole, chapter),)
    return Book(index, edition, whole, units)


def _chosen(units: Iterable[Unit], name: str) -> Unit:
    chapters = [unit for unit in units if unit.kind in ("chapter", "front", "back", "part")]
    for unit in chapters:
        documents = [piece.document for piece in unit.pieces]
        numbers = {document.text("chapter_number") for document in documents}
        if name in numbers or name in {unit.slug, *(item.path for item in documents)}:
            return unit
    known = ", ".join(unit.number or unit.slug for unit in chapters)
    raise UserError(f"no chapter {name!r}", hint=f"this book has {known}")


class _Assembly:
    def __init__(self, index: Index, edition: Edition) -> None:
        self.index = index
        self.config = index.config
        self.edition = edition
        self.words = labels.of(edition.language)
        self.slugs: set[str] = set()

    def units(self) -> Iterator[Unit]:
        words = self.words
        yield Unit("half-title", self._slug("half-title"), self.config.title)
        yield Unit("title", self._slug("title-page"), self.config.title, self.config.title_en)
        yield Unit("copyright", self._slug("copyright"), words["copyright"])
        yield Unit("contents", self._slug("contents"), words["contents"], "Contents")
        yield Unit("figures", self._slug("figure-list"), words["figures"], "Figures")
        yield Unit("tables", self._slug("table-list"), words["tables"], "Tables")
        yield from self._body()
        yield from self._appendices()
        if self.config.citation_scope == "book" and self.index.entries:
            yield Unit("references", self._slug("references"), self.words["references"])
        if any(_MARK.search(document.source.text) for document in self.index.documents):
            yield Unit("index", self._slug("book-index"), self.words["index"], "Index")
        yield Unit("colophon", self._slug("colophon"), words["colophon"])

    # ---- body -----------------------------------------------------------------------------

    def _body(self) -> Iterator[Unit]:
        documents = [
            document
            for document in self.index.documents
            if (kind := self.config.content_type(document.kind)) and kind.place == "body"
        ]
        ordered = sorted(documents, key=lambda item: reading_order(item, self.config))
        yield from (self._single("front", item) for item in ordered if item.role == "front")
        yield from self._chapters([d for d in ordered if d.role in ("part", "chapter")])
        yield from (self._single("back", item) for item in ordered if item.role == "back")

    def _chapters(self, documents: list[Document]) -> Iterator[Unit]:
        folder, parts = None, 0
        indexes = {posixpath.dirname(d.path): d for d in documents if d.role == "part"}
        for document in documents:
            if document.role == "part" or not self._wanted(document):
                continue
            here = posixpath.dirname(document.path)
            if here != folder and here in indexes:
                parts += 1
                yield self._part(indexes[here], parts)
            folder = here
            depth = 2 if here in indexes else 1
            yield self._single("chapter", document, depth)

    def _wanted(self, document: Document) -> bool:
        edition = self.edition
        if edition.status and document.text("status") not in edition.status:
            return False
        if edition.tags and not set(edition.tags) & set(document.texts("tags")):
            return False
        return not edition.chapters or bool(
            {document.text("chapter_number"), document.stem} & set(edition.chapters)
        )

    def _part(self, document: Document, count: int) -> Unit:
        number = self.words["part"].format(labels.ordinal(count, self.edition.language))
        title = document.text("title") or strip_number(document.title)
        piece = Piece(document, self._slug(f"part-{count}"), "part")
        title, english = split_title(title, document.title_en)
        return Unit("part", piece.slug, title, english, number, (piece,))

    def _single(self, kind: Kind, document: Document, depth: int = 1) -> Unit:
        piece = self._piece(document)
        title, english = split_title(
            document.text("title") or strip_number(document.title), document.title_en
        )
        number = ""
        if kind == "chapter" and (declared := document.text("chapter_number")):
            number = self.words["chapter"].format(declared)
        return Unit(kind, piece.slug, title, english, number, (piece,), depth)

    # ---- appendices -----------------------------------------------------------------------

    def _appendices(self) -> Iterator[Unit]:
        kinds = sorted(self.config.content, key=lambda kind: (kind.place != "timeline", kind.key))
        for kind in kinds:
            documents = self.index.of_kind(kind.name)
            if kind.place == "body" or not documents:
                continue
            if kind.place == "timeline":
                yield Unit("timeline", self._slug("timeline"), self.words["timeline"], "Timeline")
            yield self._entries(kind, documents)

    def _entries(self, kind: ContentType, documents: tuple[Document, ...]) -> Unit:
        order = _by_date if kind.place == "timeline" else _by_name
        slug = self._slug(kind.key)
        pieces = tuple(
            self._piece(document, kind.name) for document in sorted(documents, key=order)
        )
        chinese = self.edition.language.lower().startswith("zh")
        title = kind.heading if chinese and kind.heading else kind.heading_en or kind.key
        return Unit("entries", slug, title, kind.heading_en, "", pieces, 1, kind)

    def _piece(self, document: Document, prefix: str = "") -> Piece:
        identifier = self.index.identifier(document)
        slug = self._slug(f"{prefix}-{identifier}" if prefix else identifier)
        sources = tuple(item.text for item in self.index.source_scalars(document))
        return Piece(document, slug, document.kind, sources)

    def _slug(self, name: str) -> str:
        base = slugify(name)
        base = base if base[0].isalpha() else f"x-{base}"
        slug, count = base, 1
        while slug in self.slugs:
            count += 1
            slug = f"{base}-{count}"
        self.slugs.add(slug)
        return slug


def _by_date(document: Document) -> tuple[str, str]:
    return document.text("date"), document.path


def _by_name(document: Document) -> tuple[str, str]:
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(document.title)).casefold(), document.path


_MARK = re.compile(r"\]\{[^}\n]*\.index\b")
_NUMBER = re.compile(
    r"^(?:第\s*[0-9零〇一二三四五六七八九十百]+\s*[章部编篇节回卷]|(?:chapter|part)\s+(?:\d+|[ivxlc]+))"
    r"\s*[::：.、．—–-]*\s*",
    re.IGNORECASE,
)
_ENGLISH_HALF = re.compile(r"^(.*[\u4e00-\u9fff].*?)\s*[(（]([^()（）\u4e00-\u9fff]+)[)）]\s*$")


def strip_number(title: str) -> str:
    """A heading without its `第8章` or `Chapter 8:`; unchanged if nothing else is left."""
    return _NUMBER.sub("", title) or title


def split_title(title: str, english: str = "") -> tuple[str, str]:
    """`基础 (Foundations)` in its two halves; an English title that is given wins."""
    if match := _ENGLISH_HALF.match(title):
        return match[1], english or match[2]
    return title, english
