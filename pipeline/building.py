"""A build at the command line, for `build` and `watch`: its words, and what is told of it."""

import argparse
import contextlib
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline import checker, discovery, progress, rendering, session
from pipeline.cache import Store
from pipeline.checker import Run
from pipeline.diagnostics import Severity
from pipeline.index import Index
from pipeline.paper.workers import Task, beside
from pipeline.process import Limits
from pipeline.rendering import Options, Published

LIMITS = Limits(seconds=3600)  # for a check, which stops with its parent anyway


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words that say what is built, and how."""
    outputs = discovery.names("renderers")
    parser.add_argument("outputs", nargs="*", metavar="OUTPUT", help=f"of {', '.join(outputs)}")
    parser.add_argument(
        "--edition", action="append", default=[], metavar="EDITION", help="of book.yaml; else all"
    )
    parser.add_argument("--chapter", metavar="CHAPTER", help="build this one alone")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
        help="processes at once; else one for each processor",
    )  # fmt: skip


def wanted(options: argparse.Namespace) -> Options:
    """What these words ask for."""
    return Options(
        tuple(options.outputs), tuple(options.edition), options.chapter, max(1, options.jobs)
    )


@contextlib.contextmanager
def checking(index: Index, workers: int) -> Iterator[Callable[[], Run]]:
    """Check the book while the caller goes on, if several may work; what is given waits for it."""

    def check() -> Run:
        known = session.known(index.project.root)
        return checker.check(index, baseline=known, jobs=max(1, workers - 1))

    if workers == 1:
        yield check
        return
    task = Task("check", lambda: pickle.dumps(check().diagnostics))
    with beside(task, LIMITS) as answer:

        def result() -> Run:
            given = answer()
            # What went wrong there goes wrong here as well, and is told.
            return check() if given.error else Run(pickle.loads(given.data), index)

        yield result


def build(index: Index, wanted: Options, store: Store, *, quiet: bool) -> list[Published]:
    """Build the outputs. Raises `UserError`."""
    done = []
    with progress.of(quiet=quiet) as display:
        for item in rendering.build(index, wanted, store, display):
            for message in item.messages:
                display.note(message)
            done.append(item)
    return done


def summary(found: Run) -> str:
    """The number of findings, and the command that shows them."""
    words = {Severity.INFO: "note"}
    counts = [(found.count(level), words.get(level, level.value)) for level in Severity]
    if not any(count for count, _ in counts):
        return "checked: no findings"
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return f"checked: {', '.join(parts)} (make-book check shows them)"


def line(item: rendering.Published, root: Path) -> str:
    """One output: path, pages, size, seconds."""
    path = item.path.relative_to(root)
    pages = f"{item.pages} pages, " if item.pages is not None else ""
    return f"{path}  {pages}{size(item.size)}, {item.seconds:.1f} s"


def size(count: int) -> str:
    """Bytes in words: 312 kB, 4.1 MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"
