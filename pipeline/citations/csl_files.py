"""Bibliographies written as CSL JSON or CSL YAML."""

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any

from pipeline.citations.entry import Entry, Field
from pipeline.document import Entry as Pair, Mapping, Node, Problem, Scalar, Sequence
from pipeline.records.typed import core
from pipeline.records.yaml_nodes import BIG, compose
from pipeline.source import Source, Span
from pipeline.wording import quoted

CODE = "CT005"
DEPTH = 32

_WHITE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")


def read(source: Source) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The entries of a file in order, and what could not be read."""
    if source.path.endswith(".json"):
        node, problems = _json(source)
    else:
        node, found = compose(source, Span(0, len(source.text)), BIG, mapping=False)
        problems = [
            Problem(CODE, p.span, p.message, p.help, p.related, p.related_message) for p in found
        ]
    entries: list[Entry] = []
    for item in _items(node, source, problems):
        entry = _entry(item, source, problems)
        if entry:
            entries.append(entry)
    return tuple(entries), tuple(problems)


def _items(node: Node | None, source: Source, problems: list[Problem]) -> tuple[Node, ...]:
    if isinstance(node, Mapping):
        node = node.get("references") or node.get("items") or node
    if isinstance(node, Sequence):
        return node.items
    if node is not None and not (isinstance(node, Mapping) and not node.entries):
        line = Span(node.span.start, min(node.span.end, node.span.start + 1))
        problems.append(
            Problem(CODE, line, "expected a list of entries", "write a CSL list, or `references:`")
        )
    return ()


def _entry(node: Node, source: Source, problems: list[Problem]) -> Entry | None:
    first = Span(node.span.start, min(node.span.end, node.span.start + 1))
    if not isinstance(node, Mapping):
        problems.append(Problem(CODE, first, "expected an entry: a mapping with `id` and `type`"))
        return None
    key = node.get("id")
    if not isinstance(key, Scalar) or not key.text:
        problems.append(Problem(CODE, first, "this entry has no `id`", "give it one"))
        return None
    fields: dict[str, Field] = {}
    for pair in node.entries:
        name = pair.key.text
        if name not in fields:
            fields[name] = Field(_text(pair.value), pair.value.span, pair.key.span)
    native = {name: _native(pair.value, name) for pair in reversed(node.entries)
              for name in [pair.key.text]}  # fmt: skip
    native["id"] = key.text
    kind = node.get("type")
    name = kind.text if isinstance(kind, Scalar) else ""
    return Entry(key.text, name, fields, node.span, source.path, key.span, native)


_NUMBERS = frozenset(("date-parts", "season", "circa", "static-ordering", "year", "month", "day"))


def _native(node: Node, name: str) -> Any:
    """A value as CSL JSON has it: numbers only in dates, everything else text."""
    if isinstance(node, Sequence):
        return [_native(item, name) for item in node.items]
    if isinstance(node, Mapping):
        return {pair.key.text: _native(pair.value, pair.key.text) for pair in node.entries}
    if name in ("issued", "accessed", "original-date", "event-date", "submitted"):
        return _date(node.text)
    if node.style == "plain" and name in _NUMBERS:
        return core(node.text)
    if node.style != "plain" and name == "date-parts" and node.text.lstrip("-").isdecimal():
        return int(node.text[:9])
    return "" if node.style == "plain" and node.text in ("null", "~") else node.text


def _date(text: str) -> dict[str, Any]:
    match = re.fullmatch(r"(-?\d{1,6})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text, re.ASCII)
    if not match:
        return {"raw": text}
    return {"date-parts": [[int(part) for part in match.groups() if part]]}


def _text(node: Node) -> str:
    """A value on one line: names as `Family, Given and …`, dates as `2023-02-24`."""
    if isinstance(node, Scalar):
        return " ".join(node.text.split())
    if isinstance(node, Sequence):
        return " and ".join(filter(None, map(_text, node.items)))
    parts = node.get("date-parts")
    if isinstance(parts, Sequence):
        dates = (item for item in parts.items if isinstance(item, Sequence))
        return "/".join("-".join(f"{_text(part):0>2}" for part in date.items) for date in dates)
    names = (node.get(name) for name in ("literal", "raw", "family", "given"))
    return ", ".join(filter(None, (_text(name) for name in names if name is not None)))


# ---- JSON with places ----------------------------------------------------------------------


_STRINGS = JSONDecoder(strict=False)


class _Fault(Exception):
    def __init__(self, at: int, message: str) -> None:
        super().__init__(at, message)
        self.at = at
        self.message = message


def _json(source: Source) -> tuple[Node | None, list[Problem]]:
    """The node tree of JSON; of a list that breaks off, the items before the break."""
    text = source.text
    reader = _Json(text)
    try:
        start = reader.white(0)
        if start == len(text):
            return None, []
        node, end = reader.value(start, 0)
        if reader.white(end) < len(text):
            raise _Fault(reader.white(end), "text follows the end of the list")
    except _Fault as fault:
        span = Span(fault.at, min(fault.at + 1, len(text)))
        problem = Problem(CODE, span, f"this is no JSON: {fault.message}", "mend it by hand")
        return Sequence(tuple(reader.top), Span(0, fault.at), flow=True), [problem]
    return node, []


class _Json:
    def __init__(self, text: str) -> None:
        self.text = text
        self.top: list[Node] = []

    def white(self, at: int) -> int:
        """The next character that is not white space."""
        match = _WHITE.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        """The value that begins at an index, and where it ends."""
        if depth > DEPTH:
            raise _Fault(at, f"nested more than {DEPTH} levels deep")
        char = self.text[at : at + 1]
        if char == '"':
            return self._string(at)
        if char == "[":
            return self._list(at, depth)
        if char == "{":
            return self._table(at, depth)
        match = _WORD.match(self.text, at)
        if not match:
            found = f"found {quoted(char)}" if char else "the file ends here"
            raise _Fault(at, f"expected a value, {found}")
        return Scalar(match[0], Span(*match.span())), match.end()

    def _string(self, at: int) -> tuple[Scalar, int]:
        try:
            text, end = _STRINGS.raw_decode(self.text, at)
        except JSONDecodeError as error:
            raise _Fault(min(error.pos, len(self.text)), error.msg.lower()) from None
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return Scalar(text, Span(at, end), "double"), end

    def _list(self, at: int, depth: int) -> tuple[Sequence, int]:
        items: list[Node] = self.top if not depth else []
        place = self.white(at + 1)
        while self.text[place : place + 1] != "]":
            if items:
                place = self._mark(place, ",")
            item, place = self.value(place, depth + 1)
            items.append(item)
            place = self.white(place)
        return Sequence(tuple(items), Span(at, place + 1), flow=True), place + 1

    def _table(self, at: int, depth: int) -> tuple[Mapping, int]:
        pairs: list[Pair] = []
        place = self.white(at + 1)
        while self.text[place : place + 1] != "}":
            if pairs:
                place = self._mark(place, ",")
            if self.text[place : place + 1] != '"':
                raise _Fault(place, "expected a key in double quotes")
            key, place = self._string(place)
            value, place = self.value(self._mark(self.white(place), ":"), depth + 1)
            pairs.append(Pair(key, value))
            place = self.white(place)
        return Mapping(tuple(pairs), Span(at, place + 1), flow=True), place + 1

    def _mark(self, at: int, mark: str) -> int:
        if self.text[at : at + 1] != mark:
            raise _Fault(at, f"expected `{mark}`")
        return self.white(at + 1)
