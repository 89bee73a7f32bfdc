"""A schema and its sibling files: every `$ref` absolute, checked, resolved without any I/O."""

import json
from collections.abc import Callable, Iterator, Mapping as Table
from functools import cache
from pathlib import Path
from posixpath import basename
from typing import Any, NoReturn
from urllib.parse import unquote, urldefrag

from pipeline.errors import UserError
from pipeline.patterns import finder
from pipeline.typed import Schema, applied
from pipeline.wording import did_you_mean, listed, quoted, shown

TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
DEPTH = 64
PATTERN_LENGTH = 1_000
_DATA = frozenset(("enum", "const", "default", "examples"))


class SchemaError(UserError):
    """A schema file that is no JSON Schema 2020-12, or one that cannot be checked safely."""


@cache
def default(name: str) -> dict[str, Any]:
    """A schema that ships with the tool, `event.schema.json`. Raises `SchemaError`."""
    path = next((folder / name for folder in _FOLDERS if (folder / name).is_file()), None)
    if path is None or "/" in name:
        raise SchemaError(f"{name}: there is no such schema", hint="write it, or mend its name")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "schemas", _HERE.parent / "schemas")


class Schemas:
    """The schemas of one family by file name; `$ref` is `file#/pointer` everywhere."""

    def __init__(self, schema: Schema, siblings: Table[str, Schema], name: str) -> None:
        self.name = basename(name)
        self._raw = {basename(key): value for key, value in siblings.items()}
        self._raw[self.name] = schema
        self._ids = {
            raw["$id"].rstrip("#"): key for key, raw in self._raw.items()
            if isinstance(raw, dict) and isinstance(raw.get("$id"), str)
        }  # fmt: skip
        self._files: dict[str, Schema] = {}
        self._anchors: dict[str, Schema] = {}
        self._found: dict[str, Schema] = {}
        self.root = self._file(self.name, self.name)
        self._check_all()

    def resolve(self, ref: str) -> Schema:
        """The schema that an absolute reference names."""
        if ref not in self._found:
            self._found[ref] = self._lookup(ref)
        return self._found[ref]

    def _lookup(self, ref: str) -> Schema:
        name, fragment = urldefrag(ref)
        node: Any = self._file(name, ref)
        if fragment and not fragment.startswith("/"):
            if ref not in self._anchors:
                self.fail(f"`$ref` names {quoted(ref)}, which does not exist")
            return self._anchors[ref]
        for part in unquote(fragment).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            elif isinstance(node, dict) and key in node:
                node = node[key]
            else:
                self.fail(f"`$ref` names {quoted(ref)}, which does not exist")
        if not isinstance(node, dict | bool):
            self.fail(f"`$ref` names {quoted(ref)}, which is no schema")
        return node

    def _file(self, name: str, ref: str) -> Schema:
        if name not in self._files:
            raw = self._raw[name] if name in self._raw else self._shipped(name, ref)
            if not isinstance(raw, dict | bool):
                raise SchemaError(f"{name}: a schema is a JSON object, not {quoted(raw)}")
            self._files[name] = self._absolute(raw, name, 0)
        return self._files[name]

    def _shipped(self, name: str, ref: str) -> Schema:
        try:
            return default(name)
        except SchemaError:
            near = did_you_mean(name, self._raw)
            hint = f"did you mean {quoted(near)}?" if near else "put the file beside this one"
            self.fail(f"`$ref` names {quoted(ref)}: only files beside it can be named", hint)

    def _absolute(self, node: Any, name: str, depth: int) -> Any:
        if depth > DEPTH:
            self.fail(f"nested more than {DEPTH} levels deep")
        if isinstance(node, list):
            return [self._absolute(item, name, depth + 1) for item in node]
        if not isinstance(node, dict):
            return node
        made = {
            str(key): value if key in _DATA else self._absolute(value, name, depth + 1)
            for key, value in node.items()
        }
        if isinstance(made.get("$ref"), str):
            made["$ref"] = self._target(made["$ref"], name)
        if isinstance(made.get("$anchor"), str):
            self._anchors[f"{name}#{made['$anchor']}"] = made
        return made

    def _target(self, ref: str, name: str) -> str:
        file, fragment = urldefrag(ref)
        if not file:
            file = name
        elif file in self._ids:
            file = self._ids[file]
        elif "//" not in file and ":" not in file and ".." not in file:
            file = file.removeprefix("./")
        return f"{file}#{fragment}" if fragment else file

    def fail(self, message: str, hint: str = "") -> NoReturn:
        """Raise the error that names this schema file."""
        raise SchemaError(f"{self.name}: {message}", hint=hint)

    def _check_all(self) -> None:
        """Check every schema that the root reaches: keywords, references, endless recursion."""
        seen: set[int] = set()
        waiting: list[Schema] = [self.root]
        while waiting:
            schema = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            fault = _fault(schema)
            if fault:
                self.fail(fault)
            if "$ref" in schema:
                waiting.append(self.resolve(schema["$ref"]))
            waiting.extend(_inner(schema))
            self._no_loop(schema)

    def _no_loop(self, schema: dict[str, Any]) -> None:
        seen: set[int] = set()
        waiting = list(_same_value(schema, self.resolve)) if "$ref" in schema else []
        while waiting:
            part = waiting.pop()
            if part is schema:
                self.fail(f"`$ref` {quoted(schema['$ref'])} leads back to itself without end")
            if isinstance(part, dict) and id(part) not in seen:
                seen.add(id(part))
                waiting.extend(_same_value(part, self.resolve))


def _same_value(schema: dict[str, Any], resolve: Callable[[str], Schema]) -> Iterator[Schema]:
    if isinstance(schema.get("$ref"), str | None) and not _fault(schema):
        yield from applied(schema, resolve)
        for keyword in ("not", "if"):
            if keyword in schema:
                yield schema[keyword]


# ---- is it a schema? -----------------------------------------------------------------------


def _inner(schema: dict[str, Any]) -> Iterator[Schema]:
    for keyword in _ONE:
        if keyword in schema:
            yield schema[keyword]
    for keyword in _LIST:
        yield from schema.get(keyword, ())
    for keyword in _TABLE:
        yield from schema.get(keyword, {}).values()


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_ONE = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else",
        "unevaluatedProperties", "unevaluatedItems")  # fmt: skip
_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
_TABLE = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")

_SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(_ONE, ("a schema", _is_schema)),
    **dict.fromkeys(_LIST, (
        "a list of schemas",
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_schema, value)),
    )),
    **dict.fromkeys(_TABLE, (
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
}  # fmt: skip


def _fault(schema: dict[str, Any]) -> str | None:
    """What makes this no schema, subschemas aside."""
    for keyword, value in schema.items():
        shape = _SHAPES.get(keyword)
        if shape and not shape[1](value):
            return f"`{keyword}` must be {shape[0]}, not {quoted(value)}"
    if "$dynamicRef" in schema or "$recursiveRef" in schema:
        return "`$dynamicRef` is not supported: use `$ref`"
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
