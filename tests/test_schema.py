"""Schemas: what they find, where, in which words, and what a hostile one can do."""

import json
import socket
import time
import tracemalloc
import urllib.request
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from pipeline import schema
from pipeline.errors import UserError
from pipeline.front_matter import compose
from pipeline.records.formats import date_fault, period_fault
from pipeline.records.patterns import _SIMPLE
from pipeline.records.schema_engine import Engine
from pipeline.records.schema_failures import failures
from pipeline.records.schema_files import Schemas
from pipeline.schema import SchemaError, Validator
from pipeline.source import Source, Span
from pipeline.wording import did_you_mean, edit_distance, listed, shown

FILES = sorted((Path(__file__).parent.parent / "schemas").glob("*.schema.json"))
NAMES = [path.name for path in FILES]


def front(text: str):
    source = Source("card.md", text.encode())
    node, problems = compose(source, Span(0, len(source.text)))
    return source, node, problems


def check(rules, text: str, **siblings):
    """(the place, the message, the help) of each violation."""
    source, node, problems = front(text)
    found = Validator(rules, siblings).violations(node, source, problems)
    return [(source.slice(item.span), item.message, item.help) for item in found]


# ---- the schemas that ship -----------------------------------------------------------------

CARD = """\
event_id: willow-2021-05
date: 2021-05-12
title: 柳树模型发布 (Willow Release)
title_en: "Willow: A Small Open Model"
organization: Riverside Lab
event_type: model_release
significance_level: critical
verification_status: verified
sources:
  - lab2021willow
tags:
  - open-source
causal_connections:
  - response_to: [poplar-2020-03, cedar-2022-01]
  - enables: [birch-2022-07]
  - triggers: open_model_wave
technical_concepts:
  - sparse-training
chapter_id: 02-forest
"""
CHAPTER = """\
chapter_number: 8
title: "开源革命：森林"
title_en: "The Forest: A Revolution"
period: "2023-2024"
status: draft
word_count: 17100
key_events:
  - willow-2021-05
key_organizations: [lab]
technical_concepts: [sparse-training]
anecdote_count: 3
created_date: 2025-10-17
last_updated: 2025-10-17
"""
CONCEPT = """\
concept_id: sparse-training
name: 稀疏训练
name_en: Sparse training
aliases: [sparse]
introduced_date: 2019-06
innovators: [Jane Doe]
organization: lab
related_concepts: []
sources: [doe2019]
"""
ORGANIZATION = """\
organization_id: lab
name: 河畔实验室
name_en: Riverside Lab
aliases: [Lab]
country: CN
founded_date: 2011
"""
BOOK = """\
title: 书
title_en: Book
subtitle: 一
authors: [某人]
language: zh-Hans
identifier: urn:isbn:9787000000000
publisher: P
isbn: 978-7-0000-0000-0
date: 2026-11
description: D
rights: R
cover: cover.png
content:
  chapters: {path: manuscript, id: chapter_id}
  events: {path: events, pattern: "**/*.md", id: event_id, schema: schemas/event.schema.json}
  concepts:
  people: {path: people, place: glossary}
bibliography: bibliography/*.bib
order: []
parts: {front: [00-*], back: [99-*]}
citations: {style: gb-t-7714-2015-numeric, scope: chapter, csl: a.csl}
relations: {refutes: {inverse: refuted_by, direction: earlier, targets: [event]}}
word_count: {method: words, tolerance: 0.1}
word_target: [8000, 15000]
numbering: complete
anecdote_markers: ["💡 轶事"]
badges: {critical: "🔴"}
rules: {TX006: off, CT002: {severity: warning, paths: ["manuscript/**"]}, LK001: {ignore: {a: b}}}
profile: {quotes: curly, label_colon: full, han_latin: any}
gates: {final: verified}
required_sections: {final: [小结]}
heading_depth: 4
theme: classic
css: [a.css]
fonts: {han: Noto Serif SC}
paper: A5
editions:
  bilingual: {outputs: [pdf, epub, html]}
  zh: {language: zh-Hans, outputs: pdf, status: final, page_list: true, fonts: false}
  plain:
slug: book
limits: {file_bytes: 1000, line_characters: 99, image_bytes: 9, image_pixels: 9,
  chapter_seconds: 0.5, chapter_megabytes: 9, layout_seconds: 9, layout_megabytes: 9,
  cache_megabytes: 9,
  yaml_size: 9000, yaml_depth: 9, yaml_nodes: 99, yaml_scalar: 99}
allow: {schemes: [tel]}
x-own: {anything: [1, 2]}
"""


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_shipped_schemas_are_schemas(path):
    rules = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(rules)
    Validator(rules, name=path.name)
    assert rules["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_key_is_described_for_editors(path):
    rules = json.loads(path.read_text(encoding="utf-8"))
    tables = [rules, *rules.get("$defs", {}).values()]
    for table in tables:
        assert table["title"] and table["description"]
        for name, part in table.get("properties", {}).items():
            assert "$ref" in part or (part.get("title") and part.get("description")), name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("event", CARD),
        ("chapter", CHAPTER),
        ("concept", CONCEPT),
        ("organization", ORGANIZATION),
        ("book", BOOK),
        ("event", "event_id: a\ndate: 2023\ntitle: t\nsources:\ntags:\nchapter_id:\n"),
        (
            "event",
            "event_id: 1\ndate: 2023\ntitle: 2\ncausal_connections: {enables: a, triggers: [b]}\n",
        ),
        ("chapter", "title: t\nperiod:\nstatus:\nword_count:\n"),
        ("book", "title: t\n"),
    ],
)
def test_good_front_matter(name, text):
    source, node, problems = front(text)
    validator = schema.validator(schema.default(f"{name}.schema.json"))
    assert not problems
    assert [item.message for item in validator.violations(node, source)] == []
    assert [item.message for item in validator.unknown_keys(node)] == []


