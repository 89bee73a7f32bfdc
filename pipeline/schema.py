"""JSON Schema 2020-12 for front matter: every violation at its own key or value.

`jsonschema` validates. Schemas are content too: nothing is fetched, a `$ref` names this schema or
a sibling file, and patterns, recursion and repetition are bounded.
"""

import json
from collections.abc import Iterable, Iterator, Mapping as Table
from posixpath import basename
from typing import Any

from pipeline.document import Entry, Mapping, Node, Problem, Scalar, Sequence
from pipeline.records.schema_engine import Engine, compiled, named
from pipeline.records.schema_failures import Failure, Path, failures
from pipeline.records.schema_files import SchemaError, default
from pipeline.records.schema_messages import described
from pipeline.records.typed import Place, Resolve, Schema, Types, in_place
from pipeline.source import Source, Span
from pipeline.wording import did_you_mean, listed, quoted

__all__ = [
    "SchemaError", "Validator", "Violation", "default", "known_keys", "unknown_keys", "validator",
]  # fmt: skip


class Violation(Problem, frozen=True):
    """One violation: FM003, or FM005 for a key that the schema does not name.

    `kind` is the schema's keyword (`unknown-key` for a key it does not name), `key` the key
    concerned (the missing one for `required`), `path` its place, `suggestion` a key or value
    that was probably meant.
    """

    kind: str = ""
    key: str = ""
    path: Path = ()
    suggestion: str | None = None


class Validator:
    """A schema with the sibling files that its `$ref`s may name.

    Raises `SchemaError`, which names the file, for what is no schema.
    """

    def __init__(
        self,
        schema: Schema,
        siblings: Table[str, Schema] | None = None,
        name: str = "schema.json",
    ) -> None:
        self._engine = _engine(schema, siblings or {}, name)
        self.schema: Schema = self._engine.schemas.root
        self.resolve: Resolve = self._engine.schemas.resolve
        self._types = Types(self.resolve)

    def value(self, node: Node | None) -> Any:
        """A node as Python values, typed by the schema."""
        return self._types.value(node, self._types.place((self.schema,)))

    def violations(
        self, front: Mapping, source: Source, problems: Iterable[Problem] = ()
    ) -> list[Violation]:
        """Every violation but unknown keys, in reading order.

        `problems` are those of reading the front matter: what they explain is not said again.
        """
        value = self.value(front)
        errors = [] if self._engine.fits(value) else self._engine.errors(value)
        if not errors:
            return []
        broken = [problem.span.start for problem in problems if problem.code == "FM002"]
        unknown = {item.path for item in self.unknown_keys(front)}
        found = {
            (violation.span, violation.message): violation
            for failure in failures(errors)
            if failure.kind != "additionalProperties" or failure.path not in unknown
            if not _explained(failure, front, source, broken)
            for violation in [_violation(failure, front, source)]
        }
        return sorted(found.values(), key=lambda item: (item.span, item.message))

    def unknown_keys(self, front: Mapping) -> list[Violation]:
        """Keys that the schema does not name: at the top, and wherever it forbids others."""
        with self._engine.bounded():
            place = self._types.place((self.schema,))
            return list(_unknown(self._types, front, place, (), top=True))


def _engine(schema: Schema, siblings: Table[str, Schema], name: str) -> Engine:
    """Compiled once for the same schemas, however often they are asked for."""
    family = {basename(file): sibling for file, sibling in siblings.items()}
    try:
        return compiled(json.dumps(family | {basename(name): schema}), name)
    except RecursionError:
        raise SchemaError(f"{name}: nested too many levels deep") from None


def validator(schema: Schema, name: str = "schema.json") -> Validator:
    """A validator; its `$ref`s may name the schemas that ship. Raises `SchemaError`."""
    return Validator(schema, name=name)


def unknown_keys(schema: Schema, front: Mapping) -> list[Violation]:
    """Keys that a schema does not name, see `Validator.unknown_keys`."""
    return validator(schema).unknown_keys(front)


def known_keys(schema: Schema) -> tuple[str, ...]:
    """The keys that a schema names at its top, in its order."""
    rules = validator(schema)
    parts = in_place(rules.schema, rules.resolve)
    return tuple(dict.fromkeys(key for part in parts for key in part.get("properties", {})))


# ---- places --------------------------------------------------------------------------------


