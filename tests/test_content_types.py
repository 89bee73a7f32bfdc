"""Content types of a book's own, and its own schemas over those that ship: no code is needed."""

import io
import json
import re
from pathlib import Path
from typing import Any

import books
import pytest

from pipeline import checker, index, project, reporting
from pipeline.errors import UserError
from pipeline.reporters import concise

BOOK = """\
title: 人物志
content:
  people: {path: people, id: person_id, title: 人物, title_en: People}
"""
PEOPLE = {
    "type": "object",
    "required": ["person_id", "name"],
    "properties": {
        "person_id": {"type": "string"},
        "name": {"type": "string"},
        "aliases": {"type": "array"},
        "employer": {"type": "string", "x-refers-to": "organization"},
        "teacher": {"type": "string", "x-refers-to": ["people"]},
        "works": {"type": "array", "x-refers-to": ["source"]},
        "born": {"type": "string", "format": "partial-date"},
    },
}
EVENT = {
    "properties": {
        "mood": {"enum": ["up", "down"]},
        "witnesses": {"type": "array", "x-refers-to": ["people"]},
    },
}
FILES = {
    "people/shen-kuo.md": "---\nperson_id: shen-kuo\nname: 沈括\naliases: [存中]\nborn: 1031\n"
    "employer: court\n---\n\n# 沈括\n\n写过《梦溪笔谈》。\n",
    "people/bi-sheng.md": "---\nperson_id: bi-sheng\nname: 毕昇\nteacher: 沈括\n---\n\n"
    "# 毕昇\n\n工匠。\n",
    "organizations/court.md": "---\norganization_id: court\nname: 朝廷\n---\n\n# 朝廷\n\n官府。\n",
    "events/press.md": "---\nevent_id: press\ndate: 1040\ntitle: 活字\n---\n\n"
    "# 活字 (1040)\n\n印书。\n",
    "manuscript/one.md": "---\ntitle: 一\nkey_events: [press]\n---\n\n"
    "# 一\n\n见[沈括](../people/shen-kuo.md)。\n",
    "bibliography/works.bib": "@book{brush,\n  author = {Shen, Kuo},\n  title = {Brush Talks},\n"
    "  year = {1088},\n  publisher = {Court}\n}\n",
}


def write(root: Path, **schemas: Any) -> Path:
    """The book, with `name=schema` for `schemas/name.schema.json`."""
    files = {f"schemas/{name}.schema.json": json.dumps(rules) for name, rules in schemas.items()}
    return books.write(root, {"book.yaml": BOOK, **FILES, **files})


def change(root: Path, path: str, old: str, new: str) -> None:
    """Replace one piece of a file."""
    text = (root / path).read_text("utf-8")
    assert text.count(old) == 1
    (root / path).write_text(text.replace(old, new), "utf-8")


def found(root: Path) -> list[tuple[str, str, int, int]]:
    """(code, path, line, column) of the findings; an entry that nobody cites aside."""
    run = checker.check(index.build(project.load(root)))
    return [
        (item.code, item.path, item.line, item.column)
        for item in run.active if item.code != "CT002"
    ]  # fmt: skip


def test_a_type_of_its_own_is_clean(tmp_path: Path) -> None:
    assert found(write(tmp_path, people=PEOPLE)) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("teacher: 沈括", "teacher: shen-guo", "ID002", 4, 10),
        ("teacher: 沈括", "teacher: 存中", "ID004", 4, 10),
        ("teacher: 沈括", "employer: curt", "ID002", 4, 11),
        ("teacher: 沈括", "works: [brsh]", "CT001", 4, 9),
        ("teacher: 沈括", "born: 1040-13", "FM003", 4, 7),
        ("teacher: 沈括", "techer: 沈括", "FM005", 4, 1),
        ("person_id: bi-sheng", "person_id: shen-kuo", "ID001", 2, 12),
    ],
)
def test_rules_follow_its_schema(
    tmp_path: Path, old: str, new: str, code: str, line: int, column: int
) -> None:
    root = write(tmp_path, people=PEOPLE)
    change(root, "people/bi-sheng.md", old, new)
    path = "people/shen-kuo.md" if code == "ID001" else "people/bi-sheng.md"
    assert (code, path, line, column) in found(root)
    assert len(found(root)) == 1 or code == "ID001"


def test_front_matter_is_asked_for_as_its_schema_does(tmp_path: Path) -> None:
    root = write(tmp_path, people=PEOPLE)
    (root / "people/gutenberg.md").write_text("# 谷腾堡\n\n工匠。\n", "utf-8")
    assert found(root) == [("FM001", "people/gutenberg.md", 1, 1)]
    free = {key: value for key, value in PEOPLE.items() if key != "required"}
    assert found(write(root, people={"allOf": [free]})) == []
    assert found(write(root, people={"allOf": [PEOPLE]})) == [
        ("FM001", "people/gutenberg.md", 1, 1)
    ]