FREE = {"aliases", "chapter_id", "tags", "status"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("event", CARD), ("chapter", CHAPTER), ("concept", CONCEPT), ("organization", ORGANIZATION)],
)
def test_examples_use_every_key(name, text):
    _, node, _ = front(text)
    keys = schema.known_keys(schema.default(f"{name}.schema.json"))
    assert {entry.key.text for entry in node.entries} >= {*keys} - FREE


def test_numbers_and_dates_of_the_shipped_schemas():
    _, node, _ = front(CHAPTER)
    value = schema.validator(schema.default("chapter.schema.json")).value(node)
    assert (value["chapter_number"], value["word_count"], value["anecdote_count"]) == (8, 17100, 3)
    assert (value["created_date"], value["period"]) == ("2025-10-17", "2023-2024")


# ---- messages, each at its own place ---------------------------------------------------------

EVENT = schema.default("event.schema.json")
MESSAGES = [
    (
        EVENT,
        "event_id: a\ntitle: t\n",
        "event_id: a",
        "the key `date` is missing",
        "add a line `date: 2023-02-24`",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023-02-30\ntitle: t",
        "2023-02-30",
        "`date` must be a date, not `2023-02-30`",
        "February 2023 has 28 days",
    ),
    (
        EVENT,
        "event_id: a\ndate: Feb 2023\ntitle: t",
        "Feb 2023",
        "`date` must be a date, not `Feb 2023`",
        "a date is written `2023`, `2023-02` or `2023-02-24`",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle:\n",
        "title",
        "`title` is empty",
        "give it a value, or remove the key",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle: t\nsignificance_level: critcal",
        "critcal",
        "`significance_level` must be `critical`, `major`, `notable` or `minor`, not `critcal`",
        "did you mean `critical`?",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle: t\ntags: one",
        "one",
        "`tags` must be a list, not `one`",
        "write `[one]`, or `- one` on the next line",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle: t\ntags: [a, {b: c}]",
        "{b: c}",
        "an item of `tags` must be text, not a mapping",
        "",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle: [t]",
        "[t]",
        "`title` must be text, not a list",
        "write `t` without brackets or dash",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle:\n  - t\n  - u\n",
        "title",
        "`title` must be text, not a list",
        "",
    ),
    (
        EVENT,
        "event_id: a\ndate: 2023\ntitle: t\n"
        "causal_connections:\n  - enables: [a]\n    triggers: b\n",
        "enables: [a]",
        "`causal_connections` may have at most 1 key, not 2",
        "",
    ),
    (
        {"properties": {"n": {"type": "integer"}}},
        "n: 08",
        "08",
        "`n` must be a whole number, not `08`",
        "write `8`",
    ),
    (
        {"properties": {"n": {"type": "integer"}}},
        "n: 17,100",
        "17,100",
        "`n` must be a whole number, not `17,100`",
        "write `17100`",
    ),
    (
        {"properties": {"n": {"type": "integer"}}},
        "n: about 5",
        "about 5",
        "`n` must be a whole number, not `about 5`",
        "write digits only",
    ),
    (
        {"properties": {"n": {"type": "boolean"}}},
        "n: yes",
        "yes",
        "`n` must be `true` or `false`, not `yes`",
        "write `true`",
    ),
    ({"properties": {"n": {"minimum": 3}}}, "n: 2", "2", "`n` must be at least 3, not `2`", ""),
    (
        {"properties": {"n": {"exclusiveMaximum": 3}}},
        "n: 3",
        "3",
        "`n` must be less than 3, not `3`",
        "",
    ),
    (
        {"properties": {"n": {"multipleOf": 5}}},
        "n: 7",
        "7",
        "`n` must be a multiple of 5, not `7`",
        "",
    ),
    (
        {"properties": {"n": {"minLength": 3}}},
        "n: ab",
        "ab",
        "`n` must have at least 3 characters, not 2",
        "",
    ),
    (
        {"properties": {"n": {"maxItems": 1}}},
        "n: [a, b]",
        "[a, b]",
        "`n` may have at most 1 item, not 2",
        "",
    ),
    (
        {"properties": {"n": {"uniqueItems": True}}},
        "n: [a, b, a]",
        "a",
        "`n` lists `a` twice",
        "remove one of the two",
    ),
    (
        {"properties": {"n": {"pattern": "^a+$", "description": "only a"}}},
        "n: b",
        "b",
        "`n` must match `^a+$`, not `b`",
        "only a",
    ),
    ({"properties": {"n": {"const": "x"}}}, "n: y", "y", "`n` must be `x`, not `y`", ""),
    ({"properties": {"n": False}}, "n: y", "y", "`n` is not allowed here", ""),
    ({"properties": {"n": {"not": {"type": "string"}}}}, "n: y", "y", "`n` must not be `y`", ""),
    (
        {"properties": {"n": {"oneOf": [True, True]}}},
        "n: y",
        "y",
        "`n` fits more than one of the forms the schema allows",
        "",
    ),
    (
        {"properties": {"n": {"contains": {"const": "z"}}}},
        "n: [y]",
        "[y]",
        "`n` does not have the items the schema asks for",
        "",
    ),
    (
        {"properties": {"n": {"propertyNames": {"maxLength": 1}}}},
        "n: {ab: c}",
        "ab",
        "`ab` cannot be a key here",
        "",
    ),
    (
        {"properties": {"n": {"required": ["m"]}}},
        "n: {ab: c}",
        "n",
        "the key `m` is missing in `n`",
        "add a line `m: …`",
    ),
    (
        {"dependentRequired": {"n": ["m"]}},
        "n: a",
        "n: a",
        "the key `m` is missing",
        "add a line `m: …`",
    ),
    (
        {"if": {"required": ["n"]}, "then": {"required": ["m"]}},
        "n: a",
        "n: a",
        "the key `m` is missing",
        "add a line `m: …`",
    ),
    (
        {"properties": {"n": {"format": "period"}}},
        "n: 2024-2023",
        "2024-2023",
        "`n` must be a period, not `2024-2023`",
        "the period ends before it begins",
    ),
    (
        {"properties": {"n": {"format": "date"}}},
        "n: 2024",
        "2024",
        "`n` must be a full date, not `2024`",
        "a date is written `2023-02-24` here",
    ),
    (
        {"properties": {"n": {"anyOf": [{"type": "integer"}, {"type": "array"}]}}},
        "n: x",
        "x",
        "`n` must be a whole number or a list, not `x`",
        "",
    ),
    (
        {"properties": {"n": {"anyOf": [{"enum": ["on", "off"]}, {"type": "object"}]}}},
        "n: onn",
        "onn",
        "`n` must be a mapping of keys and values, `on` or `off`, not `onn`",
        "did you mean `off`?",
    ),
    (
        {
            "properties": {
                "n": {
                    "anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string"}]
                }
            }
        },
        "n: [1, x]",
        "x",
        "an item of `n` must be a whole number, not `x`",
        "",
    ),
]


