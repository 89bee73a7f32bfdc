"""The contents of a book as a tree, for an e-book's navigation and a site's sidebar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.linker import Entry
from pipeline.units import UnitPage

DEPTH = 3


@dataclass(frozen=True)
class Node:
    """A line of the contents and those below it; `href` is relative to the whole output."""

    entry: Entry
    href: str
    children: tuple["Node", ...] = ()

    @property
    def label(self) -> str:
        """Number and title."""
        return f"{self.entry.number} {self.entry.text}".strip()


def entries(pages: Iterable[UnitPage], depth: int = DEPTH) -> Iterator[Entry]:
    """The lines of the contents of the units that are built."""
    for page in pages:
        if page.unit.listed:
            yield from (entry for entry in page.entries if entry.level <= depth)


def tree(lines: Iterable[Entry], hrefs: Mapping[str, str]) -> tuple[Node, ...]:
    """Nest lines by their levels; those whose anchor has no address are left out."""
    known = [line for line in lines if line.anchor in hrefs and line.text.strip()]
    return _nest(known, hrefs)


def _nest(lines: list[Entry], hrefs: Mapping[str, str]) -> tuple[Node, ...]:
    result: list[Node] = []
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[end].level > lines[start].level:
            end += 1
        line = lines[start]
        result.append(Node(line, hrefs[line.anchor], _nest(lines[start + 1 : end], hrefs)))
        start = end
    return tuple(result)
