"""A build at the command line, for `build` and `watch`: its words, and what is told of it."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from pipeline import discovery
from pipeline.cache import Store
from pipeline.unchanged import Built

if TYPE_CHECKING:  # to import these takes longer than to see that nothing changed
    from pipeline.checker import Run
    from pipeline.index import Index
    from pipeline.progress import Progress
    from pipeline.rendering import Options, Published

SECONDS = 3600.0  # for a check, which stops with its parent anyway


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


def wanted(options: argparse.Namespace) -> "Options":
    """What these words ask for."""
    from pipeline.rendering import Options

    return Options(
        tuple(options.outputs), tuple(options.edition), options.chapter, max(1, options.jobs)
    )


def begin(options: argparse.Namespace) -> None:
    """Let the process that sets pages start while the book is read, if several may work."""
    if options.jobs > 1 and (not options.outputs or "pdf" in options.outputs):
        from pipeline.paper import press

        press.shared.start()


@contextlib.contextmanager
def checking(index: "Index", workers: int) -> Iterator[Callable[[], "Run"]]:
    """Check the book while the caller goes on, if several may work; what is given waits for it."""
    import pickle

    from pipeline import checker, session
    from pipeline.checker import Run
    from pipeline.paper.workers import Task, beside
    from pipeline.process import Limits

    def check() -> Run:
        known = session.known(index.project.root)
        return checker.check(index, baseline=known, jobs=max(1, workers - 1))

    if workers == 1:
        yield check
        return
    task = Task("check", lambda: pickle.dumps(check().diagnostics))
    with beside(task, Limits(SECONDS)) as answer:

        def result() -> Run:
            given = answer()
            # What went wrong there goes wrong here as well, and is told.
            return check() if given.error else Run(pickle.loads(given.data), index)

        yield result


def build(
    index: "Index", wanted: "Options", store: Store, *, quiet: bool
) -> tuple[list["Published"], tuple[str, ...]]:
    """Build the outputs; they, and all that was noted. Raises `UserError`."""
    from pipeline import progress, rendering

    done = []
    with _Heard(progress.of(quiet=quiet)) as display:
        for item in rendering.build(index, wanted, store, display):
            for message in item.messages:
                display.note(message)
            done.append(item)
    return done, tuple(display.notes)


class _Heard:
    """A display of progress that remembers what was said."""

    def __init__(self, display: "Progress") -> None:
        self._display = display
        self.notes: list[str] = []

    def step(self, stage: str, done: int, total: int) -> None:
        """Hand it on."""
        self._display.step(stage, done, total)

    def note(self, text: str) -> None:
        """Remember it, and hand it on."""
        self.notes.append(text)
        self._display.note(text)

    def __enter__(self) -> "_Heard":
        self._display.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._display.__exit__(kind, error, trace)


def tell_again(built: Built) -> None:
    """Print what a build said whose outputs are still what a new one would give."""
    for note in built.notes:
        print(note, file=sys.stderr)
    print(built.summary)
    for path, about in built.outputs:
        print(f"{path}  {about}, unchanged")


def summary(found: "Run") -> str:
    """The number of findings, and the command that shows them."""
    from pipeline.diagnostics import Severity

    words = {Severity.INFO: "note"}
    counts = [(found.count(level), words.get(level, level.value)) for level in Severity]
    if not any(count for count, _ in counts):
        return "checked: no findings"
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return f"checked: {', '.join(parts)} (make-book check shows them)"


def line(item: "Published", root: Path) -> str:
    """One output: path, pages, size, seconds."""
    return f"{name(item, root)}  {about(item)}, {item.seconds:.1f} s"


def name(item: "Published", root: Path) -> str:
    """The path of an output from the book's folder."""
    return item.path.relative_to(root).as_posix()


def about(item: "Published") -> str:
    """The pages and the size of an output."""
    pages = f"{item.pages} pages, " if item.pages is not None else ""
    return f"{pages}{size(item.size)}"


def size(count: int) -> str:
    """Bytes in words: 312 kB, 4.1 MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"
