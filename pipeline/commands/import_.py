"""Bring foreign text into the book as drafts: references, articles, wiki pages, event cards.

What a file is, is recognised; --from says it. Sources become bibliography entries, numbers become
citations, labels become front matter. A draft has `status: draft`; a required field that the text
does not give says 待补. What could not be read is listed with its line and kept in the draft.

  make-book import notes.txt                   recognise it, write a draft
  make-book import notes.txt --diff            show what would be written
  make-book import wiki.txt --as organization
  make-book import list.md --from references   entries for the first .bib file
  make-book import card.md -o events/2023/     there; a file is only replaced if -o names it

The file itself stays as it is. `make-book undo` takes an import back. Exit: 0, or 1 where --diff
has something to show.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from pipeline import discovery, index, journal, project, session
from pipeline.changes import patch
from pipeline.citations.cited import SUFFIXES, placed
from pipeline.clean_text import clean
from pipeline.config import ContentType
from pipeline.drafts import Desk, Draft
from pipeline.errors import Exit, UserError
from pipeline.journal import Write
from pipeline.source import Source

NAME = "import"
HELP = "bring foreign text in as drafts"
LEAST = 0.5  # what a recogniser must be sure of
KINDS = ("chapter", "concept", "event", "organization", "references")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book import`."""
    parser.add_argument("paths", nargs="+", metavar="FILE", help="text to be read")
    parser.add_argument("--as", dest="kind", choices=KINDS, metavar="KIND",
                        help=f"what it shall become: {', '.join(KINDS)}")  # fmt: skip
    parser.add_argument("--from", dest="shape", choices=discovery.names("importers"),
                        metavar="SHAPE", help=_shapes())  # fmt: skip
    parser.add_argument("--diff", action="store_true", help="show the drafts, write nothing")
    parser.add_argument("-o", dest="target", metavar="PATH", help="the draft's file or folder")


def _shapes() -> str:
    return f"what it is: {', '.join(discovery.names('importers'))}"


def run(options: argparse.Namespace) -> int:
    """Import; 1 where there is a diff."""
    root = session.root(options)
    if options.diff:
        work = _Import(root, options)
        patch.write(work.diff(), sys.stdout)
        work.tell("would write")
        return Exit.FINDINGS if work.writes else Exit.CLEAN
    with journal.writing(root) as log:
        session.tell_recovered(log)
        work = _Import(root, options)
        log.apply(f"import {' '.join(options.paths)}", list(work.writes.values()))
    work.tell("wrote")
    return Exit.CLEAN


class _Import:
    """Everything that one run would write, and what it has to say."""

    def __init__(self, root: Path, options: argparse.Namespace) -> None:
        self.root = root
        self.options = options
        self.index = index.build(project.load(root))
        self.writes: dict[str, Write] = {}
        self.said: list[str] = []
        self.desk = Desk(self.index, "")
        for path in options.paths:
            self._file(Path(path))
        if self.desk.new:
            self._sources()

    def diff(self) -> str:
        """The run as a patch."""
        writes = sorted(self.writes.values(), key=lambda item: item.path)
        return "".join(patch.of_file(item.path, item.before, item.after) for item in writes)

    def tell(self, verb: str) -> None:
        """Say what was written, and what an editor has to look at."""
        for path in sorted(self.writes):
            print(f"{verb} {clean(path)}", file=sys.stderr)
        for line in self.said:
            print(clean(line), file=sys.stderr)

    def _file(self, path: Path) -> None:
        text = _read(path)
        importer = discovery.member("importers", self._shape(path, text))
        kind = "" if self.options.kind in (None, "references") else self.options.kind
        if kind and kind not in importer.KINDS:
            raise UserError(
                f"{path}: {importer.NAME} does not become a {kind}",
                hint=f"{importer.NAME}: {importer.HELP}",
            )
        self.desk.stem, self.desk.kind = path.stem, kind
        draft = importer.convert(text, self.desk)
        self.said.append(f"{path}: read as {importer.NAME}")
        for note in draft.notes:
            place = f"{path}:{note.line}" if note.line else str(path)
            self.said.append(f"{place}: {note.message}")
        if draft.kind:
            self._draft(path, draft)

    def _shape(self, path: Path, text: str) -> str:
        if self.options.shape:
            return str(self.options.shape)
        if text.startswith("---\n"):
            raise UserError(
                f"{path} has front matter already",
                hint="put it into the book's folder; `make-book check` says what to mend",
            )
        wanted = self.options.kind
        scores = {
            module.NAME: module.recognises(text)
            for module in discovery.members("importers")
            if wanted is None or wanted in (module.KINDS or ("references",))
        }
        best = max(scores, key=lambda name: scores[name], default="")
        if not best or scores[best] < LEAST:
            raise UserError(
                f"{path}: what this text is was not recognised",
                hint=f"say it with --from: {', '.join(discovery.names('importers'))}",
            )
        return best

    def _draft(self, origin: Path, draft: Draft) -> None:
        kind = self.index.project.config.content_type(draft.kind)
        if kind is None:
            raise UserError(
                f"the book has no {draft.kind} type", hint="`content:` in book.yaml lists them"
            )
        if kind.id_field != f"{kind.name}_id":
            fields = tuple(
                (kind.id_field if name == f"{kind.name}_id" else name, value)
                for name, value in draft.fields
            )
            draft = replace(draft, fields=fields)
        path = self._target(kind, draft)
        full = self.root / path
        before = full.read_bytes() if full.is_file() else None
        if (before is not None and not self._named(path)) or path in self.writes:
            raise UserError(
                f"{clean(path)} is there already",
                hint="name another file with -o, or this one to replace it",
            )
        self.writes[path] = Write(path, before, draft.text().encode("utf-8", "surrogateescape"))
        if not project.belongs(path, kind):
            self.said.append(f"{path}: lies outside of {kind.path}, so the book does not read it")
        _ = origin

    def _target(self, kind: ContentType, draft: Draft) -> str:
        name = f"{draft.stem or self.desk.stem}.md"
        wanted = self._wanted()
        if wanted and not wanted.endswith(SUFFIXES):
            return wanted if wanted.endswith(project.SUFFIXES) else f"{wanted.rstrip('/')}/{name}"
        return f"{project.glob_base(kind.path) or '.'}/{name}".removeprefix("./")

    def _wanted(self) -> str:
        return session.relative(self.options.target, self.root) if self.options.target else ""

    def _named(self, path: str) -> bool:
        return self._wanted() == path

    def _sources(self) -> None:
        path, before, after = placed(self.index, self.desk.new, self._bibliography())
        self.writes[path] = Write(path, before, after)
        count = len(self.desk.new)
        self.said.append(f"{count} new entr{'y' if count == 1 else 'ies'} in {path}")

    def _bibliography(self) -> str:
        wanted = self._wanted()
        return wanted if wanted.endswith(SUFFIXES) else ""


def _read(path: Path) -> str:
    """The text of a file from anywhere that the user names. Raises `UserError`."""
    source = Source(str(path), session.read(path, hint="name a text file, or divide it"))
    if source.bad_bytes:
        raise UserError(f"{path} is not UTF-8", hint="save it as UTF-8 first")
    return source.text.replace("\r\n", "\n").replace("\r", "\n")
