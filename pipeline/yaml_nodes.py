"""YAML with exact positions: libyaml's events, guarded, as nodes of code point spans.

Scalars stay text. Anchors, aliases, tags, merge keys and further documents are refused, and
size, depth and number of nodes are limited, so nothing can explode. What is wrong with one
top-level key does not hide the others.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import yaml

from pipeline.document import Entry, Mapping, Node, Problem, Scalar, Sequence
from pipeline.source import Source, Span
from pipeline.wording import quoted
from pipeline.yaml_errors import TooDeep, explain, not_a_mapping

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large YAML may be: code points, levels, nodes, code points of one scalar."""

    size: int = 262_144
    depth: int = 32
    nodes: int = 20_000
    scalar: int = 65_536


LIMITS = Limits()
BIG = Limits(size=20_000_000, nodes=2_000_000, scalar=1_000_000)

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
    clean, restore = _cleaned(text)
    composer = _Composer(clean, span.start, limits, restore)
    try:
        node = composer.document()
    except _Refused as refused:
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
    return node, tuple(problems)


def _too_large(source: Source, span: Span, limits: Limits) -> Problem:
    return Problem(
        "FM002",
        Span(span.start, span.start + 1),
        f"the YAML is too large: {len(span):,} characters, {limits.size:,} are allowed",
        "move long text into the body, or raise the limit in `book.yaml`",
    )


# ---- characters that libyaml refuses or takes for line ends --------------------------------

_STRANGE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_KEPT = "\x85\u2028\u2029\ufeff"


def _cleaned(text: str) -> tuple[str, dict[int, str]]:
    """Text of the same length that libyaml accepts, and a table that brings characters back.

    What is no line end to an editor (U+0085, U+2028) must be none here; control characters and
    bad bytes become U+FFFD (a rule of its own reports them).
    """
    if not _STRANGE.search(text):
        return text, {}
    used = set(text)
    free = (char for char in map(chr, range(0xE000, 0xF900)) if char not in used)
    there = {char: next(free, "\ufffd") for char in _KEPT if char in used}
    clean = _STRANGE.sub(lambda match: there.get(match[0], "\ufffd"), text)
    return clean, {ord(stand): char for char, stand in there.items() if stand != "\ufffd"}


# ---- events to nodes -----------------------------------------------------------------------


