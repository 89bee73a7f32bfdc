"""What every part of the inline scanner shares: the text, what is found, what hides the rest.

Offsets count within the leaf's own text; the parser moves them to the source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from msgspec import Struct

from pipeline.document import RegionKind
from pipeline.markdown import lexemes
from pipeline.markdown.brackets import MAX_OPEN, Brackets, brackets
from pipeline.markdown.lexemes import RawAttributes
from pipeline.markdown.outline import Definition, label_key
from pipeline.markdown.visible import Piece, emphasis_open, visible_text

MAX_OPEN_SPANS = 8
"""`<span>` tags of one leaf that may stay open; pandoc takes exponential time over them."""

_ARGUMENT = re.compile(r" *+[\[{]")


class RawLink(Struct, frozen=True, gc=False):
    """A link; `definition` stands for the destination of a reference link."""

    start: int
    end: int
    label: tuple[int, int]
    destination: tuple[int, int]
    target: str
    kind: Literal["inline", "reference", "autolink", "html"] = "inline"
    image: bool = False
    angle: bool = False
    certain: bool = True
    attributes: RawAttributes | None = None
    definition: Definition | None = None
    text: str | None = None


class RawCitation(Struct, frozen=True, gc=False):
    """One key of a citation."""

    key: str
    span: tuple[int, int]
    group: tuple[int, int]
    narrative: bool
    suffix: str


@dataclass(frozen=True, slots=True)
class References:
    """What the labels of a file may refer to; keys as `label_key` makes them."""

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    examples: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()


class Scanner:
    """A leaf's text, and the constructs in it that hold no others: code, math, TeX, tags, URLs."""

    def __init__(self, text: str, references: References, depth: int) -> None:
        self.text = text
        self.references = references
        self.depth = depth
        self.links: list[RawLink] = []
        self.citations: list[RawCitation] = []
        self.notes: list[tuple[str, int, int]] = []
        self.regions: list[tuple[int, int, RegionKind]] = []
        self.anchors: list[tuple[str, int, int]] = []
        self.shown: list[Piece] = []
        self.certain = True
        self.too_deep: int | None = None
        self._url_end = 0
        self._open_spans: list[int] = []

    def visible(self, start: int = 0, end: int | None = None) -> str:
        """The text of a range as a reader sees it, markup stripped."""
        return visible_text(self.text, start, len(self.text) if end is None else end, self._pieces)

    def emphasis_open(self) -> bool:
        """Whether some emphasis begins that never ends."""
        return emphasis_open(self.text, self._pieces)

    @cached_property
    def _pieces(self) -> list[Piece]:
        return sorted(self.shown, key=lambda piece: (piece[0], -piece[1]))

    def _span(self, at: int, end: int, *, links: bool) -> None:
        """Find the constructs of a range."""
        raise NotImplementedError

    @cached_property
    def _opaque(self) -> lexemes.Opaque:
        return lexemes.Opaque(self.text)

    def _mark(self, start: int, end: int, kind: RegionKind, shown: str = "") -> None:
        self.regions.append((start, end, kind))
        self.shown.append((start, end, shown))

    @cached_property
    def _brackets(self) -> Brackets:
        found = brackets(self.text, self._opaque, self.depth)
        self.too_deep = found.too_deep
        return found

    @property
    def _pairs(self) -> dict[int, int]:
        return self._brackets.pairs

    def literal(self) -> list[int]:
        """What to escape for pandoc, whose time would grow without bounds: brackets, open spans."""
        found = self._brackets.literal if self.text.count("[") > MAX_OPEN else []
        if len(self._open_spans) > MAX_OPEN_SPANS:
            found = [*found, *self._open_spans]
        if not found:
            return []
        hidden = [(start, end) for start, end, kind in self.regions if kind in ("url", "raw")]
        return [at for at in found if not any(start <= at < end for start, end in hidden)]

    def _reference_target(self, at: int, close: int, end: int) -> tuple[str, int, RawLink] | None:
        stop = close + 1
        label = (at + 1, close)
        second = self._pairs.get(stop, end) if self.text.startswith("[", stop, end) else end
        if second < end and not self.text.startswith(("^", "@"), stop + 1):
            label = (stop + 1, second) if second > stop + 1 else label
            stop = second + 1
        key = label_key(self.text[label[0] : label[1]])
        definition = self.references.definitions.get(key)
        if definition:
            link = RawLink(
                at, stop, (at + 1, close), (0, 0), "", "reference", angle=definition.angle,
                certain=definition.certain, definition=definition,
            )  # fmt: skip
            return "", stop, link
        heading = self.references.headings.get(key)
        if heading is None or not key:
            return None
        link = RawLink(at, stop, (at + 1, close), label, "", "reference", certain=False)
        return f"#{heading}", stop, link

    # ---- code, math, TeX, HTML ------------------------------------------------------------

    def _escape(self, at: int, end: int, links: bool) -> int:
        tex = lexemes.RAW_TEX.match(self.text, at, end)
        if tex is None:
            return at + 2
        if tex["args"]:
            self._mark(at, tex.end(), "raw")
        if tex["args"] or _ARGUMENT.match(self.text, tex.end(), end):
            self.certain = False
        return tex.end()

    def _code(self, at: int, end: int, links: bool) -> int:
        found = self._opaque.code(at)
        if found is None or found[2] > end:
            return self._opaque.run_end(at)
        start, length, stop = found
        content = " ".join(self.text[start + length : stop - length].split("\n")).strip()
        raw = lexemes.raw_attribute(self.text, stop, end)
        if raw > 0:
            self._mark(start, raw, "raw")
            return raw
        self._mark(start, stop, "code", content)
        return self._attributes(stop, end)[1]

    def _attributes(self, at: int, end: int) -> tuple[RawAttributes | None, int]:
        found = lexemes.attributes(self.text, at, end)
        if found is None:
            return None, at
        if found.identifier:
            self.anchors.append((found.identifier, found.id_start, found.id_end))
        self._mark(at, found.end, "attributes")
        return found, found.end

    def _math(self, at: int, end: int, links: bool) -> int:
        match = lexemes.MATH.match(self.text, at, end)
        if match is None:
            return at + 1
        self._mark(at, match.end(), "math", match[0].strip("$").strip())
        gap = lexemes.EQUATION.match(self.text, match.end(), end)
        return self._attributes(gap.end(), end)[1] if gap else match.end()

    def _markup(self, at: int, end: int, links: bool) -> int:
        if links and (stop := self._autolink(at, end)):
            return stop
        stop = self._opaque.markup(at, end)
        if stop < 0:
            follower = self.text[at + 1 : at + 2]
            if follower.isalpha() or follower in "/!?":
                self.certain = False
            return at + 1
        comment = self.text.startswith("<!--", at)
        self._mark(at, stop, "comment" if comment else "html")
        tag = lexemes.TAG.match(self.text, at, end)
        if tag and tag["name"].lower() == "span":
            self._count_span(at, closes=bool(tag["close"]))
        if tag and not tag["close"] and tag["attrs"]:
            self._tag(tag, end)
        return stop

    def _count_span(self, at: int, *, closes: bool) -> None:
        if not closes:
            self._open_spans.append(at)
        elif self._open_spans:
            self._open_spans.pop()

    def _tag(self, tag: re.Match[str], end: int) -> None:
        name, attributes = tag["name"].lower(), lexemes.tag_attributes(tag)
        for key in ("id", "name") if name == "a" else ("id",):
            if key in attributes:
                self.anchors.append(attributes[key])
        if (name, "href") == ("a", "href") and "href" in attributes:
            stop = self.text.find("</a", tag.end(), min(end, tag.end() + lexemes.MAX_DESTINATION))
            label = (tag.end(), max(stop, tag.end()))
            self._html_link(tag, attributes["href"], label, None)
        elif name == "img" and "src" in attributes:
            alt = attributes.get("alt", ("", 0, 0))[0]
            self._html_link(tag, attributes["src"], (tag.end(), tag.end()), alt)

    def _html_link(
        self,
        tag: re.Match[str],
        value: tuple[str, int, int],
        label: tuple[int, int],
        alt: str | None,
    ) -> None:
        target, start, stop = value
        self.links.append(
            RawLink(*tag.span(), label, (start, stop), target, "html", alt is not None, text=alt)
        )

    def _autolink(self, at: int, end: int) -> int:
        match = lexemes.AUTOLINK.match(self.text, at, end)
        known = match and match["scheme"].lower() in lexemes.KNOWN_SCHEMES
        if match and not known:
            self.certain = False
        email = None if match else lexemes.EMAIL_LINK.match(self.text, at, end)
        found = match if known else email
        if found is None:
            return 0
        self.regions.append((at, found.end(), "url"))
        self.shown += [(at, at + 1, ""), (found.end() - 1, found.end(), "")]
        attributes, stop = self._attributes(found.end(), end)
        span = found.span("uri")
        target = ("mailto:" if email else "") + lexemes.unescape(found["uri"])
        self.links.append(
            RawLink(at, stop, span, span, target, "autolink", angle=True, attributes=attributes)
        )
        return stop

    def _bare_url(self, at: int, end: int, links: bool) -> int:
        match = lexemes.BARE_URL.match(self.text, at, end) if at >= self._url_end else None
        if match:
            self._url_end = match.end()
            self.regions.append((at, match.end(), "url"))
        return at + 3
