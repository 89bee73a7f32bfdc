"""BibTeX and BibLaTeX files with the place of every key and field.

One pass over the text. As in pandoc, `%` begins a comment between entries and between fields, and
a backslash protects a brace. An entry that is not closed ends where the next begins at the start
of a line, so that nothing swallows its neighbours.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from pipeline.document import Problem
from pipeline.entry import Entry, Field
from pipeline.source import Source, Span
from pipeline.wording import did_you_mean, quoted

CODE = "CT005"
VALUE = 100_000
EXPANDED = 5_000_000
PROBLEMS = 200

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_START = r"(?<![^\n\r])[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(][ \t]*[^\s,{}()=\"]+[ \t]*,"
_ASSIGNED = r"(?<![^\n\r])[ \t]*[A-Za-z][\w-]*[ \t]*=[ \t]*(?:[\"{]|\d+[ \t]*,?[ \t]*(?:[\r\n]|\Z))"
_NEXT_ENTRY = re.compile(_START)
_IN_BRACES = re.compile(rf"\\.|[{{}}]|(?P<entry>{_START})", re.DOTALL)
_IN_BRACES_LINE = re.compile(rf"\\.|[{{}}]|(?P<entry>{_START})|(?P<field>{_ASSIGNED})", re.DOTALL)
_IN_QUOTES = re.compile(rf"\\.|[{{}}\"]|(?P<entry>{_START})", re.DOTALL)
_IN_QUOTES_LINE = re.compile(rf"\\.|[{{}}\"]|(?P<entry>{_START})|(?P<field>{_ASSIGNED})", re.DOTALL)
_TOP = re.compile(r"[@%]")
_COMMENT = re.compile(r"%[^\r\n]*")
_BLANK = re.compile(r"(?:\s+|%[^\r\n]*)*")
_HEAD = re.compile(r"@\s*([A-Za-z][\w-]*)\s*")
_KEY = re.compile(r"[^\s,{}]+")
_NAME = re.compile(r"[^\s=,{}()\"#%'@]+")
_WORD = re.compile(r"[^\s=,{}()\"#%']+")
_SKIP = re.compile(r"[^,{}()@\r\n]+|[\r\n]+")
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]+")
_SPACE = re.compile(r"\s+")


class Report(Protocol):
    """Takes a problem: its bounds, message and help."""

    def __call__(self, start: int, end: int, message: str, help_: str = "") -> None: ...


class _Unclosed(Exception):
    """A brace or quotation mark at `opening` is still open where something else begins."""

    def __init__(self, opening: int, at: int) -> None:
        super().__init__(opening, at)
        self.opening = opening
        self.at = at


def read(source: Source) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The entries of a file in order, duplicates included, and what could not be read."""
    reader = _Reader(source)
    reader.file()
    entries = inherited(reader.entries, reader.report)
    problems = sorted(reader.problems, key=lambda problem: problem.span)
    return tuple(entries), tuple(problems[:PROBLEMS])


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = _STRANGE.sub(lambda match: _blanked(match[0]), source.text)
        self.position = 0
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.macros: dict[str, str] = {name: name for name in MONTHS}
        self.left = EXPANDED
        self.careful = False
        self._braces: dict[int, int] | None = None
        for match in _STRANGE.finditer(source.text):
            self._strange(match)

    def report(self, start: int, end: int, message: str, help_: str = "", *, to: int = -1) -> None:
        """Add a problem; `to` is the start of what follows it, shown as related."""
        related = Span(to, to + 1) if to >= 0 else None
        words = "this begins before it is closed" if related else ""
        self.problems.append(Problem(CODE, Span(start, end), message, help_, related, words))

    def _strange(self, match: re.Match[str]) -> None:
        if match[0][0] == "\ufeff":
            return
        bad = "\ud800" <= match[0][0] <= "\udfff"
        self.report(
            match.start(), match.end(),
            "bytes that are not UTF-8" if bad else f"control characters {quoted(match[0])}",
            "save the file as UTF-8" if bad else "remove them",
        )  # fmt: skip

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
        line_start = max(
            self.text.rfind("\n", 0, head.start()), self.text.rfind("\r", 0, head.start())
        )
        if not self.text[line_start + 1 : head.start()].strip():
            self.report(head.start(), head.start() + len(head[0].rstrip()),
                        f"expected `{{` after {quoted(head[0].strip())}",
                        "write `@misc{key, …}`")  # fmt: skip

    def _contents(self, start: int, opening: int, kind: str) -> None:
        try:
            if kind == "string":
                self._string(opening)
            elif kind == "preamble":
                self._value()
                self._close(opening)
            else:
                self._entry(start, opening, kind)
        except _Unclosed as unclosed:
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
                        "add the closing `}`: other programs ignore everything below it")  # fmt: skip
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
        self._blank()
        name = _NAME.match(self.text, self.position)
        if not name:
            self.report(opening, opening + 1, "expected `name = value` in `@string`")
            return
        self.position = name.end()
        if not self._equals(name):
            return
        value, span = self._value()
        self.macros[name[0].lower()] = value
        self._close(opening)

    # ---- entries ----------------------------------------------------------------------

    def _entry(self, start: int, opening: int, kind: str) -> None:
        problems, left = len(self.problems), self.left
        try:
            self._fields(start, opening, kind)
        except _Unclosed:
            del self.problems[problems:]
            self.position, self.left, self.careful = opening + 1, left, True
            try:
                self._fields(start, opening, kind)
            finally:
                self.careful = False

    def _fields(self, start: int, opening: int, kind: str) -> None:
        key = self._key(start, opening)
        fields: dict[str, Field] = {}
        closed = self.text[opening] == "{" and "}" or ")"
        unclosed: _Unclosed | None = None
        try:
            while not self._at_end(opening, closed):
                self._field(fields)
        except _Unclosed as failure:
            if not self.careful:
                raise
            unclosed = failure
            self.position = failure.at
        end = len(self.text[: self.position].rstrip()) if unclosed else self.position
        if key:
            place = Span(*key.span())
            self.entries.append(
                Entry(key[0], kind, fields, Span(start, end), self.source.path, place)
            )
        if unclosed:
            self._entry_unclosed(unclosed, opening, key[0] if key else kind)

    def _entry_unclosed(self, unclosed: _Unclosed, opening: int, name: str) -> None:
        to = unclosed.at if unclosed.at < len(self.text) else -1
        if unclosed.opening == opening:
            self.report(opening, opening + 1, f"the entry {quoted(name)} is never closed",
                        "add the closing `}` after its last field", to=to)  # fmt: skip
        else:
            mark = self.text[unclosed.opening]
            self.report(unclosed.opening, unclosed.opening + 1,
                        f"`{mark}` is never closed in the entry {quoted(name)}",
                        f"add the closing `{'}' if mark == '{' else mark}`", to=to)  # fmt: skip

    def _key(self, start: int, opening: int) -> re.Match[str] | None:
        self._blank()
        key = _KEY.match(self.text, self.position)
        after = self.text[key.end() :][:40].lstrip() if key else ""
        if (
            not key
            or "=" in key[0]
            and (key[0].endswith("=") or after[:1] in ('"', "{"))
            or after.startswith("=")
        ):
            self.report(start, opening + 1, "this entry has no key",
                        "write a key after the brace: `@misc{key, …}`")  # fmt: skip
            if self.text[self.position : self.position + 1] == ",":
                self.position += 1
            return None
        self.position = key.end()
        self._after_key(key)
        return key

    def _after_key(self, key: re.Match[str]) -> None:
        self._blank()
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

    def _at_end(self, opening: int, closing: str) -> bool:
        """Whether the entry ends here; commas are passed."""
        while True:
            self._blank()
            char = self.text[self.position : self.position + 1]
            if char == ",":
                self.position += 1
                continue
            if not char or (char == "@" and _NEXT_ENTRY.match(self.text, self._line_start())):
                raise _Unclosed(opening, self.position)
            if char in "})":
                if char != closing:
                    self.report(self.position, self.position + 1,
                                f"expected `{closing}`, found `{char}`")  # fmt: skip
                self.position += 1
                return True
            return False

    def _line_start(self) -> int:
        before = max(
            self.text.rfind("\n", 0, self.position), self.text.rfind("\r", 0, self.position)
        )
        return before + 1

    def _field(self, fields: dict[str, Field]) -> None:
        name = _NAME.match(self.text, self.position)
        if not name:
            self._junk()
            return
        self.position = name.end()
        if not self._equals(name):
            return
        text, span = self._value()
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
        self._comma(span.end)

    def _comma(self, end: int) -> None:
        self._blank()
        char = self.text[self.position : self.position + 1]
        if char not in (",", "}", ")", "@", ""):
            self.report(max(end - 1, 0), end, "a comma is missing after this field",
                        "write a comma before the next field")  # fmt: skip

    def _junk(self) -> None:
        start = self.position
        self.position += 1
        match = _SKIP.match(self.text, self.position)
        if match:
            self.position = match.end()
        end = start + max(1, len(self.text[start : self.position].rstrip()))
        self.report(start, end, f"expected `field = value`, found {quoted(self.text[start:end])}",
                    "remove it, or close the field before it")  # fmt: skip

    def _equals(self, name: re.Match[str]) -> bool:
        self._blank()
        if self.text[self.position : self.position + 1] == "=":
            self.position += 1
            return True
        self.report(name.start(), name.end(), f"expected `=` after {quoted(name[0])}",
                    "write `field = {value},`")  # fmt: skip
        match = _SKIP.match(self.text, self.position)
        if match and not _NEXT_ENTRY.match(self.text, self.position):
            self.position = match.end()
        return False

    # ---- values -----------------------------------------------------------------------

    def _value(self) -> tuple[str, Span]:
        """The text of a value, its parts joined, and its span."""
        parts: list[str] = []
        self._blank()
        start = end = self.position
        while True:
            part = self._part()
            if part is None:
                self.report(self.position, self.position + 1, "expected a value here",
                            "write it between braces: `{value}`")  # fmt: skip
                break
            parts.append(part)
            end = self.position
            self._blank()
            if self.text[self.position : self.position + 1] != "#":
                self.position = max(end, self.position)
                break
            self.position += 1
            self._blank()
        text = "".join(parts)
        if len(text) > VALUE:
            self.report(start, end, f"a value of {len(text):,} characters is too long",
                        f"{VALUE:,} are allowed")  # fmt: skip
            text = text[:VALUE]
        return _SPACE.sub(" ", text).strip(), Span(start, end)

    def _part(self) -> str | None:
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
            if match["entry"] or (self.careful and match["field"]):
                return self._cut(opening, match)
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if not depth:
                self.position = match.end()
                return self.text[opening + 1 : match.start()]
        raise _Unclosed(opening, len(self.text))

    def _quoted(self) -> str:
        opening = self.position
        depth = 0
        pattern = _IN_QUOTES_LINE if self.careful else _IN_QUOTES
        for match in pattern.finditer(self.text, opening + 1):
            if match["entry"] or (self.careful and match["field"]):
                return self._cut(opening, match)
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if match[0] == '"' and depth <= 0:
                self.position = match.end()
                return self.text[opening + 1 : match.start()]
        raise _Unclosed(opening, len(self.text))

    def _cut(self, opening: int, match: re.Match[str]) -> str:
        """A value that runs into the next entry or field: ended before it when careful."""
        if not self.careful or match["entry"]:
            raise _Unclosed(opening, match.start())
        mark = self.text[opening]
        self.report(opening, opening + 1, f"`{mark}` is never closed in this field",
                    f"add `{'}' if mark == '{' else mark}` at the end of the value",
                    to=match.end() - len(match[0].lstrip()))  # fmt: skip
        self.position = match.start()
        return self.text[opening + 1 : match.start()].rstrip().rstrip(",").rstrip('}"')

    def _macro(self, word: re.Match[str]) -> str:
        name = word[0].lower()
        if name not in self.macros:
            near = did_you_mean(name, self.macros)
            help_ = f"did you mean {quoted(near)}?" if near else ""
            self.report(word.start(), word.end(), f"the abbreviation {quoted(word[0])} is not defined",
                        help_ or "put braces around the value, or define it above with `@string`")  # fmt: skip
            return word[0]
        value = self.macros[name]
        self.left -= len(value)
        if self.left < 0:
            self.report(word.start(), word.end(), "abbreviations grow beyond all bounds here",
                        "shorten the `@string` definitions")  # fmt: skip
            return word[0]
        return value

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.position)
        if match:
            self.position = match.end()

    def _close(self, opening: int) -> None:
        self._blank()
        if self.text[self.position : self.position + 1] in ("}", ")"):
            self.position += 1
        else:
            raise _Unclosed(opening, self.position)


