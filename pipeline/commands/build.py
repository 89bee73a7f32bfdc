"""Check the book, then build its outputs.

Findings do not stop a build: a draft is worth reading. With --strict, errors do.

  make-book                     every edition and output of book.yaml
  make-book build pdf           the PDF alone
  make-book build --chapter 3   chapter 3 alone, with its numbers of the whole book
"""

import argparse
import os
import sys
import webbrowser

from pipeline import checker, discovery, progress, rendering, session
from pipeline.diagnostics import Severity
from pipeline.errors import Exit

NAME = "build"
HELP = "check the book and build its outputs (the default command)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book build`."""
    outputs = discovery.names("renderers")
    parser.add_argument("outputs", nargs="*", metavar="OUTPUT", help=f"of {', '.join(outputs)}")
    parser.add_argument("--edition", action="append", default=[], metavar="NAME")
    parser.add_argument("--chapter", metavar="N", help="build this chapter alone")
    parser.add_argument("--strict", action="store_true", help="build nothing if there are errors")
    parser.add_argument("--open", action="store_true", help="open the first output when done")
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Build; 0 when the outputs are good, 1 if --strict met errors."""
    index = session.load(options)
    wanted = rendering.Options(
        tuple(options.outputs), tuple(options.edition), options.chapter, max(1, options.jobs)
    )
    rendering.validate(index, wanted)
    found = checker.check(index, baseline=session.known(index.project.root))
    print(summary(found))
    if options.strict and found.count(Severity.ERROR):
        print("nothing was built: --strict and there are errors", file=sys.stderr)
        return Exit.FINDINGS
    store = session.store(index.project.root, keep=not options.no_cache)
    done = []
    with progress.of(quiet=options.quiet) as display:
        for item in rendering.build(index, wanted, store, display):
            for message in item.messages:
                display.note(message)
            done.append(item)
    for item in done:
        print(line(item, index.project.root))
    if options.open and done:
        webbrowser.open(done[0].path.as_uri())
    return Exit.CLEAN


def summary(found: checker.Run) -> str:
    """The number of findings, and the command that shows them."""
    words = {Severity.INFO: "note"}
    counts = [(found.count(level), words.get(level, level.value)) for level in Severity]
    if not any(count for count, _ in counts):
        return "checked: no findings"
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return f"checked: {', '.join(parts)} (make-book check shows them)"


def line(item: rendering.Published, root: object) -> str:
    """One output: path, pages, size, seconds."""
    path = item.path.relative_to(str(root))
    pages = f"{item.pages} pages, " if item.pages is not None else ""
    return f"{path}  {pages}{size(item.size)}, {item.seconds:.1f} s"


def size(count: int) -> str:
    """Bytes in words: 312 kB, 4.1 MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"
