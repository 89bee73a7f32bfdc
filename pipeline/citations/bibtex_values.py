"""Values of BibTeX: braces, quotation marks, abbreviations, and where they run too far."""

import re

from pipeline.document import Problem
from pipeline.expressions import expression
from pipeline.source import Source, Span
from pipeline.wording import did_you_mean, quoted

CODE = "CT005"
VALUE = 100_000
EXPANDED = 5_000_000
PROBLEMS = 200
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

ENTRY = r"@[ \t]*[A-Za-z]+[ \t]*[{(][ \t]*[^\s,{}()=\"]+[ \t]*,"
_START = rf"(?<![^\n\r])[ \t]*{ENTRY}"
_ASSIGNED = (
    r"(?<![^\n\r])[ \t]*[A-Za-z][\w-]*[ \t]*=[ \t]*"
    r"(?:[\"{]|\d+[ \t]*,?[ \t]*(?:[\r\n]|\Z))"
)
_IN_BRACES = expression(rf"\\.|[{{}}]|(?P<entry>{_START})", re.DOTALL)
_IN_BRACES_LINE = expression(rf"\\.|[{{}}]|(?P<entry>{_START})|(?P<field>{_ASSIGNED})", re.DOTALL)
_IN_QUOTES = expression(rf"\\.|[{{}}\"]|(?P<entry>{_START})", re.DOTALL)
_IN_QUOTES_LINE = expression(rf"\\.|[{{}}\"]|(?P<entry>{_START})|(?P<field>{_ASSIGNED})", re.DOTALL)
_BLANK = expression(r"(?:\s+|%[^\r\n]*)*")
_WORD = expression(r"[^\s=,{}()\"#%']+")
_STRANGE = expression("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]+")
_LINE = expression(r"[^\r\n]*")
_SPACE = expression(r"\s+")


class Unclosed(Exception):
    """A brace or quotation mark at `opening` is still open where something else begins."""

    def __init__(self, opening: int, at: int) -> None:
        super().__init__(opening, at)
        self.opening = opening
        self.at = at


class Scanner:
    """A BibTeX file and a position in it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = _STRANGE.sub(lambda match: _blanked(match[0]), source.text)
        self.position = 0
        self.problems: list[Problem] = []
        self.macros: dict[str, str] = {name: name for name in MONTHS}
        self.left = EXPANDED
        self.careful = False  # a second look at an entry that is not closed
        self.cut = False  # whether a value of this entry was ended by what follows it
        for match in _STRANGE.finditer(source.text):
            self._strange(match)

    def report(self, start: int, end: int, message: str, help_: str = "", *, to: int = -1) -> None:
        """Add a problem; `to` is the start of what follows it, shown as related."""
        related = Span(to, to + 1) if to >= 0 else None
        words = "this begins before it is closed" if related else ""
        place = Span(start, min(end, len(self.text)))
        self.problems.append(Problem(CODE, place, message, help_, related, words))

    def _strange(self, match: re.Match[str]) -> None:
        if match[0][0] == "\ufeff":
            return
        bad = "\ud800" <= match[0][0] <= "\udfff"
        self.report(
            match.start(), match.end(),
            "bytes that are not UTF-8" if bad else f"control characters {quoted(match[0])}",
            "save the file as UTF-8" if bad else "remove them",
        )  # fmt: skip

    def value(self) -> tuple[str, Span]:
        """The text of a value, its parts joined, and its span."""
        parts: list[str] = []
        self.blank()
        start = end = self.position
        while True:
            part = self.part()
            if part is None:
                self.report(self.position, self.position + 1, "expected a value here",
                            "write it between braces: `{value}`")  # fmt: skip
                break
            parts.append(part)
            end = self.position
            self.blank()
            if self.text[self.position : self.position + 1] != "#":
                self.position = max(end, self.position)
                break
            self.position += 1
            self.blank()
        text = "".join(parts)
        if len(text) > VALUE:
            self.report(start, end, f"a value of {len(text):,} characters is too long",
                        f"{VALUE:,} are allowed")  # fmt: skip
            text = ""
        return _SPACE.sub(" ", text).strip(), Span(start, end)

    def part(self) -> str | None:
        """One part of a value, None where there is none."""
        char = self.text[self.position : self.position + 1]
        if char == "{":
            return self._braced()
        if char == '"':
            return self._quoted()
        word = _WORD.match(self.text, self.position)
        if not word:
            return None
        self.position = word.end()
        return word[0] if word[0].isdigit() else self._macro(word)

    def _braced(self) -> str:
        opening = self.position
        depth = 0
        for match in (_IN_BRACES_LINE if self.careful else _IN_BRACES).finditer(self.text, opening):
            if match.lastgroup:
                return self._cut(opening, match.end() - len(match[0].lstrip()))
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if not depth:
                self.position = match.end()
                return self.text[opening + 1 : match.start()]
        return self._cut(opening, len(self.text))

    def _quoted(self) -> str:
        opening = self.position
        depth = 0
        pattern = _IN_QUOTES_LINE if self.careful else _IN_QUOTES
        for match in pattern.finditer(self.text, opening + 1):
            if match.lastgroup:
                return self._cut(opening, match.end() - len(match[0].lstrip()))
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if match[0] == '"' and depth <= 0:
                self.position = match.end()
                return self.text[opening + 1 : match.start()]
        return self._cut(opening, len(self.text))

    def _cut(self, opening: int, at: int) -> str:
        """A value that runs into the next entry, field or the end: ended there when careful."""
        if not self.careful:
            raise Unclosed(opening, at)
        mark = self.text[opening]
        self.report(opening, opening + 1, f"`{mark}` is never closed in this field",
                    f"add `{'}' if mark == '{' else mark}` at the end of the value",
                    to=at if at < len(self.text) else -1)  # fmt: skip
        self.position, self.cut = at, True
        line = _LINE.match(self.text, opening + 1, min(at, opening + VALUE))
        return line[0].rstrip(' \t,}"') if line else ""

    def _macro(self, word: re.Match[str]) -> str:
        name = word[0].lower()
        if name not in self.macros:
            near = did_you_mean(name, self.macros) if len(self.problems) < PROBLEMS else None
            help_ = f"did you mean {quoted(near)}?" if near else ""
            self.report(
                word.start(), word.end(), f"the abbreviation {quoted(word[0])} is not defined",
                help_ or "put braces around the value, or define it above with `@string`",
            )  # fmt: skip
            return word[0]
        value = self.macros[name]
        self.left -= len(value)
        if self.left < 0:
            self.report(word.start(), word.end(), "abbreviations grow beyond all bounds here",
                        "shorten the `@string` definitions")  # fmt: skip
            return word[0]
        return value

    def blank(self) -> None:
        """Pass white space and comments."""
        match = _BLANK.match(self.text, self.position)
        if match:
            self.position = match.end()

    def close(self, opening: int) -> None:
        """Pass the closing mark; raises `Unclosed` where there is none."""
        self.blank()
        if self.text[self.position : self.position + 1] in ("}", ")"):
            self.position += 1
        else:
            raise Unclosed(opening, self.position)

    def begins_line(self, at: int) -> bool:
        """Whether only blanks stand before an index on its line."""
        while at and self.text[at - 1] in " \t":
            at -= 1
        return not at or self.text[at - 1] in "\r\n"

    def trimmed(self, at: int) -> int:
        """The end of the text before an index, white space left out."""
        while at and self.text[at - 1].isspace():
            at -= 1
        return at


def _blanked(run: str) -> str:
    bad = "\ud800" <= run[0] <= "\udfff"
    return ("\ufffd" if bad else " ") * len(run)
