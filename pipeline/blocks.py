"""The block structure of Markdown as pandoc reads it, found line by line.

The text is flat: newlines only, no tabs. Leaves (paragraphs, headings, cells) are kept in reading
order for the inline scanner. Where GitHub would begin a block and pandoc would not, a blank line
is noted, and the block begins here too.
"""

import re
from collections.abc import Callable, Iterator

from pipeline import lexemes, pipes
from pipeline.document import RegionKind
from pipeline.lexemes import RawAttributes
from pipeline.outline import (
    Context,
    Definition,
    Leaf,
    LeafKind,
    Line,
    Outline,
    RawDiv,
    RawHeading,
    RawTable,
    label_key,
)  # fmt: skip

MAX_NESTING = 60
"""Blocks within blocks; deeper text is not looked into."""
MAX_SPANNING_LINES = 100
"""Lines that a code span or formula may cross where a block could begin between them."""

_INDENT = re.compile(r" *+")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}+|~{3,}+) *+(?P<info>.*)")
_BULLET = re.compile(r" {0,3}[*+-](?= |$)(?P<gap> *+)")
_RULE = re.compile(r" *+([*_-])(?: *+\1){2,}+ *+$")
_DASHES = re.compile(r"-{3,}+ *+$")
_UNDERLINE = re.compile(r"(?P<mark>=++|-++) *+$")
_ATX = re.compile(r"(?P<mark>#++)(?![.)])(?: ++|$)")
_QUOTE = re.compile(r" {0,3}> ?")
_DIV_OPEN = re.compile(r":{3,}+ *+(?:(?P<name>[^\s:{][^\s]*+)|(?=\{))")
_DIV_CLOSE = re.compile(r":{3,}+ *+$")
_ROMAN = r"(?=[ivxlcdm])m*(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_NUMBER = rf"\d+|\#|@[\w-]*|{_ROMAN}|{_ROMAN.upper()}|[A-Za-z]"
_ORDERED = re.compile(
    rf" {{0,3}}(?!p\. ++\d)(?:\((?P<inner>{_NUMBER})\)|(?P<outer>{_NUMBER})(?P<delimiter>[.)]))"
    r"(?P<gap> ++|$)"
)
_INITIAL = re.compile(r"[A-Z]")
_DEFINITION = re.compile(r"(?P<indent> {0,3})[:~](?P<gap> ++)")
_NOTE = re.compile(r" {0,3}\[\^(?P<label>[^\s\[\]]++)\](?P<colon>:)?")
_REFERENCE = re.compile(
    r" {0,3}\[(?!\^|@)(?P<label>(?:\\.|`[^`\n]*+`|[^\\\[\]\n`])++)\]: *+\n? *+(?!\[)"
    r"(?:<(?P<angle>(?:\\.|[^\\<>\n])*+)>"
    r"|(?P<plain>(?![\"'({<])[^\s]++(?: ++(?![\"'({\[\n])[^\s]++)*+)?)"
    r"(?: *+\n? *+(?:\"[^\"]*+\"|'[^']*+'|\((?:[^()]|\([^()]*+\))*+\)))?"
)
_CAPTION = re.compile(r" {0,3}(?::(?![!-/:-@\[-`{-~])|[Tt]able:) *+")
_GROUPS = re.compile(r" {0,3}-++(?: ++-++)*+ *+$")
_GRID = re.compile(r"\+[-=:+]++\+ *+$")
_LINE_BLOCK = re.compile(r"\|(?: |$)")
_BEGIN_TEX = re.compile(r"\\begin\{(?P<name>[^{}\n]*+)\}")
_SPANNING = re.compile(r"[`$<]")
_LANDMARK = re.compile(r"\\[^\w]|[`$<]|\\begin\{")


def outline(text: str) -> Outline:
    """The block structure of a flat text."""
    out = Outline()
    lines = []
    at = 0
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    _Scope(text, lines, Context(), out).read()
    return out


