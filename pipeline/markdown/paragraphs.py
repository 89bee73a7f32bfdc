"""Paragraphs: where one ends, by a blank line, by what interrupts it, by a block-level tag."""

import re
from collections.abc import Iterator

from pipeline.markdown import lexemes
from pipeline.markdown.outline import Line, Range
from pipeline.markdown.plain_blocks import BEGIN_TEX, tex_end
from pipeline.markdown.scope import Scope

MAX_SPANNING_LINES = 100
"""Lines that a code span or formula may cross where a block could begin between them."""

_SPANNING = re.compile(r"[`$<]")
_LANDMARK = re.compile(r"\\[^\w]|[`$<]|\\begin\{")


def paragraph(scope: Scope, index: int) -> int:
    """A paragraph; the index of the line after it, or of its last line if that is read on."""
    first = index
    index = _end(scope, first, first + 1)
    while after := _comment_end(scope, first, index):
        index = _end(scope, first, after)
    return _cut(scope, first, index)


def _end(scope: Scope, first: int, index: int) -> int:
    crossed: list[Range] | None = None
    while not scope.blank(index):
        stop = _stop(scope, index)
        if stop:
            line = scope.lines[index]
            if crossed is None:
                crossed = _crossings(scope, first)
            if not any(left < line.start < right for left, right in crossed):
                if stop == "blank":
                    scope.out.blank_lines.append(line.start)
                if stop != "escape":
                    break
                scope.out.escapes.append(_delimiter(scope, line))
        index += 1
    return index


def _stop(scope: Scope, index: int) -> str:
    """Whether a line ends the paragraph before it, and what pandoc needs to agree."""
    line = scope.lines[index]
    if scope.list_start(line):
        return "escape" if _delimiter(scope, line) else "natural"
    if scope.fences(index) or scope.closes_div(line):
        return "natural"
    return "blank" if scope.begins(index) else ""


def _delimiter(scope: Scope, line: Line) -> int:
    """Where to escape an item that is text on GitHub, its number not being 1; else 0."""
    match = scope.ordered(line)
    if match is None or not (match["outer"] or "").isdecimal() or int(match["outer"][-9:]) == 1:
        return 0
    return match.start("delimiter")


def _crossings(scope: Scope, first: int) -> list[Range]:
    """The code spans, formulas and tags of a paragraph, as far as it might reach."""
    last = first
    while not scope.blank(last + 1) and last - first < MAX_SPANNING_LINES:
        last += 1
    start, end = scope.lines[first].start, scope.lines[last].end
    if not _SPANNING.search(scope.text, start, end):
        return []
    kinds = ("span",) if scope.context.in_list else ("span", "code")
    return [
        (left, right) for left, right, kind in _landmarks(scope.text, start, end) if kind in kinds
    ]


def _landmarks(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Spans that no block begins in; block-level tags and TeX environments outside them."""
    opaque: lexemes.Opaque | None = None
    at = start
    while match := _LANDMARK.search(text, at, end):
        left, at = match.span()
        char = match[0]
        if char == "`" or text.startswith("<!--", left):
            opaque = opaque or lexemes.Opaque(text[start:end])
            at = start + _opaque_end(opaque, char, left - start)
        elif char == "$":
            math = lexemes.MATH.match(text, left, end)
            at = math.end() if math else at
        elif char == "<":
            tag = lexemes.TAG.match(text, left, end)
            at = tag.end() if tag else at
            if tag and tag["name"].lower() in lexemes.BLOCK_TAGS:
                yield left, at, "tag"
        elif BEGIN_TEX.match(text, left, end):
            yield left, at, "tex"
        if at > left + 1 and char in "`$<":
            yield left, at, "code" if char == "`" else "span"


def _opaque_end(opaque: lexemes.Opaque, char: str, at: int) -> int:
    if char == "<":
        return max(at + 1, opaque.markup(at, opaque.size))
    code = opaque.code(at)
    return code[2] if code else opaque.run_end(at)


def _comment_end(scope: Scope, first: int, index: int) -> int:
    """The line after the comment that a paragraph leaves open, 0 if there is none."""
    start, end = scope.lines[first].start, scope.lines[index - 1].end
    opening = scope.text.rfind("<!--", start, end)
    if opening < 0 or scope.text.find("-->", opening, end) >= 0:
        return 0
    close = scope.find("-->", end)
    if close < 0:
        return 0
    while scope.lines[index - 1].end < close:
        index += 1
    return index


def _cut(scope: Scope, first: int, index: int) -> int:
    """Keep the lines of a paragraph as a leaf, up to the first block-level tag in them."""
    start, end = scope.lines[first].at, scope.lines[index - 1].end
    if scope.text.find("<", start, end) >= 0 or scope.text.find("\\begin{", start, end) >= 0:
        for left, _, kind in _landmarks(scope.text, start, end):
            if left > start and (kind == "tag" or (kind == "tex" and tex_end(scope, left))):
                return _cut_at(scope, first, left)
    _keep(scope, scope.lines[first:index])
    return index


def _cut_at(scope: Scope, first: int, cut: int) -> int:
    index = first
    while scope.lines[index].end < cut:
        index += 1
    line = scope.lines[index]
    if line.at < cut:
        _keep(scope, [*scope.lines[first:index], line._replace(end=cut)])
    else:
        _keep(scope, scope.lines[first:index])
    scope.lines[index] = Line(cut, line.end, cut)
    return index


def _keep(scope: Scope, lines: list[Line]) -> None:
    own = [(line.at, line.end) for line in lines]
    last = own[-1]
    own[-1] = (last[0], max(last[0], scope.trimmed(*last)))
    if own[0][0] < own[-1][1]:
        scope.keep(scope.context.kind, own)
