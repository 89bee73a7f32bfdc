"""A parsed source file: front matter nodes and Markdown constructs, each with its span.

All spans are offsets into `Document.source.text`.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

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
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None


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


class Nesting(NamedTuple):
    """How deep blocks and brackets may stand in others; what stands deeper is not read."""

    blocks: int = 30
    brackets: int = 4


NESTING = Nesting()


class Body(Struct, frozen=True, array_like=True, gc=False):
    """The Markdown of a document.

    Pandoc needs a blank line above each block of `blank_lines` (offsets of their first characters
    after the marks of what holds them) and a backslash at each of `escapes`. `nesting` is how deep
    it was read.
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
    nesting: Nesting = NESTING

    def regions_of(self, *kinds: str) -> Iterator[Region]:
        """The regions of some kinds, in order."""
        return (region for region in self.regions if region.kind in kinds)


# ---- documents ----------------------------------------------------------------------------

Role = Literal["front", "part", "chapter", "back", "entry"]


class Parsed(Struct, frozen=True, array_like=True, gc=False):
    """What one reading of a file gives; `front` is None where there is no readable front matter."""

    front: Mapping | None
    front_span: Span | None
    body: Body
    problems: tuple[Problem, ...] = ()


class Facts(Struct, frozen=True, array_like=True, gc=False):
    """What the rest of a book asks of every document, kept beside its parse.

    `span` is that of the front matter, `fields` are its scalars and lists of scalars, `heading` is
    the first one of the text, `told` says whether there is a comment of ours, `broken` whether
    some front matter could not be read; `marked` has the identifiers that an author wrote. The
    digests change with what they name: what the document is called, its front matter, the
    fragments that lead into it, the places of the identifiers that an author wrote.
    """

    span: Span | None
    fields: dict[str, str | tuple[str, ...]]
    heading: str
    told: bool
    broken: bool
    marked: tuple[str, ...]
    names: bytes
    front: bytes
    anchors: bytes
    marks: bytes


class Reading(Protocol):
    """Where the parse of a document comes from, and its facts, if these are known without it."""

    def parsed(self, source: Source) -> Parsed:
        """The parse."""

    @property
    def facts(self) -> Facts | None:
        """The facts, None where nobody has read the document yet."""


class Given:
    """A reading that is there already."""

    facts: Facts | None = None

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed

    def parsed(self, source: Source) -> Parsed:
        """The parse that was given."""
        return self._parsed


class Document:
    """One Markdown file of the book, parsed when something of its text is asked for.

    `kind` is the name of its content type (`chapter`, `event`, ...), `role` its place in the
    book.
    """

    def __init__(self, source: Source, kind: str, role: Role, reading: Reading) -> None:
        self.source = source
        self.kind = kind
        self.role = role
        self.reading = reading

    def __repr__(self) -> str:
        return f"Document({self.path!r})"

    def at(self, path: str) -> "Document":
        """The same document at another path."""
        return Document(Source(path, self.source.data), self.kind, self.role, self.reading)

    def with_body(self, source: Source, body: Body) -> "Document":
        """The same front matter above another text."""
        return Document(source, self.kind, self.role, Given(replace(self.parsed, body=body)))

    @cached_property
    def parsed(self) -> Parsed:
        """The parse of the whole file."""
        return self.reading.parsed(self.source)

    @property
    def front(self) -> Mapping | None:
        """The front matter; None where there is none that can be read."""
        return self.parsed.front

    @property
    def front_span(self) -> Span | None:
        """The span of the YAML; None where there is none."""
        if facts := self.reading.facts:
            return facts.span
        return self.parsed.front_span

    @property
    def body(self) -> Body:
        """The Markdown."""
        return self.parsed.body

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read."""
        return self.parsed.problems

    @property
    def path(self) -> str:
        """POSIX path from the project's root."""
        return self.source.path

    @property
    def stem(self) -> str:
        """File name without extension; that of its folder for an `index` or `README`."""
        return self.source.stem

    @property
    def told(self) -> bool:
        """Whether a comment of ours may be in the file."""
        facts = self.reading.facts
        return facts.told if facts else b"make-book:" in self.source.data

    @property
    def broken(self) -> bool:
        """Whether a part of the front matter could not be read."""
        facts = self.reading.facts
        return facts.broken if facts else any(item.code == "FM002" for item in self.problems)

    def field(self, key: str) -> Node | None:
        """A front matter value with its span."""
        return self.front.get(key) if self.front else None

    def text(self, key: str) -> str:
        """A scalar front matter value as the author typed it, else an empty string."""
        value = self._value(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The scalar values of a field that is a scalar or a list."""
        value = self._value(key)
        return (value,) if isinstance(value, str) else value

    def _value(self, key: str) -> str | tuple[str, ...]:
        if facts := self.reading.facts:
            return facts.fields.get(key, ())
        return plain(self.field(key))

    @cached_property
    def title(self) -> str:
        """Front matter title or name, else the first heading, else the file's stem."""
        return self.text("title") or self.text("name") or self.heading or in_xml(self.stem)

    @property
    def heading(self) -> str:
        """The text of the first heading, empty if there is none."""
        if facts := self.reading.facts:
            return facts.heading
        return next((heading.text for heading in self.body.headings), "")

    @cached_property
    def title_en(self) -> str:
        """The English title or name, if given."""
        return self.text("title_en") or self.text("name_en")


def plain(node: Node | None) -> str | tuple[str, ...]:
    """The text of a scalar, the texts of the scalars of a list; nothing for anything else."""
    if isinstance(node, Scalar):
        return node.text
    return tuple(scalar.text for scalar in scalars(node))