def _violation(failure: Failure, front: Mapping, source: Source) -> Violation:
    message, help_ = described(failure)
    span = _place(failure, front, source)
    keys = [part for part in failure.path if isinstance(part, str)]
    key = failure.wanted if failure.kind == "required" else (keys[-1] if keys else "")
    meant = (
        did_you_mean(str(failure.value), map(str, failure.wanted))
        if failure.kind == "enum"
        else None
    )
    return Violation("FM003", span, message, help_, kind=failure.kind, key=key, path=failure.path,
                     suggestion=meant)  # fmt: skip


def _place(failure: Failure, front: Mapping, source: Source) -> Span:
    """The value where it stands on one line, else its key."""
    node: Node = front
    key: Scalar | None = None
    for part in failure.path:
        if isinstance(node, Mapping):
            entry = _entry(node, part)
            if entry is None:
                break
            key, node = entry.key, entry.value
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            key = key if isinstance(node, Scalar) else None
    if key is not None and failure.kind in ("required", "propertyNames"):
        return key.span
    if failure.kind == "propertyNames" or not len(node.span) or _lines(source, node.span):
        return key.span if key else _first_line(source, node.span)
    return node.span


def _entry(node: Mapping, key: str | int) -> Entry | None:
    return next((entry for entry in node.entries if entry.key.text == key), None)


def _lines(source: Source, span: Span) -> bool:
    return not set("\r\n").isdisjoint(source.slice(span))


def _first_line(source: Source, span: Span) -> Span:
    line, column = source.position(span.start)
    rest = source.line(line)[column - 1 :].rstrip()
    return Span(span.start, span.start + len(rest))


def _explained(failure: Failure, front: Mapping, source: Source, broken: list[int]) -> bool:
    """Whether a problem of reading lies in the key's entry, or began a line with the key."""
    if failure.path:
        entry = _entry(front, failure.path[0])
        return entry is not None and any(
            entry.key.span.start <= place <= entry.value.span.end for place in broken
        )
    return failure.kind == "required" and any(
        source.text.startswith(str(failure.wanted), place) for place in broken
    )


# ---- unknown keys --------------------------------------------------------------------------


def _unknown(
    types: Types, node: Mapping | Sequence, place: Place, path: Path, *, top: bool = False
) -> Iterator[Violation]:
    parts = place.parts
    if isinstance(node, Sequence):
        inner = types.place(tuple(part["items"] for part in parts if "items" in part))
        for index, item in enumerate(node.items):
            if not isinstance(item, Scalar):
                yield from _unknown(types, item, inner, (*path, index))
        return
    closed = top or any(part.get(word) is False for part in parts for word in _CLOSING)
    for entry in node.entries:
        key, value = entry.key.text, entry.value
        known = key in place.names or key.startswith("x-") or not closed
        if not known and not any(named(key, part) for part in parts):
            yield _unknown_key(entry, list(place.names), node, path)
        elif not isinstance(value, Scalar) and _has_keys(value):
            yield from _unknown(types, value, types.place(_members(parts, key)), (*path, key))


def _has_keys(node: Mapping | Sequence) -> bool:
    """Whether a node is a mapping, or a list that is not of scalars alone."""
    return isinstance(node, Mapping) or not all(isinstance(item, Scalar) for item in node.items)


_CLOSING = ("additionalProperties", "unevaluatedProperties")


def _members(parts: list[dict[str, Any]], key: str) -> tuple[Schema, ...]:
    found = tuple(part["properties"][key] for part in parts if key in part.get("properties", {}))
    return found or tuple(part[word] for part in parts for word in _CLOSING if word in part)


def _unknown_key(entry: Entry, known: list[str], node: Mapping, path: Path) -> Violation:
    key = entry.key.text
    free = [name for name in known if node.get(name) is None] or known
    meant = _meant(key, free)
    place = f" in {quoted(path[-1])}" if path else ""
    choices = f"the keys here are {listed(map(quoted, known), 'and')}" if path and known else ""
    return Violation(
        "FM005", entry.key.span,
        f"unknown key {quoted(key)}{place}",
        f"did you mean {quoted(meant)}?" if meant else choices or _OWN_KEYS,
        kind="unknown-key", key=key, path=(*path, key), suggestion=meant,
    )  # fmt: skip


_OWN_KEYS = "a key of your own begins with `x-`"


def _meant(key: str, known: list[str]) -> str | None:
    """A key nearly spelt alike, else one that this key contains (`chapter_title`) or begins."""
    near = did_you_mean(key, known)
    if near:
        return near
    words = key.lower().replace("-", "_")
    held = [name for name in known if words.endswith(f"_{name}") or words.startswith(f"{name}_")]
    begun = [name for name in known if len(words) > 3 and name.startswith(words)]
    return max(held, key=len, default=min(begun, key=len, default=None))
