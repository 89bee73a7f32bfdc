"""For GitLab: a Code Quality report, shown in merge requests."""

from typing import Any, TextIO

from pipeline.checker import Run
from pipeline.clean_text import as_json
from pipeline.diagnostics import Diagnostic, Severity
from pipeline.reporting import Options

NAME = "gitlab"
HELP = "a Code Quality report of GitLab"

_LEVELS = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write one JSON array of the active findings."""
    record = [_issue(item) for item in run.active]
    stream.write(as_json(record, 2))
    stream.write("\n")


def _issue(item: Diagnostic) -> dict[str, Any]:
    return {
        "description": f"{item.code}: {item.message}",
        "check_name": item.code,
        "fingerprint": item.fingerprint,
        "severity": _LEVELS[item.severity],
        "location": {
            "path": item.path,
            "lines": {"begin": item.line, "end": item.end_line},
        },
    }
