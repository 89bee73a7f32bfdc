"""BibTeX and BibLaTeX files with the place of every key and field.

One pass over the text. As in pandoc, `%` begins a comment between entries and between fields, and
a backslash protects a brace. An entry that is not closed ends where the next begins at the start
of a line, so that nothing swallows its neighbours.
"""

import re

from pipeline.citations.bibtex_values import CODE, ENTRY, PROBLEMS, Scanner, Unclosed
from pipeline.citations.crossrefs import inherited
from pipeline.citations.entry import Entry, Field
from pipeline.document import Problem
from pipeline.records.capping import capped
from pipeline.source import Source, Span
from pipeline.wording import quoted

_NEXT_ENTRY = re.compile(ENTRY)
_TOP = re.compile(r"[@%]")
_COMMENT = re.compile(r"%[^\r\n]*")
_HEAD = re.compile(r"@\s*([A-Za-z][\w-]*)\s*")
_KEY = re.compile(r"[^\s,{}]+")
_NAME = re.compile(r"[^\s=,{}()\"#%'@]+")
_SKIP = re.compile(r"[^,{}()@\r\n]+|[\r\n]+")
_NO_KEY = re.compile(r"[^\s,{}=]+\s*=\s*[\"{\w]")
_STRAY = re.compile(r"\s*+,?\s*+(?P<field>[A-Za-z][\w-]*)\s*=\s*[\"{\d]")


