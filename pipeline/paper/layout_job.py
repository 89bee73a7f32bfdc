"""What a book's layout takes and gives; pure data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.paper.pagination import Numbering, Start
from pipeline.process import Limits

LIMITS = Limits(seconds=120, megabytes=2048, settings="layout")  # for each unit
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LayoutUnit:
    """A piece of the book that begins on a new page; see `LayoutJob` for what units share.

    `html` is a fragment whose ids are unique in the book. A link of class `pageref` prints the
    page of its target where the style says `attr(data-page)`. `heads` are the running heads,
    `string(book-head)` and `string(unit-head)` in the style. `page_name` is the name of its
    pages and a class of its section. `path` is the file it is made of, where it is one.
    """

    key: str
    html: str
    numbering: Numbering
    start: Start
    heads: tuple[str, str]
    lang: str
    page_name: str
    bookmark_depth: int = 0
    path: str = ""


@dataclass(frozen=True)
class Style:
    """What all units of a book share. Files are read below `roots` only."""

    css: str
    base: Path
    roots: tuple[Path, ...]
    variant: str | None


@dataclass(frozen=True)
class UnitRequest:
    """A unit to lay out: `labels` are the page numbers to print, by anchor.

    `side` is the side of its first page. `elsewhere` are anchors of other units.
    """

    key: str
    html: str
    lang: str
    page_name: str
    side: str
    labels: Mapping[str, str]
    elsewhere: frozenset[str]


Late = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True)
class LayoutJob:
    """A whole book. Relative addresses start at `base`; only files below `roots` are read.

    `late` gives units by key whose text depends on the pages of anchors, such as an index: each
    makes its `html` from the label of the page of every anchor.
    """

    units: tuple[LayoutUnit, ...]
    css: str
    base: Path
    roots: tuple[Path, ...]
    fonts_conf: Path | None
    variant: str | None
    title: str
    authors: tuple[str, ...]
    lang: str
    identifier: str
    mirror: bool = True
    limits: Limits = LIMITS
    late: Mapping[str, Late] = field(default_factory=dict)

    @property
    def style(self) -> Style:
        """What its units share."""
        return Style(self.css, self.base, self.roots, self.variant)

    def on_pages(self, labels: Mapping[str, str]) -> "LayoutJob":
        """The job with its late units made for these pages; itself where nothing changes."""
        made = {key: make(labels) for key, make in self.late.items()}
        units = tuple(
            replace(unit, html=made[unit.key]) if unit.key in made else unit for unit in self.units
        )
        return self if units == self.units else replace(self, units=units)


@dataclass(frozen=True)
class LayoutMessage:
    """A warning, with the character that no font has, if it is about one."""

    unit: str
    text: str
    character: str | None = None


@dataclass(frozen=True)
class LayoutResult:
    """The book's pages: the label of each, and the label of the page of each anchor."""

    pages: int
    labels: tuple[str, ...]
    anchors: Mapping[str, str]
    messages: tuple[LayoutMessage, ...]
