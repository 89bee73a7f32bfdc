"""For GitHub Actions: workflow commands that become annotations of a pull request."""

from typing import TextIO

from pipeline.checker import Run
from pipeline.clean_text import disarmed, visible
from pipeline.diagnostics import Diagnostic, Severity
from pipeline.reporting import Options

NAME = "github"
HELP = "workflow commands of GitHub Actions"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write one command for each active finding."""
    stream.writelines(f"{_command(item)}\n" for item in run.active)


def _command(item: Diagnostic) -> str:
    properties = {
        "file": item.path,
        "line": item.line,
        "endLine": item.end_line,
        "col": item.column,
        "endColumn": item.end_column,
        "title": f"{item.code} {item.name}",
    }
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    text = f"{item.message}\n{item.help}" if item.help else item.message
    return f"::{_LEVELS[item.severity]} {told}::{_data(text)}"


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(map(visible, disarmed(escaped)))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
