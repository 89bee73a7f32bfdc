"""libyaml's events as nodes, under guard: nothing explodes, nothing is resolved."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from pipeline.document import Entry, Mapping, Node, Problem, Scalar, Sequence
from pipeline.records.yaml_errors import TooDeep
from pipeline.source import Span
from pipeline.wording import quoted

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large YAML may be: code points, levels, nodes, code points of one scalar.

    Where a book may change them, `settings` says so, and messages name `limits.yaml_size` and
    the like.
    """

    size: int = 262_144
    depth: int = 32
    nodes: int = 20_000
    scalar: int = 65_536
    settings: bool = False

    def setting(self, name: str) -> str:
        """Which setting changes a limit, for the end of a message."""
        return f" (limits.yaml_{name})" if self.settings else ""


LIMITS = Limits()
BIG = Limits(size=20_000_000, nodes=2_000_000, scalar=1_000_000)


# ---- characters that libyaml refuses or takes for line ends --------------------------------

_STRANGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_KEPT = "\x85\u2028\u2029\ufeff"


def cleaned(text: str) -> tuple[str, dict[int, str]]:
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


class Refused(Exception):
    """A limit that ends reading."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


_SEQUENCE_END: Any = yaml.SequenceEndEvent
_SCALAR: Any = yaml.ScalarEvent
_MAPPING_END: Any = yaml.MappingEndEvent
Style = Literal["plain", "single", "double", "literal", "folded"]
_STYLES: dict[str, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s*)+")


class Composer:
    """Reads one document; raises `Refused`, `TooDeep` and libyaml's errors."""

    def __init__(self, text: str, base: int, limits: Limits, restore: dict[int, str]) -> None:
        self.text, self.base, self.limits, self.restore = text, base, limits, restore
        self.problems: list[Problem] = []
        self.left = limits.nodes
        self.depth = 0
        self._loader = _LOADER(text)
        self._next: Callable[[], Any] = self._loader.get_event

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
            raise Refused(self._many(event.start_mark.index))
        kind = type(event)
        if kind is _SCALAR:
            if event.style or event.anchor or event.tag:
                return self._scalar(event)
            return self._made(event, event.start_mark.index, event.end_mark.index, "plain")
        if kind is yaml.AliasEvent:
            return self._alias(event)
        self.depth += 1
        if self.depth > self.limits.depth:
            setting = self.limits.setting("depth")
            raise TooDeep(event.start_mark.index, self.limits.depth, setting)
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
        return self._made(event, start, end, style)

    def _made(self, event: Any, start: int, end: int, style: Style) -> Scalar:
        text = event.value.translate(self.restore) if self.restore else event.value
        if style == "double" and (match := _CONTROL.search(text)):
            self._report(
                start, end, f"the control character {quoted(match[0])}, by its escape",
                "write the text without it",
            )  # fmt: skip
            text = _CONTROL.sub("\ufffd", text)
        if end - start > self.limits.scalar:
            self._report(
                start, start + 1, f"a value of {end - start:,} characters is too long",
                f"{self.limits.scalar:,} are allowed{self.limits.setting('scalar')}: "
                "move long text into the body",
            )  # fmt: skip
        return Scalar(text, Span(start + self.base, end + self.base), style)

    def _sequence(self, event: Any, start: int) -> Sequence:
        items: list[Node] = []
        while type(following := self._next()) is not _SEQUENCE_END:
            items.append(self._node(following))
        flow = bool(event.flow_style)
        last = items[-1].span.end if items else start + self.base
        end = following.end_mark.index + self.base if flow else last
        return Sequence(tuple(items), Span(start + self.base, end), flow)

    def _mapping(self, event: Any, start: int) -> Mapping:
        entries: list[Entry] = []
        while type(following := self._next()) is not _MAPPING_END:
            entry = self._entry(following)
            if entry:
                entries.append(entry)
        flow = bool(event.flow_style)
        last = entries[-1].value.span.end if entries else start + self.base
        end = following.end_mark.index + self.base if flow else last
        if len({entry.key.text for entry in entries}) < len(entries):
            self.problems += duplicates(entries)
        return Mapping(tuple(entries), Span(start + self.base, end), flow)

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
            f"too many keys and values: {self.limits.nodes:,} are allowed"
            f"{self.limits.setting('nodes')}",
            "split the file in two",
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
