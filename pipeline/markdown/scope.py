"""The lines of one container, and what can be said of a line before it is read.

Where GitHub begins a block in the middle of a paragraph and pandoc does not, a blank line is
noted: it will be put there before pandoc reads the text.
"""

import re
from collections.abc import Callable, Sequence

from pipeline.markdown import lexemes, pipes
from pipeline.markdown.foreign import CHUNK
from pipeline.markdown.lexemes import RawAttributes
from pipeline.markdown.outline import Context, Leaf, LeafKind, Line, Outline, Range

_INDENT = re.compile(r" *+")
FENCE = re.compile(r" {0,3}(?P<mark>`{3,}+|~{3,}+) *+(?P<info>.*)")
RULE = re.compile(r" *+([*_-])(?: *+\1){2,}+ *+$")
DASHES = re.compile(r"-{3,}+ *+$")
ATX = re.compile(r"(?P<mark>#++)(?![.)])(?: ++|$)")
QUOTE = re.compile(r" {0,3}> ?")
NOTE = re.compile(r" {0,3}\[\^(?P<label>[^\s\[\]]++)\](?P<colon>:)?")
_BULLET = re.compile(r" {0,3}[*+-](?= |$)(?P<gap> *+)")
_ROMAN = r"(?=[ivxlcdm])m*(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_NUMBER = rf"\d+|\#|@[\w-]*|{_ROMAN}|{_ROMAN.upper()}|[A-Za-z]"
_ORDERED = re.compile(
    rf" {{0,3}}(?!p\. ++\d)(?:\((?P<inner>{_NUMBER})\)|(?P<outer>{_NUMBER})(?P<delimiter>[.)]))"
    r"(?P<gap> ++|$)"
)
_DIV_OPEN = re.compile(r":{3,}+ *+(?:(?P<name>[^\s:{][^\s]*+)|(?=\{))")
_DIV_CLOSE = re.compile(r":{3,}+ *+$")
_SPACE = re.compile(r"\s")


