"""What a book's layout takes and gives; pure data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.pagination import Numbering, Start
from pipeline.process import Limits

LIMITS = Limits(seconds=120, megabytes=8192)  # for each unit
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LayoutUnit:
    """A piece of the book that begins on a new page; see `LayoutJob` for what units share.

    `html` is a fragment whose ids are unique in the book. A link of class `pageref` prints the
    page of its target where the style says `attr(data-page)`. `heads` are the running heads,
    `string(book-head)` and `string(unit-head)` in the style. `page_name` is the name of its
    pages and a class of its section.
    """

    key: str
    html: str
    numbering: Numbering
    start: Start
    heads: tuple[str, str]
    lang: str
    page_name: str
    bookmark_depth: int = 0


@dataclass(frozen=True)
class LayoutJob:
    """A whole book. Relative addresses start at `base`; only files below `roots` are read."""

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