@pytest.mark.parametrize(
    ("name", "extra"),
    [("event", "make-book:event.schema.json"), ("card", "event.schema.json")],
)
def test_a_shipped_schema_can_be_extended(tmp_path: Path, name: str, extra: str) -> None:
    root = write(tmp_path, people=PEOPLE, **{name: {"allOf": [{"$ref": extra}], **EVENT}})
    if name == "card":
        (root / "book.yaml").write_text(f"{BOOK}  events: {{schema: schemas/card.schema.json}}\n")
    assert found(root) == []
    more = "title: 活字\nmood: sideways\nwitnesses: [nobody]\nsources: [none]\nchapter_id: two\n"
    change(root, "events/press.md", "title: 活字\n", more)
    change(root, "events/press.md", "date: 1040\n", "date: 1040-02-30\n")
    assert [(code, line) for code, _, line, _ in found(root)] == [
        ("FM003", 3), ("FM003", 5), ("ID002", 6), ("CT001", 7), ("ID002", 8),
    ]  # fmt: skip


def test_a_shipped_schema_can_be_replaced(tmp_path: Path) -> None:
    root = write(tmp_path, people=PEOPLE, event={"required": ["event_id", "place"], **EVENT})
    assert found(root)[0] == ("FM003", "events/press.md", 2, 1)
    change(root, "events/press.md", "title: 活字\n", "title: 活字\nplace: 汴京\nmood: up\n")
    assert {code for code, *_ in found(root)} == {"FM005"}


def test_schemas_may_share_parts(tmp_path: Path) -> None:
    shared = {"$defs": {"mood": {"enum": ["up", "down"]}}}
    mood = {"$ref": "shared.schema.json#/$defs/mood"}
    people = {**PEOPLE, "properties": {**PEOPLE["properties"], "mood": mood}}
    root = write(tmp_path, people=people, shared=shared)
    change(root, "people/bi-sheng.md", "teacher: 沈括", "mood: left")
    assert found(root) == [("FM003", "people/bi-sheng.md", 4, 7)]


@pytest.mark.parametrize(
    ("schemas", "words"),
    [
        ({}, "schemas/people.schema.json: the content type `people` needs this schema"),
        ({"people": {"properties": {"boss": {"x-refers-to": "peeple"}}}}, "names `peeple`"),
        ({"people": {"type": "objct"}}, "people.schema.json: unknown type `objct`"),
        ({"people": []}, "schemas/people.schema.json: a schema is a JSON object"),
        ({"people": PEOPLE, "event": {"$ref": "event.schema.json"}}, "leads back to itself"),
        ({"people": {"$ref": "https://example.org/x.json"}}, "only files beside it"),
    ],
)
def test_what_is_wrong_with_a_schema_is_said(tmp_path: Path, schemas: Any, words: str) -> None:
    with pytest.raises(UserError) as caught:
        found(write(tmp_path, **schemas))
    assert words in caught.value.message


def test_no_schema_is_read_outside_the_book(tmp_path: Path) -> None:
    (tmp_path / "people.schema.json").write_text(json.dumps(PEOPLE), "utf-8")
    root = write(tmp_path / "book")
    (root / "book.yaml").write_text(
        BOOK.replace("{path: people,", "{path: people, schema: ../people.schema.json,"), "utf-8"
    )
    with pytest.raises(UserError, match="it is not there"):
        found(root)


def test_broken_json_names_its_file(tmp_path: Path) -> None:
    root = write(tmp_path, people=PEOPLE)
    (root / "schemas/people.schema.json").write_text("{", "utf-8")
    with pytest.raises(UserError, match=r"schemas/people\.schema\.json:1:2: not JSON"):
        found(root)


def test_the_task_in_the_manual_reads_our_lines(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs/reference/content-types.md").read_text("utf-8")
    blocks = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.S)]
    task = next(block for block in blocks if "tasks" in block)["tasks"][0]
    pattern = task["problemMatcher"]["pattern"]
    root = write(tmp_path, people=blocks[0])
    assert found(root) == []
    change(root, "people/bi-sheng.md", "teacher: 沈括", "teacher: nobody")
    run = checker.check(index.build(project.load(root)))
    stream = io.StringIO()
    concise.report(run, stream, reporting.Options())
    lines = [match for line in stream.getvalue().splitlines()
             if (match := re.match(pattern["regexp"], line))]  # fmt: skip
    places = [tuple(match[pattern[key]] for key in ("file", "line", "code")) for match in lines]
    assert ("people/bi-sheng.md", "4", "ID002") in places
    assert len(places) == len(run.active)


def test_extending_as_the_manual_says(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs/reference/content-types.md").read_text("utf-8")
    blocks = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.S)]
    root = write(tmp_path, people=blocks[0], event=blocks[1])
    assert found(root) == [("FM003", "events/press.md", 2, 1)]
