"""Validation of a value by JSON Schema 2020-12: every failure, with its place and keyword.

Unknown keys (`additionalProperties: false`) are left to a rule of its own. Work is counted, so
that a schema cannot make it endless.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.formats import FORMATS
from pipeline.patterns import finder
from pipeline.schema_files import Schemas
from pipeline.typed import Schema
from pipeline.wording import quoted

STEPS = 500_000
DEPTH = 120
TEXT = 100_000

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """`value` at `path` fails `schema[kind]`; `wanted` is what the keyword asked."""

    path: Path
    kind: str
    value: Any
    wanted: Any
    schema: dict[str, Any] = field(default_factory=dict)


Failures = Iterator[Failure]


class Evaluation:
    """One validation: counts its steps and levels."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.steps = 0
        self.depth = 0

    def check(self, value: Any, schema: Schema, path: Path = ()) -> list[Failure]:
        """All failures of a value."""
        if not isinstance(schema, dict):
            return [] if schema else [Failure(path, "false", value, False)]
        self.steps += 1
        self.depth += 1
        if self.steps > STEPS or self.depth > DEPTH:
            self.schemas.fail("checking a file by this schema takes too long",
                              "simplify its `$ref`, `allOf`, `anyOf` and `oneOf`")  # fmt: skip
        found: list[Failure] = []
        for keyword, wanted in schema.items():
            test = _KEYWORDS.get(keyword)
            if test:
                found.extend(test(self, value, wanted, schema, path))
        self.depth -= 1
        return found

    def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern is found in a text, in bounded time."""
        try:
            return finder(pattern)(text[:TEXT])
        except TimeoutError:
            self.schemas.fail(f"the pattern {quoted(pattern)} takes too long to match",
                              "write it without repetition inside repetition")  # fmt: skip


# ---- types and equality --------------------------------------------------------------------


def type_name(value: Any) -> str:
    """The JSON type of a value; a whole number is an integer however it is written."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == math.floor(value) else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _is(value: Any, kind: str) -> bool:
    name = type_name(value)
    return name == kind or (kind == "number" and name == "integer")


def frozen(value: Any) -> Any:
    """A hashable stand-in: equal exactly where JSON values are (1 is 1.0 and is not true)."""
    if isinstance(value, bool | None):
        return (type(value), value)
    if isinstance(value, list):
        return (list, tuple(map(frozen, value)))
    if isinstance(value, dict):
        return (dict, frozenset((key, frozen(item)) for key, item in value.items()))
    return value


# ---- keywords ------------------------------------------------------------------------------


