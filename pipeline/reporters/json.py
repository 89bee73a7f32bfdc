"""For programs: every finding with its fix; the shape is a contract, `version` counts it."""

from typing import Any, TextIO

from pipeline.checker import Run
from pipeline.clean_text import as_json
from pipeline.diagnostics import Diagnostic, Fix
from pipeline.reporting import Options, counts

NAME = "json"
HELP = "one JSON object with all findings, suppressed ones included"
VERSION = 1


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write one JSON object."""
    record = {
        "version": VERSION,
        "diagnostics": [_diagnostic(item) for item in run.diagnostics],
        "summary": counts(run),
    }
    stream.write(as_json(record, 2))
    stream.write("\n")


def _diagnostic(item: Diagnostic) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "severity": str(item.severity),
        "path": item.path,
        "line": item.line,
        "column": item.column,
        "end_line": item.end_line,
        "end_column": item.end_column,
        "message": item.message,
        "help": item.help,
        "fix": _fix(item.fix) if item.fix else None,
        "related": [
            {
                "path": other.path,
                "line": other.line,
                "column": other.column,
                "message": other.message,
            }
            for other in item.related
        ],
        "suppressed": item.suppressed,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "applicability": str(fix.applicability),
        "edits": [
            {"path": edit.path, "start": edit.start, "end": edit.end, "text": edit.text}
            for edit in fix.edits
        ],
    }
