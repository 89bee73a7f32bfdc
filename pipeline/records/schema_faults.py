"""What makes a file no JSON Schema 2020-12, in plain words and in linear time."""

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.records.patterns import finder
from pipeline.records.typed import Schema
from pipeline.wording import did_you_mean, listed, quoted, shown

TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
PATTERN_LENGTH = 1_000


def inner(schema: dict[str, Any]) -> Iterator[Schema]:
    """The schemas within a schema."""
    for keyword in _SINGLE:
        if keyword in schema:
            yield schema[keyword]
    for keyword in LISTS:
        yield from schema.get(keyword, ())
    for keyword in TABLES:
        yield from schema.get(keyword, {}).values()


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_SINGLE = (
    "items", "additionalProperties", "unevaluatedProperties", "contains", "propertyNames", "not",
    "if", "then", "else",
)  # fmt: skip
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
TABLES = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")

_SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(_SINGLE, ("a schema", _is_schema)),
    **dict.fromkeys(LISTS, (
        "a list of schemas",
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_schema, value)),
    )),
    **dict.fromkeys(TABLES, (
        "a table of schemas",
        lambda value: isinstance(value, dict) and all(map(_is_schema, value.values())),
    )),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains",
         "minProperties", "maxProperties"), ("a count", _is_count),
    ),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), ("a number", _is_number),
    ),
    "multipleOf": ("a number above 0", lambda value: _is_number(value) and value > 0),
    "required": ("a list of keys", _is_names),
    "dependentRequired": (
        "a table of lists of keys",
        lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
    ),
    "uniqueItems": ("true or false", lambda value: isinstance(value, bool)),
    "enum": ("a list", lambda value: isinstance(value, list)),
    "pattern": ("a regular expression", lambda value: isinstance(value, str)),
    "format": ("a name", lambda value: isinstance(value, str)),
    "$ref": ("the name of a schema", lambda value: isinstance(value, str)),
    **dict.fromkeys(("$id", "$anchor"), ("a name", lambda value: isinstance(value, str))),
    "unevaluatedProperties": ("`true` or `false`", lambda value: isinstance(value, bool)),
}  # fmt: skip


_UNKNOWN = {"$dynamicRef": "$ref", "$recursiveRef": "$ref", "unevaluatedItems": "items"}


def fault(schema: dict[str, Any]) -> str | None:
    """What makes this no schema, subschemas aside."""
    for keyword, value in schema.items():
        shape = _SHAPES.get(keyword)
        if shape and not shape[1](value):
            return f"`{keyword}` must be {shape[0]}, not {quoted(value)}"
    for keyword, instead in _UNKNOWN.items():
        if keyword in schema:
            return f"`{keyword}` is not supported: use `{instead}`"
    patterns = [
        *schema.get("patternProperties", {}),
        *([schema["pattern"]] if "pattern" in schema else []),
    ]
    faults = (_pattern_fault(pattern) for pattern in patterns)
    return _type_fault(schema.get("type", "string")) or next(filter(None, faults), None)


def _type_fault(kind: object) -> str | None:
    for name in kind if isinstance(kind, list) else [kind]:
        if name not in TYPES:
            near = did_you_mean(str(name), TYPES)
            meant = f": did you mean {quoted(near)}?" if near else f": use {listed(TYPES)}"
            return f"unknown type {quoted(name)}{meant}"
    return None


def _pattern_fault(pattern: str) -> str | None:
    if len(pattern) > PATTERN_LENGTH:
        return f"a pattern is longer than {PATTERN_LENGTH} characters: {quoted(pattern)}"
    try:
        finder(pattern)
    except ValueError as error:
        return f"the pattern {quoted(pattern)} is not a regular expression: {shown(error)}"
    return None
