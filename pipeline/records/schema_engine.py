"""`jsonschema` for schemas of strangers: our formats, patterns with a clock, a limit of work."""

import json
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache, cached_property, lru_cache
from itertools import islice
from posixpath import basename
from typing import TYPE_CHECKING, Any

from pipeline.records.formats import FORMATS
from pipeline.records.patterns import finder
from pipeline.records.quick_schema import Quick, Undecided
from pipeline.records.schema_files import Schemas
from pipeline.terse import terse
from pipeline.wording import quoted

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import ValidationError
    from referencing.exceptions import Unresolvable

STEPS = 150_000  # keywords run for one document
ERRORS = 1_000
TEXT = 100_000

Rules = dict[str, Any]
Keyword = Callable[[Any, Any, Any, Rules], "Iterator[ValidationError] | None"]

_left: ContextVar[list[int]] = ContextVar("left")  # of STEPS, in this validation


class Engine:
    """A schema, compiled when something must be validated."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    @cached_property
    def _validator(self) -> Any:
        reference = {"$ref": self.schemas.uri}
        return _dialect()(reference, registry=self.schemas.registry, format_checker=_formats())

    @cached_property
    def _quick(self) -> Quick | None:
        with suppress(Undecided):
            return Quick(self.schemas.root, self.schemas.resolve, matches, STEPS)
        return None

    def fits(self, value: Any) -> bool:
        """Whether a value surely has no errors; where not, `errors` knows."""
        with suppress(_TooSlow, RecursionError):
            return self._quick is not None and self._quick.fits(value)
        return False

    def errors(self, value: Any) -> "list[ValidationError]":
        """The errors of a value, the first thousand. Raises `SchemaError` for endless work."""
        with self.bounded():
            return list(islice(self._validator.iter_errors(terse(value)), ERRORS))

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Gives a new count of steps; raises `SchemaError` for what takes too long."""
        token = _left.set([STEPS])
        try:
            yield
        except (_TooMuch, RecursionError):
            self.schemas.fail("checking a file by this schema takes too long",
                              "simplify its `$ref`, `allOf`, `anyOf` and `oneOf`")  # fmt: skip
        except _TooSlow as slow:
            self.schemas.fail(f"the pattern {quoted(slow)} takes too long to match",
                              "write it without repetition inside repetition")  # fmt: skip
        except _unresolvable() as error:  # not asked for unless something is raised
            self.schemas.fail(f"`$ref` names {quoted(error.ref)}, which does not exist")
        finally:
            _left.reset(token)


@lru_cache(maxsize=64)
def compiled(family: str, path: str) -> Engine:
    """The engine of the schema at a path; the family is JSON of `{file name: schema}`."""
    schemas = json.loads(family)
    return Engine(Schemas(schemas.pop(basename(path)), schemas, path))


def _unresolvable() -> "type[Unresolvable]":
    from referencing.exceptions import Unresolvable

    return Unresolvable


class _TooMuch(Exception):
    """No steps are left."""


class _TooSlow(Exception):
    """A pattern ran out of time."""


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, in bounded time."""
    try:
        return finder(pattern)(text[:TEXT])
    except TimeoutError:
        raise _TooSlow(pattern) from None


def named(key: str, schema: Rules) -> bool:
    """Whether a schema itself names a key or a pattern for it."""
    patterns = schema.get("patternProperties", ())
    return key in schema.get("properties", ()) or any(matches(each, key) for each in patterns)


@cache
def _dialect() -> Any:
    """The class of JSON Schema 2020-12 with our keywords, each of which counts its steps."""
    from jsonschema import Draft202012Validator, validators

    extend: Any = validators.extend  # has no types
    keywords: dict[str, Keyword] = {**Draft202012Validator.VALIDATORS, **_OURS}
    return extend(Draft202012Validator, {name: _counted(run) for name, run in keywords.items()})


@cache
def _formats() -> "FormatChecker":
    from jsonschema import FormatChecker

    checker = FormatChecker(())
    for name, (_, fault) in FORMATS.items():
        checker.checks(name)(_good(fault))
    return checker


def _good(fault: Callable[[str], str | None]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or fault(value) is None


def _counted(keyword: Keyword) -> Keyword:
    def run(
        validator: Any, wanted: Any, value: Any, schema: Rules
    ) -> "Iterator[ValidationError] | None":
        left = _left.get()
        left[0] -= 1 + (len(wanted) >> 4 if isinstance(wanted, list) else 0)
        if left[0] < 0:
            raise _TooMuch
        return keyword(validator, wanted, value, schema)

    return run


# ---- keywords of ours ----------------------------------------------------------------------


def _failed(**details: Any) -> "ValidationError":
    from jsonschema.exceptions import ValidationError

    return ValidationError("", **details)


def _pattern(validator: Any, wanted: str, value: Any, schema: Rules) -> "Iterator[ValidationError]":
    if isinstance(value, str) and not matches(wanted, value):
        yield _failed()


def _patterned(
    validator: Any, wanted: Rules, value: Any, schema: Rules
) -> "Iterator[ValidationError]":
    for pattern, part in wanted.items():
        for key, item in value.items() if isinstance(value, dict) else ():
            if matches(pattern, key):
                yield from validator.descend(item, part, path=key, schema_path=pattern)


def _additional(
    validator: Any, wanted: Any, value: Any, schema: Rules
) -> "Iterator[ValidationError]":
    """As the specification has it, but a key that begins with `x-` is never forbidden."""
    for key, item in value.items() if isinstance(value, dict) else ():
        if wanted is True or named(key, schema):
            continue
        if wanted is not False:
            yield from validator.descend(item, wanted, path=key)
        elif not key.startswith("x-"):
            yield _failed(path=(key,), instance=item)


def _key_names(
    validator: Any, wanted: Any, value: Any, schema: Rules
) -> "Iterator[ValidationError]":
    """One error at each wrong key; why it is wrong is the context."""
    for key in value if isinstance(value, dict) else ():
        found = list(validator.descend(key, wanted))
        if found:
            yield _failed(path=(key,), instance=key, context=found)


def _unique(validator: Any, wanted: Any, value: Any, schema: Rules) -> "Iterator[ValidationError]":
    """One error at each item that was there before; in linear time, unlike the library's."""
    seen: set[Hashable] = set()
    for index, item in enumerate(value if wanted and isinstance(value, list) else ()):
        stand_in = _frozen(item)
        if stand_in in seen:
            yield _failed(path=(index,), instance=item)
        seen.add(stand_in)


def _frozen(value: Any) -> Hashable:
    """A hashable stand-in: equal exactly where JSON values are (1 is 1.0 and is not true)."""
    if isinstance(value, bool | None):
        return (type(value), value)
    if isinstance(value, list):
        return (list, tuple(map(_frozen, value)))
    if isinstance(value, dict):
        return (dict, frozenset((key, _frozen(item)) for key, item in value.items()))
    return str(value) if isinstance(value, str) else float(value)


def _elsewhere(validator: Any, wanted: Any, value: Any, schema: Rules) -> None:
    """A keyword of which another rule tells: unknown keys are FM005."""


_OURS: dict[str, Keyword] = {
    "pattern": _pattern, "patternProperties": _patterned, "additionalProperties": _additional,
    "propertyNames": _key_names, "uniqueItems": _unique, "unevaluatedProperties": _elsewhere,
}  # fmt: skip
