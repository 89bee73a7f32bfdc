"""The block structure of Markdown as pandoc reads it, found line by line.

The order in which kinds of blocks are tried is pandoc's. A function of this table reads what
begins at a line and returns the index of the line after it, None where it is of another kind.
"""

from collections.abc import Callable

from pipeline.document import Nesting
from pipeline.markdown import containers, plain_blocks, tables
from pipeline.markdown.outline import Context, Line, Outline, line_at
from pipeline.markdown.paragraphs import paragraph
from pipeline.markdown.scope import ORDERED_CHARS, Scope

_Reader = Callable[[Scope, int], int | None]
_FIRST: dict[str, _Reader] = {
    "`": plain_blocks.fence,
    "~": plain_blocks.fence,
    "*": containers.bullet,
    "+": containers.bullet,
    "-": containers.bullet,
    ":": containers.div,
    "<": plain_blocks.html,
}
_THEN: dict[str, _Reader] = {
    "\\": plain_blocks.tex,
    "|": plain_blocks.line_block,
    ">": containers.quote,
    "*": plain_blocks.rule,
    "-": plain_blocks.rule,
    "_": plain_blocks.rule,
    **dict.fromkeys(ORDERED_CHARS, containers.ordered),
}
_TABLE_STARTS = frozenset("+-:Tt")
_TABLE_UNDERS = frozenset("|:-")
_STARTS = frozenset((*_FIRST, *_THEN, *_TABLE_STARTS, "#", "["))  # of what is no paragraph


def outline(text: str, nesting: Nesting) -> Outline:
    """The block structure of a flat text."""
    out = Outline(nesting)
    lines = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        at = end - len(line.lstrip(" ")) if line.startswith(" ") else start
        lines.append(line_at(start, end, at))
        start = end + 1
    _read(Scope(text, lines, Context(), out, _read))
    return out


def _read(scope: Scope) -> None:
    if scope.context.depth > scope.out.nesting.blocks:
        start, end = scope.lines[0].start, scope.lines[-1].end
        scope.out.regions.append((start, end, "raw"))
        if scope.out.too_deep is None:
            scope.out.too_deep = start
        return
    index = 0
    while index < len(scope.lines):
        index = _block(scope, index)
    while scope.open_divs:
        containers.close_div(scope, scope.lines[-1].end)


def _block(scope: Scope, index: int) -> int:
    start, end, at = line = scope.lines[index]
    if at == end:
        return index + 1
    if _alone(scope, index) and _plain(scope.text, line):
        scope.keep(scope.context.kind, ((at, scope.trimmed(at, end)),))
        return index + 1
    if scope.open_tags and scope.tag_indent:
        scope.lines[index] = Line(min(at, start + scope.tag_indent), end, at)
    char = scope.text[at]
    reader = _FIRST.get(char)
    after = reader(scope, index) if reader else None
    if after is None:
        after = _structured(scope, index, char)
    if after is None and (reader := _THEN.get(char)):
        after = reader(scope, index)
    if after is None:
        after = _late(scope, index, char)
    return after


def _alone(scope: Scope, index: int) -> bool:
    """Whether a blank line follows a line, and no definition of a term thereafter."""
    if scope.open_tags or not scope.blank(index + 1):
        return False
    if index + 2 >= len(scope.lines):
        return True
    return not scope.text.startswith((":", "~"), scope.lines[index + 2].at)


def _plain(text: str, line: Line) -> bool:
    """Whether a line that stands alone is surely a paragraph, told by its first characters."""
    start, end, at = line
    char = text[at]
    if char == "*":
        surely = text.startswith("**", at, end) and text[at + 2 : end].strip(" *") != ""
    elif char == "[":
        surely = text.find("]:", at, end) < 0
    else:
        surely = char not in _STARTS
    short = at - start < containers.INDENT
    return surely and short and text.find("<", at, end) < 0 and text.find("\\begin{", at, end) < 0


def _structured(scope: Scope, index: int, char: str) -> int | None:
    """What the line below decides: headings and tables; then code, which is decided by indent."""
    line = scope.lines[index]
    under = "" if scope.blank(index + 1) else scope.text[scope.lines[index + 1].at]
    after = plain_blocks.setext(scope, index) if under in ("=", "-") else None
    if after is None and char == "#":
        after = plain_blocks.atx(scope, index)
    if after is None and (under in _TABLE_UNDERS or char in _TABLE_STARTS):
        after = tables.table(scope, index)
    if after is None and line.at - line.start >= containers.INDENT:
        after = plain_blocks.indented(scope, index)
    return after


def _late(scope: Scope, index: int, char: str) -> int:
    after = containers.definitions(scope, index)
    if after is None and char == "[":
        after = containers.note(scope, index)
        if after is None:
            after = plain_blocks.reference(scope, index)
    return paragraph(scope, index) if after is None else after
