"""What moving a file or folder asks of everything that names it by its path or file name."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from pipeline import config, project
from pipeline.changes import proposal, uses
from pipeline.changes.edits import replace_scalar
from pipeline.changes.proposal import Proposal
from pipeline.changes.runs import Move, moved, plain
from pipeline.changes.uses import Use
from pipeline.diagnostics import Edit
from pipeline.document import Document, Link
from pipeline.errors import UserError
from pipeline.index import Index, LinkTarget, Target
from pipeline.project import SUFFIXES
from pipeline.repair import repoint
from pipeline.source import Source
from pipeline.tree import Tree, Unreadable
from pipeline.wording import quoted

# The keys of book.yaml whose values are paths.
_PATH_KEYS = frozenset(
    "path schema bibliography order parts csl cover css fonts paths ignore chapters".split()
)


def destination(root: Path, old: str, new: str) -> Move:
    """The move of `old` to `new`, or into it if that is a folder. Raises `UserError`."""
    old = old.rstrip("/")
    into = new.endswith("/") or (root / new).is_dir()
    target = posixpath.normpath(posixpath.join(new, posixpath.basename(old)) if into else new)
    _check(root, old, target)
    return Move(old, target)


def _check(root: Path, old: str, new: str) -> None:
    if not (root / old).exists():
        raise UserError(f"there is no {quoted(old)} in this book", hint="check the path")
    if not plain(old) or old == config.FILE:
        raise UserError(f"{quoted(old)} cannot be moved", hint="name a source of this book")
    if not plain(new) or not new.isprintable():
        raise UserError(
            f"{quoted(new)} is no place for a source",
            hint="name a path below the book's folder, without hidden folders",
        )
    if new == old or new.startswith(f"{old}/"):
        raise UserError(f"{quoted(old)} cannot be moved to {quoted(new)}", hint="it is within it")
    there = root / new
    if (there.exists() or there.is_symlink()) and not _same_file(root / old, there):
        raise UserError(f"{quoted(new)} is there already", hint="move or remove it first")
    blocked = next((item for item in there.parents if item.exists()), root)
    if not blocked.is_dir():
        raise UserError(f"{quoted(new)} is below a file", hint="name another path")


def _same_file(one: Path, two: Path) -> bool:
    return one.exists() and two.exists() and one.samefile(two) and one.name != two.name


def plan(index: Index, move: Move) -> Proposal:
    """Every edit that keeps links, file names in front matter and `book.yaml` right.

    Raises `UserError` where symbolic links would break.
    """
    root = index.project.root
    _refuse_links(root, index, move)
    work = _Work(index, move, _others(index))
    edits = [*work.links(), *work.names(), *work.settings()]
    listed = [path for path in sorted(index.project.listing.files) if moved(path, move) != path]
    sources = index.project.sources | {item.path: item.source for item in work.others}
    return proposal.of_edits(sources, edits, (move,), listed, work.by_hand)


def _refuse_links(root: Path, index: Index, move: Move) -> None:
    """Symbolic links are paths too, but not ours to rewrite."""
    listing = index.project.listing
    for path in sorted(listing.files | listing.special):
        full = root / path
        if not full.is_symlink():
            continue
        target = full.resolve()
        inside = target.is_relative_to((root / move.old).resolve())
        if (moved(path, move) != path) != inside or path == move.old:
            raise UserError(
                f"the symbolic link {quoted(path)} would lead nowhere after the move",
                hint="remove it first, and make it anew after the move",
            )


def _others(index: Index) -> tuple[Document, ...]:
    """Markdown that is no part of the book, but may link to it: README, notes."""
    listing, known = index.project.listing, index.project.by_path
    tree = Tree(index.project.root)
    found = []
    for path in sorted(listing.files):
        if path.endswith(SUFFIXES) and path not in known:
            try:
                source = Source(path, tree.read(path, project.FILE_BYTES))
            except Unreadable:
                continue
            found.append(project.parse(source, "", "entry"))
    return tuple(found)


@dataclass
class _Work:
    """Collects edits for one move, and what cannot be edited."""

    index: Index
    move: Move
    others: tuple[Document, ...]

    def __post_init__(self) -> None:
        self.by_hand: list[str] = []

    # ---- links ------------------------------------------------------------------------------

    def links(self) -> Iterator[Edit]:
        """Links to and from what moves."""
        for document in (*self.index.documents, *self.others):
            seen: set[int] = set()
            for link in document.body.links:
                if link.destination_span.start not in seen:
                    seen.add(link.destination_span.start)
                    if edit := self._link(document, link):
                        yield edit

    def _link(self, document: Document, link: Link) -> Edit | None:
        target = self.index.link_target(document, link.destination)
        if target.where not in ("file", "missing"):
            return None
        here, there = moved(document.path, self.move), moved(target.path, self.move)
        if there == self._reached(link, target, here):
            return None
        placed = document.at(here)
        edit = repoint(placed, link, there)
        if edit is None:
            message = f"the link {quoted(link.destination)} should lead to {quoted(there)}"
            start = link.destination_span.start
            self.by_hand.append(proposal.place(document.source, start, message))
            return None
        return Edit(document.path, edit.start, edit.end, edit.text)

    def _reached(self, link: Link, target: LinkTarget, here: str) -> str:
        """What a link reaches, as it is written, from the place where its document will be."""
        raw = unquote(re.split(r"[?#]", link.destination, maxsplit=1)[0])
        if raw.startswith("/"):
            return target.path
        return posixpath.normpath(posixpath.join(posixpath.dirname(here), raw))

    # ---- names ------------------------------------------------------------------------------

    def names(self) -> Iterator[Edit]:
        """Places that name a document by its file's stem, or a part by its folder."""
        for target in self.index.targets:
            path = moved(target.path, self.move)
            name = posixpath.basename(path)
            stem = name if target.kind == "part" else posixpath.splitext(name)[0]
            before = _stem(target)
            if path != target.path and stem != before:
                yield from self._renamed(target, stem)

    def _renamed(self, target: Target, stem: str) -> Iterator[Edit]:
        subject = uses.Subject(target.kind, target.identifier, target)
        found = uses.of(self.index, subject)
        by_stem = target.kind == "part" or any(u.definition and u.how == "stem" for u in found)
        taken = self.index.resolve(stem, (target.kind,)).targets
        if by_stem and any(other.path != target.path for other in taken):
            raise UserError(
                f"another {target.kind} answers to {quoted(stem)}", hint="choose another name"
            )
        for use in found:
            wanted = use.how == "stem" or (by_stem and use.how == "id")
            if wanted and not use.definition and (edit := named(use, stem, self.by_hand)):
                yield edit

    # ---- book.yaml --------------------------------------------------------------------------

    def settings(self) -> Iterator[Edit]:
        """Paths in `book.yaml`, globs below what moves too."""
        source = self.index.project.config_source
        for key, scalar in uses.values(source):
            path = moved(scalar.text.rstrip("/"), self.move)
            if key not in _PATH_KEYS or path == scalar.text.rstrip("/"):
                continue
            text = path + ("/" if scalar.text.endswith("/") else "")
            if edit := replace_scalar(source, scalar, text):
                yield edit
            else:
                message = f"{quoted(scalar.text)} should be {quoted(text)}"
                self.by_hand.append(proposal.place(source, scalar.span.start, message))


def named(use: Use, name: str, by_hand: list[str]) -> Edit | None:
    """The edit that gives a use another name; what cannot be edited is noted in `by_hand`."""
    source = use.source
    if use.scalar is not None:
        edit = replace_scalar(source, use.scalar, name)
    elif use.where.startswith("link,"):
        edit = None
    else:
        edit = Edit(source.path, use.span.start, use.span.end, name)
    if edit is None:
        message = f"{use.where}: {quoted(source.slice(use.span))} should be {quoted(name)}"
        by_hand.append(proposal.place(source, use.span.start, message))
    return edit


def _stem(target: Target) -> str:
    name = posixpath.basename(target.path)
    return name if target.kind == "part" else posixpath.splitext(name)[0]
