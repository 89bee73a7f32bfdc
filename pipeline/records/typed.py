"""Front matter as Python values, typed by the schema at each place.

A plain `2023-02`, `no` or `0123` is what the author typed unless the schema asks for something
that is not text; nothing ever becomes a date.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import Any

from pipeline.document import Node, Scalar, Sequence

Schema = dict[str, Any] | bool  # as JSON has it
Resolve = Callable[[dict[str, Any]], Schema]  # from a schema with `$ref` to what it names

_ALL = frozenset(("string", "integer", "number", "boolean", "null", "array", "object"))
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,40}|(?:0|[1-9][0-9]{0,17})\.?)"
    r"(?:[eE][-+]?[0-9]{1,2})?"
)
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
}
_NO_WORD = object()
_OF_TEXT = frozenset(("format", "pattern", "minLength", "maxLength"))


def typed(node: Node | None, schema: Schema, resolve: Resolve | None = None) -> Any:
    """The value of a node as the schema types it; of a key given twice the first value.

    `resolve` gives what the `$ref` of a schema names, by default within this schema. An empty
    plain value is None where the schema allows null, else an empty text where it allows text.
    """
    types = Types(resolve or partial(_within, schema))
    return types.value(node, types.place((schema,)))


def _within(root: Schema, schema: dict[str, Any]) -> Schema:
    """The part of the root that a `$ref` `#/a/b` names; anything goes where there is none."""
    ref = str(schema["$ref"])
    part: Any = root
    for name in ref.partition("#")[2].split("/")[1:]:
        key = name.replace("~1", "/").replace("~0", "~")
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) and "#" in ref else True


class Place:
    """What the schemas that apply at one place of a record say of its value, worked out once."""

    def __init__(self, schemas: tuple[Schema, ...], types: "Types") -> None:
        self._schemas = schemas
        self._types = types
        self._members: dict[str, Place] = {}
        self._items: dict[int, Place] = {}

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """The schemas, and every schema that they apply to the same value."""
        resolve = self._types.resolve
        return [part for schema in self._schemas for part in in_place(schema, resolve)]

    @cached_property
    def names(self) -> dict[str, None]:
        """The keys that are named for a mapping, in their order."""
        return dict.fromkeys(key for part in self.parts for key in part.get("properties", {}))

    @cached_property
    def allowed(self) -> "_Constraint":
        """The types that are allowed (None: any) and the values of `enum` or `const`."""
        return _allowed(self._schemas, self._types.resolve)

    def member(self, key: str) -> "Place":
        """The place of the value of a key."""
        found = self._members.get(key)
        if found is None:
            found = self._types.place(_member(self.parts, key))
            if key in self.names:  # of others there is no end
                self._members[key] = found
        return found

    def item(self, index: int) -> "Place":
        """The place of an item of a list."""
        index = min(index, self._prefix)
        if index not in self._items:
            self._items[index] = self._types.place(_items(self.parts, index))
        return self._items[index]

    @cached_property
    def _prefix(self) -> int:
        return max((len(part.get("prefixItems", ())) for part in self.parts), default=0)


class Types:
    """The places of the schemas of one family, each once for all files."""

    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self._places: dict[tuple[int, ...], Place] = {}  # by schemas, which the places hold

    def place(self, schemas: tuple[Schema, ...]) -> Place:
        """The place at which some schemas apply."""
        known = tuple(map(id, schemas))
        if known not in self._places:
            self._places[known] = Place(schemas, self)
        return self._places[known]

    def value(self, node: Node | None, place: Place) -> Any:
        """The value of a node at a place."""
        if isinstance(node, Scalar):
            return _scalar(node, place)
        if isinstance(node, Sequence):
            return [self.value(item, place.item(at)) for at, item in enumerate(node.items)]
        values: dict[str, Any] = {}
        for entry in node.entries if node else ():
            key = entry.key.text
            if key not in values:
                values[key] = self.value(entry.value, place.member(key))
        return values


def in_place(schema: Schema, resolve: Resolve) -> list[dict[str, Any]]:
    """A schema and every schema it applies to the same value, each once."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    waiting: list[Schema] = [schema]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict) or id(part) in seen:
            continue
        seen.add(id(part))
        found.append(part)
        waiting.extend(reversed(list(applied(part, resolve))))
    return found


def applied(schema: dict[str, Any], resolve: Resolve) -> Iterator[Schema]:
    """The schemas that one schema applies to the same value (not those it forbids)."""
    if "$ref" in schema:
        yield resolve(schema)
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(keyword, ())
    for keyword in ("then", "else"):
        if keyword in schema:
            yield schema[keyword]
    yield from schema.get("dependentSchemas", {}).values()


