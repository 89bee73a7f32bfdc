"""Front matter: YAML between `---` lines at the very start of a file."""

import re
from typing import NamedTuple

from pipeline.document import Mapping, Node, Problem, Scalar, Sequence
from pipeline.records.typed import typed
from pipeline.records.yaml_nodes import LIMITS, Limits, compose
from pipeline.source import Source, Span

__all__ = [
    "LIMITS",
    "FrontMatter",
    "Limits",
    "comments",
    "compose",
    "read",
    "split",
    "swallowed",
    "typed",
]  # fmt: skip

_END = r"[ \t]*(?:\r\n|\r|\n|\Z)"
_OPENING = re.compile(r"---[ \t]*(?:\r\n|\r|\n)")
_CLOSING = re.compile(rf"(?:---|\.\.\.)(?<=[\r\n]...){_END}")
_GAP = re.compile(r"(?:\r\n|\r|\n)(?=[ \t]*(?:\r\n|\r|\n))")
_UNCLOSED = Problem(
    "FM002", Span(0, 3), "the front matter is never closed", "put a line `---` after its last key"
)
_BLANK = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_KEY = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[\w\"'-]+[ \t]*:(?:[ \t\r\n]|\Z)")
_COMMENT = re.compile(r"(?:(?<=[\s])|\A)#[^\r\n]*")


class FrontMatter(NamedTuple):
    """The front matter of a file, `span` of its YAML, and the offset where the body starts."""

    span: Span | None
    body: int
    node: Mapping | None
    problems: tuple[Problem, ...]


def read(source: Source, limits: Limits = LIMITS) -> FrontMatter:
    """Split and compose."""
    span, body, problems = split(source)
    if span is None:
        return FrontMatter(None, body, None, problems)
    node, found = compose(source, span, limits)
    front = node if isinstance(node, Mapping) else None
    return FrontMatter(span, body, front, (*problems, *found))


def split(source: Source) -> tuple[Span | None, int, tuple[Problem, ...]]:
    """The span of the YAML, None where there is none; where the body starts; FM002 if unclosed.

    A first line `---` opens it unless it is a mere rule: followed by a blank line without a key
    after it, or never closed and followed by no key. What is never closed is read up to its
    first blank line.
    """
    text = source.text
    opening = _OPENING.match(text)
    if not opening:
        return None, 0, ()
    start = opening.end()
    closing = _CLOSING.search(text, start)
    keyed = _KEY.match(text, start)
    if closing and (keyed or not _BLANK.match(text, start)):
        return Span(start, closing.start()), closing.end(), ()
    if closing or not keyed:
        return None, 0, ()
    gap = _GAP.search(text, keyed.end() - 1)
    end = gap.end() if gap else len(text)
    return Span(start, end), end, (_UNCLOSED,)


# ---- comments ------------------------------------------------------------------------------


def comments(source: Source, span: Span, node: Node | None = None) -> tuple[Span, ...]:
    """The spans of `# …` comments of a YAML span, from `#` to the end of the line.

    `node` is the tree of the span, if it is at hand.
    """
    text = source.slice(span)
    if "#" not in text:
        return ()
    if node is None:
        node, _ = compose(source, span, mapping=False)
    taken = sorted(_covered(source, node)) if node else []
    return tuple(_outside(text, span.start, taken))


def _outside(text: str, base: int, taken: list[Span]) -> list[Span]:
    """Each comment: from a `#` at a line's start or after a blank that no scalar covers."""
    found = []
    number = place = 0
    while match := _COMMENT.search(text, place):
        start = match.start() + base
        while number < len(taken) and taken[number].end <= start:
            number += 1
        if number < len(taken) and taken[number].start <= start:
            place = taken[number].end - base
        else:
            found.append(Span(start, match.end() + base))
            place = match.end()
    return found


def _covered(source: Source, node: Node) -> list[Span]:
    """The characters of scalars; of a block scalar only what follows its header."""
    if isinstance(node, Sequence):
        return [span for item in node.items for span in _covered(source, item)]
    if isinstance(node, Mapping):
        pairs = ((entry.key, entry.value) for entry in node.entries)
        return [span for pair in pairs for item in pair for span in _covered(source, item)]
    if node.style in ("literal", "folded"):
        header = re.compile(r"[^\r\n]*").match(source.text, node.span.start)
        return [Span(min(header.end() if header else 0, node.span.end), node.span.end)]
    return [node.span]


def swallowed(source: Source, span: Span, node: Node | None) -> tuple[Span, ...]:
    """Comments that look like part of a plain value: `title: A #1 book` (rule FM007).

    Only ` #` directly followed by something; `draft # note` is a comment.
    """
    found = comments(source, span, node)
    ends = {item.span.end for item in _plain(node)} if node and found else set()
    return tuple(
        place
        for place in found
        if not re.match(r"#+(?:\s|$)", source.slice(place))
        and _previous(source.text, place.start) in ends
    )


def _previous(text: str, offset: int) -> int:
    """The offset after the last character before `offset` that is no blank."""
    while offset and text[offset - 1] in " \t":
        offset -= 1
    return offset


def _plain(node: Node) -> list[Scalar]:
    if isinstance(node, Sequence):
        return [scalar for item in node.items for scalar in _plain(item)]
    if isinstance(node, Mapping):
        return [scalar for entry in node.entries for scalar in _plain(entry.value)]
    return [node] if node.style == "plain" else []
