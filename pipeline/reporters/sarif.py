"""For code scanning: SARIF 2.1.0 with rule metadata, stable fingerprints and suppressions."""

from types import ModuleType
from typing import Any, TextIO
from urllib.parse import quote

from pipeline import __version__, checker, rule_page
from pipeline.checker import Run
from pipeline.clean_text import as_json
from pipeline.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from pipeline.reporting import Options
from pipeline.source import Source
from pipeline.suppression import BASELINE

NAME = "sarif"
HELP = "SARIF 2.1.0, suppressed findings included"

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write one log with one run."""
    rules = checker.rules()
    places = {str(rule.CODE): at for at, rule in enumerate(rules)}
    driver = {
        "name": "make-book",
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    sources = run.index.project.sources
    record = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(item, places, sources) for item in run.diagnostics],
            }
        ],
    }
    stream.write(as_json(record, 2))
    stream.write("\n")


def _rule(rule: ModuleType) -> dict[str, Any]:
    page = rule_page.markdown(rule)
    return {
        "id": rule.CODE,
        "name": rule.NAME,
        "shortDescription": {"text": rule_page.summary(rule)},
        "fullDescription": {"text": rule_page.sections(rule).get("What it does", rule.NAME)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.SEVERITY]},
    }


def _result(item: Diagnostic, places: dict[str, int], sources: dict[str, Source]) -> dict[str, Any]:
    text = f"{item.message}\n{item.help}" if item.help else item.message
    region = _region((item.line, item.column), (item.end_line, item.end_column))
    record: dict[str, Any] = {
        "ruleId": item.code,
        "ruleIndex": places.get(item.code, -1),
        "level": _LEVELS[item.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _physical(item.path, region)}],
        "partialFingerprints": {"makeBook/v1": item.fingerprint},
        "suppressions": _suppressions(item),
    }
    if item.related:
        record["relatedLocations"] = [
            {
                "physicalLocation": _physical(
                    other.path, {"startLine": other.line, "startColumn": other.column}
                ),
                "message": {"text": other.message},
            }
            for other in item.related
        ]
    if item.fix and (fix := _fix(item.fix, sources)):
        record["fixes"] = [fix]
    return record


def _suppressions(item: Diagnostic) -> list[dict[str, str]]:
    if item.suppressed is None:
        return []
    outside = item.suppressed == BASELINE or item.suppressed.endswith("in book.yaml")
    kind = "external" if outside else "inSource"
    return [{"kind": kind, "status": "accepted", "justification": item.suppressed}]


def _fix(fix: Fix, sources: dict[str, Source]) -> dict[str, Any] | None:
    if any(edit.path not in sources for edit in fix.edits):
        return None
    safe = fix.applicability is Applicability.SAFE
    paths = dict.fromkeys(edit.path for edit in fix.edits)
    return {
        "description": {"text": "safe fix" if safe else "a guess: look before you apply it"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(path)},
                "replacements": [
                    _replacement(edit, sources[path]) for edit in fix.edits if edit.path == path
                ],
            }
            for path in paths
        ],
    }


def _replacement(edit: Edit, source: Source) -> dict[str, Any]:
    region = _region(source.position(edit.start), source.position(edit.end))
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _physical(path: str, region: dict[str, int]) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(path)}, "region": region}


def _region(start: tuple[int, int], end: tuple[int, int]) -> dict[str, int]:
    return {
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
    }


def _uri(path: str) -> str:
    return quote(path, safe="/", errors="surrogateescape")
