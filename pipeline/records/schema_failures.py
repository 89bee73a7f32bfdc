"""The errors of `jsonschema` as failures, each at its own key or value.

Where no branch of `anyOf` or `oneOf` fits, the failures are those of the branch that was meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipeline.wording import quoted

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """`value` at `path` fails `schema[kind]`; `wanted` is what the keyword asked."""

    path: Path
    kind: str
    value: Any
    wanted: Any
    schema: dict[str, Any] = field(default_factory=dict)


def failures(errors: Iterable["ValidationError"]) -> Iterator[Failure]:
    """What each error tells; a list or a missing key of many is a failure of its own."""
    for error in errors:
        yield from _failures(error)


def _failures(error: "ValidationError") -> Iterator[Failure]:
    kind: Any = error.validator
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    wanted: Any = error.validator_value
    schema: Any = error.schema
    if kind in ("required", "dependentRequired"):
        keys = wanted if kind == "required" else _dependent(wanted, value)
        yield from (Failure(path, "required", value, key, schema) for key in keys
                    if key not in value)  # fmt: skip
    elif kind in ("anyOf", "oneOf") and error.context:
        yield from _nearest(error, path)
    elif kind == "propertyNames":
        why = next(failures(error.context or ()))
        yield Failure(path, kind, value, why, schema)
    elif kind == "items" and wanted is False:
        first = len(schema.get("prefixItems", ()))
        yield from (Failure((*path, index), "false", value[index], False)
                    for index in range(first, len(value)))  # fmt: skip
    elif kind is None or (kind == "not" and wanted == {}):
        yield Failure(path, "false", value, False)
    else:
        yield Failure(path, kind, value, _kinds(wanted) if kind == "type" else wanted, schema)


def _kinds(wanted: Any) -> list[str]:
    return wanted if isinstance(wanted, list) else [wanted]


def _dependent(wanted: dict[str, list[str]], value: dict[str, Any]) -> list[str]:
    return [key for name, keys in wanted.items() if name in value for key in keys]


def _nearest(error: "ValidationError", path: Path) -> Iterator[Failure]:
    """The failures of the branch whose type fits and that fails deepest, then least."""
    grouped = groupby(error.context or (), key=lambda each: each.relative_schema_path[0])
    branches = [list(failures(group)) for _, group in grouped]
    right = [found for found in branches if not any(_other_kind(each, path) for each in found)]
    if right:
        yield from min(right, key=lambda found: (-max(len(f.path) for f in found), len(found)))
        return
    schema: Any = error.schema
    roots = [each for found in branches for each in found if each.path == path]
    wanted = [kind for each in roots if each.kind == "type" for kind in each.wanted]
    values = [value for each in roots if each.kind == "enum" for value in each.wanted]
    values += [each.wanted for each in roots if each.kind == "const"]
    if values and not set(wanted) - set(map(type_name, values)):
        yield Failure(path, "enum", error.instance, values, schema)
    else:
        kinds = [*dict.fromkeys(wanted), *map(quoted, values)]
        yield Failure(path, "type", error.instance, kinds, schema)


def _other_kind(failure: Failure, path: Path) -> bool:
    return failure.path == path and failure.kind in ("type", "enum", "const")


def type_name(value: Any) -> str:
    """The JSON type of a value; a whole number is an integer however it is written."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
