"""`make-book`: parse the words, run the command, turn failures into one line and an exit code."""

import contextlib
import gc
import os
import sys
from collections.abc import Sequence

from pipeline import command_line, failures, manual, memory
from pipeline.clean_text import guarded
from pipeline.errors import Exit, Interrupted, UserError
from pipeline.interruption import interruptible


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `make-book` with its words; `make-book` alone builds the book."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    gc.set_threshold(50_000, 20, 50)  # what is read is of use to the end; less often is enough
    with contextlib.suppress(AttributeError, ValueError):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    with guarded():
        return _run(words)


def _run(words: list[str]) -> int:
    folder = "."
    try:
        with interruptible():
            with memory.held():
                options = command_line.parse(words, os.environ)
            if options.man:
                print(manual.page(command_line.parser()), end="")
                return Exit.CLEAN
            folder = options.folder
            return int(options.run(options))
    except UserError as error:
        failures.tell(error)
        return Exit.USAGE
    except KeyboardInterrupt as error:
        print("interrupted; the last good outputs are untouched", file=sys.stderr)
        return error.code if isinstance(error, Interrupted) else Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.USAGE
    except Exception as error:
        failures.tell_unforeseen(error, folder)
        return Exit.USAGE
