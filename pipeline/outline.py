"""What the block structure of a Markdown text holds, before its inline text is scanned.

All offsets point into the flat text. A line is a pair of offsets, its start moved past the marks
of the quotes and lists that hold it.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from pipeline.document import RegionKind
from pipeline.lexemes import RawAttributes

Line = tuple[int, int]
LeafKind = Literal["paragraph", "heading", "cell", "item", "quote", "note", "caption"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A run of text to be scanned: its lines, and which heading it is, if any."""

    kind: LeafKind
    lines: tuple[Line, ...]
    certain: bool = True
    heading: "RawHeading | None" = None


@dataclass(frozen=True, slots=True)
class RawHeading:
    """A heading before its text is scanned."""

    level: int
    start: int
    end: int
    attributes: RawAttributes | None = None


@dataclass(frozen=True, slots=True)
class RawTable:
    """A pipe table before its caption is scanned; rows are lists of cells."""

    start: int
    end: int
    rows: tuple[tuple[Line, tuple[Line, ...]], ...]
    columns: int
    caption: Leaf | None = None
    attributes: RawAttributes | None = None


@dataclass(frozen=True, slots=True)
class RawDiv:
    """A fenced div."""

    start: int
    end: int
    opening: Line
    attributes: RawAttributes | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A link definition: where its destination stands, and whether pandoc surely agrees."""

    start: int
    stop: int
    angle: bool
    certain: bool
    attributes: RawAttributes | None = None


@dataclass(slots=True)
class Outline:
    """What the block structure holds, in reading order; offsets into the flat text."""

    leaves: list[Leaf] = field(default_factory=list)
    tables: list[RawTable] = field(default_factory=list)
    divs: list[RawDiv] = field(default_factory=list)
    regions: list[tuple[int, int, RegionKind]] = field(default_factory=list)
    notes: list[tuple[str, int, int]] = field(default_factory=list)
    definitions: dict[str, Definition] = field(default_factory=dict)
    examples: set[str] = field(default_factory=set)
    anchors: list[tuple[str, int, int]] = field(default_factory=list)
    tags: list[re.Match[str]] = field(default_factory=list)
    blank_lines: list[int] = field(default_factory=list)
    escapes: list[int] = field(default_factory=list)
    too_deep: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Where a run of lines stands."""

    kind: LeafKind = "paragraph"
    depth: int = 0
    divs: int = 0
    certain: bool = True

    def inside(self, kind: LeafKind, *, divs: int, certain: bool) -> "Context":
        """The context of the content of a container; `divs` are those opened around it."""
        return Context(kind, self.depth + 1, self.divs + divs, certain)


def label_key(label: str) -> str:
    """The key under which a link label and its definition meet."""
    return " ".join(label.split()).lower()