def _items(parts: Iterable[dict[str, Any]], index: int) -> tuple[Schema, ...]:
    found: list[Schema] = []
    for part in parts:
        prefix = part.get("prefixItems", ())
        if index < len(prefix):
            found.append(prefix[index])
        elif "items" in part:
            found.append(part["items"])
    return tuple(found)


def _member(parts: Iterable[dict[str, Any]], key: str) -> tuple[Schema, ...]:
    found: list[Schema] = []
    for part in parts:
        if key in part.get("properties", {}):
            found.append(part["properties"][key])
            continue
        matching = [
            schema for pattern, schema in part.get("patternProperties", {}).items()
            if starts(pattern, key)
        ]  # fmt: skip
        found.extend(matching or [part.get("additionalProperties", True)])
    return tuple(found)


def starts(pattern: str, key: str) -> bool:
    """Whether a pattern of the form `^word` matches; other patterns match nothing here."""
    word = pattern[1:]
    return (
        pattern.startswith("^")
        and re.escape(word) == word.replace("-", r"\-")
        and key.startswith(word)
    )


# ---- scalars -------------------------------------------------------------------------------


def _scalar(node: Scalar, place: Place) -> Any:
    if node.style != "plain":
        return node.text
    types, values = place.allowed
    text = node.text
    if values is not None:
        return _among(text, values)
    if types is None:
        return core(text)
    if not text and "null" in types:
        return None
    return text if "string" in types else _converted(text, types)


def _among(text: str, values: list[Any]) -> Any:
    if text in (value for value in values if isinstance(value, str)):
        return text
    value = core(text)
    same = any(value == other and type(value) is type(other) for other in values)
    return value if same or (not text and None in values) else text


def _converted(text: str, types: frozenset[str]) -> Any:
    value = core(text)
    kind = type(value)
    if kind is int and types & {"integer", "number"}:
        return value
    if kind is float and "number" in types:
        return value
    if kind is bool and "boolean" in types:
        return value
    if value is None and ("null" in types or not text):
        return None
    return text


def core(text: str) -> Any:
    """None, bool, int or float for what can be nothing else, else the text."""
    word = _WORDS.get(text, _NO_WORD)
    if word is not _NO_WORD:
        return word
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _allowed(
    schemas: Iterable[Schema], resolve: Resolve, trail: frozenset[int] = frozenset()
) -> tuple[frozenset[str] | None, list[Any] | None]:
    """The types allowed at a place (None: any) and the values of `enum` or `const`."""
    types: frozenset[str] | None = None
    values: list[Any] | None = None
    for schema in schemas:
        if not isinstance(schema, dict) or id(schema) in trail:
            continue
        for found in _constraints(schema, resolve, trail | {id(schema)}):
            if found[0] is not None:
                types = found[0] if types is None else types & found[0]
            if found[1] is not None and values is None:
                values = found[1]
    return types, values


_Constraint = tuple[frozenset[str] | None, list[Any] | None]


def _constraints(
    schema: dict[str, Any], resolve: Resolve, trail: frozenset[int]
) -> Iterator[_Constraint]:
    kind = schema.get("type")
    if kind is not None:
        yield _named(kind), None
    elif not _OF_TEXT.isdisjoint(schema):
        yield frozenset(("string",)), None
    if "const" in schema:
        yield None, [schema["const"]]
    if isinstance(schema.get("enum"), list):
        yield None, schema["enum"]
    if "$ref" in schema:
        yield _allowed((resolve(schema),), resolve, trail)
    yield _allowed(schema.get("allOf", ()), resolve, trail)
    for keyword in ("anyOf", "oneOf"):
        if schema.get(keyword):
            yield _either([_allowed((part,), resolve, trail) for part in schema[keyword]])
    branches = [schema[word] for word in ("then", "else") if word in schema]
    if branches and kind is None:
        yield _either([_allowed((part,), resolve, trail) for part in branches])


def _named(kind: object) -> frozenset[str]:
    names = frozenset((kind,) if isinstance(kind, str) else kind if isinstance(kind, list) else ())
    return names | {"integer"} if "number" in names else names


def _either(branches: list[_Constraint]) -> _Constraint:
    """What some branch allows; an `enum` counts only where every branch has one."""
    if all(values is not None for _, values in branches):
        return None, [value for _, values in branches for value in values or ()]
    types: set[str] = set()
    for kinds, values in branches:
        if kinds is not None:
            types |= kinds
        elif values is not None:
            types |= {_type_name(value) for value in values}
        else:
            return None, None
    return frozenset(types), None


def _type_name(value: object) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
    return "null" if value is None else names.get(type(value), "object")
