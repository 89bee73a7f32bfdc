"""A folder that is looked at: its files, and what was found so far, as settings and in words."""

import glob
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import project
from pipeline.tree import Tree, Unreadable

NOT_A_BOOK = frozenset(
    "readme license licence changelog contributing security todo code_of_conduct".split()
)


@dataclass(frozen=True)
class Folder:
    """The files below a root, POSIX paths, sorted."""

    root: Path
    files: tuple[str, ...]

    @property
    def markdown(self) -> tuple[str, ...]:
        """What may be a document."""
        return tuple(path for path in self.files if path.lower().endswith(project.SUFFIXES))

    def text(self, path: str) -> str:
        """The text of a file, empty where it cannot be read."""
        try:
            return Tree(self.root).read(path, project.FILE_BYTES).decode("utf-8", "replace")
        except Unreadable:
            return ""


@dataclass
class Found:
    """`settings` for book.yaml in their order; `said` what was assumed, a line each."""

    settings: dict[str, object] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def set(self, key: str, value: object, why: str = "") -> None:
        """Keep a setting that says something; `why` is said of it."""
        if value:
            self.settings[key] = value
            if why:
                self.said.append(f"{key}: {why}")


@dataclass
class Outline:
    """The chapters that another tool's configuration lists: paths from the root, in order."""

    front: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def listed(self) -> list[str]:
        """All of them as they are read."""
        return [*self.front, *self.body, *self.back]


def place(found: Found, outline: Outline, folder: Folder, source: str) -> None:
    """Set where the chapters are, their order, and what beside them is no part of the book."""
    base = common(outline.listed)
    others = _others(folder.markdown, base, outline.listed)
    chapters: dict[str, object] = {"path": base or "."}
    if others:
        chapters["exclude"] = others
    found.settings["content"] = {"chapters": chapters}
    count = len(outline.listed)
    found.said.append(f"chapters: {count} file{'s' * (count != 1)} in {base or '.'}/, as {source}")
    found.set("order", outline.body)
    parts = {
        name: [glob.escape(below(path, base)) for path in paths]
        for name, paths in (("front", outline.front), ("back", outline.back))
        if paths
    }
    found.set("parts", parts)
    found.set("numbering", "automatic", "the chapters are counted, as none has a number of its own")
    if others:
        found.said.append(f"left out: {', '.join(others)} (not in {source})")


def _others(markdown: Iterable[str], base: str, listed: list[str]) -> list[str]:
    """Globs below `base` for Markdown that is not listed: whole folders where none is."""
    used = {parent for path in listed for parent in _folders(path)}
    found: dict[str, None] = {}
    for path in markdown:
        if path in listed or not within(path, base):
            continue
        folders = (item for item in _folders(path) if within(item, base) and item not in used)
        found[glob.escape(below(next(folders, path), base))] = None
    return list(found)


def _folders(path: str) -> list[str]:
    """The folders above a path, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def common(paths: list[str]) -> str:
    """The folder that holds all of some paths, empty for the root."""
    return posixpath.commonpath([posixpath.dirname(path) for path in paths])


def within(path: str, folder: str) -> bool:
    """Whether a path lies below a folder."""
    return not folder or path.startswith(folder + "/")


def below(path: str, folder: str) -> str:
    """A path as seen from a folder above it."""
    return path[len(folder) + 1 :] if folder else path
