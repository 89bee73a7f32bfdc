"""From an index to published outputs: convert, link, compose, render, validate, publish.

A renderer is a module in `renderers/` with `NAME`, `HELP` and `render(context) -> Artefact`; one
with `prepare(book)` begins with something while pandoc runs. It writes below `context.stage` only;
what it returns is moved into the output folder when all of an edition's renderers have succeeded,
so that an interrupted build leaves the last good files.
"""

import posixpath
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from pipeline import (
    book as books,
    cache,
    checker,
    discovery,
    figures,
    files,
    linker,
    pandoc,
    session,
    state,
    traditional,
    units,
)
from pipeline.book import Book, Piece
from pipeline.config import Edition
from pipeline.converter import Converter, Fragment
from pipeline.diagnostics import Diagnostic
from pipeline.errors import UserError
from pipeline.index import ALLOWED_SCHEMES, Index
from pipeline.linker import Linked
from pipeline.process import Limits
from pipeline.progress import Progress
from pipeline.wording import did_you_mean


@dataclass(frozen=True)
class Artefact:
    """A finished output, still staged: a file or a folder, and what to tell of it."""

    staged: Path
    name: str
    pages: int | None = None
    messages: tuple[str, ...] = ()
    page_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """An output in its place."""

    path: Path
    pages: int | None
    size: int
    seconds: float
    messages: tuple[str, ...] = ()
    page_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a renderer gets: the linked book, a folder to write to, and the means."""

    book: Book
    linked: Linked
    stage: Path
    store: cache.Store
    workers: int
    progress: Progress
    page_of: dict[str, str] = field(default_factory=dict)

    @cached_property
    def pages(self) -> tuple[units.UnitPage, ...]:
        """The HTML of every unit of a book on screen; each caller parses its own tree."""
        return tuple(page for page in self.sheets if not page.unit.paper_only)

    @cached_property
    def sheets(self) -> tuple[units.UnitPage, ...]:
        """The HTML of every unit of a printed book."""
        return units.compose(self.book, self.linked)

    @cached_property
    def findings(self) -> dict[str, list[Diagnostic]]:
        """What `check` finds in the book, by path."""
        found: dict[str, list[Diagnostic]] = {}
        for item in checker.check(self.book.index, baseline=session.known(self.root)).active:
            found.setdefault(item.path, []).append(item)
        return found

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.book.index.project.root


@dataclass(frozen=True)
class Options:
    """What `build` was asked for."""

    outputs: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    chapter: str | None = None
    workers: int = 2
    cache: bool = True


def build(
    index: Index, options: Options, store: cache.Store, progress: Progress
) -> Iterator[Published]:
    """Build the editions and outputs asked for. Raises `UserError`."""
    for edition in _editions(index, options):
        outputs = _outputs(edition, options)
        yield from _build_edition(index, edition, outputs, options, store, progress)


def validate(index: Index, options: Options) -> None:
    """Raise `UserError` for an edition, an output or a chapter that there is none of."""
    for edition in _editions(index, options):
        _outputs(edition, options)
        _book(index, edition, options)


def _book(index: Index, edition: Edition, options: Options) -> Book:
    table = edition.exceptions
    exceptions = traditional.read(index.project.root, table) if table else {}
    return books.assemble(index, edition, chapter=options.chapter, exceptions=exceptions)


def _editions(index: Index, options: Options) -> Sequence[Edition]:
    known = {edition.name: edition for edition in index.config.editions}
    for name in options.editions:
        if name not in known:
            raise UserError(f"no edition {name!r}", hint=_meant(name, known, "book.yaml has"))
    if options.editions:
        return [known[name] for name in options.editions]
    return [edition for edition in known.values() if not edition.proof] or list(known.values())


def _outputs(edition: Edition, options: Options) -> tuple[str, ...]:
    known = discovery.names("renderers")
    wanted = options.outputs or tuple(dict.fromkeys((*edition.outputs, "markdown")))
    for name in wanted:
        if name not in known:
            raise UserError(f"no output {name!r}", hint=_meant(name, known, "there are"))
    return tuple(sorted(wanted, key=lambda name: name != "pdf"))


def _meant(name: str, known: Collection[str], lead: str) -> str:
    near = did_you_mean(name, known)
    return f"did you mean {near}?" if near else f"{lead} {', '.join(known)}"


def _build_edition(
    index: Index, edition: Edition, outputs: tuple[str, ...], options: Options,
    store: cache.Store, progress: Progress,
) -> Iterator[Published]:  # fmt: skip
    book = _book(index, edition, options)
    target = state.output(index.project.root)
    with files.staging(target) as stage:
        prepare = partial(_prepare, book, outputs, options)
        linked = linker.link(book, convert(book, store, options.workers, progress, stage, prepare))
        figures.draw(book, linked, state.place(index.project.root, "figures"))
        for failure in linked.failures:
            progress.note(f"left out: {failure}")
        done: list[tuple[Artefact, float]] = []
        page_of: dict[str, str] = {}
        context = Context(book, linked, stage, store, options.workers, progress, page_of)
        if edition.page_list and "epub" in outputs and "pdf" not in outputs:
            page_of.update(discovery.member("renderers", "pdf").render(context).page_of)
        for name in outputs:
            start = time.perf_counter()
            artefact = discovery.member("renderers", name).render(context)
            page_of.update(artefact.page_of)
            done.append((artefact, time.perf_counter() - start))
        for artefact, seconds in done:
            size = _size(artefact.staged)
            files.publish(artefact.staged, target / artefact.name)
            yield Published(
                target / artefact.name,
                artefact.pages,
                size,
                seconds,
                artefact.messages,
                artefact.page_of,
            )


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())
    return path.stat().st_size


def _prepare(book: Book, outputs: tuple[str, ...], options: Options) -> None:
    for name in outputs:
        member = discovery.member("renderers", name)
        if options.workers > 1 and hasattr(member, "prepare"):
            member.prepare(book)


def convert(
    book: Book, store: cache.Store, workers: int, progress: Progress, work: Path,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Fragment]:  # fmt: skip
    """The fragments of all pieces built now, by slug; pandoc reads what is below `work`.

    `meanwhile` is called while pandoc runs.
    """
    pieces = [piece for unit in book.units for piece in unit.pieces]
    machine = _converter(book, store, work)
    before = _citation_order(book)

    def one(piece: Piece) -> Fragment:
        return machine.convert(piece.document, piece.sources, before.get(piece.slug, ()))

    result: dict[str, Fragment] = {}
    pool = ThreadPoolExecutor(max(1, workers))
    try:
        fragments = pool.map(one, pieces)
        meanwhile()
        for piece, fragment in zip(pieces, fragments, strict=True):
            result[piece.slug] = fragment
            progress.step("converting", len(result), len(pieces))
        if listed := book.references:
            result[listed.slug] = machine.references(before[listed.slug])
    finally:
        pool.shutdown(cancel_futures=True)
    _refuse_nothing(pieces, result)
    return result


def _refuse_nothing(pieces: Sequence[Piece], fragments: Mapping[str, Fragment]) -> None:
    """Raise `UserError` where no chapter could be converted: the last good book stays."""
    chapters = [piece for piece in pieces if piece.document.role == "chapter"] or pieces
    failures = [fragments[piece.slug].failure for piece in chapters]
    if failures and all(failures):
        raise UserError(
            f"no chapter could be converted: {failures[0]}",
            hint="where it is the same for all, look at `citations:` in book.yaml",
        )


def _citation_order(book: Book) -> dict[str, tuple[str, ...]]:
    """With numbers through the book, the keys that were cited before each piece and in all."""
    if book.config.citation_scope != "book":
        return {}
    seen: dict[str, None] = {}
    result: dict[str, tuple[str, ...]] = {}
    for unit in book.whole:
        for piece in unit.pieces:
            result[piece.slug] = tuple(seen)
            keys = (*(item.key for item in piece.document.body.citations), *piece.sources)
            seen.update(dict.fromkeys(key for key in keys if key in book.index.entries))
    return result | ({book.references.slug: tuple(seen)} if book.references else {})


def _converter(book: Book, store: cache.Store, work: Path) -> Converter:
    config = book.config
    style = config.citation_style
    own = _own_style(book, style) if style.endswith(".csl") else None
    return Converter(
        entries=book.index.entries,
        style=pandoc.style_bytes(own, pandoc.STYLES.get(style, style)),
        language=book.language,
        schemes=ALLOWED_SCHEMES | frozenset(config.setting("allow", "schemes", default=())),
        store=store,
        limits=Limits.of("chapter", config.limit),
        work=work,
        whole=book.references is not None,
    )


def _own_style(book: Book, style: str) -> Path:
    """The book's own CSL file. Raises `UserError` for one outside of the book."""
    path = posixpath.normpath(style)
    if path not in book.index.project.listing.files:
        raise UserError(
            f"book.yaml: citations.style: the book has no file {style}",
            hint="put the .csl file below bibliography/; files outside of the book are not read",
        )
    return book.index.project.root / path