def _blanked(run: str) -> str:
    bad = "\ud800" <= run[0] <= "\udfff"
    return ("\ufffd" if bad else " ") * len(run)


# ---- fields that another entry lends --------------------------------------------------------

_LENT_TITLES = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
_IN_BOOK = frozenset(("inbook", "incollection", "inproceedings", "inreference", "conference",
                      "suppbook", "suppcollection", "bookinbook"))  # fmt: skip
_NOT_LENT = frozenset(("crossref", "xdata", "xref", "ids", "label", "options", "shorttitle"))


def inherited(entries: list[Entry], report: Report) -> Iterable[Entry]:
    """The entries with what `crossref` and `xdata` lend them."""
    known: dict[str, Entry] = {}
    for entry in entries:
        known.setdefault(entry.key, entry)
    return [_with_parents(entry, known, report) for entry in entries]


def _with_parents(entry: Entry, known: dict[str, Entry], report: Report) -> Entry:
    fields = dict(entry.fields)
    seen = {entry.key}
    waiting = _parents(entry)
    while waiting and len(seen) < 20:
        name, link = waiting.pop(0)
        parent = known.get(name)
        if parent is None:
            if link in entry.fields.values():
                report(link.span.start, link.span.end, f"there is no entry {quoted(name)}",
                       "mend its key, or remove the field")  # fmt: skip
            continue
        if name in seen:
            continue
        seen.add(name)
        _lend(parent, entry, fields)
        waiting += _parents(parent)
    return entry if len(fields) == len(entry.fields) else replace(entry, fields=fields)


def _parents(entry: Entry) -> list[tuple[str, Field]]:
    found = []
    for name in ("crossref", "xdata"):
        if name in entry.fields:
            link = entry.fields[name]
            found += [(key.strip(), link) for key in link.text.split(",") if key.strip()]
    return found


def _lend(parent: Entry, child: Entry, fields: dict[str, Field]) -> None:
    part = child.type in _IN_BOOK and parent.type != "xdata"
    for name, value in parent.fields.items():
        if name in _NOT_LENT:
            continue
        given = _LENT_TITLES.get(name, name) if part else name
        if part and name == "author" and child.type != "inbook":
            continue
        fields.setdefault(given, value)
