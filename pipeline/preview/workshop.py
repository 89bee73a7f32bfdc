"""What the preview shows of the sources as they are now: the site, the findings, the trouble."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline import (
    book as books,
    checker,
    config,
    discovery,
    figures,
    files,
    index,
    linker,
    progress,
    project,
    rendering,
    reporting,
    session,
    state,
)
from pipeline.book import Book
from pipeline.checker import Run
from pipeline.clean_text import printable
from pipeline.converter import Fragment
from pipeline.diagnostics import Diagnostic
from pipeline.errors import UserError
from pipeline.index import Index
from pipeline.preview import origins
from pipeline.rendering import Context, Options, Published

_UNREAD = ("FM002", "FM008")  # what these find makes a document another, or none


@dataclass(frozen=True)
class Snapshot:
    """The site by file name, and what a reader of the preview is told beside it.

    `findings` are records for the page's script, `pages` leads from source files to files of the
    site, `trouble` has what keeps the site from being that of the files on the disk.
    """

    site: Mapping[str, bytes]
    title: str = ""
    language: str = "en"
    summary: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    trouble: tuple[dict[str, Any], ...] = ()


@dataclass
class Workshop:
    """Builds one edition of the book again and again, and keeps what was good of each file."""

    root: Path
    edition: str = ""
    _sources: dict[str, bytes] = field(default_factory=dict)
    _fragments: dict[str, Fragment] = field(default_factory=dict)

    def build(self) -> Snapshot:
        """Read, check and render the book. Raises `UserError` for a configuration that is wrong.

        A document that cannot be read any more is shown as it was when it could.
        """
        read = index.build(project.load(self.root))
        run = checker.check(read, baseline=session.known(self.root))
        broken = [item for item in run.active if item.code in _UNREAD]
        shown = self._last_good(read, broken)
        book = books.assemble(shown, self._edition(shown.config))
        site, failures = self._render(book)
        return Snapshot(
            site,
            book.config.title,
            book.language,
            reporting.summary(run),
            tuple(_record(run, item) for item in run.active),
            origins.files(site),
            (*(_record(run, item) for item in broken), *map(_said, failures)),
        )

    def pdf(self) -> Published:
        """Write the PDF to its place among the outputs. Raises `UserError`."""
        read = index.build(project.load(self.root))
        wanted = Options(outputs=("pdf",), editions=(self._edition(read.config).name,))
        with progress.of(quiet=True) as display:
            (done,) = rendering.build(read, wanted, session.store(self.root), display)
        return done

    def _edition(self, settings: config.Config) -> config.Edition:
        known = {edition.name: edition for edition in settings.editions}
        if self.edition and self.edition not in known:
            raise UserError(
                f"no edition {self.edition!r}", hint=f"book.yaml has {', '.join(known)}"
            )
        return known[self.edition] if self.edition else settings.editions[0]

    def _last_good(self, read: Index, broken: Iterable[Diagnostic]) -> Index:
        bad = {item.path for item in broken}
        overlay = {path: self._sources[path] for path in bad if path in self._sources}
        good = {item.path: item.source.data for item in read.documents if item.path not in bad}
        self._sources = overlay | good
        return index.build(project.load(self.root, overlay)) if overlay else read

    def _render(self, book: Book) -> tuple[dict[str, bytes], list[str]]:
        store = session.store(self.root)
        with (
            progress.of(quiet=True) as display,
            files.staging(state.output(self.root)) as stage,
        ):
            fragments = rendering.convert(book, store, 2, display, stage)
            failures = [item.failure for item in fragments.values() if item.failure]
            for slug, fragment in fragments.items():
                if fragment.failure and slug in self._fragments:
                    fragments[slug] = self._fragments[slug]
            self._fragments = fragments
            linked = linker.link(book, origins.mark(book, fragments))
            figures.draw(book, linked, state.place(self.root, "figures"))
            context = Context(book, linked, stage, store, 2, display)
            made = discovery.member("renderers", "html").render(context)
            return dict(_read(made.staged)), failures


def _read(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _record(run: Run, item: Diagnostic) -> dict[str, Any]:
    return {
        "id": item.fingerprint[:12],
        "code": item.code,
        "severity": str(item.severity),
        "path": printable(item.path),
        "line": item.line,
        "column": item.column,
        "message": printable(item.message),
        "help": printable(item.help),
        "fix": reporting.fixable(item),
        "silence": reporting.silencer(run, item),
    }


def _said(failure: str) -> dict[str, Any]:
    return {"message": printable(failure), "help": ""}