class _Scope:
    """The lines of one container, read block by block."""

    def __init__(self, text: str, lines: list[Line], context: Context, out: Outline) -> None:
        self.text = text
        self.lines = lines
        self.context = context
        self.out = out
        self.open_divs: list[tuple[int, Line, RawAttributes | None, str]] = []
        self.open_tags = 0
        self.tag_indent = 0
        self.no_fence: dict[str, int] = {}
        self._div_ends: dict[int, int] | None = None

    # ---- lines ----------------------------------------------------------------------------

    def read(self) -> None:
        """Read all lines."""
        if self.context.depth > MAX_NESTING:
            self._too_deep()
            return
        index = 0
        while index < len(self.lines):
            index = self.block(index)
        while self.open_divs:
            self._close_div(self.lines[-1][1])

    def _too_deep(self) -> None:
        start = self.lines[0][0]
        if self.out.too_deep is None:
            self.out.too_deep = start
        self.out.regions.append((start, self.lines[-1][1], "raw"))

    def _nested(self, lines: list[Line], context: Context) -> None:
        _Scope(self.text, lines, context, self.out).read()

    def _content(self, line: Line) -> int:
        match = _INDENT.match(self.text, *line)
        return match.end() if match else line[0]

    def _trimmed(self, start: int, end: int) -> int:
        """The end of a line without its trailing white space."""
        return start + len(self.text[start:end].rstrip())

    def _blank(self, index: int) -> bool:
        line = self.lines[index]
        return self._content(line) == line[1]

    def _leaf(self, leaf: Leaf) -> None:
        self.out.leaves.append(leaf)

    @property
    def _certain(self) -> bool:
        return self.context.certain and not self.open_tags

    def block(self, index: int) -> int:
        """Read the block that begins at a line; the index of the line after it."""
        start, end = self.lines[index]
        at = self._content((start, end))
        if at == end:
            return index + 1
        if self.open_tags and self.tag_indent and at > start:
            start = min(at, start + self.tag_indent)
            self.lines[index] = (start, end)
        char = self.text[at]
        for reader in _READERS.get(char, _OTHERS):
            after = reader(self, index, at)
            if after is not None:
                return after
        return self.paragraph(index)

    # ---- fenced code ----------------------------------------------------------------------

    def fence(self, index: int, at: int) -> int | None:
        """A fenced code block."""
        close = self._fence_end(index)
        if close is None:
            return None
        match = _FENCE.match(self.text, *self.lines[index])
        assert match
        start, end = self.lines[index][0], self.lines[close][1]
        info = match["info"].strip()
        raw = info.startswith("{") and lexemes.raw_attribute(info, 0, len(info)) > 0
        self.out.regions.append((start, end, "raw" if raw else "code"))
        self._anchor(lexemes.attributes(self.text, match.start("info"), self.lines[index][1]))
        return close + 1

    def _anchor(self, attributes: RawAttributes | None) -> None:
        if attributes and attributes.identifier:
            self.out.anchors.append((attributes.identifier, attributes.id_start, attributes.id_end))

    def _fence_end(self, index: int) -> int | None:
        """The line that closes the fence at a line; None where pandoc sees no code block."""
        match = _FENCE.match(self.text, *self.lines[index])
        if match is None or not self._fence_info(match):
            return None
        char, size = match["mark"][0], len(match["mark"])
        if size >= self.no_fence.get(char, size + 1):
            return None
        mark = match["mark"]
        for later in range(index + 1, len(self.lines)):
            line = self.lines[later]
            at = self._content(line)
            if (
                at - line[0] < 4
                and self.text.startswith(mark, at, line[1])
                and not self.text[at : line[1]].rstrip().strip(char)
            ):
                return later
        self.no_fence[char] = size
        return None

    def _fence_info(self, match: re.Match[str]) -> bool:
        info = match["info"].rstrip()
        if info.startswith("{"):
            attributes = lexemes.attributes(info, 0, len(info))
            end = attributes.end if attributes else lexemes.raw_attribute(info, 0, len(info))
            return end == len(info) or not re.search(r"\s", info)
        return not re.search(r"\s", info)

    # ---- lists ----------------------------------------------------------------------------

    def _bullet(self, line: Line) -> int:
        """The column of the content of a bullet item, 0 where the line is none."""
        match = _BULLET.match(self.text, *line)
        if match is None or _RULE.match(self.text, *line):
            return 0
        return self._content_column(match, line)

    def _content_column(self, match: re.Match[str], line: Line) -> int:
        gap = len(match["gap"])
        return match.start("gap") - line[0] + (gap if gap <= 4 else 1)

    def _ordered(self, line: Line) -> re.Match[str] | None:
        match = _ORDERED.match(self.text, *line)
        if match is None:
            return None
        initial = match["delimiter"] == "." and _INITIAL.fullmatch(match["outer"])
        if initial and len(match["gap"]) < 2 and match.end() < line[1]:
            return None
        return match

    def _list_start(self, line: Line) -> bool:
        at = self._content(line)
        if at == line[1] or at - line[0] > 3:
            return False
        char = self.text[at]
        if char in "*+-":
            return self._bullet(line) > 0
        return (char in "(#@" or (char.isascii() and char.isalnum())) and bool(self._ordered(line))

    def bullet(self, index: int, at: int) -> int | None:
        """An item of a bullet list."""
        column = self._bullet(self.lines[index])
        return self._item(index, column) if column else None

    def ordered(self, index: int, at: int) -> int | None:
        """An item of an ordered list."""
        line = self.lines[index]
        match = self._ordered(line)
        if match is None:
            return None
        number = match["inner"] or match["outer"]
        if not number.startswith("@"):
            return self._item(index, self._content_column(match, line))
        self.out.examples.add(number[1:])
        return self._item(index, 4, self._content_column(match, line))

    def _item(self, index: int, column: int, first: int = 0) -> int:
        line = self.lines[index]
        own = [(line[0] + (first or column), line[1])]
        index = self._item_start(index + 1, column, own)
        while index < len(self.lines):
            index = self._take_blanks(index, own)
            after = self._item_more(index, column, own)
            if after == index:
                break
            index = after
        self._nested(own, self._inside("item"))
        return index

    def _inside(self, kind: LeafKind) -> Context:
        return self.context.inside(kind, divs=len(self.open_divs), certain=self._certain)

    def _take_blanks(self, index: int, own: list[Line]) -> int:
        while index < len(self.lines) and self._blank(index):
            own.append(self.lines[index])
            index += 1
        return index

    def _item_start(self, index: int, column: int, own: list[Line]) -> int:
        """The lines that follow an item's first without a blank line."""
        while index < len(self.lines):
            start, end = line = self.lines[index]
            at = self._content(line)
            if at == end or self._list_start(line) or self._fences(index, at):
                break
            if at - start >= column:
                if self._list_start((at, end)):
                    break
                start += column
            elif self._closes_div(line) or self._begins_block(index, at):
                break
            own.append((start, end))
            index += 1
        return index

    def _item_more(self, index: int, column: int, own: list[Line]) -> int:
        """A further run of lines of an item, after a blank line or a nested list."""
        first = index
        while index < len(self.lines):
            start, end = line = self.lines[index]
            at = self._content(line)
            if at == end:
                break
            if at - start >= column:
                start += column
            elif (
                index == first
                or self._list_start(line)
                or self._closes_div(line)
                or self._begins_block(index, at)
            ):
                break
            own.append((start, end))
            index += 1
        return index

    # ---- what may interrupt a paragraph ---------------------------------------------------

    def _fences(self, index: int, at: int) -> bool:
        return self.text.startswith("```", at) and self._fence_end(index) is not None

    def _closes_div(self, line: Line) -> bool:
        return bool(
            (self.context.divs or self.open_divs)
            and self.text.startswith(":::", line[0])
            and _DIV_CLOSE.match(self.text, *line)
        )

    def _begins_block(self, index: int, at: int) -> bool:
        """Whether GitHub begins a block at a line and pandoc does not; then it is noted."""
        if self._begins(index, at):
            self.out.blank_lines.append(self.lines[index][0])
            return True
        return False

    def _begins(self, index: int, at: int) -> bool:
        interrupter = _INTERRUPTERS.get(self.text[at])
        return bool(interrupter and interrupter(self, index, at)) or self._table_head(index)

    def _interrupts_heading(self, index: int, at: int) -> bool:
        line = self.lines[index]
        return at == line[0] and bool(_ATX.match(self.text, *line))

    def _interrupts_quote(self, index: int, at: int) -> bool:
        return at - self.lines[index][0] < 4

    def _interrupts_code(self, index: int, at: int) -> bool:
        return self.text.startswith("~~~", at) and self._fence_end(index) is not None

    def _interrupts_div(self, index: int, at: int) -> bool:
        line = self.lines[index]
        return at == line[0] and self._div_end(index) is not None

    def _interrupts_rule(self, index: int, at: int) -> bool:
        line = self.lines[index]
        return at - line[0] < 4 and bool(_RULE.match(self.text, *line))

    def _interrupts_dashes(self, index: int, at: int) -> bool:
        line = self.lines[index]
        if not (
            _DASHES.match(self.text, *line) if at == line[0] else _RULE.match(self.text, *line)
        ):
            return False
        return index + 1 == len(self.lines) or self._blank(index + 1)

    def _table_head(self, index: int) -> bool:
        if index + 1 >= len(self.lines):
            return False
        line, under = self.lines[index], self.lines[index + 1]
        if self.text.find("|", *line) < 0 or not pipes.columns(self.text, under):
            return False
        return bool(pipes.cells(self.text, line))

    # ---- fenced divs ----------------------------------------------------------------------

    def div(self, index: int, at: int) -> int | None:
        """The opening or the closing fence of a div."""
        line = self.lines[index]
        if at != line[0] or not self.text.startswith(":::", at):
            return None
        if self.open_divs and _DIV_CLOSE.match(self.text, *line):
            self._close_div(self._trimmed(*line))
            return index + 1
        if self._div_end(index) is None:
            return None
        opening = self._div_opening(line)
        assert opening
        attributes, name = opening
        self._anchor(attributes)
        self.out.regions.append((*line, "attributes"))
        self.open_divs.append((line[0], line, attributes, name))
        return index + 1

    def _close_div(self, end: int) -> None:
        start, opening, attributes, name = self.open_divs.pop()
        self.out.divs.append(RawDiv(start, end, opening, attributes, name))
        line_start = self.text.rfind("\n", 0, end) + 1
        if self.text.startswith(":::", line_start):
            self.out.regions.append((line_start, end, "attributes"))

    def _div_opening(self, line: Line) -> tuple[RawAttributes | None, str] | None:
        match = _DIV_OPEN.match(self.text, *line)
        if match is None:
            return None
        attributes = None
        at = match.end()
        if not match["name"]:
            attributes = lexemes.attributes(self.text, at, line[1])
            if attributes is None:
                return None
            at = attributes.end
        return None if self.text[at : line[1]].strip(" :") else (attributes, match["name"] or "")

    def _div_end(self, index: int) -> int | None:
        if self._div_ends is None:
            self._div_ends = self._match_divs()
        return self._div_ends.get(index)

    def _match_divs(self) -> dict[int, int]:
        """Opening → closing lines of the divs of this container, code left out."""
        found: dict[int, int] = {}
        opened: list[int] = []
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            if self.text.startswith(":::", line[0], line[1]):
                if self._div_opening(line):
                    opened.append(index)
                elif opened and _DIV_CLOSE.match(self.text, *line):
                    found[opened.pop()] = index
            elif self.text.startswith(("```", "~~~"), self._content(line), line[1]):
                index = self._fence_end(index) or index
            index += 1
        return found

    # ---- headings -------------------------------------------------------------------------

    def setext(self, index: int, at: int) -> int | None:
        """A heading underlined with `=` or `-`."""
        if index + 1 >= len(self.lines):
            return None
        under = self.lines[index + 1]
        if not self.text.startswith(("=", "-"), under[0]):
            return None
        match = _UNDERLINE.match(self.text, *under)
        line = self.lines[index]
        if match is None:
            return None
        if len(match["mark"]) > 2 and match["mark"][0] == "-" and self._holds_text(line):
            return None
        self._heading(1 if match["mark"][0] == "=" else 2, (at, line[1]), under[1], closed=False)
        return index + 2

    def _holds_text(self, line: Line) -> bool:
        return bool(_QUOTE.match(self.text, *line)) or self._list_start(line)

    def atx(self, index: int, at: int) -> int | None:
        """A heading that begins with `#`."""
        line = self.lines[index]
        match = _ATX.match(self.text, *line)
        if match is None:
            return None
        self._heading(len(match["mark"]), (match.end(), line[1]), line[1], start=at)
        return index + 1

    def _heading(
        self, level: int, line: Line, end: int, *, start: int = -1, closed: bool = True
    ) -> None:
        stop, attributes = self._trailing_attributes(line)
        if closed:
            stop = self._without_hashes(line[0], stop)
        stop = self._trimmed(line[0], stop)
        raw = RawHeading(level, line[0] if start < 0 else start, end, attributes)
        self._leaf(Leaf("heading", ((line[0], stop),), self._certain, raw))

    def _trailing_attributes(self, line: Line) -> tuple[int, RawAttributes | None]:
        stop = self._trimmed(*line)
        if stop > line[0] and self.text[stop - 1] == "}":
            brace = stop
            for _ in range(3):
                brace = self.text.rfind("{", line[0], brace)
                if brace < 0:
                    break
                found = lexemes.attributes(self.text, brace, stop)
                escaped = self.text.startswith("\\", brace - 1)
                if found and found.end == stop and not escaped:
                    return brace, found
        return stop, None

    def _without_hashes(self, start: int, stop: int) -> int:
        stop = self._trimmed(start, stop)
        bare = start + len(self.text[start:stop].rstrip("#"))
        if bare < stop and bare > start and self.text[bare - 1] == "\\":
            bare += 1
        return bare

    # ---- raw HTML -------------------------------------------------------------------------

    def html(self, index: int, at: int) -> int | None:
        """A comment or a block-level tag; what follows it on the line is read on."""
        if at - self.lines[index][0] > 3:
            return None
        limit = self.lines[-1][1]
        if self.text.startswith("<!--", at):
            close = self.text.find("-->", at + 4, limit)
            return self._after(index, at, close + 3, "comment") if close >= 0 else None
        tag = lexemes.TAG.match(self.text, at, limit)
        if tag is None or tag["name"].lower() not in lexemes.BLOCK_OR_VERBATIM:
            return None
        name = tag["name"].lower()
        self.out.tags.append(tag)
        if name in lexemes.VERBATIM_TAGS and not tag["close"]:
            close_tag = re.compile(rf"</{name}\s*+>", re.I).search(self.text, tag.end(), limit)
            if close_tag:
                return self._after(index, at, close_tag.end(), "html")
        after = self._after(index, at, tag.end(), "html")
        self._count_tag(tag, name, after)
        return after

    def _count_tag(self, tag: re.Match[str], name: str, after: int) -> None:
        if tag["close"]:
            self.open_tags = max(0, self.open_tags - 1)
        elif not tag[0].endswith("/>") and name not in lexemes.VOID_TAGS:
            self.open_tags += 1
            if after < len(self.lines) and self.lines[after][0] > tag.end():
                self.tag_indent = self._content(self.lines[after]) - self.lines[after][0]

    def _after(self, index: int, start: int, end: int, kind: RegionKind) -> int:
        """Note a region and let what follows it on its last line be read on."""
        self.out.regions.append((start, end, kind))
        while index < len(self.lines) and self.lines[index][1] < end:
            index += 1
        rest = self.lines[index]
        at = self._content((end, rest[1]))
        if at == rest[1]:
            return index + 1
        self.lines[index] = (at, rest[1])
        return index

    def tex(self, index: int, at: int) -> int | None:
        r"""A `\begin{…}` … `\end{…}` environment."""
        match = _BEGIN_TEX.match(self.text, at, self.lines[index][1])
        if match is None:
            return None
        ending = f"\\end{{{match['name']}}}"
        close = self.text.find(ending, match.end(), self.lines[-1][1])
        return self._after(index, at, close + len(ending), "raw") if close >= 0 else None

    # ---- tables ---------------------------------------------------------------------------

    def table(self, index: int, at: int) -> int | None:
        """A table, its caption before or after it; only pipe tables are read cell by cell."""
        start, end = self.lines[index]
        caption = None
        if self.text[at] in ":Tt" and (match := _CAPTION.match(self.text, start, end)):
            head = self._paragraph_end(index)
            caption = self._caption(index, head, match.end())
            while head < len(self.lines) and self._blank(head):
                head += 1
            if head == len(self.lines) or caption is None:
                return None
            return self._any_table(head, caption)
        return self._any_table(index, None)

    def _any_table(
        self, index: int, caption: tuple[Leaf, RawAttributes | None] | None
    ) -> int | None:
        line = self.lines[index]
        if self._content(line) - line[0] < 4 and self._table_head(index):
            return self._pipe_table(index, caption)
        end = self._opaque_table(index)
        if end is None:
            return None
        for row in range(index, end):
            self._leaf(Leaf("cell", (self.lines[row],), certain=False))
        if caption:
            self._leaf(caption[0])
        return end

    def _pipe_table(self, index: int, caption: tuple[Leaf, RawAttributes | None] | None) -> int:
        first = index
        columns = pipes.columns(self.text, self.lines[index + 1])
        rows = [(self.lines[index], pipes.cells(self.text, self.lines[index]))]
        index += 2
        while index < len(self.lines):
            line = self.lines[index]
            cells = pipes.cells(self.text, line)
            at = self._content(line)
            if not cells or self._begins_block(index, at) or self._interrupts_table(index, at):
                break
            rows.append((line, cells))
            index += 1
        if caption:
            self._leaf(caption[0])
        self._cells(rows)
        end = index
        if caption is None:
            caption, index = self._caption_after(index)
            if caption:
                self._leaf(caption[0])
        span = (self.lines[first][0], self.lines[end - 1][1])
        leaf, attributes = caption or (None, None)
        self._anchor(attributes)
        self.out.tables.append(RawTable(*span, tuple(rows), columns, leaf, attributes))
        return index

    def _cells(self, rows: list[tuple[Line, tuple[Line, ...]]]) -> None:
        for line, cells in rows:
            certain = self._certain and self.text.count("`", *line) % 2 == 0
            for cell in cells:
                self._leaf(Leaf("cell", (cell,), certain))

    def _interrupts_table(self, index: int, at: int) -> bool:
        if self._list_start(self.lines[index]):
            self.out.blank_lines.append(self.lines[index][0])
            return True
        return False

    def _caption_after(self, index: int) -> tuple[tuple[Leaf, RawAttributes | None] | None, int]:
        at = index
        while at < len(self.lines) and self._blank(at):
            at += 1
        match = at < len(self.lines) and _CAPTION.match(self.text, *self.lines[at])
        if not match:
            return None, index
        end = self._paragraph_end(at)
        caption = self._caption(at, end, match.end())
        return (caption, end) if caption else (None, index)

    def _caption(
        self, index: int, end: int, start: int
    ) -> tuple[Leaf, RawAttributes | None] | None:
        lines = [(start, self.lines[index][1]), *self.lines[index + 1 : end]]
        stop, attributes = self._trailing_attributes(lines[-1])
        lines[-1] = (lines[-1][0], self._trimmed(lines[-1][0], max(stop, lines[-1][0])))
        if all(left == right for left, right in lines):
            return None
        return Leaf("caption", tuple(lines), self._certain), attributes

    def _paragraph_end(self, index: int) -> int:
        index += 1
        while index < len(self.lines):
            line = self.lines[index]
            if self._blank(index) or self._list_start(line) or self._closes_div(line):
                break
            index += 1
        return index

    def _opaque_table(self, index: int) -> int | None:
        """The end of a grid, simple or multiline table."""
        line = self.lines[index]
        if _GRID.match(self.text, *line):
            return self._paragraph_end(index)
        dashes = _GROUPS.match(self.text, *line)
        if dashes and index + 1 < len(self.lines) and not self._blank(index + 1):
            if _DASHES.match(self.text, *line) and not self._multiline_head(index):
                return None
            return self._dashes_end(index + 1)
        if index + 2 < len(self.lines) and not self._blank(index + 2):
            under = self.lines[index + 1]
            if self.text.startswith("-", self._content(under)) and _GROUPS.match(self.text, *under):
                return self._paragraph_end(index)
        return None

    def _multiline_head(self, index: int) -> bool:
        for later in range(index + 1, len(self.lines)):
            line = self.lines[later]
            if self._blank(later):
                return False
            if _GROUPS.match(self.text, *line):
                return not _DASHES.match(self.text, *line)
        return False

    def _dashes_end(self, index: int) -> int | None:
        for later in range(index, len(self.lines)):
            if _GROUPS.match(self.text, *self.lines[later]) and (
                later + 1 == len(self.lines) or self._blank(later + 1)
            ):
                return later + 1
        return None

    # ---- plain blocks ---------------------------------------------------------------------

    def indented(self, index: int, at: int) -> int | None:
        """An indented code block."""
        if at - self.lines[index][0] < 4:
            return None
        last = index
        for later in range(index + 1, len(self.lines)):
            line = self.lines[later]
            content = self._content(line)
            if content == line[1]:
                continue
            if content - line[0] < 4:
                break
            last = later
        self.out.regions.append((self.lines[index][0], self.lines[last][1], "code"))
        return last + 1

    def line_block(self, index: int, at: int) -> int | None:
        """A line block; each of its lines stands alone."""
        if at != self.lines[index][0] or not _LINE_BLOCK.match(self.text, *self.lines[index]):
            return None
        while index < len(self.lines) and _LINE_BLOCK.match(self.text, *self.lines[index]):
            start, end = self.lines[index]
            own = [(min(start + 2, end), end)]
            index += 1
            while index < len(self.lines) and not self._blank(index):
                if not self.text.startswith(" ", self.lines[index][0]):
                    break
                own.append(self.lines[index])
                index += 1
            self._leaf(Leaf(self.context.kind, tuple(own), self._certain))
        return index

    def quote(self, index: int, at: int) -> int | None:
        """A block quotation."""
        if at - self.lines[index][0] > 3:
            return None
        own: list[Line] = []
        while index < len(self.lines):
            line = self.lines[index]
            if match := _QUOTE.match(self.text, *line):
                own.append((match.end(), line[1]))
            else:
                at = self._content(line)
                if (
                    at == line[1]
                    or self._list_start(line)
                    or self._fences(index, at)
                    or self._closes_div(line)
                    or self._begins_block(index, at)
                ):
                    break
                own.append((at, line[1]))
            index += 1
        self._nested(own, self._inside("quote"))
        return index

    def rule(self, index: int, at: int) -> int | None:
        """A horizontal rule; a line of text directly below `---` would make it a table."""
        line = self.lines[index]
        if not _RULE.match(self.text, *line):
            return None
        below = index + 1
        if self.text[at] == "-" and below < len(self.lines) and not self._blank(below):
            self.out.blank_lines.append(self.lines[below][0])
        return below

    def definitions(self, index: int, at: int) -> int | None:
        """A term with its definitions."""
        after = self._definition_at(index + 1, first=True)
        if after is None:
            return None
        self._leaf(Leaf("item", ((at, self.lines[index][1]),), self._certain))
        while after is not None:
            index = self._definition(after)
            after = self._definition_at(index)
        return index

    def _definition_at(self, index: int, *, first: bool = False) -> int | None:
        spaced = index < len(self.lines) and self._blank(index)
        index += spaced
        if index >= len(self.lines) or not _DEFINITION.match(self.text, *self.lines[index]):
            return None
        if first and spaced and self._captions_table(index):
            return None
        return index

    def _captions_table(self, index: int) -> bool:
        index = self._paragraph_end(index)
        while index < len(self.lines) and self._blank(index):
            index += 1
        return index < len(self.lines) and self._table_head(index)

    def _definition(self, index: int) -> int:
        match = _DEFINITION.match(self.text, *self.lines[index])
        assert match
        gap = min(len(match["gap"]), 3 - len(match["indent"])) or len(match["gap"])
        own = [(match.start("gap") + gap, self.lines[index][1])]
        index = self._definition_lines(index + 1, own)
        while index < len(self.lines):
            blanks: list[Line] = []
            start = self._take_blanks(index, blanks)
            if start >= len(self.lines) or self._indent(start) < 4:
                break
            own += blanks
            index = self._definition_lines(start, own)
        self._nested(own, self._inside("item"))
        return index

    def _indent(self, index: int) -> int:
        return self._content(self.lines[index]) - self.lines[index][0]

    def _definition_lines(self, index: int, own: list[Line]) -> int:
        while index < len(self.lines):
            start, end = line = self.lines[index]
            at = self._content(line)
            if at == end:
                break
            if at - start >= 4:
                start += 4
            elif (
                _DEFINITION.match(self.text, *line)
                or self._closes_div(line)
                or self._begins_block(index, at)
            ):
                break
            own.append((start, end))
            index += 1
        return index

    def note(self, index: int, at: int) -> int | None:
        """A footnote definition."""
        line = self.lines[index]
        match = _NOTE.match(self.text, *line)
        if match is None or not match["colon"]:
            return None
        self.out.notes.append((match["label"], at, match.end("label") + 1))
        self.out.regions.append((at, match.end(), "footnote"))
        own = [(self._content((match.end(), line[1])), line[1])]
        index = self._note_lines(index + 1, own)
        while index < len(self.lines):
            blanks: list[Line] = []
            start = self._take_blanks(index, blanks)
            if start >= len(self.lines) or self._indent(start) < 4:
                break
            own += blanks
            index = self._note_lines(start, own)
        self._nested(own, self._inside("note"))
        return index

    def _note_lines(self, index: int, own: list[Line]) -> int:
        while index < len(self.lines):
            start, end = line = self.lines[index]
            at = self._content(line)
            if at == end or _NOTE.match(self.text, *line):
                break
            if at - start >= 4:
                start += 4
            elif self._begins_block(index, at) or self._interrupts_table(index, at):
                break
            own.append((start, end))
            index += 1
        return index

    def reference(self, index: int, at: int) -> int | None:
        """A link definition."""
        last = index
        while last < index + 2 and last + 1 < len(self.lines):
            if self._blank(last + 1) or self.lines[last + 1][0] != self.lines[last][1] + 1:
                break
            last += 1
        limit = self.lines[last][1]
        match = _REFERENCE.match(self.text, self.lines[index][0], limit)
        if match is None:
            return None
        gap = re.compile(r" *+\n? *+").match(self.text, match.end(), limit)
        attributes = lexemes.attributes(self.text, gap.end(), limit) if gap else None
        end = attributes.end if attributes else match.end()
        while self.lines[index][1] < end:
            index += 1
        if self.text[end : self.lines[index][1]].strip():
            return None
        self._define(match, attributes)
        self.out.regions.append((at, end, "definition"))
        return index + 1

    def _define(self, match: re.Match[str], attributes: RawAttributes | None) -> None:
        group = "plain" if match["angle"] is None else "angle"
        start, stop = match.span(group)
        if start < 0:
            start = stop = match.end()
        key = label_key(match["label"])
        old = self.out.definitions.get(key)
        same = old is None or self.text[old.start : old.stop] == self.text[start:stop]
        certain = self._certain and same and " " not in self.text[start:stop]
        self._anchor(attributes)
        self.out.definitions[key] = Definition(start, stop, group == "angle", certain, attributes)

    # ---- paragraphs -----------------------------------------------------------------------

    def paragraph(self, index: int) -> int:
        """A paragraph, up to a blank line or to what interrupts it."""
        first = index
        crossed: list[Line] | None = None
        index += 1
        while index < len(self.lines):
            line = self.lines[index]
            at = self._content(line)
            if at == line[1]:
                break
            stop = self._stop(first, index, at)
            if stop:
                if crossed is None:
                    crossed = self._crossings(first)
                if not any(left < line[0] <= right for left, right in crossed):
                    if stop != "escape":
                        if stop == "blank":
                            self.out.blank_lines.append(line[0])
                        break
                    self.out.escapes.append(self._delimiter(line))
            index += 1
        return self._cut(first, index)

    def _stop(self, first: int, index: int, at: int) -> str:
        """Whether a line ends the paragraph before it, and what pandoc needs to agree."""
        line = self.lines[index]
        if self._list_start(line):
            return "escape" if self._continues(line) else "natural"
        if self._fences(index, at) or self._closes_div(line):
            return "natural"
        return "blank" if self._begins(index, at) else ""

    def _continues(self, line: Line) -> bool:
        """Whether a line is text on GitHub though it looks like an item: its number is not 1."""
        match = _ORDERED.match(self.text, *line)
        return bool(match and match["outer"] and match["outer"].isdecimal()) and (
            match is not None and int(match["outer"][-9:]) != 1
        )

    def _delimiter(self, line: Line) -> int:
        match = _ORDERED.match(self.text, *line)
        return match.start("delimiter") if match else line[0]

    def _crossings(self, first: int) -> list[Line]:
        """The code spans, formulas and tags of a paragraph, as far as it might reach."""
        last = first
        while last + 1 < len(self.lines) and not self._blank(last + 1):
            if last - first == MAX_SPANNING_LINES:
                break
            last += 1
        return list(self._landmarks(self.lines[first][0], self.lines[last][1], tags=False))

    def _landmarks(self, start: int, end: int, *, tags: bool) -> Iterator[Line]:
        """Spans that no block begins in, or the starts of block-level tags outside them."""
        if not _SPANNING.search(self.text, start, end) and not tags:
            return
        text = self.text[start:end]
        codes = lexemes.CodeSpans(text)
        at = 0
        while match := _LANDMARK.search(text, at):
            at = match.end()
            if match[0] == "`":
                span = codes.find(match.start())
                after = span[2] if span else at
            elif match[0] == "$":
                math = lexemes.MATH.match(text, match.start())
                after = math.end() if math else at
            elif match[0] == "<":
                after = max(at, lexemes.markup_end(text, match.start(), len(text)))
                if tags and lexemes.is_block_tag(text, match.start()):
                    yield start + match.start(), start + after
            else:
                after = at
                if tags and match[0] == "\\begin{":
                    yield start + match.start(), start + after
            if after > at and not tags:
                yield start + match.start(), start + after
            at = after

    def _cut(self, first: int, index: int) -> int:
        """Keep the lines of a paragraph as a leaf, up to the first block-level tag in them."""
        lines = self.lines[first:index]
        start = self._content(lines[0])
        text_end = lines[-1][1]
        if self.text.find("<", start, text_end) >= 0 or self.text.find("\\b", start, text_end) >= 0:
            for cut, _ in self._landmarks(start, text_end, tags=True):
                if cut > start and not (self.text[cut] == "\\" and not self._tex_closes(cut)):
                    return self._cut_at(first, cut)
        self._keep(lines)
        return index

    def _tex_closes(self, at: int) -> bool:
        match = _BEGIN_TEX.match(self.text, at)
        return bool(
            match
            and self.text.find(f"\\end{{{match['name']}}}", match.end(), self.lines[-1][1]) >= 0
        )

    def _cut_at(self, first: int, cut: int) -> int:
        index = first
        while self.lines[index][1] < cut:
            index += 1
        lines = self.lines[first : index + 1]
        lines[-1] = (lines[-1][0], cut)
        self._keep(lines)
        self.lines[index] = (cut, self.lines[index][1])
        return index

    def _keep(self, lines: list[Line]) -> None:
        own = [(self._content(line), line[1]) for line in lines]
        own[-1] = (own[-1][0], max(own[-1][0], self._trimmed(*own[-1])))
        if own[0][0] < own[-1][1]:
            self._leaf(Leaf(self.context.kind, tuple(own), self._certain))


