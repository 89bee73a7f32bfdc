"""Check the book, then build its outputs.

Findings do not stop a build: a draft is worth reading. With --strict, errors do.

  make-book                     every edition and output of book.yaml
  make-book build pdf           the PDF alone
  make-book build --chapter 3   chapter 3 alone, with its numbers of the whole book
"""

import argparse
import sys
from pathlib import Path

from pipeline import building, state
from pipeline.cache import Store
from pipeline.errors import Exit
from pipeline.unchanged import Builds, Built

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
    root = state.chosen(options.folder)
    store = Store(None) if options.no_cache else state.store(root)
    words = (options.outputs, options.edition, options.chapter, options.strict)
    builds = Builds(root, words, store)
    built = builds.last()
    if built:
        building.tell_again(built)
    else:
        built = _build(options, root, store)
        if built is None:
            return Exit.FINDINGS
        builds.keep(built)
    if options.open and built.outputs:
        import webbrowser

        webbrowser.open((root / built.outputs[0][0]).as_uri())
    return Exit.CLEAN


def _build(options: argparse.Namespace, root: Path, store: Store) -> Built | None:
    """What was built; None where --strict met errors."""
    building.begin(options)
    from pipeline import rendering, session
    from pipeline.diagnostics import Severity

    index = session.load(options)
    wanted = building.wanted(options)
    with building.checking(index, wanted.workers) as findings:
        rendering.validate(index, wanted)
        if options.strict and (found := findings()).count(Severity.ERROR):
            print(building.summary(found))
            print("nothing was built: --strict and there are errors", file=sys.stderr)
            return None
        done, notes = building.build(index, wanted, store, quiet=options.quiet)
        summary = building.summary(findings())
    store.prune(index.config.limit("cache_megabytes"))
    print(summary)
    for item in done:
        print(building.line(item, root))
    return Built(
        summary, notes, tuple((building.name(item, root), building.about(item)) for item in done)
    )
