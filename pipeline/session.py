"""What most commands begin with: the book's folder, its index, its cache."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import cache, checker, index, memory, project, state, suppression, tree
from pipeline.config import BASELINE, FILE
from pipeline.errors import UserError
from pipeline.index import Index
from pipeline.project import Project
from pipeline.revisions import Overlay
from pipeline.source import Source
from pipeline.suppression import Baseline
from pipeline.wording import did_you_mean, shown

if TYPE_CHECKING:
    from pipeline.journal import Journal


def root(options: argparse.Namespace) -> Path:
    """The book's folder: `-C DIR`, else the nearest upward with a `book.yaml`."""
    return state.chosen(options.folder)


def load(options: argparse.Namespace, overlay: Overlay | None = None) -> Index:
    """The index of the book, or of an earlier or staged state of it."""
    folder = root(options)
    kept = store(folder, keep=not getattr(options, "no_cache", False))
    with memory.held():
        return index.build(project.load(folder, overlay, kept))


def tell_empty(loaded: Index) -> None:
    """Say of a book without a document that it has none, lest silence be taken for praise."""
    if not loaded.documents:
        folders = sorted(kind.path or "." for kind in loaded.config.content)
        print(f"the book is empty: no Markdown file in {', '.join(folders)}", file=sys.stderr)


def before(now: Project, overlay: Overlay) -> Index:
    """The index of an earlier state by today's `book.yaml`, so that like is held to like."""
    then = {path: data for path, data in overlay.items() if path != FILE}
    past = project.load(now.root, then, now.store)
    return index.build(replace(past, renames=now.renames, former=now.former))


def baseline(path: Path, root: Path) -> Baseline:
    """A baseline from its file. Raises `UserError`."""
    data = read(path, hint="write one with `make-book check --write-baseline`")
    return suppression.read_baseline(Source(relative(str(path), root), data))


def read(path: Path, *, hint: str) -> bytes:
    """A file that the user named, from anywhere. Raises `UserError`."""
    try:
        return tree.read_regular(path, project.FILE_BYTES)
    except (OSError, tree.Unreadable) as error:
        reason = getattr(error, "strerror", "") or error
        raise UserError(f"cannot read {path}: {reason}", hint=hint) from error


def known(root: Path, path: str | None = None) -> Baseline | None:
    """The baseline that was named, else the book's own, if it has one."""
    if path is None and not (root / BASELINE).is_file():
        return None
    return baseline(Path(path) if path else root / BASELINE, root)


def store(folder: Path, *, keep: bool = True) -> cache.Store:
    """The book's cache, or one that keeps nothing."""
    return state.store(folder) if keep else cache.Store(None)


def codes(words: list[str]) -> tuple[str, ...]:
    """Rule codes, or beginnings of codes, from words like `LK001,ct`. Raises `UserError`."""
    asked = [code.strip().upper() for word in words for code in word.split(",") if code.strip()]
    known = [str(rule.CODE) for rule in checker.rules()] if asked else []
    for code in asked:
        if not any(name.startswith(code) for name in known):
            near = did_you_mean(code, known)
            hint = f"did you mean {near}?" if near else "`make-book rule` lists them all"
            raise UserError(f"no rule's code begins with {code!r}", hint=hint)
    return tuple(asked)


def relative(path: str, root: Path) -> str:
    """A path as it was typed, from the project's root: below the working folder, else the root.

    Nothing need be there. Symbolic links of the last part are not followed.
    """
    here = Path(path).absolute()
    full = here.parent.resolve() / here.name if here.name != ".." else here.resolve()
    if full.is_relative_to(root) and (full.exists() or not (root / path).exists()):
        return full.relative_to(root).as_posix()
    return Path(path).as_posix()


def selection(options: argparse.Namespace, root: Path) -> checker.Selection:
    """What a command that checks was asked for: codes and paths."""
    return checker.Selection(
        codes(options.select),
        codes(options.ignore),
        paths=named(options.paths, root),
    )


def named(words: list[str], root: Path) -> tuple[str, ...]:
    """Paths and globs that were typed, from the root. Raises `UserError` where there is none."""
    paths = tuple(relative(word, root) for word in words)
    for path in paths:
        if not set("*?[").intersection(path) and not os.path.lexists(root / path):
            raise UserError(f"there is no {shown(path)} in this book", hint="check the path")
    return paths


def tell_recovered(log: "Journal") -> None:
    """Say that an interrupted run was taken back before this one began."""
    for undone in log.recovered:
        kept = f"; edited since and left: {', '.join(undone.kept)}" if undone.kept else ""
        print(f"took back the interrupted `make-book {undone.command}`{kept}", file=sys.stderr)
