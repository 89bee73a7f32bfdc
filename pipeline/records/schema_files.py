"""A schema and its sibling files: registered for `referencing`, checked, resolved without I/O.

Nothing is ever fetched: a `$ref` names this schema, a sibling file, or one that ships.
"""

import json
import re
from collections.abc import Iterator, Mapping as Table
from functools import cache, cached_property
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urljoin

from pipeline.errors import UserError
from pipeline.records.schema_faults import LISTS, TABLES, fault, inner
from pipeline.records.typed import Resolve, Schema, applied
from pipeline.terse import Items, Keys, terse
from pipeline.wording import did_you_mean, quoted

if TYPE_CHECKING:
    from referencing import Registry, Resource
    from referencing._core import Resolver

DEPTH = 64
_PLAIN = re.compile(r"[\w-]+\Z", re.ASCII)
BASE = "https://schemas.invalid/"  # where files are said to be; nobody can live there


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


_HERE = Path(__file__).parents[1]
_FOLDERS = (_HERE / "schemas", _HERE.parent / "schemas")


class Schemas:
    """The schemas of one family, by file name and by `$id`; `registry` has those in use."""

    def __init__(self, schema: Schema, siblings: Table[str, Schema], path: str) -> None:
        self.path = path
        self.name = basename(path)
        self.uri = urljoin(BASE, self.name)
        self._raw = {basename(key): value for key, value in siblings.items()}
        self._raw[self.name] = schema
        self._ids = {
            raw["$id"].rstrip("#"): key for key, raw in self._raw.items()
            if isinstance(raw, dict) and isinstance(raw.get("$id"), str)
        }  # fmt: skip
        self._folders = {BASE, *(urljoin(uri, ".") for uri in self._ids)}
        self._files: dict[str, Schema] = {}
        self._used: dict[str, Schema] = {self.uri: self._file(self.name)}
        self._targets: dict[int, Schema] = {}
        self.root: Schema = self._used[self.uri]
        if not self._own():
            self._follow(self._registered(retrieve=self._retrieved))

    @cached_property
    def registry(self) -> "Registry[Any]":
        """The schemas in use, for a library that validates."""
        return self._registered()

    def _registered(self, **options: Any) -> "Registry[Any]":
        from referencing import Registry  # 20 ms, and few schemas refer to others
        from referencing.jsonschema import DRAFT202012

        used = {uri: DRAFT202012.create_resource(schema) for uri, schema in self._used.items()}
        empty: Any = Registry  # its fields are made by `attrs` where mypy does not see them
        made: Registry[Any] = empty(**options).with_resources(used.items()).crawl()
        return made

    def resolve(self, schema: dict[str, Any]) -> Schema:
        """What the `$ref` of a schema names, of any schema that the root reaches."""
        return self._targets[id(schema)]

    def fail(self, message: str, hint: str = "mend the schema") -> NoReturn:
        """Raise the error that names this schema file."""
        raise SchemaError(f"{self.path}: {message}", hint=hint)

    # ---- files ------------------------------------------------------------------------

    def _retrieved(self, uri: str) -> "Resource[Any]":
        """The schema of an address: by its `$id`, or the name of a file beside this one."""
        from referencing.exceptions import NoSuchResource
        from referencing.jsonschema import DRAFT202012

        name = self._ids.get(uri.rstrip("#"))
        if name is None and urljoin(uri, ".") in self._folders:
            name = basename(uri)
        if not name or not (name in self._raw or _ships(name)):
            raise NoSuchResource(uri)
        return DRAFT202012.create_resource(self._used.setdefault(uri, self._file(name)))

    def _file(self, name: str) -> Schema:
        if name not in self._files:
            raw = self._raw[name] if name in self._raw else default(name)
            place = self.path if name == self.name else name
            if not isinstance(raw, dict | bool):
                raise SchemaError(f"{place}: a schema is a JSON object, not {quoted(raw)}")
            schema = self._copied(raw, 0)
            for part in _parts(schema):
                self._check(part)
            self._files[name] = schema
        return self._files[name]

    def _copied(self, node: Any, depth: int, *, table: bool = False) -> Any:
        """A copy for this family alone: its keys are text, its `repr` is short.

        Without `$schema`, by which `jsonschema` would choose a class of its own over ours, and
        with `{"not": {}}` for members that are `false`, of which it would lose the place.
        """
        if depth > DEPTH:
            self.fail(f"nested more than {DEPTH} levels deep")
        if isinstance(node, list):
            return Items(self._copied(item, depth + 1) for item in node)
        if not isinstance(node, dict):
            return terse(node)
        made = Keys()
        for key, value in node.items():
            if table or key != "$schema":
                tabled = not table and key in TABLES
                member = _never(value) if table else value
                if not table and key in LISTS and isinstance(value, list):
                    member = [_never(item) for item in value]
                made[str(key)] = self._copied(member, depth + 1, table=tabled)
        return made

    def _check(self, schema: dict[str, Any]) -> None:
        found = fault(schema)
        if found:
            self.fail(found)

    # ---- references -------------------------------------------------------------------

    def _own(self) -> bool:
        """Whether every `$ref` plainly names a definition of this file; then they are followed.

        Most schemas are so, and to import what knows all other forms takes 20 ms.
        """
        parts = [part for part in _parts(self.root) if "$ref" in part or "$id" in part]
        if any("$id" in part and part is not self.root for part in parts):
            return False
        named = self.root.get("$defs", {}) if isinstance(self.root, dict) else {}
        known = {f"#/$defs/{name}": schema for name, schema in named.items() if _PLAIN.match(name)}
        referring = [part for part in parts if "$ref" in part]
        if any(part["$ref"] not in known for part in referring):
            return False
        self._targets = {id(part): known[part["$ref"]] for part in referring}
        for part in referring:
            self._no_loop(part)
        return True

    def _follow(self, registry: "Registry[Any]") -> None:
        """Follow every `$ref` from the root: each must lead somewhere, and to an end."""
        from referencing.jsonschema import DRAFT202012

        seen: set[int] = set()
        referring: list[dict[str, Any]] = []
        waiting = [(self.root, registry.resolver(self.uri))]
        while waiting:
            schema, resolver = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            self._check(schema)
            if "$ref" in schema:
                referring.append(schema)
                waiting.append(self._target(schema, resolver))
            for part in inner(schema):
                place = resolver.in_subresource(DRAFT202012.create_resource(part))
                waiting.append((part, place))
        for schema in referring:
            self._no_loop(schema)

    def _target(
        self, schema: dict[str, Any], resolver: "Resolver[Any]"
    ) -> tuple[Schema, "Resolver[Any]"]:
        from referencing.exceptions import Unresolvable

        ref = schema["$ref"]
        try:
            found = resolver.lookup(ref)
        except (Unresolvable, ValueError, TypeError, AttributeError) as error:
            cause = error.__cause__.__cause__ if error.__cause__ else None
            if isinstance(cause, SchemaError):
                raise cause from None
            if type(error) is Unresolvable:
                self._not_beside(ref)
            self.fail(f"`$ref` names {quoted(ref)}, which does not exist")
        if not isinstance(found.contents, dict | bool):
            self.fail(f"`$ref` names {quoted(ref)}, which is no schema")
        self._targets[id(schema)] = found.contents
        return found.contents, found.resolver

    def _not_beside(self, ref: str) -> NoReturn:
        near = did_you_mean(basename(ref), self._raw)
        hint = f"did you mean {quoted(near)}?" if near else "put the file beside this one"
        self.fail(f"`$ref` names {quoted(ref)}: only files beside it can be named", hint)

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


def _parts(schema: Schema) -> Iterator[dict[str, Any]]:
    """A schema and all within it."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(inner(part))


def _same_value(schema: dict[str, Any], resolve: Resolve) -> Iterator[Schema]:
    yield from applied(schema, resolve)
    for keyword in ("not", "if"):
        if keyword in schema:
            yield schema[keyword]


def _never(schema: Any) -> Any:
    return {"not": {}} if schema is False else schema


def _ships(name: str) -> bool:
    try:
        return bool(default(name))
    except SchemaError:
        return False