@pytest.mark.parametrize(("rules", "text", "place", "message", "help_"), MESSAGES)
def test_messages(rules, text, place, message, help_):
    found = check(rules, text)
    assert len(found) == 1
    assert found[0][0] == place
    assert found[0][1].startswith(message)
    if "did you mean" not in help_:
        assert found[0][2] == help_ or not help_


def test_all_violations_at_once_in_reading_order():
    text = "event_id: a\ndate: 2023-13\nsources: x\nverification_status: verifed\ntags: [{}]\n"
    found = check(EVENT, text)
    assert [place for place, _, _ in found] == ["event_id: a", "2023-13", "x", "verifed", "{}"]


def test_what_reading_explained_is_not_said_again():
    assert check(EVENT, "event_id: a\ndate: 2023\ntitle: [a\n") == []
    assert check(EVENT, "event_id: a\ndate：2023\ntitle: t\n") == []
    assert check(EVENT, "event_id: a\ntitle: a: b\n")[0][1] == "the key `date` is missing"


def test_empty_front_matter_misses_its_keys():
    assert [message for _, message, _ in check(EVENT, "")] == [
        "the key `date` is missing", "the key `event_id` is missing", "the key `title` is missing",
    ]  # fmt: skip


def test_long_and_wild_values_are_cut_and_escaped():
    text = "n: 'a\x1b[31m" + "y" * 10_000_000 + "'"
    source = Source("a.md", b"n: x")
    node, _ = compose(source, Span(0, 4))
    validator = Validator({"properties": {"n": {"enum": ["z"]}}})
    wild = type(node)(
        (
            type(node.entries[0])(
                node.entries[0].key, type(node.entries[0].value)(text, Span(3, 4))
            ),
        ),
        node.span,
    )
    message = validator.violations(wild, source)[0].message
    assert len(message) < 120
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("name", "key", "meant"),
    [
        ("chapter", "chapter_title", "title"), ("chapter", "titel", "title"),
        ("event", "Title", "title"), ("event", "source", "sources"), ("event", "x_y", None),
        ("event", "verification-status", "verification_status"), ("event", "summary", None),
        ("book", "languag", "language"), ("book", "author", "authors"),
    ],
)  # fmt: skip
def test_unknown_keys(name, key, meant):
    source, node, _ = front(f"{key}: v\nx-own: v\n")
    found = schema.unknown_keys(schema.default(f"{name}.schema.json"), node)
    assert [(source.slice(item.span), item.suggestion) for item in found] == [(key, meant)]
    assert (f"did you mean `{meant}`?" == found[0].help) == (meant is not None)
    assert found[0].code == "FM005"


