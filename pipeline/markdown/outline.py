"""What the block structure of a Markdown text holds, before its inline text is scanned.

All offsets point into the flat text: newlines only, no tabs.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from msgspec import Struct

from pipeline.document import Nesting, RegionKind
from pipeline.markdown.lexemes import RawAttributes

Range = tuple[int, int]
LeafKind = Literal["paragraph", "heading", "cell", "item", "quote", "note", "caption"]


class Line(NamedTuple):
    """A line without its end: `start` is past the marks of what holds it, `at` past its indent."""

    start: int
    end: int
    at: int


def line_at(start: int, end: int, at: int) -> Line:
    """A line, made in half the time that its class takes; a text has many."""
    return tuple.__new__(Line, (start, end, at))


class RawHeading(Struct, frozen=True, gc=False):
    """A heading before its text is scanned."""

    level: int
    start: int
    end: int
    attributes: RawAttributes | None = None


class Leaf(Struct, frozen=True, gc=False):
    """A run of text to be scanned: its lines, and which heading it is, if any."""

    kind: LeafKind
    lines: tuple[Range, ...]
    certain: bool = True
    heading: RawHeading | None = None


class Caption(NamedTuple):
    """A table's caption."""

    leaf: Leaf
    attributes: RawAttributes | None


class RawTable(Struct, frozen=True, gc=False):
    """A pipe table; rows with their cells, the head first."""

    start: int
    end: int
    rows: tuple[tuple[Range, tuple[Range, ...]], ...]
    columns: int
    caption: Caption | None = None


class RawDiv(Struct, frozen=True, gc=False):
    """A fenced div."""

    start: int
    end: int
    opening: Range
    attributes: RawAttributes | None
    name: str = ""


class Definition(Struct, frozen=True, gc=False):
    """A link definition: where its destination stands, and whether pandoc surely agrees."""

    start: int
    stop: int
    angle: bool
    certain: bool
    attributes: RawAttributes | None = None


@dataclass(slots=True)
class Outline:
    """What the block structure holds, in reading order; `unsure` where pandoc may differ."""

    nesting: Nesting
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
    unsure: list[Range] = field(default_factory=list)
    too_deep: int | None = None

    def anchor(self, attributes: RawAttributes | None) -> None:
        """Note the identifier of some attributes."""
        if attributes and attributes.identifier:
            self.anchors.append((attributes.identifier, attributes.id_start, attributes.id_end))


class Context(NamedTuple):
    """Where a run of lines stands: in what, how deep, in how many divs, in a list or not."""

    kind: LeafKind = "paragraph"
    depth: int = 0
    divs: int = 0
    in_list: bool = False
    certain: bool = True


def label_key(label: str) -> str:
    """The key under which a link label and its definition meet."""
    return " ".join(label.split()).lower()
