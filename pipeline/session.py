"""What most commands begin with: the book's folder, its index, its cache."""

import argparse
from pathlib import Path

from pipeline import cache, index, project
from pipeline.config import STATE
from pipeline.errors import UserError
from pipeline.index import Index


def root(options: argparse.Namespace) -> Path:
    """The book's folder: `-C DIR`, else the nearest upward with a `book.yaml`."""
    start = Path(options.folder)
    if not start.is_dir():
        raise UserError(f"no folder {start}", hint="name the book's folder with -C")
    return project.find_root(start.resolve())


def load(options: argparse.Namespace) -> Index:
    """The index of the book."""
    return index.build(project.load(root(options)))


def store(folder: Path, *, keep: bool = True) -> cache.Store:
    """The book's cache, or one that keeps nothing."""
    state = folder / STATE
    if not keep or state.is_symlink():
        return cache.Store(None)
    return cache.Store(state / "cache")
