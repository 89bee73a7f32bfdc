"""Failures of validation in plain English: what is wrong, and what to write."""

import re
from collections.abc import Callable
from typing import Any

from pipeline.records.formats import FORMATS
from pipeline.records.schema_failures import Failure, type_name
from pipeline.wording import did_you_mean, listed, quoted, shown

_NOUNS = {
    "string": "text", "integer": "a whole number", "number": "a number", "null": "nothing",
    "boolean": "`true` or `false`", "array": "a list", "object": "a mapping of keys and values",
}  # fmt: skip
_TRUE = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}

_VALUE = re.compile(r"`([^`]+)`")

Said = tuple[str, str]


def described(failure: Failure) -> Said:
    """Message and help for a failure."""
    name = _name(failure)
    return _TELLERS.get(failure.kind, _other)(failure, name)


def _name(failure: Failure) -> str:
    keys = [part for part in failure.path if isinstance(part, str)]
    return quoted(keys[-1]) if keys else "the front matter"


def _found(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return "nothing" if value is None or value == "" else quoted(value)


def _type(failure: Failure, name: str) -> Said:
    kinds = [kind for kind in failure.wanted if kind != "null"] or failure.wanted
    wanted = listed(dict.fromkeys(_NOUNS.get(kind, kind) for kind in kinds))
    value = failure.value
    if isinstance(failure.path[-1] if failure.path else None, int):
        name = f"an item of {name}"
    near = did_you_mean(value, _VALUE.findall(wanted)) if isinstance(value, str) else None
    help_ = f"did you mean {quoted(near)}?" if near else _type_help(value, kinds)
    return f"{name} must be {wanted}, not {_found(value)}", help_


def _type_help(value: Any, kinds: list[str]) -> str:
    if isinstance(value, str):
        if "boolean" in kinds and value.lower() in _TRUE:
            return f"write `{_TRUE[value.lower()]}`"
        if {"integer", "number"} & set(kinds):
            return _number_help(value)
        if "array" in kinds:
            return f"write `[{shown(value, 40)}]`, or `- {shown(value, 40)}` on the next line"
    if isinstance(value, list) and len(value) == 1 and "array" not in kinds:
        return f"write {quoted(value[0])} without brackets or dash"
    if value is None or value == "":
        return "give it a value, or remove the key"
    return ""


def _number_help(text: str) -> str:
    digits = re.sub(r"[ ,，_]", "", text)
    if re.fullmatch(r"[-+]?[0-9]{1,18}", digits):
        return f"write `{int(digits)}`"
    return "write digits only" if re.search(r"\d", text) else ""


def _enum(failure: Failure, name: str) -> Said:
    values = [_plain(value) for value in failure.wanted if value is not None]
    near = did_you_mean(str(failure.value), values) if failure.value else None
    message = f"{name} must be {listed(map(quoted, values), limit=12)}, not {_found(failure.value)}"
    return message, f"did you mean {quoted(near)}?" if near else ""


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _const(failure: Failure, name: str) -> Said:
    return f"{name} must be {quoted(failure.wanted)}, not {_found(failure.value)}", ""


def _required(failure: Failure, name: str) -> Said:
    place = f" in {name}" if failure.path else ""
    part = failure.schema.get("properties", {}).get(failure.wanted)
    examples = part.get("examples", ()) if isinstance(part, dict) else ()
    sample = shown(examples[0], 40) if examples and isinstance(examples, list) else "…"
    key = shown(failure.wanted)
    return f"the key {quoted(key)} is missing{place}", f"add a line `{key}: {sample}`"


def _format(failure: Failure, name: str) -> Said:
    noun, fault = FORMATS[failure.wanted]
    help_ = fault(failure.value) or ""
    return f"{name} must be {noun}, not {_found(failure.value)}", help_


def _short(failure: Failure, name: str) -> Said:
    if failure.wanted == 1 or not failure.value:
        return f"{name} is empty", "give it a value, or remove the key"
    unit = _unit(failure)
    return f"{name} must have at least {failure.wanted:,} {unit}, not {len(failure.value):,}", ""


def _long(failure: Failure, name: str) -> Said:
    unit = _unit(failure)
    return f"{name} may have at most {failure.wanted:,} {unit}, not {len(failure.value):,}", ""


def _unit(failure: Failure) -> str:
    unit = {"string": "character", "array": "item"}.get(type_name(failure.value), "key")
    return unit if failure.wanted == 1 else f"{unit}s"


def _bound(words: str) -> Callable[[Failure, str], Said]:
    def tell(failure: Failure, name: str) -> Said:
        return f"{name} must be {words} {failure.wanted}, not {_found(failure.value)}", ""

    return tell


def _pattern(failure: Failure, name: str) -> Said:
    described_as = failure.schema.get("description")
    help_ = shown(described_as, 200) if isinstance(described_as, str) else ""
    return f"{name} must match {quoted(failure.wanted)}, not {_found(failure.value)}", help_


def _unique(failure: Failure, name: str) -> Said:
    return f"{name} lists {_found(failure.value)} twice", "remove one of the two"


def _key_name(failure: Failure, name: str) -> Said:
    _, help_ = described(failure.wanted)
    return f"{name} cannot be a key here", help_


def _false(failure: Failure, name: str) -> Said:
    return f"{name} is not allowed here", ""


def _not(failure: Failure, name: str) -> Said:
    return f"{name} must not be {_found(failure.value)}", ""


def _one_of(failure: Failure, name: str) -> Said:
    return f"{name} fits more than one of the forms the schema allows", ""


def _contains(failure: Failure, name: str) -> Said:
    return f"{name} does not have the items the schema asks for", ""


def _other(failure: Failure, name: str) -> Said:
    return f"{name} breaks the schema's `{failure.kind}`", ""


_TELLERS: dict[str, Callable[[Failure, str], Said]] = {
    "type": _type, "enum": _enum, "const": _const, "required": _required, "format": _format,
    "minLength": _short, "minItems": _short, "minProperties": _short,
    "maxLength": _long, "maxItems": _long, "maxProperties": _long,
    "minimum": _bound("at least"), "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"), "exclusiveMaximum": _bound("less than"),
    "multipleOf": _bound("a multiple of"), "pattern": _pattern, "uniqueItems": _unique,
    "propertyNames": _key_name, "false": _false, "not": _not, "oneOf": _one_of,
    "contains": _contains, "minContains": _contains, "maxContains": _contains,
    "additionalProperties": _false,
}  # fmt: skip
