"""For reviewdog: Reviewdog Diagnostic Format; its columns count bytes of UTF-8."""

from typing import Any, TextIO

from pipeline.checker import Run
from pipeline.clean_text import as_json
from pipeline.diagnostics import Diagnostic, Severity
from pipeline.reporting import Options
from pipeline.source import Source

NAME = "rdjson"
HELP = "Reviewdog Diagnostic Format"

_LEVELS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write one JSON object of the active findings."""
    sources = run.index.project.sources
    record = {
        "source": {"name": "make-book"},
        "diagnostics": [_diagnostic(item, sources) for item in run.active],
    }
    stream.write(as_json(record, 2))
    stream.write("\n")


def _diagnostic(item: Diagnostic, sources: dict[str, Source]) -> dict[str, Any]:
    source = sources.get(item.path)
    start, end = (item.line, item.column), (item.end_line, item.end_column)
    record: dict[str, Any] = {
        "message": f"{item.message}\n{item.help}" if item.help else item.message,
        "location": {"path": item.path, "range": _range(source, start, end)},
        "severity": _LEVELS[item.severity],
        "code": {"value": item.code},
    }
    if suggestions := _suggestions(item, source):
        record["suggestions"] = suggestions
    return record


def _suggestions(item: Diagnostic, source: Source | None) -> list[dict[str, Any]]:
    """Edits of the same file; a fix that reaches further cannot be told."""
    edits = item.fix.edits if item.fix else ()
    if source is None or any(edit.path != item.path for edit in edits):
        return []
    return [
        {
            "range": _range(source, source.position(edit.start), source.position(edit.end)),
            "text": edit.text,
        }
        for edit in edits
    ]


def _range(source: Source | None, start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    return {"start": _position(source, *start), "end": _position(source, *end)}


def _position(source: Source | None, line: int, column: int) -> dict[str, int]:
    if source is not None and line <= len(source.line_starts):
        before = source.line(line)[: column - 1]
        extra = column - 1 - len(before)  # the characters of a line ending
        column = len(before.encode("utf-8", "surrogateescape")) + extra + 1
    return {"line": line, "column": column}