def test_unknown_keys_deep_in_the_book():
    text = "title: t\neditions: {zh: {lang: zh}}\nrules: {TX6: off}\ncontent: {events: {pth: x}}\n"
    source, node, _ = front(text)
    found = schema.unknown_keys(schema.default("book.schema.json"), node)
    assert [(source.slice(item.span), item.suggestion) for item in found] == [
        ("lang", "language"), ("TX6", None), ("pth", "path"),
    ]  # fmt: skip


def test_free_tables_take_any_key():
    _, node, _ = front("causal_connections: [{refutes: x}]\n")
    assert schema.unknown_keys(EVENT, node) == []


# ---- formats -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["2023", "2023-02", "2023-02-24", "0001", "9999-12-31", "2024-02-29"]
)
def test_dates(text):
    assert date_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "0000",
        "0000-01-01",
        "2023-00",
        "2023-13",
        "2023-02-29",
        "2023-02-30",
        "2023-2",
        "23",
        "2023-02-",
        "2023/02",
        " 2023",
        "2023 ",
        "2023\n",
        "２０２３",
        "2023-02-24T00:00",
        "-2023",
        "",
        "二〇二三",
    ],
)
def test_not_dates(text):
    assert date_fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "2023",
        "2023-2024",
        "2023-02",
        "2022-11/2023-03",
        "2022 to 2023-03",
        "2023-02-01/2023-02-02",
        "2023/2023-05",
        "2023-05/2023",
    ],
)
def test_periods(text):
    assert period_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-2023",
        "2023-13/2024",
        "2023/2022",
        "2023/",
        "2023-02-30",
        "2023/2024/2025",
        "2023 - 2024",
        "0000-2023",
        "2023–2024",
    ],
)
def test_not_periods(text):
    assert period_fault(text)