class _Refused(Exception):
    """A limit that ends reading."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


Style = Literal["plain", "single", "double", "literal", "folded"]
_STYLES: dict[str, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s*)+")


class _Composer:
    def __init__(self, text: str, base: int, limits: Limits, restore: dict[int, str]) -> None:
        self.text, self.base, self.limits, self.restore = text, base, limits, restore
        self.problems: list[Problem] = []
        self.left = limits.nodes
        self.depth = 0
        self._loader = _LOADER(text)
        self._next = self._loader.get_event

    def document(self) -> Node | None:
        """The first document; None for an empty stream."""
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        node = self._node(self._next())
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            self._report(
                event.start_mark.index, event.start_mark.index + 3,
                "a second YAML document begins here",
                "keep one document: remove this `---` and what follows",
            )  # fmt: skip
        return node

    def _node(self, event: Any) -> Node:
        self.left -= 1
        if self.left < 0:
            raise _Refused(self._many(event.start_mark.index))
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return self._scalar(event)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        self.depth += 1
        if self.depth > self.limits.depth:
            raise TooDeep(event.start_mark.index, self.limits.depth)
        start = self._properties(event) if event.anchor or event.tag else event.start_mark.index
        node = (self._sequence if kind is yaml.SequenceStartEvent else self._mapping)(event, start)
        self.depth -= 1
        return node

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor or event.tag:
            start = min(self._properties(event), end)
        style = _STYLES.get(event.style, "plain")
        if style in ("literal", "folded"):
            end = start + len(self.text[start:end].rstrip())
        text = event.value
        if self.restore:
            text = text.translate(self.restore)
        if end - start > self.limits.scalar:
            self._report(
                start, start + 1, f"a value of {end - start:,} characters is too long",
                f"{self.limits.scalar:,} are allowed: move long text into the body",
            )  # fmt: skip
        return Scalar(text, Span(start + self.base, end + self.base), style)

    def _sequence(self, event: Any, start: int) -> Sequence:
        items: list[Node] = []
        while type(following := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._node(following))
        flow = bool(event.flow_style)
        end = following.end_mark.index + self.base if flow else self._end(items, start)
        return Sequence(tuple(items), Span(start + self.base, end), flow)

    def _mapping(self, event: Any, start: int) -> Mapping:
        entries: list[Entry] = []
        while type(following := self._next()) is not yaml.MappingEndEvent:
            entry = self._entry(following)
            if entry:
                entries.append(entry)
        flow = bool(event.flow_style)
        nodes = [node for entry in entries for node in (entry.key, entry.value)]
        end = following.end_mark.index + self.base if flow else self._end(nodes, start)
        self.problems += duplicates(entries)
        return Mapping(tuple(entries), Span(start + self.base, end), flow)

    def _end(self, nodes: Iterable[Node], start: int) -> int:
        return max((node.span.end for node in nodes), default=start + self.base)

    def _entry(self, event: Any) -> Entry | None:
        key = self._node(event)
        value = self._node(self._next())
        if not isinstance(key, Scalar):
            self._at(key.span, "a key must be a plain word, not a list or mapping",
                     "put quotes around the key if the brackets are part of it")  # fmt: skip
            return None
        if key.text == "<<" and key.style == "plain":
            self._at(key.span, "merge keys (`<<`) are not allowed", "write the keys out")
            return None
        return Entry(key, value)

    def _alias(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        self._report(
            start, end, f"aliases are not allowed: {quoted(self.text[start:end])}",
            "write the value out, or put quotes around it if the `*` is part of it",
        )  # fmt: skip
        return Scalar(self.text[start:end], Span(start + self.base, end + self.base))

    def _properties(self, event: Any) -> int:
        """Report an anchor or tag; where the node itself begins."""
        start: int = event.start_mark.index
        match = _PROPERTIES.match(self.text, start)
        end = match.end() if match else start
        what, sign = ("anchors", "&") if event.anchor else ("tags", "!")
        token = self.text[start:end].split()
        self._report(
            start, start + len(token[0]) if token else end,
            f"{what} are not allowed: {quoted(token[0] if token else sign)}",
            f"remove it, or put quotes around the value if the `{sign}` is part of it",
        )  # fmt: skip
        return end

    def _many(self, index: int) -> Problem:
        return Problem(
            "FM002", Span(index, index + 1).shift(self.base),
            f"too many keys and values: {self.limits.nodes:,} are allowed",
            "split the file, or raise the limit in `book.yaml`",
        )  # fmt: skip

    def _report(self, start: int, end: int, message: str, hint: str) -> None:
        self._at(Span(start, max(start, min(end, len(self.text)))).shift(self.base), message, hint)

    def _at(self, span: Span, message: str, hint: str) -> None:
        self.problems.append(Problem("FM002", span, message, hint))


def duplicates(entries: Iterable[Entry]) -> Iterator[Problem]:
    """FM004 for each key that was given before, with both places."""
    first: dict[str, Span] = {}
    for entry in entries:
        name, span = entry.key.text, entry.key.span
        if first.setdefault(name, span) is span:
            continue
        yield Problem(
            "FM004", span, f"the key {quoted(name)} is given twice",
            "keep one of the two: the first value counts", first[name], "first given here",
        )  # fmt: skip


# ---- recovery: one broken key does not hide the others -------------------------------------

_LINE = r"(?:^|(?<=\r)(?!\n))"
_KEY_LINE = re.compile(
    _LINE + r"""(?:"(?:[^"\\\r\n]|\\.)*"[ \t]*|'[^'\r\n]*'[ \t]*|"""
    r"""[^\s#\-\[\]{}"',&*!|>%@`:][^\r\n]*?):(?=[ \t\r\n]|\Z)""",
    re.MULTILINE,
)
_FLUSH_LINE = re.compile(_LINE + r"[^\s#\-\]}][^\r\n]*", re.MULTILINE)
_BROKEN_LIMIT = 20


class _Recovery:
    """Reads each top-level key by itself after the whole could not be read."""

    def __init__(self, text: str, base: int, limits: Limits, restore: dict[int, str]) -> None:
        self.text, self.base, self.limits, self.restore = text, base, limits, restore
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.broken = 0

    def read(self) -> None:
        """Every top-level key; what cannot be read becomes a problem and a stand-in."""
        for start, end in _chunks(self.text):
            try:
                self._chunk(start, end)
            except _Refused as refused:
                self.problems.append(refused.problem)
                return

    def _chunk(self, start: int, end: int) -> None:
        failure = self._compose(start, end)
        if failure is None:
            return
        stray = next((line.start() for line in _FLUSH_LINE.finditer(self.text, start + 1, end)), 0)
        if stray and self._compose(start, stray) is None:
            start = stray
        else:
            self.entries += _stand_in(self.text, start, end, self.base)
        self.broken += 1
        if self.broken <= _BROKEN_LIMIT:
            failure = self._failure(start, end) or failure
            self.problems.append(explain(self.text, start, end, failure, self.base))

    def _failure(self, start: int, end: int) -> Exception | None:
        composer = _Composer(self.text[start:end], 0, self.limits, {})
        try:
            composer.document()
        except (yaml.YAMLError, TooDeep, ValueError) as error:
            return error
        return None

    def _compose(self, start: int, end: int) -> Exception | None:
        composer = _Composer(self.text[start:end], self.base + start, self.limits, self.restore)
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
    return (_joined(entries) if entries else None), tuple(dict.fromkeys(problems))


def _joined(entries: list[Entry]) -> Mapping:
    start, end = entries[0].key.span.start, max(entry.value.span.end for entry in entries)
    return Mapping(tuple(entries), Span(start, end))


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Where each top-level key begins and ends; stray flush lines are chunks of their own."""
    starts = [match.start() for match in _KEY_LINE.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts = [0, *starts]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield start, end


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
    if value.startswith("{") or "\n" in value:
        return [Entry(key, Mapping((), place, value.startswith("{")))]
    bare = re.split(r"[ \t]#", value)[0].rstrip()
    place = Span(place.start, place.start + len(bare))
    return [Entry(key, Scalar(bare.strip("'\""), place))]
