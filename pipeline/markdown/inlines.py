"""The inline text of a leaf as pandoc reads it: links, notes, spans, and what else stands there.

Only what decides where a link is gets read; emphasis matters for visible text alone.
"""

import re
import sys
from collections.abc import Callable
from functools import cached_property

from pipeline.clean_text import in_xml
from pipeline.markdown import lexemes
from pipeline.markdown.brackets import MAX_OPEN
from pipeline.markdown.citing import Citing
from pipeline.markdown.scanner import RawLink, References

MAX_FAILURES = 1000
"""Parentheses of one leaf that look like a destination and are none."""

_SPECIAL = re.compile(  # a first character, which a search finds at once, then what it needs
    r"[!^\\`$<\[@hf-](?:(?<=[\\`$<\[])|(?<=!)\[|(?<=\^)(?:\[|[^\s^\[\]\\`$<@]++\^)"
    r"|(?<=@)(?=[\w*{])|(?<=-)@(?=[\w*{])|(?<=h)ttps?://|(?<=f)tp://)"
)
_GUARDED = re.compile(r"[\\`$<]")
_PLAIN_LINK = re.compile(
    r"\[(?P<label>[^\[\]\\`$<!^@&*_~:\n\0]*+)\]\((?P<target>[^\s()\\<>\"'&]{1,1000}+)\)(?!\{)"
)


def marked(text: str, start: int = 0, end: int = sys.maxsize) -> bool:
    """Whether a range of a text may hold any construct."""
    return _SPECIAL.search(text, start, end) is not None


class Scan(Citing):
    """The constructs of one leaf's text, `depth` brackets within each other."""

    def __init__(self, text: str, references: References, depth: int) -> None:
        super().__init__(text, references, depth)
        self._failures = 0
        self._span(0, len(text), links=True)

    def _span(self, at: int, end: int, *, links: bool) -> None:
        while match := _SPECIAL.search(self.text, at, end):
            handler = _HANDLERS[match[0][0]]
            at = handler(self, match.start(), end, links)

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
        if links and self._even and (plain := _PLAIN_LINK.match(self.text, at, end)):
            return self._plain_link(plain)
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

    @cached_property
    def _even(self) -> bool:
        """Whether brackets are few and nothing hides one, so that the nearest two are a pair."""
        most = min(MAX_OPEN, self.depth)
        return self.text.count("[") <= most and not _GUARDED.search(self.text)

    def _plain_link(self, match: re.Match[str]) -> int:
        """A link that holds nothing else, as nearly all do; `_link` would give the same."""
        start, close = match.start(), match.end("label")
        end = match.end()
        self._mark(start, start + 1, "marker")
        self._mark(close, close + 1, "marker")
        self._mark(close + 1, end, "url")
        label, target = match.span("label"), match.span("target")
        text = in_xml(match["label"].strip())
        self.links.append(RawLink(start, end, label, target, match["target"], text=text))
        return end

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