# ---- schemas that are no schemas, or mean harm ----------------------------------------------

BAD = [
    ([], "a schema is a JSON object"),
    ("x", "a schema is a JSON object"),
    ({"type": "txt"}, "unknown type `txt`"),
    ({"type": "strin"}, "did you mean `string`?"),
    ({"properties": {"a": {"type": ["string", "date"]}}}, "unknown type `date`"),
    ({"type": 5}, "unknown type `5`"),
    ({"properties": []}, "`properties` must be a table of schemas"),
    ({"properties": {"a": "string"}}, "`properties` must be a table of schemas"),
    ({"required": "a"}, "`required` must be a list of keys"),
    ({"minLength": -1}, "`minLength` must be a count"),
    ({"minimum": "3"}, "`minimum` must be a number"),
    ({"enum": "a"}, "`enum` must be a list"),
    ({"anyOf": []}, "`anyOf` must be a list of schemas"),
    ({"items": [{}]}, "`items` must be a schema"),
    ({"pattern": "("}, "is not a regular expression"),
    ({"patternProperties": {"[": {}}}, "is not a regular expression"),
    ({"pattern": "a" * 2000}, "longer than 1000 characters"),
    ({"$ref": 5}, "`$ref` must be the name of a schema"),
    ({"$ref": "#/$defs/none"}, "which does not exist"),
    ({"$ref": "#none"}, "which does not exist"),
    ({"$ref": "#/title", "title": "t"}, "which is no schema"),
    ({"$ref": "none.schema.json"}, "only files beside it can be named"),
    ({"$ref": "evnt.schema.json"}, "only files beside it can be named"),
    ({"$ref": "https://example.org/a.json"}, "only files beside it can be named"),
    ({"$ref": "file:///etc/passwd"}, "only files beside it can be named"),
    ({"$ref": "../../../etc/passwd"}, "only files beside it can be named"),
    ({"$ref": "/etc/passwd"}, "only files beside it can be named"),
    ({"$ref": "#"}, "leads back to itself"),
    ({"allOf": [{"$ref": "#"}]}, "leads back to itself"),
    ({"not": {"$ref": "#"}}, "leads back to itself"),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]},
                                     "b": {"$ref": "#/$defs/a"}}}, "leads back to itself"),
    ({"$dynamicRef": "#meta"}, "`$dynamicRef` is not supported"),
    ({"unevaluatedItems": False}, "`unevaluatedItems` is not supported"),
    ({"unevaluatedProperties": {}}, "`unevaluatedProperties` must be `true` or `false`"),
    ({"$id": 5}, "`$id` must be a name"),
    ({"$ref": "#/$defs/a/b", "$defs": {"a": True}}, "which does not exist"),
    ({"$ref": "#/allOf/x", "allOf": [{}]}, "which does not exist"),
    ({"$ref": "http://["}, "which does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "words"), BAD)
def test_bad_schemas_name_their_file(rules, words):
    with pytest.raises(SchemaError) as caught:
        Validator(rules, name="schemas/mine.schema.json")
    assert isinstance(caught.value, UserError)
    assert caught.value.message.startswith("schemas/mine.schema.json: ")
    assert words in caught.value.message


def test_too_deep_a_schema():
    rules: dict = {}
    for _ in range(500):
        rules = {"items": rules}
    with pytest.raises(SchemaError, match="levels deep"):
        Validator(rules)


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|a)*$",
        "(x+x+)+y",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        r"(.*)*\d$",
        "(a?){40}a{40}",
    ],
)
def test_patterns_cannot_hang(pattern):
    begin = time.process_time()
    for text in ("a" * 40 + "!", "x" * 5000):
        try:
            check({"properties": {"n": {"pattern": pattern}}}, f"n: '{text}'")
        except SchemaError as error:
            assert "takes too long" in error.message
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("pattern", "simple"),
    [
        ("^x-", True), ("^[A-Z]{2}[0-9]{3}$", True), (r"^[\w][\w.-]*$", True), ("", False),
        ("a*a*b", False), ("^(a+)+$", False), ("^a?a?a?aaa$", False), ("^a*a*$", False),
        ("^[a-z]+-[a-z]+$", False), (r"^\p{Han}+$", False), ("^(?!x)", False), ("^a|b", False),
    ],
)  # fmt: skip
def test_only_linear_patterns_run_without_a_clock(pattern, simple):
    assert (_SIMPLE.fullmatch(pattern) is not None) == simple


