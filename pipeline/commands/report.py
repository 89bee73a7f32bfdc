"""Write the editor's report: what is wrong, where, what changed, and how far the manuscript is.

It is one file that works from disk: build/report.html.

  make-book report                   the book as it is
  make-book report --since v1.0      with what is new and what was mended since a revision
  make-book report --editor zed      links open in another editor; or a pattern such as
                                     'nova://open?path={path}&line={line}'

For a pull request, what changed as Markdown on stdout:

  make-book report --since main --format markdown           findings and words
  make-book report --since main --format markdown --pages   pages too: lays out both books
"""

import argparse
import os
import sys
import tempfile
import webbrowser
from pathlib import Path, PurePosixPath

from pipeline import (
    checker,
    editors,
    files,
    index,
    progress,
    project,
    reporting,
    revisions,
    session,
    state,
)
from pipeline.checker import Run
from pipeline.errors import Exit, UserError
from pipeline.report import change_summary, dossier, overview, pages, report_page, trend
from pipeline.report.change_summary import State

NAME = "report"
HELP = "write build/report.html: findings, trend, causes and timeline for an editor"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book report`."""
    against = parser.add_mutually_exclusive_group()
    against.add_argument("--since", metavar="REV", help="show what changed since a git revision")
    against.add_argument("--baseline", metavar="FILE", help="show what changed since a baseline")
    parser.add_argument(
        "--format", choices=("html", "markdown"), default="html", help="markdown: what changed"
    )
    parser.add_argument("--pages", action="store_true", help="with markdown: count pages as well")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="instead of build/report.html, or of stdout"
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser when done")
    parser.add_argument("--language", choices=("zh", "en"), help="else the language of the book")
    editors.add_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Write the report; 0 whatever the findings are."""
    if options.format == "markdown":
        return _summary(options)
    editor = editors.pattern(options.editor)
    loaded = session.load(options)
    session.tell_empty(loaded)
    root = loaded.project.root
    found = checker.check(loaded)
    base = _base(options, found)
    target = (
        Path(options.output).absolute() if options.output else state.output(root) / "report.html"
    )
    settings = dossier.Settings(
        language=options.language or "",
        editor=editor,
        above=dossier.above(PurePosixPath(target), PurePosixPath(root)),
        trend=trend.compare(found, base[0]) if base else None,
        revision=revisions.head(root),
    )
    files.deliver(options.output or str(target), report_page.page(found, settings).encode())
    told = sys.stderr if options.output == "-" else sys.stdout
    print(f"{_shown(target, root)}  {reporting.summary(found)}", file=told)
    if options.open and not webbrowser.open(target.as_uri()):
        print("no browser could be opened", file=sys.stderr)
    return Exit.CLEAN


def _summary(options: argparse.Namespace) -> int:
    if not options.since and not options.baseline:
        raise UserError(
            "--format markdown tells what changed", hint="add --since REV or --baseline FILE"
        )
    if options.pages and not options.since:
        raise UserError("--pages counts those of a revision", hint="name it with --since REV")
    loaded = session.load(options)
    root = loaded.project.root
    found = checker.check(loaded)
    base = _base(options, found)
    assert base
    now = State(overview.survey(found), _pages(root) if options.pages else None)
    before = _before(options, base[1]) if base[1] else None
    text = change_summary.markdown(found.active, trend.compare(found, base[0]), now, before)
    if options.output:
        files.deliver(options.output, text.encode())
    else:
        print(text, end="")
    return Exit.CLEAN


def _before(options: argparse.Namespace, past: Run) -> State:
    if not options.pages:
        return State(overview.survey(past))
    root = past.index.project.root
    with tempfile.TemporaryDirectory(prefix="make-book-") as name:
        folder = Path(name).resolve()
        revisions.extract(root, options.since, folder)
        return State(overview.survey(past), _pages(folder, root))


def _pages(root: Path, kept_in: Path | None = None) -> pages.Pages:
    """The pages of the book in a folder; what its layout makes is kept with another book."""
    with progress.of(quiet=False) as display:
        return pages.of(
            index.build(project.load(root)),
            session.store(kept_in or root),
            os.cpu_count() or 1,
            display,
        )


def _base(options: argparse.Namespace, found: Run) -> tuple[trend.Base, Run | None] | None:
    """What the findings are held against, and the earlier run where there was one."""
    now = found.index.project
    if options.baseline:
        return trend.of_baseline(session.baseline(Path(options.baseline), now.root)), None
    if options.since:
        revision = revisions.revision(now.root, options.since)
        past = checker.check(session.before(now, revisions.overlay_of(now.root, revision.commit)))
        return trend.of_revision(revision, past), past
    return None


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
