"""Write the editor's report: what is wrong, where, what changed, and how far the manuscript is.

It is one file that works from disk: build/report.html.

  make-book report                   the book as it is
  make-book report --since v1.0      with what is new and what was mended since a revision
  make-book report --editor zed      links open in another editor; or a pattern such as
                                     'nova://open?path={path}&line={line}'
"""

import argparse
import re
import sys
import webbrowser
from pathlib import Path, PurePosixPath

from pipeline import checker, files, reporting, revisions, session
from pipeline.config import OUTPUT
from pipeline.errors import Exit, UserError
from pipeline.report import dossier, report_page, trend

NAME = "report"
HELP = "write build/report.html: findings, trend, causes and timeline for an editor"

_PATTERN = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book report`."""
    against = parser.add_mutually_exclusive_group()
    against.add_argument("--since", metavar="REV", help="show what changed since a git revision")
    against.add_argument("--baseline", metavar="FILE", help="show what changed since a baseline")
    parser.add_argument("-o", "--output", metavar="FILE", help="instead of build/report.html")
    parser.add_argument("--open", action="store_true", help="open it in the browser when done")
    parser.add_argument("--language", choices=("zh", "en"), help="else the language of the book")
    parser.add_argument(
        "--editor",
        default="vscode",
        metavar="NAME",
        help=f"{', '.join(dossier.EDITORS)}, or a URL with {{path}}, {{line}} and {{column}}",
    )


def run(options: argparse.Namespace) -> int:
    """Write the report; 0 whatever the findings are."""
    editor = _editor(options.editor)
    loaded = session.load(options)
    root = loaded.project.root
    found = checker.check(loaded)
    base = _base(options, root)
    target = Path(options.output).absolute() if options.output else root / OUTPUT / "report.html"
    settings = dossier.Settings(
        language=options.language or "",
        editor=editor,
        above=dossier.above(PurePosixPath(target), PurePosixPath(root)),
        trend=trend.compare(found, base) if base else None,
        revision=revisions.head(root),
    )
    files.write(target, report_page.page(found, settings).encode())
    print(f"{_shown(target, root)}  {reporting.summary(found)}")
    if options.open and not webbrowser.open(target.as_uri()):
        print("no browser could be opened", file=sys.stderr)
    return Exit.CLEAN


def _editor(name: str) -> str:
    known = dossier.EDITORS.get(name)
    if known is not None:
        return known
    if _PATTERN.match(name) and "{path}" in name:
        return name
    raise UserError(
        f"--editor: `{name}` is no editor and no pattern",
        hint=f"one of {', '.join(dossier.EDITORS)}, or a URL such as {dossier.EDITORS['vscode']}",
    )


def _base(options: argparse.Namespace, root: Path) -> trend.Base | None:
    if options.baseline:
        return trend.of_baseline(session.baseline(Path(options.baseline), root))
    if options.since:
        revision = revisions.revision(root, options.since)
        past = checker.check(session.at_revision(root, revision.commit))
        return trend.of_revision(revision, past)
    return None


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
