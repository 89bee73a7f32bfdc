"""Check the book, then build its outputs.

Findings do not stop a build: a draft is worth reading. With --strict, errors do.

  make-book                     every edition and output of book.yaml
  make-book build pdf           the PDF alone
  make-book build --chapter 3   chapter 3 alone, with its numbers of the whole book
"""

import argparse
import sys
import webbrowser

from pipeline import building, rendering, session
from pipeline.diagnostics import Severity
from pipeline.errors import Exit

NAME = "build"
HELP = "check the book and build its outputs (the default command)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book build`."""
    building.add_arguments(parser)
    parser.add_argument("--strict", action="store_true", help="build nothing if there are errors")
    parser.add_argument("--open", action="store_true", help="open the first output when done")
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")


def run(options: argparse.Namespace) -> int:
    """Build; 0 when the outputs are good, 1 if --strict met errors."""
    index = session.load(options)
    wanted = building.wanted(options)
    rendering.validate(index, wanted)
    store = session.store(index.project.root, keep=not options.no_cache)
    with building.checking(index, wanted.workers) as findings:
        if options.strict and (found := findings()).count(Severity.ERROR):
            print(building.summary(found))
            print("nothing was built: --strict and there are errors", file=sys.stderr)
            return Exit.FINDINGS
        done = building.build(index, wanted, store, quiet=options.quiet)
        print(building.summary(findings()))
    store.prune()
    for item in done:
        print(building.line(item, index.project.root))
    if options.open and done:
        webbrowser.open(done[0].path.as_uri())
    return Exit.CLEAN
