"""YAML with exact positions as nodes of code point spans.

Scalars stay text. Anchors, aliases, tags, merge keys and further documents are refused, and
size, depth and number of nodes are limited, so nothing can explode. What is wrong with one
top-level key does not hide the others.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import yaml

from pipeline.document import Entry, Mapping, Node, Problem, Scalar, Sequence
from pipeline.records.capping import capped
from pipeline.records.yaml_errors import TooDeep, explain, not_a_mapping
from pipeline.records.yaml_events import BIG, LIMITS, Composer, Limits, Refused, cleaned, duplicates
from pipeline.source import Source, Span

__all__ = ["BIG", "LIMITS", "Composed", "Limits", "compose"]

Composed = tuple[Node | None, tuple[Problem, ...]]


def compose(
    source: Source, span: Span, limits: Limits = LIMITS, *, mapping: bool = True
) -> Composed:
    """The node tree of a span of YAML, and what is wrong with it (FM002, FM004).

    Never raises. With `mapping`, anything but a mapping at the top is a problem; nothing at all
    is an empty mapping. The node is None where nothing could be read.
    """
    if len(span) > limits.size:
        return None, (_too_large(source, span, limits),)
    text = source.slice(span)
    clean, restore = cleaned(text)
    composer = Composer(clean, span.start, limits, restore)
    try:
        node = composer.document()
    except Refused as refused:
        return None, (*composer.problems, refused.problem)
    except (yaml.YAMLError, TooDeep, ValueError) as error:
        return _recovered(clean, span, limits, restore, error)
    return _topped(node, source, span, composer.problems, mapping)


def _topped(
    node: Node | None, source: Source, span: Span, problems: list[Problem], mapping: bool
) -> Composed:
    if node is None and not problems:
        return Mapping((), Span(span.start, span.start)), ()
    if mapping and not isinstance(node, Mapping | None):
        return None, (*problems, not_a_mapping(node, source.text))
    return node, capped(problems, PROBLEMS)


def _too_large(source: Source, span: Span, limits: Limits) -> Problem:
    return Problem(
        "FM002",
        Span(span.start, span.start + 1),
        f"the YAML is too large: {len(span):,} characters, {limits.size:,} are allowed"
        f"{limits.setting('size')}",
        "move long text into the body, or split the file in two",
    )


# ---- recovery: one broken key does not hide the others -------------------------------------

_LINE = r"(?:^|(?<=\r)(?!\n))"
_KEY_LINE = re.compile(
    _LINE + r"""(?:"(?:[^"\\\r\n]|\\.)*"[ \t]*|'[^'\r\n]*'[ \t]*|"""
    r"""[^\s#\-\[\]{}"',&*!|>%@`:][^\r\n]*?):(?=[ \t\r\n]|\Z)""",
    re.MULTILINE,
)
_FLUSH_LINE = re.compile(_LINE + r"[^\s#\-\]}][^\r\n]*", re.MULTILINE)
_FIRST_LINE = re.compile(r"[^\r\n]*?:[ \t]+(?P<value>[^\s|>&#][^\r\n]*)?(?:\r\n|\r|\n|\Z)")
PROBLEMS = 50


class _Recovery:
    """Reads each top-level key by itself after the whole could not be read."""

    def __init__(self, text: str, base: int, limits: Limits, restore: dict[int, str]) -> None:
        self.text, self.base, self.limits, self.restore = text, base, limits, restore
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []

    def read(self) -> None:
        """Every top-level key; what cannot be read becomes a problem and a stand-in."""
        for start, end in _chunks(self.text):
            try:
                self._chunk(start, end)
            except Refused as refused:
                self.problems.append(refused.problem)
                return

    def _chunk(self, start: int, end: int) -> None:
        failure = self._keep(start, end)
        if failure is None:
            return
        start = self._readable(start, end)
        if len(self.problems) < PROBLEMS:
            failure = self._failure(start, end) or failure
            self.problems.append(explain(self.text, start, end, failure, self.base))
        else:
            place = Span(start, start).shift(self.base)
            self.problems.append(Problem("FM002", place, "this key cannot be read"))

    def _readable(self, start: int, end: int) -> int:
        """Keep the readable lines of a broken key, else a stand-in; where the trouble begins."""
        stray = _FLUSH_LINE.search(self.text, start + 1, end)
        line = _FIRST_LINE.match(self.text, start, end)
        if stray and self._keep(start, stray.start()) is None:
            return stray.start()
        if (
            line
            and line["value"]
            and line.end() < end
            and not stray
            and self._keep(start, line.end()) is None
        ):
            return line.end() if self._failure(line.end(), end) else start
        self.entries += _stand_in(self.text, start, end, self.base)
        return start

    def _failure(self, start: int, end: int) -> Exception | None:
        try:
            Composer(self.text[start:end], 0, self.limits, {}).document()
        except (yaml.YAMLError, TooDeep, ValueError) as error:
            return error
        return None

    def _keep(self, start: int, end: int) -> Exception | None:
        """Read a piece and keep it; the error if it cannot be read."""
        composer = Composer(self.text[start:end], self.base + start, self.limits, self.restore)
        try:
            node = composer.document()
        except (yaml.YAMLError, TooDeep, ValueError) as error:
            return error
        self.limits = replace(self.limits, nodes=composer.left)
        self.problems += composer.problems
        if isinstance(node, Mapping):
            self.entries += node.entries
        elif node is not None:
            self.problems.append(not_a_mapping(node, self.text, self.base))
        return None


def _recovered(
    text: str, span: Span, limits: Limits, restore: dict[int, str], error: Exception
) -> Composed:
    recovery = _Recovery(text, span.start, limits, restore)
    recovery.read()
    entries, problems = recovery.entries, recovery.problems
    if not any(problem.code == "FM002" for problem in problems):
        problems.append(explain(text, 0, len(text), error, span.start))
    problems += duplicates(entries)
    found = sorted(dict.fromkeys(problems), key=lambda problem: problem.span)
    return (_joined(entries) if entries else None), capped(found, PROBLEMS)


def _joined(entries: list[Entry]) -> Mapping:
    start, end = entries[0].key.span.start, max(entry.value.span.end for entry in entries)
    return Mapping(tuple(entries), Span(start, end))


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Where each top-level key begins and ends; stray flush lines are chunks of their own."""
    starts = [match.start() for match in _KEY_LINE.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts = [0, *starts]
    yield from zip(starts, [*starts[1:], len(text)], strict=True)


def _stand_in(text: str, start: int, end: int, base: int) -> list[Entry]:
    """The key of a broken entry, with a value that raises no further alarm."""
    match = _KEY_LINE.match(text, start, end)
    if not match:
        return []
    name = match[0].rstrip().removesuffix(":").rstrip()
    key = Scalar(name.strip("'\""), Span(start, start + len(name)).shift(base))
    rest = text[match.end() : end]
    value = rest.strip()
    first = match.end() + len(rest) - len(rest.lstrip())
    place = Span(first, first + len(value)) if value else Span(match.end(), match.end())
    place = place.shift(base)
    if value.startswith(("[", "- ", "-\n")):
        return [Entry(key, Sequence((), place, value.startswith("[")))]
    if value.startswith("{") or set("\r\n") & set(rest.rstrip()):
        return [Entry(key, Mapping((), place, value.startswith("{")))]
    bare = re.split(r"[ \t]#", value)[0].rstrip()
    place = Span(place.start, place.start + len(bare))
    return [Entry(key, Scalar(bare.strip("'\""), place))]