def _type(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    kinds = wanted if isinstance(wanted, list) else [wanted]
    if not any(_is(value, kind) for kind in kinds):
        yield Failure(path, "type", value, kinds, schema)


def _enum(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if frozen(value) not in map(frozen, wanted):
        yield Failure(path, "enum", value, wanted, schema)


def _const(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if frozen(value) != frozen(wanted):
        yield Failure(path, "const", value, wanted, schema)


_Test = Callable[[Evaluation, Any, Any, dict[str, Any], Path], Failures]


def _compare(name: str, types: type | tuple[type, ...], good: Callable[[Any, Any], bool]) -> _Test:
    def test(
        e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
    ) -> Failures:
        right = isinstance(value, types) and not isinstance(value, bool)
        if right and not good(value, wanted):
            yield Failure(path, name, value, wanted, schema)

    return test


def _multiple(value: float, wanted: float) -> bool:
    if isinstance(value, int) and isinstance(wanted, int):
        return value % wanted == 0
    ratio = value / wanted
    return math.isfinite(ratio) and ratio == round(ratio)


def _pattern(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if isinstance(value, str) and not e.matches(wanted, value):
        yield Failure(path, "pattern", value, wanted, schema)


def _format(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if isinstance(value, str) and wanted in FORMATS and FORMATS[wanted][1](value) is not None:
        yield Failure(path, "format", value, wanted, schema)


def _unique(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if not isinstance(value, list) or not wanted:
        return
    seen: dict[Any, int] = {}
    for index, item in enumerate(value):
        if seen.setdefault(frozen(item), index) != index:
            yield Failure((*path, index), "uniqueItems", item, wanted, schema)


def _items(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if isinstance(value, list):
        first = len(schema.get("prefixItems", ()))
        for index in range(first, len(value)):
            yield from e.check(value[index], wanted, (*path, index))


def _prefix(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if isinstance(value, list):
        for index, (item, part) in enumerate(zip(value, wanted, strict=False)):
            yield from e.check(item, part, (*path, index))


def _contains(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if not isinstance(value, list):
        return
    count = sum(not e.check(item, wanted, path) for item in value)
    if not schema.get("minContains", 1) <= count <= schema.get("maxContains", math.inf):
        yield Failure(path, "contains", value, wanted, schema)


def _required(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if isinstance(value, dict):
        for key in wanted:
            if key not in value:
                yield Failure(path, "required", value, key, schema)


def _dependent(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if isinstance(value, dict):
        for key in wanted:
            if key in value:
                yield from _required(e, value, wanted[key], schema, path)


def _properties(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in wanted:
                yield from e.check(item, wanted[key], (*path, key))


def _patterned(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if isinstance(value, dict):
        for pattern, part in wanted.items():
            for key, item in value.items():
                if e.matches(pattern, key):
                    yield from e.check(item, part, (*path, key))


def _additional(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if not isinstance(value, dict) or isinstance(wanted, bool):
        return
    for key, item in value.items():
        if not named(e, key, schema):
            yield from e.check(item, wanted, (*path, key))


def named(e: Evaluation, key: str, schema: dict[str, Any]) -> bool:
    """Whether a schema itself names a key or a pattern for it."""
    patterns = schema.get("patternProperties", {})
    return key in schema.get("properties", {}) or any(e.matches(each, key) for each in patterns)


def _names(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    for key in value if isinstance(value, dict) else ():
        for failure in e.check(key, wanted, (*path, key)):
            yield Failure((*path, key), "propertyNames", key, failure, schema)


def _ref(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    yield from e.check(value, e.schemas.resolve(wanted), path)


def _all(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    for part in wanted:
        yield from e.check(value, part, path)


def _any(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    branches = []
    for part in wanted:
        failures = e.check(value, part, path)
        if not failures:
            return
        branches.append(failures)
    yield from _nearest(branches, value, path, schema)


def _one(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    branches = [e.check(value, part, path) for part in wanted]
    good = sum(not failures for failures in branches)
    if good > 1:
        yield Failure(path, "oneOf", value, wanted, schema)
    elif not good:
        yield from _nearest(branches, value, path, schema)


def _nearest(
    branches: list[list[Failure]], value: Any, path: Path, schema: dict[str, Any]
) -> Failures:
    """The failures of the branch that was meant: the one whose type fits, with the fewest."""
    right = [found for found in branches if not _other_kind(found, path)]
    if right:
        yield from min(right, key=lambda found: (-max(len(f.path) for f in found), len(found)))
        return
    roots = [f for found in branches for f in found if f.path == path]
    wanted = [each for f in roots if f.kind == "type" for each in f.wanted]
    values = [each for f in roots if f.kind == "enum" for each in f.wanted]
    values += [f.wanted for f in roots if f.kind == "const"]
    if values and not set(wanted) - {type_name(each) for each in values}:
        yield Failure(path, "enum", value, values, schema)
    else:
        yield Failure(path, "type", value, [*dict.fromkeys(wanted), *map(quoted, values)], schema)


def _other_kind(failures: list[Failure], path: Path) -> bool:
    return any(f.kind in ("type", "enum", "const") and f.path == path for f in failures)


def _not(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    if not e.check(value, wanted, path):
        yield Failure(path, "not", value, wanted, schema)


def _if(e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path) -> Failures:
    branch = "else" if e.check(value, wanted, path) else "then"
    if branch in schema:
        yield from e.check(value, schema[branch], path)


def _dependents(
    e: Evaluation, value: Any, wanted: Any, schema: dict[str, Any], path: Path
) -> Failures:
    if isinstance(value, dict):
        for key, part in wanted.items():
            if key in value:
                yield from e.check(value, part, path)


_NUMBER = (int, float)
_KEYWORDS: dict[str, _Test] = {
    "$ref": _ref, "type": _type, "enum": _enum, "const": _const, "allOf": _all, "anyOf": _any,
    "oneOf": _one, "not": _not, "if": _if, "properties": _properties, "required": _required,
    "patternProperties": _patterned, "additionalProperties": _additional,
    "propertyNames": _names, "dependentRequired": _dependent, "dependentSchemas": _dependents,
    "items": _items, "prefixItems": _prefix, "contains": _contains, "uniqueItems": _unique,
    "pattern": _pattern, "format": _format,
    "minimum": _compare("minimum", _NUMBER, lambda v, w: v >= w),
    "maximum": _compare("maximum", _NUMBER, lambda v, w: v <= w),
    "exclusiveMinimum": _compare("exclusiveMinimum", _NUMBER, lambda v, w: v > w),
    "exclusiveMaximum": _compare("exclusiveMaximum", _NUMBER, lambda v, w: v < w),
    "multipleOf": _compare("multipleOf", _NUMBER, _multiple),
    "minLength": _compare("minLength", str, lambda v, w: len(v) >= w),
    "maxLength": _compare("maxLength", str, lambda v, w: len(v) <= w),
    "minItems": _compare("minItems", list, lambda v, w: len(v) >= w),
    "maxItems": _compare("maxItems", list, lambda v, w: len(v) <= w),
    "minProperties": _compare("minProperties", dict, lambda v, w: len(v) >= w),
    "maxProperties": _compare("maxProperties", dict, lambda v, w: len(v) <= w),
}  # fmt: skip
