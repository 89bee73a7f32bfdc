"""The editor's report as one file of HTML: data, style and script inlined, nothing fetched."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline import __version__
from pipeline.checker import Run
from pipeline.clean_text import printable
from pipeline.report import dossier, report_words
from pipeline.units import template

THEMES = Path(__file__).parents[1] / "themes"
SCRIPTS = ("report.js", "report-findings.js", "report-overview.js", "report-pictures.js")


def page(run: Run, settings: dossier.Settings | None = None) -> str:
    """The whole page; the same run gives the same text."""
    record = dossier.record(run, settings or dossier.Settings())
    style = _read("report.css")
    script = "\n".join(map(_read, SCRIPTS))
    html = template("report.html").render(
        record=record,
        words=report_words.of(record["language"]),
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        data=Markup(_embedded(record)),
        version=__version__,
    )
    return printable(html) + "\n"


def _read(name: str) -> str:
    return (THEMES / name).read_text("utf-8")


def _embedded(record: dict[str, Any]) -> str:
    """JSON in which no tag and no comment can begin or end."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _policy(style: str, script: str) -> str:
    """Our own style and script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