def read(source: Source) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The entries of a file in order, duplicates included, and what could not be read."""
    reader = _Reader(source)
    reader.file()
    entries = inherited(reader.entries, reader.report)
    problems = sorted(reader.problems, key=lambda problem: problem.span)
    return tuple(entries), capped(problems, PROBLEMS)


class _Reader(Scanner):
    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.entries: list[Entry] = []
        self._braces: dict[int, int] | None = None

    # ---- the file ---------------------------------------------------------------------

    def file(self) -> None:
        """Read everything."""
        while match := _TOP.search(self.text, self.position):
            self.position = match.start()
            if match[0] == "%":
                self._comment()
            else:
                self._item()

    def _comment(self) -> None:
        match = _COMMENT.match(self.text, self.position)
        assert match
        self.position = match.end()
        start = re.search(r"@[ \t]*[A-Za-z]+[ \t]*[{(]", match[0])
        if not start or match[0].count("{") == match[0].count("}"):
            return
        below = re.compile(r"\s*([^\r\n]?)").match(self.text, match.end())
        if below and below[1] not in ("%", ""):
            place = match.start() + start.start()
            self.report(
                place, match.end(), "an entry begins in a `%` comment and goes on below it",
                "begin each of its lines with `%`, or remove the `%`; "
                "other programs would lose the entry after it",
            )  # fmt: skip

    def _item(self) -> None:
        start = self.position
        head = _HEAD.match(self.text, start)
        if not head:
            self.position = start + 1
            return
        kind = head[1].lower()
        opening = self.text[head.end() : head.end() + 1]
        if kind == "comment":
            self._skip_comment(start, head.end())
        elif opening not in ("{", "(") or not opening:
            self.position = head.end()
            self._not_an_item(head)
        else:
            self.position = head.end() + 1
            self._contents(start, head.end(), kind)

    def _not_an_item(self, head: re.Match[str]) -> None:
        if self.begins_line(head.start()):
            end = self.trimmed(head.end())
            word = quoted(self.text[head.start() : end])
            self.report(head.start(), end, f"expected `{{` after {word}",
                        "write `@misc{key, …}`")  # fmt: skip

    def _contents(self, start: int, opening: int, kind: str) -> None:
        try:
            if kind == "string":
                self._string(opening)
            elif kind == "preamble":
                self.value()
                self.close(opening)
            else:
                self._entry(start, opening, kind)
        except Unclosed as unclosed:
            self.report(
                unclosed.opening, unclosed.opening + 1,
                f"`{self.text[unclosed.opening]}` is never closed",
                "add the closing mark", to=unclosed.at if unclosed.at < len(self.text) else -1,
            )  # fmt: skip
            self.position = unclosed.at

    def _skip_comment(self, start: int, end: int) -> None:
        self.position = end
        if self.text[end : end + 1] != "{":
            return
        closing = self._matching().get(end)
        if closing is None:
            self.report(start, end + 1, "the `{` of this comment is never closed",
                        "add the closing `}`: other programs ignore what follows")  # fmt: skip
            self.position = end + 1
        else:
            self.position = closing + 1

    def _matching(self) -> dict[int, int]:
        """Each opening brace of the file and the brace that closes it."""
        if self._braces is None:
            self._braces = {}
            waiting: list[int] = []
            for match in re.finditer(r"\\.|[{}]", self.text, re.DOTALL):
                if match[0] == "{":
                    waiting.append(match.start())
                elif match[0] == "}" and waiting:
                    self._braces[waiting.pop()] = match.start()
        return self._braces

    def _string(self, opening: int) -> None:
        self.blank()
        name = _NAME.match(self.text, self.position)
        if not name:
            self.report(opening, opening + 1, "expected `name = value` in `@string`")
            return
        self.position = name.end()
        if not self._equals(name):
            return
        value, _ = self.value()
        self.macros[name[0].lower()] = value
        self.close(opening)

    # ---- entries ----------------------------------------------------------------------

    def _entry(self, start: int, opening: int, kind: str) -> None:
        problems, left = len(self.problems), self.left
        try:
            self._fields(start, opening, kind)
        except Unclosed:
            del self.problems[problems:]
            self.position, self.left, self.careful, self.cut = opening + 1, left, True, False
            self._fields(start, opening, kind)
            self.careful = False
        self._after_entry()

    def _fields(self, start: int, opening: int, kind: str) -> None:
        key = self._key(start, opening)
        fields: dict[str, Field] = {}
        try:
            while not self._at_end(opening):
                self._field(fields)
            end = self.position
        except Unclosed as unclosed:
            if not self.careful:
                raise
            self.position, end = unclosed.at, self.trimmed(unclosed.at)
            self._not_closed(unclosed, opening, key[0] if key else kind)
        if key:
            place = Span(*key.span())
            self.entries.append(
                Entry(key[0], kind, fields, Span(start, end), self.source.path, place)
            )

    def _not_closed(self, unclosed: Unclosed, opening: int, name: str) -> None:
        if not self.cut:
            to = unclosed.at if unclosed.at < len(self.text) else -1
            self.report(opening, opening + 1, f"the entry {quoted(name)} is never closed",
                        "add the closing `}` after its last field", to=to)  # fmt: skip

    def _after_entry(self) -> None:
        stray = _STRAY.match(self.text, self.position)
        if stray:
            self.report(stray.start("field"), stray.end("field"),
                        f"the field {quoted(stray['field'])} is outside of any entry",
                        "the entry above is closed too early: remove its last brace")  # fmt: skip

    def _key(self, start: int, opening: int) -> re.Match[str] | None:
        self.blank()
        key = _KEY.match(self.text, self.position)
        if key is None or _NO_KEY.match(self.text, self.position):
            self.report(start, opening + 1, "this entry has no key",
                        "write a key after the brace: `@misc{key, …}`")  # fmt: skip
            if self.text[self.position : self.position + 1] == ",":
                self.position += 1
            return None
        self.position = key.end()
        self._after_key(key)
        return key

    def _after_key(self, key: re.Match[str]) -> None:
        self.blank()
        following = self.text[self.position : self.position + 1]
        if following == ",":
            self.position += 1
        elif following not in ("}", ")", ""):
            rest = re.compile(r"[^,=\r\n{}]*").match(self.text, self.position)
            assert rest
            spaced = self.text[rest.end() : rest.end() + 1] == ","
            self.report(
                self.position, self.position + max(1, len(rest[0].rstrip())),
                f"expected a comma after the key {quoted(key[0])}",
                "a key has no spaces" if spaced else f"write `{key[0]},`",
            )  # fmt: skip
            if spaced:
                self.position = rest.end() + 1

    def _at_end(self, opening: int) -> bool:
        """Whether the entry ends here; commas are passed."""
        while True:
            self.blank()
            char = self.text[self.position : self.position + 1]
            if char == ",":
                self.position += 1
                continue
            if not char or (char == "@" and self._next_entry()):
                raise Unclosed(opening, self.position)
            if char == "}" or (char == ")" and self.text[opening] == "("):
                self._closing(opening, char)
                return True
            return False

    def _next_entry(self) -> bool:
        begins = self.begins_line(self.position)
        return begins and _NEXT_ENTRY.match(self.text, self.position) is not None

    def _closing(self, opening: int, char: str) -> None:
        self.position += 1
        if char == "}" and self.text[opening] == "(":
            self.report(self.position - 1, self.position, "expected `)`, found `}`",
                        "close with the bracket that opened the entry")  # fmt: skip

    def _field(self, fields: dict[str, Field]) -> None:
        name = _NAME.match(self.text, self.position)
        if not name:
            self._junk()
            return
        self.position = name.end()
        if not self._equals(name):
            return
        text, span = self.value()
        known = name[0].lower()
        place = Span(*name.span())
        if known in fields:
            self.problems.append(Problem(
                CODE, place, f"the field {quoted(known)} is given twice",
                "keep one of the two: the first counts", fields[known].key_span,
                "first given here",
            ))  # fmt: skip
        else:
            fields[known] = Field(text, span, place)
        if not self.cut:
            self._comma(span.end)

    def _comma(self, end: int) -> None:
        self.blank()
        char = self.text[self.position : self.position + 1]
        if char not in (",", "}", ")", "@", ""):
            self.report(max(end - 1, 0), end, "a comma is missing after this field",
                        "write a comma before the next field")  # fmt: skip

    def _junk(self) -> None:
        """Pass what is no field: a value without a name, or stray characters."""
        start = self.position
        if self.text[start] in '={"':
            self.position += self.text[start] == "="
            self.blank()
            self.part()
        if self.position <= start + 1:
            match = _SKIP.match(self.text, start + 1)
            self.position = max(start + 1, match.end() if match else 0)
        end = max(start + 1, self.trimmed(self.position))
        self.report(start, end, f"expected `field = value`, found {quoted(self.text[start:end])}",
                    "remove it, or give it a name")  # fmt: skip

    def _equals(self, name: re.Match[str]) -> bool:
        self.blank()
        char = self.text[self.position : self.position + 1]
        if char == "=":
            self.position += 1
            return True
        self.report(name.start(), name.end(), f"expected `=` after {quoted(name[0])}",
                    "write `field = {value},`")  # fmt: skip
        return char in ("{", '"')

    # ---- values -----------------------------------------------------------------------