_Reader = Callable[[_Scope, int, int], int | None]
_Interrupter = Callable[[_Scope, int, int], bool]

_S = _Scope
_OTHERS: tuple[_Reader, ...] = (
    _S.setext, _S.table, _S.indented, _S.ordered, _S.definitions,
)  # fmt: skip
_READERS: dict[str, tuple[_Reader, ...]] = {
    "`": (_S.fence, *_OTHERS),
    "~": (_S.fence, *_OTHERS),
    "*": (_S.bullet, _S.setext, _S.table, _S.indented, _S.rule, _S.definitions),
    "+": (_S.bullet, *_OTHERS),
    "-": (_S.bullet, _S.setext, _S.table, _S.indented, _S.rule, _S.definitions),
    "_": (_S.setext, _S.table, _S.indented, _S.rule, _S.definitions),
    "<": (_S.setext, _S.html, *_OTHERS),
    ":": (_S.div, *_OTHERS),
    "#": (_S.setext, _S.atx, *_OTHERS),
    "\\": (_S.setext, _S.table, _S.indented, _S.tex, _S.definitions),
    "|": (_S.setext, _S.table, _S.indented, _S.line_block, _S.definitions),
    ">": (_S.setext, _S.table, _S.indented, _S.quote),
    "[": (*_OTHERS, _S.note, _S.reference),
}
_INTERRUPTERS: dict[str, _Interrupter] = {
    "#": _S._interrupts_heading,
    ">": _S._interrupts_quote,
    "~": _S._interrupts_code,
    ":": _S._interrupts_div,
    "*": _S._interrupts_rule,
    "_": _S._interrupts_rule,
    "-": _S._interrupts_dashes,
}
