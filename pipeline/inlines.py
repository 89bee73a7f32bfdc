"""The inline text of a leaf as pandoc reads it: links, citations, notes, code, math, tags.

Offsets count within the leaf's own text; `Scan` keeps them as they are and the parser moves them
to the source. Only what decides where a link is gets read; emphasis matters for visible text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pipeline import lexemes
from pipeline.brackets import Brackets, brackets
from pipeline.document import RegionKind
from pipeline.lexemes import RawAttributes
from pipeline.outline import Definition, label_key
from pipeline.visible import Piece, emphasis_closed, emphasis_open, visible_text

MAX_OPEN_SPANS = 8
"""`<span>` tags of one leaf that may stay open; pandoc takes exponential time over them."""
MAX_FAILURES = 1000
"""Parentheses of one leaf that look like a destination and are none."""

_SPECIAL = re.compile(
    r"!\[|\^(?:\[|[^\s^\[\]\\`$<@]++\^)|[\\`$<\[]|-?@(?=[\w*{])|(?:https?|ftp)://"
)
_ARGUMENT = re.compile(r" *+[\[{]")
_SPACE = re.compile(r" *+\n? *+")
_SUFFIX_START = re.compile(r"^[\s,]+")
_IN_SUFFIX = re.compile(r"\\[^\w]|[`$<\[;]|-?@(?=[\w{])")


@dataclass(frozen=True, slots=True)
class RawLink:
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


@dataclass(frozen=True, slots=True)
class RawCitation:
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


class Scan:
    """The constructs of one leaf's text."""

    def __init__(self, text: str, references: References) -> None:
        self.text = text
        self.references = references
        self.links: list[RawLink] = []
        self.citations: list[RawCitation] = []
        self.notes: list[tuple[str, int, int]] = []
        self.regions: list[tuple[int, int, RegionKind]] = []
        self.anchors: list[tuple[str, int, int]] = []
        self.shown: list[Piece] = []
        self.certain = True
        self.too_deep: int | None = None
        self._failures = 0
        self._url_end = 0
        self._open_spans: list[int] = []
        self._span(0, len(text), links=True)

    def visible(self, start: int = 0, end: int | None = None) -> str:
        """The text of a range as a reader sees it, markup stripped."""
        return visible_text(self.text, start, len(self.text) if end is None else end, self._pieces)

    def emphasis_open(self) -> bool:
        """Whether some emphasis begins that never ends."""
        return emphasis_open(self.text, self._pieces)

    @cached_property
    def _pieces(self) -> list[Piece]:
        return sorted(self.shown, key=lambda piece: (piece[0], -piece[1]))

    # ---- the loop -------------------------------------------------------------------------

    def _span(self, at: int, end: int, *, links: bool) -> None:
        while match := _SPECIAL.search(self.text, at, end):
            handler = _HANDLERS[match[0][0]]
            at = handler(self, match.start(), end, links)

    @cached_property
    def _opaque(self) -> lexemes.Opaque:
        return lexemes.Opaque(self.text)

    def _mark(self, start: int, end: int, kind: RegionKind, shown: str = "") -> None:
        self.regions.append((start, end, kind))
        self.shown.append((start, end, shown))

    @cached_property
    def _brackets(self) -> Brackets:
        found = brackets(self.text, self._opaque)
        self.too_deep = found.too_deep
        return found

    @property
    def _pairs(self) -> dict[int, int]:
        return self._brackets.pairs

    def literal(self) -> list[int]:
        """What to escape for pandoc, whose time would grow without bounds: brackets, open spans."""
        found = self._brackets.literal if "[" in self.text else []
        if len(self._open_spans) > MAX_OPEN_SPANS:
            found = [*found, *self._open_spans]
        if not found:
            return []
        hidden = [(start, end) for start, end, kind in self.regions if kind in ("url", "raw")]
        return [at for at in found if not any(start <= at < end for start, end in hidden)]

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
        return match.end()

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

    # ---- brackets -------------------------------------------------------------------------

    def _image(self, at: int, end: int, links: bool) -> int:
        return (
            self._link(at, at + 1, end, True, links)
            or self._unresolved(at + 1, end, links, image=True)
            or at + 1
        )

    def _caret(self, at: int, end: int, links: bool) -> int:
        if not self.text.startswith("[", at + 1):
            return self.text.index("^", at + 1) + 1
        close = self._pairs.get(at + 1, end)
        if close >= end or self.text.startswith(("(", "["), close + 1):
            return at + 1
        self._mark(at, at + 2, "footnote")
        self._span(at + 2, close, links=links)
        self.regions.append((close, close + 1, "footnote"))
        self.shown.append((at, close + 1, ""))
        return close + 1

    def _bracket(self, at: int, end: int, links: bool) -> int:
        note = lexemes.NOTE_MARK.match(self.text, at, end)
        if note:
            self.notes.append((note[1], *note.span()))
            known = note[1] in self.references.notes
            self._mark(*note.span(), "footnote", "" if known else note[0])
            return note.end()
        close = self._pairs.get(at, end)
        if close >= end:
            return at + 1
        return (
            self._bracketed_span(at, close, end, links)
            or (links and self._link(at, at, end, False, links))
            or self._citation_group(at, close, end, links)
            or (links and self._unresolved(at, end, links))
            or at + 1
        )

    def _bracketed_span(self, at: int, close: int, end: int, links: bool) -> int:
        if not self.text.startswith("{", close + 1, end):
            return 0
        if lexemes.attributes(self.text, close + 1, end) is None:
            return 0
        self._mark(at, at + 1, "marker")
        self._span(at + 1, close, links=links)
        self._mark(close, close + 1, "marker")
        return self._attributes(close + 1, end)[1]

    def _link(self, start: int, at: int, end: int, image: bool, links: bool) -> int:
        """The link whose label opens at an offset, inline or by reference: its end, else 0."""
        close = self._pairs.get(at, end)
        if close >= end or self.text.startswith("^", at + 1):
            return 0
        found = self._inline_target(at, close, end) or self._reference_target(at, close, end)
        if found is None:
            return 0
        target, stop, link = found
        self._mark(start, at + 1, "marker")
        self._span(at + 1, close, links=links and image)
        self._mark(close, close + 1, "marker")
        if stop > close + 1:
            self._mark(close + 1, stop, "url")
        attributes = None
        if link.kind == "inline":
            attributes, stop = self._attributes(stop, end)
        elif link.definition:
            attributes = link.definition.attributes
        self.links.append(
            RawLink(
                start, stop, (at + 1, close), link.destination, target, link.kind, image,
                link.angle, link.certain, attributes, link.definition,
            )
        )  # fmt: skip
        return stop

    def _unresolved(self, at: int, end: int, links: bool, *, image: bool = False) -> int:
        """The end of a reference to nothing: both its brackets are text, each for itself."""
        close = self._pairs.get(at, end)
        second = close + 1
        last = self._pairs.get(second, end)
        if close >= end or self.text.startswith("^", at + 1):
            return 0
        self._span(at + (not image), close + image, links=links)
        if last >= end or self.text.startswith("^", second + 1) or self._is_group(second, last):
            return second
        self._span(second, last + 1, links=links)
        return last + 1

    def _is_group(self, at: int, close: int) -> bool:
        if self.text.find("@", at, close) < 0 or self.text.startswith(("(", "{"), close + 1):
            return False
        return self._group_keys(at + 1, close) is not None

    def _inline_target(self, at: int, close: int, end: int) -> tuple[str, int, RawLink] | None:
        if not self.text.startswith("(", close + 1, end) or self._failures > MAX_FAILURES:
            return None
        found = lexemes.destination(self.text, close + 1, end)
        if found is None:
            self._failures += 1
            if self._failures > MAX_FAILURES:
                self.certain = False
            return None
        raw = self.text[found.start : found.stop]
        link = RawLink(
            at, found.end, (at + 1, close), (found.start, found.stop), "", angle=found.angle,
            certain="\n" not in self.text[close + 1 : found.end],
        )  # fmt: skip
        return lexemes.unescape(raw.replace("\n", " ")), found.end, link

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

    # ---- citations ------------------------------------------------------------------------

    def _citation_group(self, at: int, close: int, end: int, links: bool) -> int:
        """`[see @a, p. 3; @b]`; its end, 0 where it is none."""
        if self.text.find("@", at, close) < 0 or self._followed(close, end):
            return 0
        keys = self._group_keys(at + 1, close)
        if keys is None:
            return 0
        group = (at, close + 1)
        for match, stop in keys:
            self._cite(match, group, stop, narrative=False)
        self._inside_group(keys, at + 1, close, links)
        self._mark(*group, "citation", self.text[at : close + 1])
        return close + 1

    def _inside_group(
        self,
        keys: list[tuple[re.Match[str], int]],
        at: int,
        close: int,
        links: bool,
    ) -> None:
        """Scan a group for what else it holds; its own keys are known."""
        count = len(self.citations)
        own = {match.end() for match, _ in keys}
        self._span(at, close, links=links)
        self.citations[count:] = [
            cite for cite in self.citations[count:] if cite.span[1] not in own
        ]

    def _followed(self, close: int, end: int) -> bool:
        return (
            self.text.startswith("[", close + 1, end)
            and not self.text.startswith("[^", close + 1, end)
            and self._pairs.get(close + 1, end) < end
        )

    def _group_keys(self, at: int, end: int) -> list[tuple[re.Match[str], int]] | None:
        """The keys of a group and where the suffix of each ends; None where a part has no key."""
        found: list[tuple[re.Match[str], int]] = []
        key: re.Match[str] | None = None
        while match := _IN_SUFFIX.search(self.text, at, end):
            char = match[0][-1]
            at = match.end()
            if char == "@":
                cite = lexemes.CITE_KEY.match(self.text, match.start(), end)
                key = key or cite
                at = cite.end() if cite else at
            elif char == ";" and key and match[0] == ";":
                found.append((key, match.start()))
                key = None
            elif match[0] in "`$<[":
                at = self._skip(match.start(), end)
        if key is None:
            return None
        return [*found, (key, end)]

    def _skip(self, at: int, end: int) -> int:
        char = self.text[at]
        if char == "`":
            code = self._opaque.code(at)
            return code[2] if code and code[2] <= end else self._opaque.run_end(at)
        if char == "$":
            math = lexemes.MATH.match(self.text, at, end)
            return math.end() if math else at + 1
        if char == "<":
            return max(at + 1, self._opaque.markup(at, end))
        return self._pairs.get(at, at) + 1

    def _cite(
        self, match: re.Match[str], group: tuple[int, int], stop: int, *, narrative: bool
    ) -> None:
        key = match["braced"] or match["plain"]
        start = match.start() + match[0].index("@")
        suffix = _SUFFIX_START.sub("", self.text[match.end() : stop]).rstrip()
        self.citations.append(RawCitation(key, (start, match.end()), group, narrative, suffix))

    def _narrative(self, at: int, end: int, links: bool) -> int:
        match = lexemes.CITE_KEY.match(self.text, at, end)
        if match is None or emphasis_closed(self.text, at):
            return at + 1
        if (match["plain"] or match["braced"]) in self.references.examples:
            return match.end()
        narrative = self.text[at] == "@"
        opening = self._suffix_bracket(match.end(), end)
        if opening < 0:
            self._cite(match, match.span(), match.end(), narrative=narrative)
            self._mark(*match.span(), "citation", match[0])
            return match.end()
        return self._narrative_group(match, opening, links)

    def _suffix_bracket(self, at: int, end: int) -> int:
        """Where the bracket with the locator of `@key [p. 3]` opens, -1 if there is none."""
        space = _SPACE.match(self.text, at, end)
        at = space.end() if space else at
        if not self.text.startswith("[", at, end) or self.text.startswith("[^", at):
            return -1
        close = self._pairs.get(at, end)
        if close >= end or self.text.startswith(("[", "("), close + 1):
            return -1
        if lexemes.attributes(self.text, close + 1, end):
            return -1
        return -1 if self._reference_target(at, close, end) else at

    def _narrative_group(self, match: re.Match[str], opening: int, links: bool) -> int:
        close = self._pairs[opening]
        group = (match.start(), close + 1)
        narrative = match[0][0] == "@"
        keys = self._group_keys(opening + 1, close)
        own_end = close
        if keys and self.text.find(";", opening, keys[0][0].start()) >= 0:
            own_end = self.text.find(";", opening, close)
        suffix = self.text[opening + 1 : own_end].strip() if not keys or own_end < close else ""
        key = match["braced"] or match["plain"]
        start = match.start() + match[0].index("@")
        self.citations.append(RawCitation(key, (start, match.end()), group, narrative, suffix))
        for cite, stop in keys or ():
            self._cite(cite, group, stop, narrative=False)
        self._inside_group(keys or [], opening + 1, close, links)
        self._mark(*group, "citation", self.text[group[0] : group[1]])
        return close + 1


_Handler = Callable[[Scan, int, int, bool], int]
_HANDLERS: dict[str, _Handler] = {
    "\\": Scan._escape,
    "`": Scan._code,
    "$": Scan._math,
    "<": Scan._markup,
    "[": Scan._bracket,
    "!": Scan._image,
    "^": Scan._caret,
    "@": Scan._narrative,
    "-": Scan._narrative,
    "h": Scan._bare_url,
    "f": Scan._bare_url,
}
