"""Check and build again whenever a file changes; findings are shown as they come and go.

What a build needs stays in memory, so the new pages are there moments after each save.

  make-book watch               every edition and output of book.yaml
  make-book watch pdf           the PDF alone
  make-book watch html          the site alone
"""

import argparse
import sys
from collections import Counter

from pipeline import building, rendering, reporting, session, watching
from pipeline.checker import Run
from pipeline.clean_text import raw
from pipeline.diagnostics import Diagnostic
from pipeline.errors import UserError
from pipeline.reporting import Paint

NAME = "watch"
HELP = "check and build again whenever a file changes"
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book watch`."""
    building.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Build now and after each change, until interrupted."""
    root = session.root(options)
    building.begin(options)
    watching.repeat(root, _Round(options))


class _Round:
    """One check and build; it knows what the last one found."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.before: Run | None = None

    def __call__(self) -> None:
        index = session.load(self.options)
        wanted = building.wanted(self.options)
        store = session.store(index.project.root)
        with building.checking(index, wanted.workers) as findings:
            rendering.validate(index, wanted)
            try:
                done, _ = building.build(index, wanted, store, quiet=self.options.quiet)
            except UserError:
                self._tell(findings())
                raise
            self._tell(findings())
        for item in done:
            print(building.line(item, index.project.root))

    def _tell(self, found: Run) -> None:
        if self.before:
            tell_changes(self.before, found)
        self.before = found
        print(building.summary(found), flush=True)


def tell_changes(before: Run, after: Run) -> None:
    """Print the findings that are new, and those that are gone."""
    paint = Paint(reporting.options(sys.stdout).color)
    for word, some in (("new", _only(after, before)), ("gone", _only(before, after))):
        for item in some[:SHOWN]:
            print(f"{word:4}  {reporting.headline(item, paint)}", file=raw(sys.stdout))
        if len(some) > SHOWN:
            print(f"{word:4}  and {len(some) - SHOWN} more (make-book check shows them)")


def _only(one: Run, other: Run) -> list[Diagnostic]:
    """What one run found and the other did not, wherever in its file it stands."""
    known = Counter(map(_name, other.active))
    result = []
    for item in one.active:
        known[_name(item)] -= 1
        if known[_name(item)] < 0:
            result.append(item)
    return result


def _name(item: Diagnostic) -> tuple[str, str, str]:
    return item.path, item.code, item.message
