"""Blocks that hold blocks: lists, quotations, divs, notes, definitions.

Each function reads what begins at a line and returns the index of the line after it, None where
nothing of its kind begins there.
"""

import re
from collections.abc import Callable

from pipeline.markdown.outline import Line, RawDiv
from pipeline.markdown.scope import NOTE, QUOTE, Scope, content_column

EXAMPLE_COLUMN = 4
INDENT = 4
_DEFINITION = re.compile(r"(?P<indent> {0,3})[:~](?P<gap> ++)")
_Test = Callable[[Scope, int], bool]


def bullet(scope: Scope, index: int) -> int | None:
    """An item of a bullet list."""
    column = scope.bullet(scope.lines[index])
    return _item(scope, index, column, column) if column else None


def ordered(scope: Scope, index: int) -> int | None:
    """An item of an ordered list."""
    line = scope.lines[index]
    match = scope.ordered(line)
    if match is None:
        return None
    number = match["inner"] or match["outer"]
    column = content_column(match, line)
    if number.startswith("@"):
        scope.out.examples.add(number[1:])
        return _item(scope, index, column, EXAMPLE_COLUMN)
    return _item(scope, index, column, column)


def _item(scope: Scope, index: int, first: int, column: int) -> int:
    """An item whose text begins at column `first` and goes on at `column`."""
    line = scope.lines[index]
    own = [scope.line(min(line.start + first, line.end), line.end)]
    index = _item_start(scope, index + 1, column, own)
    while index < len(scope.lines):
        after = scope.after_blanks(index)
        own += scope.lines[index:after]
        index = _item_more(scope, after, column, own)
        if index == after:
            break
    scope.nested(own, "item", in_list=True)
    return index


def _item_start(scope: Scope, index: int, column: int, own: list[Line]) -> int:
    """The lines that follow an item's first without a blank line."""
    while not scope.blank(index):
        start, end, at = line = scope.lines[index]
        if scope.list_start(line) or scope.fences(index):
            break
        if at - start >= column:
            if scope.list_start(Line(at, end, at)):
                break
            start += column
        elif scope.closes_div(line) or scope.interrupted(index):
            break
        own.append(Line(start, end, at))
        index += 1
    return index


def _item_more(scope: Scope, index: int, column: int, own: list[Line]) -> int:
    """A further run of lines of an item, after a blank line or a nested list."""
    first = index
    while not scope.blank(index):
        start, end, at = line = scope.lines[index]
        if at - start >= column:
            start += column
        elif (
            index == first
            or scope.list_start(line)
            or scope.closes_div(line)
            or scope.interrupted(index)
        ):
            break
        own.append(Line(start, end, at))
        index += 1
    return index


def quote(scope: Scope, index: int) -> int | None:
    """A block quotation."""
    if scope.lines[index].at - scope.lines[index].start > 3:
        return None
    own: list[Line] = []
    while not scope.blank(index):
        line = scope.lines[index]
        match = QUOTE.match(scope.text, line.start, line.end)
        if match:
            own.append(scope.line(match.end(), line.end))
        elif (
            scope.list_start(line)
            or scope.fences(index)
            or scope.closes_div(line)
            or scope.interrupted(index)
        ):
            break
        else:
            own.append(Line(line.at, line.end, line.at))
        index += 1
    scope.nested(own, "quote")
    return index


def div(scope: Scope, index: int) -> int | None:
    """The opening or the closing fence of a div."""
    line = scope.lines[index]
    if line.at != line.start or not scope.text.startswith(":::", line.at):
        return None
    if scope.open_divs and scope.closes_div(line):
        end = scope.trimmed(line.start, line.end)
        scope.out.regions.append((line.start, end, "attributes"))
        close_div(scope, end)
        return index + 1
    opening = scope.div_opening(line) if scope.div_end(index) is not None else None
    if opening is None:
        return None
    scope.out.anchor(opening[0])
    scope.out.regions.append((line.start, line.end, "attributes"))
    scope.open_divs.append((line, *opening))
    return index + 1


def close_div(scope: Scope, end: int) -> None:
    """Close the innermost open div."""
    line, attributes, name = scope.open_divs.pop()
    scope.out.divs.append(RawDiv(line.start, end, (line.start, line.end), attributes, name))


def note(scope: Scope, index: int) -> int | None:
    """A footnote definition."""
    line = scope.lines[index]
    match = NOTE.match(scope.text, line.start, line.end)
    if match is None or not match["colon"]:
        return None
    scope.out.notes.append((match["label"], line.at, match.end("label") + 1))
    scope.out.regions.append((line.at, match.end(), "footnote"))
    first = scope.line(match.end(), line.end)
    own = [Line(first.at, first.end, first.at)]
    index = _indented(scope, index + 1, own, _ends_note)
    scope.nested(own, "note")
    return index


def _ends_note(scope: Scope, index: int) -> bool:
    line = scope.lines[index]
    if NOTE.match(scope.text, line.start, line.end):
        return True
    if scope.list_start(line) or scope.fences(index):
        scope.out.blank_lines.append(line.start)
        return True
    return scope.interrupted(index)


def _indented(scope: Scope, index: int, own: list[Line], ends: _Test) -> int:
    """The lines of a block that goes on by indent: text up to a blank line, then indented runs."""
    while True:
        index = _run(scope, index, own, ends)
        after = scope.after_blanks(index)
        if after >= len(scope.lines) or scope.lines[after].at - scope.lines[after].start < INDENT:
            return index
        if after == index:
            return index
        own += scope.lines[index:after]
        index = after


def _run(scope: Scope, index: int, own: list[Line], ends: _Test) -> int:
    while not scope.blank(index):
        start, end, at = scope.lines[index]
        if at - start >= INDENT:
            start += INDENT
        elif ends(scope, index):
            break
        own.append(Line(start, end, at))
        index += 1
    return index


def definitions(scope: Scope, index: int) -> int | None:
    """A term with its definitions."""
    after = _definition_at(scope, index + 1)
    if after is None or (after > index + 1 and _captions_table(scope, after)):
        return None
    line = scope.lines[index]
    scope.keep("item", [(line.at, line.end)])
    while after is not None:
        index = _definition(scope, after)
        after = _definition_at(scope, index)
    return index


def _definition_at(scope: Scope, index: int) -> int | None:
    if index < len(scope.lines) and scope.blank(index):
        index += 1
    if scope.blank(index):
        return None
    line = scope.lines[index]
    if scope.text[line.at] not in ":~":
        return None
    return index if _DEFINITION.match(scope.text, line.start, line.end) else None


def _captions_table(scope: Scope, index: int) -> bool:
    index = scope.after_blanks(scope.paragraph_end(index))
    return index < len(scope.lines) and scope.table_head(index)


def _definition(scope: Scope, index: int) -> int:
    line = scope.lines[index]
    match = _DEFINITION.match(scope.text, line.start, line.end)
    assert match
    room = INDENT - 1 - len(match["indent"])
    gap = room if 0 < room <= len(match["gap"]) else len(match["gap"])
    own = [scope.line(match.start("gap") + gap, line.end)]
    index = _indented(scope, index + 1, own, _ends_definition)
    scope.nested(own, "item")
    return index


def _ends_definition(scope: Scope, index: int) -> bool:
    line = scope.lines[index]
    if _DEFINITION.match(scope.text, line.start, line.end) or scope.closes_div(line):
        return True
    if scope.fences(index):
        scope.out.blank_lines.append(line.start)
        return True
    return scope.interrupted(index)