class Scope:
    """The lines of one container; `read` reads the lines of a scope block by block."""

    def __init__(
        self,
        text: str,
        lines: list[Line],
        context: Context,
        out: Outline,
        read: Callable[["Scope"], None],
    ) -> None:
        self.text = text
        self.lines = lines
        self.context = context
        self.out = out
        self.open_divs: list[tuple[Line, RawAttributes | None, str]] = []
        self.open_tags = 0
        self.tag_indent = 0
        self._read = read
        self.dashes: list[int] | None = None
        self._missing: set[str] = set()
        self._no_fence: dict[str, int] = {}
        self._div_ends: dict[int, int] | None = None

    def nested(self, lines: list[Line], kind: LeafKind, *, in_list: bool = False) -> None:
        """Read the lines of a container that stands in this one."""
        context = Context(
            kind,
            self.context.depth + 1,
            self.context.divs + len(self.open_divs),
            in_list or self.context.in_list,
            self.certain,
        )
        self._read(Scope(self.text, lines, context, self.out, self._read))

    @property
    def certain(self) -> bool:
        """Whether pandoc surely reads the blocks here as we do."""
        return self.context.certain and not self.open_tags

    def keep(self, kind: LeafKind, lines: Sequence[Range], *, certain: bool = True) -> None:
        """Keep a leaf."""
        self.out.leaves.append(Leaf(kind, tuple(lines), certain and self.certain))

    def doubt(self, index: int, start: int) -> None:
        """Mark the text from an offset to the next blank line as unsure: code may cross it."""
        while not self.blank(index + 1):
            index += 1
        self.out.unsure.append((start, self.lines[index].end))

    # ---- lines ----------------------------------------------------------------------------

    def line(self, start: int, end: int) -> Line:
        """A line from an offset on."""
        match = _INDENT.match(self.text, start, end)
        return Line(start, end, match.end() if match else start)

    def find(self, needle: str, at: int) -> int:
        """Where a string comes next, -1 if nowhere; offsets asked for must not decrease."""
        if needle in self._missing:
            return -1
        found = self.text.find(needle, at, self.lines[-1].end)
        if found < 0:
            self._missing.add(needle)
        return found

    def trimmed(self, start: int, end: int) -> int:
        """The end of a range without its trailing white space."""
        return start + len(self.text[start:end].rstrip())

    def blank(self, index: int) -> bool:
        """Whether a line is blank or there is none."""
        return index >= len(self.lines) or self.lines[index].at == self.lines[index].end

    def after_blanks(self, index: int) -> int:
        """The first line from one on that is not blank."""
        while index < len(self.lines) and self.lines[index].at == self.lines[index].end:
            index += 1
        return index

    def paragraph_end(self, index: int) -> int:
        """Where the paragraph that begins at a line surely ends."""
        index += 1
        while not self.blank(index):
            line = self.lines[index]
            if self.list_start(line) or self.closes_div(line):
                break
            index += 1
        return index

    # ---- lists ----------------------------------------------------------------------------

    def bullet(self, line: Line) -> int:
        """The column of the content of a bullet item, 0 where the line is none."""
        match = _BULLET.match(self.text, line.start, line.end)
        if match is None or RULE.match(self.text, line.start, line.end):
            return 0
        return content_column(match, line)

    def ordered(self, line: Line) -> re.Match[str] | None:
        """The mark of an item of an ordered list; `A.` needs two spaces after it."""
        match = _ORDERED.match(self.text, line.start, line.end)
        if match and match["delimiter"] == "." and len(match["gap"]) < 2 and match.end() < line.end:
            return None if match["outer"] in _INITIALS else match
        return match

    def list_start(self, line: Line) -> bool:
        """Whether a list item begins at a line."""
        if line.at == line.end or line.at - line.start > 3:
            return False
        char = self.text[line.at]
        if char in "*+-":
            return self.bullet(line) > 0
        return char in ORDERED_CHARS and self.ordered(line) is not None

    # ---- fences ---------------------------------------------------------------------------

    def fence_end(self, index: int) -> int | None:
        """The line that closes the fence at a line; None where pandoc sees no code block."""
        line = self.lines[index]
        match = FENCE.match(self.text, line.start, line.end)
        if match is None or not _is_info(match["info"].rstrip()):
            return None
        mark = match["mark"]
        if len(mark) >= self._no_fence.get(mark[0], len(mark) + 1):
            return None
        for later in range(index + 1, len(self.lines)):
            start, end, at = self.lines[later]
            if (
                at - start < 4
                and self.text.startswith(mark, at, end)
                and not self.text[at:end].rstrip().strip(mark[0])
            ):
                return later
        self._no_fence[mark[0]] = len(mark)
        self.out.unsure.append((line.start, self.lines[-1].end))
        return None

    def fences(self, index: int) -> bool:
        """Whether a block of code within backticks begins at a line."""
        return self.text.startswith("```", self.lines[index].at) and bool(self.fence_end(index))

    def closes_div(self, line: Line) -> bool:
        """Whether a line closes a div that is open."""
        return bool(
            self.text.startswith(":::", line.start)
            and (self.context.divs or self.open_divs)
            and _DIV_CLOSE.match(self.text, line.start, line.end)
        )

    def div_opening(self, line: Line) -> tuple[RawAttributes | None, str] | None:
        """The attributes or the name that a div opens with, None where the line opens none."""
        match = _DIV_OPEN.match(self.text, line.start, line.end)
        if match is None:
            return None
        attributes = None
        at = match.end()
        if not match["name"]:
            attributes = lexemes.attributes(self.text, at, line.end)
            if attributes is None:
                return None
            at = attributes.end
        return None if self.text[at : line.end].strip(" :") else (attributes, match["name"] or "")

    def div_end(self, index: int) -> int | None:
        """The line that closes the div that a line opens."""
        if self._div_ends is None:
            self._div_ends = self._match_divs()
        return self._div_ends.get(index)

    def _match_divs(self) -> dict[int, int]:
        found: dict[int, int] = {}
        opened: list[int] = []
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            if self.text.startswith(":::", line.start, line.end):
                if self.div_opening(line):
                    opened.append(index)
                elif opened and _DIV_CLOSE.match(self.text, line.start, line.end):
                    found[opened.pop()] = index
            elif self.text.startswith(("```", "~~~"), line.at, line.end):
                index = self.fence_end(index) or index
            index += 1
        return found

    # ---- what GitHub lets interrupt a paragraph -------------------------------------------

    def interrupted(self, index: int) -> bool:
        """Whether GitHub begins a block at a line and pandoc does not; then it is noted."""
        if self.begins(index):
            self.out.blank_lines.append(self.lines[index].start)
            return True
        return False

    def begins(self, index: int) -> bool:
        """Whether GitHub begins a block at a line and pandoc does not."""
        line = self.lines[index]
        test = _INTERRUPTERS.get(self.text[line.at])
        return (test is not None and test(self, index, line)) or self.table_head(index)

    def table_head(self, index: int) -> bool:
        """Whether a line is the head of a pipe table."""
        if index + 1 >= len(self.lines):
            return False
        line, under = self.lines[index], self.lines[index + 1]
        if under.at == under.end or self.text[under.at] not in "|:-":
            return False
        if self.text.find("|", line.start, line.end) < 0:
            return False
        return bool(pipes.columns(self.text, under) and pipes.cells(self.text, line))

    def _heading(self, index: int, line: Line) -> bool:
        return line.at == line.start and ATX.match(self.text, line.start, line.end) is not None

    def _quote(self, index: int, line: Line) -> bool:
        return line.at - line.start < 4

    def _tildes(self, index: int, line: Line) -> bool:
        return self.text.startswith("~~~", line.at) and self.fence_end(index) is not None

    def _div(self, index: int, line: Line) -> bool:
        return line.at == line.start and self.div_end(index) is not None

    def _rule(self, index: int, line: Line) -> bool:
        return line.at - line.start < 4 and bool(RULE.match(self.text, line.start, line.end))


_Test = Callable[[Scope, int, Line], bool]
_INTERRUPTERS: dict[str, _Test] = {
    "#": Scope._heading,
    ">": Scope._quote,
    "~": Scope._tildes,
    ":": Scope._div,
    "*": Scope._rule,
    "_": Scope._rule,
    "-": Scope._rule,
}
_INITIALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ORDERED_CHARS = frozenset("(#@0123456789abcdefghijklmnopqrstuvwxyz") | _INITIALS


def content_column(match: re.Match[str], line: Line) -> int:
    """The column where the content of a list item begins."""
    gap = len(match["gap"])
    return match.start("gap") - line.start + (gap if gap <= 4 else 1)


def _is_info(info: str) -> bool:
    """Whether pandoc takes a fence's info string, as adapted: one word, attributes, a chunk."""
    if info.startswith("{"):
        if CHUNK.fullmatch(info):
            return True
        attributes = lexemes.attributes(info, 0, len(info))
        end = attributes.end if attributes else lexemes.raw_attribute(info, 0, len(info))
        if end == len(info):
            return True
    return not _SPACE.search(info)
