"""What is in force and where it comes from: settings of `book.yaml`, options of a command."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import command_line, front_matter, schema
from pipeline.config import FILE, Config
from pipeline.document import Mapping as YamlMapping, Node
from pipeline.records.typed import typed
from pipeline.source import Source, Span

DEFAULT = "default"
TYPED = "command line"
_FIELDS = {"path": "path", "pattern": "pattern", "exclude": "exclude", "id": "id_field",
           "schema": "schema", "template": "template", "place": "place"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """A setting `citations.style` or an option `--format`, its value, and where it comes from."""

    name: str
    value: Any
    origin: str


def settings(config: Config, source: Source) -> Iterator[Value]:
    """Every setting of the book that has a value, in the order of the schema."""
    node, _ = front_matter.compose(source, Span(0, len(source.text)))
    rules = schema.default("book.schema.json")
    top = node if isinstance(node, YamlMapping) else None
    for key, rule in rules["properties"].items():
        if key == "content":
            yield from _content(config, source, top.get(key) if top else None)
        else:
            yield from _setting(key, rule, _entry(top, key), source)


def _entry(node: Node | None, key: str) -> tuple[int, Node] | None:
    """Where a key stands, and its value."""
    for entry in node.entries if isinstance(node, YamlMapping) else ():
        if entry.key.text == key:
            return entry.key.span.start, entry.value
    return None


def _setting(
    name: str, rule: Mapping[str, Any], found: tuple[int, Node] | None, source: Source
) -> Iterator[Value]:
    named = rule.get("properties", {})
    if named or (rule.get("type") == "object" and found):
        value = found[1] if found else None
        given = [entry.key.text for entry in getattr(value, "entries", ())]
        for key in dict.fromkeys((*named, *given)):
            inner = named.get(key, {})
            yield from _setting(f"{name}.{key}", inner, _entry(value, key), source)
    elif found:
        yield Value(name, typed(found[1], dict(rule)), _place(source, found[0]))
    elif "default" in rule:
        yield Value(name, rule["default"], DEFAULT)


def _content(config: Config, source: Source, node: Node | None) -> Iterator[Value]:
    for kind in config.content:
        found = _entry(node, kind.key)
        for key, attribute in _FIELDS.items():
            own = _entry(found[1], key) if found else None
            value = getattr(kind, attribute)
            if isinstance(value, tuple):
                value = list(value)
            if value or own:
                origin = _place(source, own[0]) if own else DEFAULT
                yield Value(f"content.{kind.key}.{key}", value or ".", origin)


def _place(source: Source, offset: int) -> str:
    return f"{FILE}:{source.position(offset)[0]}"


def options(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[Value]:
    """The options of a command as these words would have them. Raises `UserError`."""
    whole, name = command_line.with_default(list(words))
    found = command_line.parse(whole, environment)
    top = command_line.parser([name] if name else [])
    given = _typed(top, whole)
    command = command_line.subparsers(top).get(name, top)
    for inner in command_line.family(command):
        for action in command_line.options(inner):
            value = getattr(found, action.dest, None)
            variable = command_line.variable(inner, action, environment)
            origin = TYPED if action.dest in given else variable or DEFAULT
            if hasattr(found, action.dest):
                yield Value(action.option_strings[-1], value, origin)


def _typed(top: argparse.ArgumentParser, words: Sequence[str]) -> set[str]:
    """The options that were typed: those left when no option has a default."""
    for inner in command_line.family(top):
        for action in inner._actions:
            action.default = argparse.SUPPRESS
            action.required = False
    found, _ = top.parse_known_args(words)
    return set(vars(found))
