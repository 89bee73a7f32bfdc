"""Square brackets of a leaf: which pair, and which must be text lest pandoc never ends.

Pandoc's time doubles with every bracket or two that is left open in a paragraph, and with every
level of brackets within brackets. Those beyond a limit are read as text here, and escaped for it.
"""

import re
from typing import NamedTuple

from pipeline.markdown.lexemes import MATH, RAW_TEX, Opaque

MAX_OPEN = 2
"""Brackets of one leaf that may stay open without a backslash."""

_TOKEN = re.compile(r"\\[^\w]|[`$<\[\]]|\\(?=[A-Za-z])")


class Brackets(NamedTuple):
    """Opening → closing brackets; the brackets to escape; the first that is too deep."""

    pairs: dict[int, int]
    literal: list[int]
    too_deep: int | None


def brackets(text: str, opaque: Opaque, depth: int) -> Brackets:
    """The brackets of a text, `depth` within each other; those in code, formulas, tags are none."""
    pairs: dict[int, int] = {}
    stack: list[int] = []
    at = 0
    while match := _TOKEN.search(text, at):
        start, at = match.span()
        if match[0] == "[":
            stack.append(start)
        elif match[0] != "]":
            at = _after(text, opaque, start, at)
        elif stack:
            pairs[stack.pop()] = start
    deep = _too_deep(pairs, depth)
    literal = stack if len(stack) > MAX_OPEN else []
    for opening in deep:
        literal += (opening, pairs.pop(opening))
    return Brackets(pairs, literal, deep[0] if deep else None)


def _after(text: str, opaque: Opaque, start: int, at: int) -> int:
    """Where what hides brackets ends."""
    char = text[start]
    if char == "`":
        code = opaque.code(start)
        return code[2] if code else opaque.run_end(start)
    if char == "<":
        return max(at, opaque.markup(start, opaque.size))
    match = (MATH if char == "$" else RAW_TEX).match(text, start)
    return match.end() if match else at


def _too_deep(pairs: dict[int, int], depth: int) -> list[int]:
    """The opening brackets of the pairs that stand in so many others."""
    if len(pairs) <= depth:
        return []
    deep: list[int] = []
    around: list[int] = []
    for opening in sorted(pairs):
        while around and around[-1] < opening:
            around.pop()
        if len(around) >= depth:
            deep.append(opening)
        else:
            around.append(pairs[opening])
    return deep