def test_patterns_know_scripts():
    rules = {"properties": {"n": {"pattern": r"^\p{Han}+$"}}}
    assert check(rules, "n: 中文") == []
    assert len(check(rules, "n: ab")) == 1


def test_bombs_are_stopped():
    names = {f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(40)}
    rules = {"$ref": "#/$defs/a0", "$defs": {**names, "a40": {}}}
    begin = time.process_time()
    with pytest.raises(SchemaError, match="takes too long"):
        check(rules, "a: b")
    assert time.process_time() - begin < 10


def test_recursion_through_values_is_fine():
    rules = {"type": "object", "additionalProperties": {"$ref": "#"}}
    assert check(rules, "a: {b: {c: {}}}") == []
    assert [place for place, _, _ in check(rules, "a: {b: {c: x}}")] == ["x"]


def test_unique_items_over_thousands():
    text = "n: [" + ", ".join(f"{{a: {i}}}" for i in range(5_000)) + ", {a: 7}]"
    begin = time.process_time()
    found = check({"properties": {"n": {"uniqueItems": True}}}, text)
    assert time.process_time() - begin < 3
    assert [place for place, _, _ in found] == ["{a: 7}"]


def test_siblings_and_shipped_schemas_can_be_extended():
    base = {"$id": "https://example.org/base.json", "properties": {"n": {"$ref": "#/$defs/count"}},
            "$defs": {"count": {"type": "integer"}}}  # fmt: skip
    siblings = {"base.json": base}
    for ref in ("base.json", "./base.json", "https://example.org/base.json"):
        source, node, _ = front("n: x")
        found = Validator({"allOf": [{"$ref": ref}]}, siblings).violations(node, source)
        assert [item.message for item in found] == ["`n` must be a whole number, not `x`"]
    mine = {
        "allOf": [{"$ref": "event.schema.json"}],
        "properties": {"mood": {"enum": ["up", "down"]}},
    }
    source, node, _ = front("event_id: a\ndate: 2023-13\ntitle: t\nmood: up\n")
    validator = Validator(mine, name="mine.schema.json")
    assert [item.key for item in validator.violations(node, source)] == ["date"]
    assert validator.unknown_keys(node) == []


