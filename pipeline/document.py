"""A parsed source file: front matter nodes and Markdown constructs, each with its span.

All spans are offsets into `Document.source.text`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from msgspec import Struct

from pipeline.clean_text import in_xml
from pipeline.source import Source, Span

# ---- front matter -------------------------------------------------------------------------


class Scalar(Struct, frozen=True, array_like=True, gc=False, tag=1):
    """A YAML scalar as text; `span` covers its own characters, quotes included."""

    text: str
    span: Span
    style: Literal["plain", "single", "double", "literal", "folded"] = "plain"


class Sequence(Struct, frozen=True, array_like=True, gc=False, tag=2):
    """A YAML sequence; `flow` for `[a, b]`."""

    items: tuple["Node", ...]
    span: Span
    flow: bool = False


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """One key and its value."""

    key: Scalar
    value: "Node"


class Mapping(Struct, frozen=True, array_like=True, gc=False, tag=3):
    """A YAML mapping; a key given twice keeps its first value in `get`."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool = False

    def get(self, key: str) -> "Node | None":
        """The value of a key, None where it is absent."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


Node = Scalar | Sequence | Mapping


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """The scalars of a scalar or of a sequence of scalars, in order."""
    if isinstance(node, Scalar):
        return (node,)
    if isinstance(node, Sequence):
        return tuple(item for item in node.items if isinstance(item, Scalar))
    return ()


class Problem(Struct, frozen=True, array_like=True, gc=False):
    """A failure to read part of a file, kept for the rule `code` to report."""

    code: str
    span: Span
    message: str
    help: str = ""
    related: Span | None = None
    related_message: str = ""


# ---- Markdown -----------------------------------------------------------------------------


class Attributes(Struct, frozen=True, array_like=True, gc=False):
    """Pandoc attributes `{#id .class key=value}`."""

    identifier: str = ""
    classes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    identifier_span: Span | None = None

    def value(self, key: str) -> str | None:
        """The value of a key, None where it is absent."""
        return dict(self.pairs).get(key)


class Heading(Struct, frozen=True, array_like=True, gc=False):
    """An ATX or Setext heading. `anchor` is pandoc's identifier, `github` GitHub's."""

    level: int
    text: str
    span: Span
    text_span: Span
    anchor: str
    github: str
    attributes: Attributes = Attributes()


class Link(Struct, frozen=True, array_like=True, gc=False):
    """A link or image. `destination_span` covers the characters a repair replaces.

    `destination` is what the author means (entities and backslash escapes resolved, percent
    escapes kept). For a reference link the destination stands in its definition; a mention is
    `@fig-a`, with the name alone as what a repair replaces.
    `certain` is False where pandoc might read the construct otherwise: never rewritten.
    """

    destination: str
    span: Span
    destination_span: Span
    text: str
    kind: Literal["inline", "reference", "autolink", "html", "mention"] = "inline"
    image: bool = False
    angle: bool = False
    certain: bool = True
    attributes: Attributes = Attributes()


class Citation(Struct, frozen=True, array_like=True, gc=False):
    """One key of a citation: `span` covers `@key`; `group` the bracketed whole, if any."""

    key: str
    span: Span
    group: Span
    narrative: bool = False
    suffix: str = ""


class Footnote(Struct, frozen=True, array_like=True, gc=False):
    """A footnote reference `[^label]` or the label of a definition `[^label]:`."""

    label: str
    span: Span
    definition: bool


class Row(Struct, frozen=True, array_like=True, gc=False):
    """A row of a pipe table; `cells` are the trimmed contents."""

    span: Span
    cells: tuple[Span, ...]


class Table(Struct, frozen=True, array_like=True, gc=False):
    """A pipe table: head, rows below the delimiter row, caption if any."""

    span: Span
    head: Row
    rows: tuple[Row, ...]
    columns: int
    caption: str = ""
    attributes: Attributes = Attributes()


class Anchor(Struct, frozen=True, array_like=True, gc=False):
    """An explicit identifier other than a heading's: on a span, div, figure or code block."""

    identifier: str
    span: Span


class Div(Struct, frozen=True, array_like=True, gc=False):
    """A fenced div: `span` from its opening fence to the end of its closing fence."""

    span: Span
    attributes: Attributes
    opening: Span


RegionKind = Literal[
    "code", "math", "comment", "html", "raw", "url", "attributes", "citation", "footnote",
    "definition", "marker",
]  # fmt: skip


class Region(Struct, frozen=True, array_like=True, gc=False):
    """Characters that are not prose: code, math, comments, raw blocks, URLs, attributes.

    A marker is markup around prose: link brackets, the marks of quotes and lists within a block.
    """

    span: Span
    kind: RegionKind


class Block(Struct, frozen=True, array_like=True, gc=False):
    """A leaf block of text: a paragraph, heading, table cell or definition term.

    `span` covers its content; prose is what no region within it covers.
    """

    kind: Literal["paragraph", "heading", "cell", "item", "quote", "note", "caption"]
    span: Span


class Body(Struct, frozen=True, array_like=True, gc=False):
    """The Markdown of a document.

    Pandoc needs a blank line above each block of `blank_lines` (offsets of their first characters
    after the marks of what holds them) and a backslash at each of `escapes`.
    """

    span: Span
    headings: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    citations: tuple[Citation, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    tables: tuple[Table, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    divs: tuple[Div, ...] = ()
    regions: tuple[Region, ...] = ()
    blocks: tuple[Block, ...] = ()
    blank_lines: tuple[int, ...] = ()
    escapes: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()

    def regions_of(self, *kinds: str) -> Iterator[Region]:
        """The regions of some kinds, in order."""
        return (region for region in self.regions if region.kind in kinds)


# ---- documents ----------------------------------------------------------------------------

Role = Literal["front", "part", "chapter", "back", "entry"]


@dataclass(frozen=True)
class Document:
    """One Markdown file of the book.

    `kind` is the name of its content type (`chapter`, `event`, ...), `role` its place in the
    book; `front` is None where there is no readable front matter.
    """

    source: Source
    kind: str
    role: Role
    front: Mapping | None
    front_span: Span | None
    body: Body
    problems: tuple[Problem, ...] = ()
    record: dict[str, object] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """POSIX path from the project's root."""
        return self.source.path

    @property
    def stem(self) -> str:
        """File name without extension; that of its folder for an `index` or `README`."""
        return self.source.stem

    def field(self, key: str) -> Node | None:
        """A front matter value with its span."""
        return self.front.get(key) if self.front else None

    def text(self, key: str) -> str:
        """A scalar front matter value as the author typed it, else an empty string."""
        node = self.field(key)
        return node.text if isinstance(node, Scalar) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The scalar values of a field that is a scalar or a list."""
        return tuple(scalar.text for scalar in scalars(self.field(key)))

    @cached_property
    def title(self) -> str:
        """Front matter title or name, else the first heading, else the file's stem."""
        named = self.text("title") or self.text("name")
        if named:
            return named
        first = next((heading.text for heading in self.body.headings), "")
        return first or in_xml(self.stem)

    @cached_property
    def title_en(self) -> str:
        """The English title or name, if given."""
        return self.text("title_en") or self.text("name_en")
