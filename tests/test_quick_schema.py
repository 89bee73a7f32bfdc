"""The quick look agrees with the full one: what it lets pass has no errors."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from pipeline.records.schema_engine import compiled
from pipeline.schema import default

NAMES = st.sampled_from(("a", "b", "x-c", "abc", ""))
TEXTS = st.one_of(NAMES, st.sampled_from(("2023", "2023-02-30", "zh-Hans", "é", "12")))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.floats(-2, 3), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
COUNT = st.integers(0, 2)
TYPE = st.sampled_from("string integer number boolean null array object".split())
PATTERN = st.sampled_from(("^a", "b$", "^[a-c]+$", r"^\d+$"))


def _keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    tables = st.dictionaries(NAMES, inner, max_size=3)
    sizes = dict.fromkeys(
        "minLength maxLength minItems maxItems minProperties maxProperties minimum maximum "
        "exclusiveMinimum exclusiveMaximum".split(), COUNT,
    )  # fmt: skip
    return st.fixed_dictionaries({}, optional={
        "type": st.one_of(TYPE, st.lists(TYPE, min_size=1, max_size=2, unique=True)),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "format": st.sampled_from(("partial-date", "period", "language", "no-such")),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "pattern": PATTERN, "title": st.just("a title"), "items": inner, "properties": tables,
        "patternProperties": st.dictionaries(PATTERN, inner, max_size=2),
        "additionalProperties": inner, "propertyNames": inner,
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner, "$ref": st.just("#/$defs/one"), **sizes,
    })  # fmt: skip


SCHEMAS = st.recursive(st.one_of(st.booleans(), _keywords(st.booleans())), _keywords, max_leaves=5)


@settings(max_examples=80, deadline=None)
@given(
    SCHEMAS.filter(lambda schema: isinstance(schema, dict)),
    SCHEMAS.filter(lambda schema: "$ref" not in json.dumps(schema)),
    st.lists(VALUES),
)
def test_what_passes_the_quick_look_has_no_errors(
    schema: dict[str, Any], one: Any, values: list[Any]
) -> None:
    engine = compiled(json.dumps({"a.json": {**schema, "$defs": {"one": one}}}), "a.json")
    for value in values:
        assert not engine.fits(value) or not engine.errors(value)


@pytest.mark.parametrize("kind", ["event", "chapter", "concept", "organization", "book"])
def test_schemas_that_ship_need_the_quick_look_alone(kind: str) -> None:
    """Else every card would cost a hundred times as much."""
    name = f"{kind}.schema.json"
    engine = compiled(json.dumps({name: default(name)}), name)
    required = default(name).get("required", [])
    value = dict.fromkeys(required, "2023")
    assert engine.fits(value) == (not engine.errors(value))
    assert engine.fits(value)
    assert not engine.fits({**value, required[0]: {"a": 1}})
