"""The schemas of a book's content types: the book's own files, else those that ship."""

import hashlib
import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping as Table
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipeline.config import Config, ContentType
from pipeline.document import Mapping
from pipeline.records.typed import Schema, in_place
from pipeline.schema import SchemaError, Validator, default
from pipeline.source import Source, Span
from pipeline.tree import Tree, Unreadable
from pipeline.wording import did_you_mean, listed, quoted

REFERS = "x-refers-to"
SHIPPED = "make-book:"
SUFFIX = ".schema.json"
FILE_BYTES = 8_000_000
MEND = "mend the schema"


@dataclass(frozen=True)
class ContentSchemas:
    """`files` has the schema's path by content type; `siblings` has every schema by file name."""

    files: Table[str, str] = field(default_factory=dict)
    siblings: Table[str, Schema] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all of them."""
        told = json.dumps((self.files, self.siblings), sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def validators(self) -> dict[str, Validator]:
        """A validator for each content type. Raises `SchemaError` for what is no schema."""
        found = sorted(self.files.items())
        return {kind: Validator(self._schema(kind), self.siblings, path) for kind, path in found}

    def required(self, kind: str) -> tuple[str, ...]:
        """The keys without which no front matter fits."""
        if kind not in self.files:
            return ()
        nothing = Mapping(span=Span(0, 0), entries=())
        found = self.validators[kind].violations(nothing, Source(self.files[kind], b""))
        return tuple(item.key for item in found if item.kind == "required" and not item.path)

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """(content type, key, what its value names), as `x-refers-to` says."""
        for kind in sorted(self.files):
            for part in self._parts(kind, self._schema(kind)):
                for key, rules in part.get("properties", {}).items():
                    if isinstance(rules, dict) and (kinds := rules.get(REFERS)):
                        yield kind, key, _names(kinds)

    def _schema(self, kind: str) -> Schema:
        return self.siblings[posixpath.basename(self.files[kind])]

    def _parts(self, kind: str, schema: Schema) -> Iterable[dict[str, Any]]:
        """The schema and all that it applies to the same front matter."""
        if not isinstance(schema, dict):
            return ()
        if not schema.keys() & {"$ref", "allOf", "anyOf", "oneOf", "then", "else"}:
            return (schema,)
        validator = self.validators[kind]
        return in_place(validator.schema, validator.resolve)


def read(tree: Tree, paths: Iterable[str], settings: Config) -> ContentSchemas:
    """Read the schemas of every content type, and those beside them. Raises `SchemaError`.

    `make-book:event.schema.json` names the one that ships where a book has its own of that name.
    """
    files = {kind.name: kind.schema for kind in settings.content}
    siblings = _own({kind.schema for kind in settings.content}, tree, paths)
    known = {kind.name for kind in settings.content} | {"part", "source"}
    for name, schema in siblings.items():
        _check_references(schema, name, known)
    for kind in settings.content:
        if posixpath.basename(kind.schema) not in siblings:
            siblings[posixpath.basename(kind.schema)] = _shipped(kind)
    for name in filter(_ships, map(posixpath.basename, files.values())):
        siblings[SHIPPED + name] = {**default(name), "$id": SHIPPED + name}
    return ContentSchemas(files, siblings)


def _own(named: set[str], tree: Tree, paths: Iterable[str]) -> dict[str, Schema]:
    """The schemas of the book by file name: those that it names, and those beside them."""
    folders = {posixpath.dirname(path) for path in named}
    return {
        posixpath.basename(path): _parsed(path, tree)
        for path in sorted(paths)
        if path in named or (path.endswith(SUFFIX) and posixpath.dirname(path) in folders)
    }


def _shipped(kind: ContentType) -> Schema:
    name = posixpath.basename(kind.schema)
    if _ships(name):
        return default(name)
    raise SchemaError(
        f"{kind.schema}: the content type `{kind.key}` needs this schema, and it is not there",
        hint=f"write it, or name another: `content: {{{kind.key}: {{schema: …}}}}` in book.yaml",
    )


def _ships(name: str) -> bool:
    try:
        return bool(default(name))
    except SchemaError:
        return False


def _parsed(path: str, tree: Tree) -> Schema:
    try:
        found = json.loads(tree.read(path, FILE_BYTES).decode("utf-8-sig"))
    except Unreadable as error:
        raise SchemaError(f"{path}: cannot be read: {error}", hint=MEND) from None
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise SchemaError(f"{place}: not JSON: {error.msg.lower()}", hint=MEND) from None
    except UnicodeDecodeError:
        raise SchemaError(f"{path}: not UTF-8", hint="save it as UTF-8") from None
    except (ValueError, RecursionError):
        raise SchemaError(f"{path}: nested too deeply, or a number too long", hint=MEND) from None
    if not isinstance(found, dict | bool):
        raise SchemaError(f"{path}: a schema is a JSON object", hint=MEND)
    return found


def _names(kinds: object) -> tuple[str, ...]:
    return tuple(map(str, kinds)) if isinstance(kinds, list) else (str(kinds),)


def _check_references(node: object, file: str, known: set[str]) -> None:
    """Refuse a content type that nobody knows, which would never be checked."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            for name in set(_names(part.get(REFERS, []))) - known:
                near = did_you_mean(name, sorted(known))
                hint = f"did you mean {quoted(near)}?" if near else f"use {listed(sorted(known))}"
                message = f"`{REFERS}` names {quoted(name)}, and no content type is called so"
                raise SchemaError(f"{file}: {message}", hint=hint)
            waiting += part.values()
