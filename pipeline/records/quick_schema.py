"""A quick look at front matter by its schema: what it lets pass fits, all else is looked into.

A schema is compiled to nested functions once; a value then takes a few microseconds. Keywords that
are not known here, references that run in circles and values large enough for the limit of work
are left to `schema_engine`, whose answer alone is final and which alone says what is wrong.
"""

from collections.abc import Callable, Iterable, Sized
from functools import reduce
from typing import Any

from pipeline.records.formats import FORMATS
from pipeline.records.typed import Resolve, Schema

Test = Callable[[Any], bool]
Matches = Callable[[str, str], bool]  # whether a pattern is found in a text

_NOTES = frozenset(
    "title description examples default deprecated readOnly writeOnly $schema $id $defs $comment "
    "definitions".split()
)


class Undecided(Exception):
    """A schema that is not for this module."""


class Quick:
    """A schema compiled; `words` bounds the keywords that any part of a value can meet."""

    def __init__(self, schema: Schema, resolve: Resolve, matches: Matches, most: int) -> None:
        self._resolve = resolve
        self._matches = matches
        self._most = most
        self._trail: list[int] = []
        self.words = 0
        self._test = self._compiled(schema)

    def fits(self, value: Any) -> bool:
        """Whether a value surely fits; False says nothing."""
        return self.words * _size(value) < self._most and self._test(value)

    def _compiled(self, schema: Schema) -> Test:
        if isinstance(schema, bool):
            return lambda value: schema
        if id(schema) in self._trail:
            raise Undecided
        self._trail.append(id(schema))
        tests = []
        for word, wanted in schema.items():
            if word in _NOTES or word.startswith("x-"):
                continue
            self.words += 1 + (len(wanted) if isinstance(wanted, list) else 0)
            if self.words > self._most or word not in _WORDS:
                raise Undecided
            tests.append(_WORDS[word](self, wanted, schema))
        self._trail.pop()
        return _all(tests)

    def compiled(self, schemas: Iterable[Schema]) -> list[Test]:
        """Several schemas."""
        return [self._compiled(schema) for schema in schemas]

    # ---- keywords that hold schemas --------------------------------------------------------

    def reference(self, wanted: str, schema: dict[str, Any]) -> Test:
        """What `$ref` names."""
        return self._compiled(self._resolve(schema))

    def all_of(self, wanted: list[Schema], schema: dict[str, Any]) -> Test:
        """Every one of some schemas."""
        return _all(self.compiled(wanted))

    def any_of(self, wanted: list[Schema], schema: dict[str, Any]) -> Test:
        """Any one of some schemas."""
        tests = self.compiled(wanted)
        return lambda value: any(test(value) for test in tests)

    def items(self, wanted: Schema, schema: dict[str, Any]) -> Test:
        """Every item of a list."""
        test = self._compiled(wanted)
        return lambda value: not isinstance(value, list) or all(map(test, value))

    def properties(self, wanted: dict[str, Schema], schema: dict[str, Any]) -> Test:
        """The members that are named."""
        tests = {key: self._compiled(part) for key, part in wanted.items()}

        def test(value: Any) -> bool:
            if isinstance(value, dict):
                for key, item in value.items():
                    if key in tests and not tests[key](item):
                        return False
            return True

        return test

    def patterns(self, wanted: dict[str, Schema], schema: dict[str, Any]) -> Test:
        """The members whose names have a pattern."""
        tests = [(pattern, self._compiled(part)) for pattern, part in wanted.items()]

        def test(value: Any) -> bool:
            return not isinstance(value, dict) or all(
                test(item)
                for pattern, test in tests
                for key, item in value.items()
                if self._matches(pattern, key)
            )

        return test

    def others(self, wanted: Schema, schema: dict[str, Any]) -> Test:
        """The members that neither a name nor a pattern of the same schema covers."""
        named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        inner = self._compiled(wanted)

        def test(value: Any) -> bool:
            return not isinstance(value, dict) or all(
                inner(item) or (wanted is False and key.startswith("x-"))
                for key, item in value.items()
                if key not in named and not any(self._matches(each, key) for each in patterns)
            )

        return test

    def names(self, wanted: Schema, schema: dict[str, Any]) -> Test:
        """The names of all members."""
        test = self._compiled(wanted)
        return lambda value: not isinstance(value, dict) or all(map(test, value))

    def pattern(self, wanted: str, schema: dict[str, Any]) -> Test:
        """A pattern of a text."""
        return lambda value: not isinstance(value, str) or self._matches(wanted, value)


# ---- keywords of one value -----------------------------------------------------------------


def _all(tests: list[Test]) -> Test:
    return reduce(_both, tests) if tests else lambda value: True


def _both(one: Test, two: Test) -> Test:
    return lambda value: one(value) and two(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Test] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _type(quick: Quick, wanted: Any, schema: dict[str, Any]) -> Test:
    names = [wanted] if isinstance(wanted, str) else wanted
    tests = [_TYPES[name] for name in names]
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _enum(quick: Quick, wanted: list[Any], schema: dict[str, Any]) -> Test:
    texts = frozenset(item for item in wanted if isinstance(item, str))
    return lambda value: value in texts if isinstance(value, str) else _among(value, wanted)


def _among(value: Any, wanted: list[Any]) -> bool:
    plain = isinstance(value, bool | int | None)
    return plain and any(value == item and type(value) is type(item) for item in wanted)


def _format(quick: Quick, wanted: str, schema: dict[str, Any]) -> Test:
    if wanted not in FORMATS:
        return lambda value: True
    fault = FORMATS[wanted][1]
    return lambda value: not isinstance(value, str) or fault(value) is None


def _required(quick: Quick, wanted: list[str], schema: dict[str, Any]) -> Test:
    return lambda value: not isinstance(value, dict) or all(key in value for key in wanted)


def _bound(kind: type[Sized], holds: Callable[[int, Any], bool]) -> Callable[..., Test]:
    def word(quick: Quick, wanted: Any, schema: dict[str, Any]) -> Test:
        return lambda value: not isinstance(value, kind) or holds(len(value), wanted)

    return word


def _limit(holds: Callable[[Any, Any], bool]) -> Callable[..., Test]:
    def word(quick: Quick, wanted: Any, schema: dict[str, Any]) -> Test:
        return lambda value: not _number(value) or holds(value, wanted)

    return word


_WORDS: dict[str, Callable[..., Test]] = {
    "$ref": Quick.reference, "allOf": Quick.all_of, "anyOf": Quick.any_of, "items": Quick.items,
    "properties": Quick.properties, "patternProperties": Quick.patterns,
    "additionalProperties": Quick.others, "propertyNames": Quick.names, "pattern": Quick.pattern,
    "type": _type, "enum": _enum, "format": _format, "required": _required,
    "minLength": _bound(str, lambda size, wanted: size >= wanted),
    "maxLength": _bound(str, lambda size, wanted: size <= wanted),
    "minItems": _bound(list, lambda size, wanted: size >= wanted),
    "maxItems": _bound(list, lambda size, wanted: size <= wanted),
    "minProperties": _bound(dict, lambda size, wanted: size >= wanted),
    "maxProperties": _bound(dict, lambda size, wanted: size <= wanted),
    "minimum": _limit(lambda value, wanted: value >= wanted),
    "maximum": _limit(lambda value, wanted: value <= wanted),
    "exclusiveMinimum": _limit(lambda value, wanted: value > wanted),
    "exclusiveMaximum": _limit(lambda value, wanted: value < wanted),
}  # fmt: skip


def _size(value: Any) -> int:
    """How many values there are in a value."""
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values())) + len(value)
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1
