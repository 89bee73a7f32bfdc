"""Mend what can be mended: links, identifiers, counts, punctuation.

Safe fixes are applied; what is left is reported. A fix is safe where the evidence leaves one
answer. Guesses are applied with --unsafe: read them with --diff first. `make-book undo` takes
the whole run back.

  make-book fix                        every safe fix in the book
  make-book fix --diff                 show them, change nothing
  make-book fix manuscript/05-race     in these files only
  make-book fix --select LK --unsafe   links, the guesses too
  make-book fix --ignore TX001         everything but punctuation

Exit: 0 nothing is wrong any more, 1 errors are left or --diff has something to show.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline import checker, discovery, fixer, index, journal, project, reporting, session
from pipeline.changes import patch
from pipeline.clean_text import raw
from pipeline.errors import Exit

NAME = "fix"
HELP = "mend what is certain, and say what is left"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book fix`."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="change these only")
    parser.add_argument("--unsafe", action="store_true", help="apply guesses too")
    parser.add_argument("--diff", action="store_true", help="show the changes, write nothing")
    parser.add_argument("--exit-zero", action="store_true", help="exit 0 whatever errors are left")
    parser.add_argument(
        "--select", action="append", default=[], metavar="CODE", help="fixes of these rules only"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="none of these rules"
    )
    parser.add_argument(
        "--format", choices=discovery.names("reporters"), default="text",
        help="how what is left is written; else text",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Fix; 1 if errors are left, or if there is a diff."""
    root = session.root(options)
    book = _Book(root, session.selection(options, root))
    if options.diff:
        outcome = book.mend(unsafe=options.unsafe)
        patch.write(patch.of_files(outcome.before, outcome.after), sys.stdout)
        _tell(outcome, "would change")
        return Exit.FINDINGS if outcome.after else Exit.CLEAN
    with journal.writing(root) as log:
        session.tell_recovered(log)
        outcome = book.mend(unsafe=options.unsafe)
        before, after = outcome.before, outcome.after
        log.apply("fix", [journal.Write(path, before[path], after[path]) for path in after])
    _tell(outcome, "changed")
    left = checker.check(book.check(outcome.after).index, book.selection, session.known(root))
    session.tell_empty(left.index)
    reporter = discovery.member("reporters", options.format)
    reporter.report(left, raw(sys.stdout), reporting.options(sys.stdout))
    failed = checker.fails(left, strict=False) and not options.exit_zero
    return Exit.FINDINGS if failed else Exit.CLEAN


class _Book:
    """Checks the book with some files replaced; remembers the last check."""

    def __init__(self, root: Path, selection: checker.Selection) -> None:
        self.root = root
        self.selection = selection
        self._last: tuple[dict[str, bytes], checker.Run] | None = None

    def check(self, replaced: Mapping[str, bytes]) -> checker.Run:
        """What is wrong in the book with these bytes."""
        key = dict(replaced)
        if self._last is None or self._last[0] != key:
            loaded = index.build(project.load(self.root, key))
            self._last = key, checker.check(loaded, self.selection)
        return self._last[1]

    def _look(self, replaced: Mapping[str, bytes]) -> fixer.View:
        found = self.check(replaced)
        return fixer.View(found.active, found.index.project.sources)

    def mend(self, *, unsafe: bool) -> fixer.Outcome:
        """The fixes of the files that were asked for."""
        sources = self.check({}).index.project.sources
        paths = self.selection.paths
        asked = [path for path in sources if not paths or project.in_paths(path, paths)]
        only = journal.one_name_each(self.root, asked)
        return fixer.mend(self._look, unsafe=unsafe, only=only)


def _tell(outcome: fixer.Outcome, verb: str) -> None:
    count, files = sum(outcome.codes.values()), len(outcome.after)
    if files:
        listed = ", ".join(f"{code} {number}" for code, number in outcome.codes.items())
        words = f"{count} fix{'' if count == 1 else 'es'} ({listed})"
        print(f"{verb} {files} file{'' if files == 1 else 's'}: {words}", file=sys.stderr)
    if not outcome.settled:
        print("some fixes undo each other, so not all of them are made", file=sys.stderr)
