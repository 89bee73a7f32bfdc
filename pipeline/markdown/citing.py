"""Citations: `[see @key, p. 3; @other]`, `@key [p. 3]`, `@key`."""

import re

from pipeline.markdown import lexemes
from pipeline.markdown.scanner import RawCitation, Scanner
from pipeline.markdown.visible import emphasis_closed

_SPACE = re.compile(r" *+\n? *+")
_SUFFIX_START = re.compile(r"^[\s,]+")
_IN_SUFFIX = re.compile(r"\\[^\w]|[`$<\[;]|-?@(?=[\w{])")


class Citing(Scanner):
    """A scanner that knows citations."""

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

    def _is_group(self, at: int, close: int) -> bool:
        if self.text.find("@", at, close) < 0 or self.text.startswith(("(", "{"), close + 1):
            return False
        return self._group_keys(at + 1, close) is not None