def test_anchors_and_pointers():
    rules = {
        "properties": {"a": {"$ref": "#n"}, "b": {"$ref": "#/$defs/x~1y%25"}},
        "$defs": {"n": {"$anchor": "n", "type": "integer"}, "x/y%": {"type": "boolean"}},
    }
    assert [place for place, _, _ in check(rules, "a: x\nb: y")] == ["x", "y"]


def test_no_other_class_of_validator_is_chosen_by_a_schema():
    dialect = "https://json-schema.org/draft/2020-12/schema"
    evil = {"$schema": dialect, "type": "string", "pattern": "^(a+)+$"}
    begin = time.process_time()
    for rules in (
        {"$schema": dialect, "properties": {"n": evil}},
        {"properties": {"n": {"$ref": "#/unheard/of"}}, "unheard": {"of": evil}},
        {"$ref": "evil.json"},
    ):
        siblings = {"evil.json": {"$schema": dialect, "properties": {"n": evil}}}
        source, node, _ = front("n: '" + "a" * 40 + "!'")
        try:
            assert Validator(rules, siblings).violations(node, source)
        except SchemaError as error:
            assert "takes too long" in error.message
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    "rules",
    [
        {"patternProperties": {"^(a+)+$": True}, "additionalProperties": False},
        {"patternProperties": {"(x+x+)+y": {}, "^(a|a)*$": {}}, "additionalProperties": {}},
        {"propertyNames": {"pattern": "^(a+)+$"}},
    ],
)
def test_patterns_of_keys_cannot_hang(rules):
    begin = time.process_time()
    try:
        check(rules, f"? {'a' * 60}!\n: b\n")
    except SchemaError as error:
        assert "takes too long" in error.message
    assert time.process_time() - begin < 5


def test_nothing_is_ever_fetched(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", None)
    monkeypatch.setattr(urllib.request, "urlopen", None)
    for ref in ("https://example.org/a.json", "http://127.0.0.1/a.json", "file:///etc/hostname"):
        with pytest.raises(SchemaError, match="only files beside it"):
            Validator({"properties": {"n": {"items": {"$ref": ref}}}})


def test_a_broken_sibling_is_named_only_where_it_is_needed():
    assert check({"type": "object"}, "a: b", **{"bad.json": 5}) == []
    with pytest.raises(SchemaError) as caught:
        check({"$ref": "bad.json"}, "a: b", **{"bad.json": {"type": "txt"}})
    assert "unknown type `txt`" in caught.value.message


def test_keys_that_no_form_allows_are_told_once():
    closed = [
        {"properties": {name: True}, "required": [name], "additionalProperties": False}
        for name in "ab"
    ]
    rules = {"properties": {"n": {"oneOf": closed}}}
    assert check(rules, "n: {a: 1, x-own: 2}") == []
    assert check(rules, "n: {a: 1, c: 2}") == []  # FM005 tells of `c`
    assert [(place, message) for place, message, _ in check(rules, "n: {a: 1, b: 2}")] == [
        ("2", "`b` is not allowed here")
    ]


def test_items_beyond_the_last():
    rules = {"properties": {"n": {"prefixItems": [{}, False], "items": False}}}
    assert [place for place, _, _ in check(rules, "n: [a, b, c]")] == ["b", "c"]


def test_thousands_of_errors_are_enough():
    text = "n: [" + "x, " * 9_000 + "x]"
    begin = time.process_time()
    found = check({"properties": {"n": {"items": {"type": "integer"}}}}, text)
    assert len(found) == 1_000
    assert time.process_time() - begin < 5


def test_errors_hold_no_copies_of_large_values():
    rules = {"allOf": [{"properties": {"n": {"anyOf": [{"type": "integer"}]}}}] * 200}
    source, node, _ = front("n: [" + "word, " * 9_000 + "x]")
    tracemalloc.start()
    assert len(Validator(rules).violations(node, source)) == 1
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_schema_is_compiled_once():
    rules = {"properties": {"n": {"type": "integer"}}}
    one, two = Validator(rules), Validator({**rules})
    assert one._engine is two._engine
    assert Validator({**rules, "title": "t"})._engine is not one._engine


# ---- against the reference implementation ---------------------------------------------------

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, 2.0])
    | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3)
    ),
    max_leaves=6,
)
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            [
                "string",
                "integer",
                "number",
                "boolean",
                "null",
                "array",
                "object",
                ["string", "null"],
                ["number", "array"],
            ]
        ),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "minimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "pattern": st.sampled_from(["a", "^b", "^a*$"]),
        "minItems": st.integers(0, 3),
        "maxItems": st.integers(0, 3),
        "uniqueItems": st.booleans(),
        "required": st.lists(st.sampled_from("abx"), max_size=2, unique=True),
        "minProperties": st.integers(0, 2),
        "maxProperties": st.integers(0, 2),
        "dependentRequired": st.dictionaries(
            st.sampled_from("ab"),
            st.lists(st.sampled_from("abx"), max_size=2, unique=True),
            max_size=2,
        ),
    },
)
RULES = st.recursive(
    LEAVES | st.booleans(),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "x"]), inner, max_size=2),
            "additionalProperties": inner,
            "propertyNames": LEAVES,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minContains": st.integers(0, 2),
            "maxContains": st.integers(0, 2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "dependentSchemas": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "$ref": st.just("#/$defs/d"),
        },
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(RULES.filter(lambda rules: isinstance(rules, dict)), LEAVES, VALUES)
def test_verdicts_equal_those_of_jsonschema(rules, shared, value):
    rules = {**rules, "$defs": {"d": shared}}
    reference = jsonschema.Draft202012Validator(rules)
    errors = Engine(Schemas(rules, {}, "rules.json")).errors(value)
    assert (not errors) == reference.is_valid(value)
    assert bool(errors) == bool(list(failures(errors)))


# ---- words ---------------------------------------------------------------------------------


def test_edit_distance():
    assert edit_distance("kitten", "sitting", 9) == 3
    assert edit_distance("ab", "ba", 9) == 1
    assert edit_distance("ca", "abc", 9) == 3
    assert edit_distance("", "abc", 9) == 3
    assert edit_distance("abcdef", "uvwxyz", 2) == 3


@pytest.mark.parametrize(
    ("word", "candidates", "found"),
    [
        ("critcal", ["minor", "critical"], "critical"), ("CRITICAL", ["critical"], "critical"),
        ("titel", ["title_en", "title"], "title"), ("ab", ["cd"], None), ("a", ["b"], None),
        ("cat", ["dog", "cut", "car"], "cut"), ("zzz", [], None),
        ("大语言模形", ["大语言模型"], "大语言模型"),
        ("ｔｉｔｌｅ", ["title"], "title"), ("2023-20", ["2023-02"], "2023-02"),
        ("gpt-4", ["gpt-3"], None),
    ],
)  # fmt: skip
def test_did_you_mean(word, candidates, found):
    assert did_you_mean(word, candidates) == found


def test_shown():
    assert shown("a\nb\x1b[0m\u202e") == "a⏎b\\u{1b}[0m\\u{202e}"
    assert shown("x" * 100) == "x" * 59 + "…"
    assert shown(None) == "null" and shown(True) == "true"
    assert shown(10**10_000) == "a very long number"
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b or c"
    assert listed(map(str, range(20))) == "0, 1, 2, 3, 4, 5, 6 or 13 more"


@settings(deadline=None)
@given(st.text(), st.text())
def test_words_never_raise(one, two):
    did_you_mean(one, [two])
    assert len(shown(one)) <= 60
