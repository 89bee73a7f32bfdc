"""`make-book`: parse the words, run the command, turn failures into one line and an exit code."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from pipeline import __version__, discovery, failures
from pipeline.errors import Exit, Interrupted, UserError
from pipeline.interruption import interruptible

DEFAULT = "build"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `make-book` with its words; `make-book` alone builds the book."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with contextlib.suppress(AttributeError, ValueError):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    folder = "."
    try:
        with interruptible():
            options = parser(words).parse_args(_with_default(words))
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
    except Exception:
        failures.tell_bug(folder)
        return Exit.USAGE


def _with_default(words: list[str]) -> list[str]:
    """Put `build` where no command was named."""
    for place, word in enumerate(words):
        if word in ("-h", "--help", "--version"):
            return words
        if word == "-C":
            continue
        if word in _commands():
            return words
        if place == 0 or words[place - 1] != "-C":
            return [*words[:place], DEFAULT, *words[place:]]
    return [*words, DEFAULT]


def _commands() -> dict[str, str]:
    """Each command's word and its module; `import_.py` is `import`, as Python reserves the word."""
    return {name.rstrip("_"): name for name in discovery.names("commands")}


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """What reads the words: of the command among them alone, or of all where they name none."""
    result = argparse.ArgumentParser(
        prog="make-book",
        description="Check and publish a fact-based book from Markdown, YAML and BibTeX in git.",
        epilog="Without a command: build the book. Exit: 0 done and clean, 1 findings, "
        "2 usage, configuration or a missing part, 130 interrupted.",
    )
    result.add_argument("--version", action="version", version=f"make-book {__version__}")
    result.add_argument("-C", dest="folder", metavar="DIR", default=".", help="the book's folder")
    commands = result.add_subparsers(title="commands", metavar="COMMAND")
    known = _commands()
    named = [word for word in words if word in known][:1]
    for name in named or known:
        module = discovery.member("commands", known[name])
        command = commands.add_parser(
            module.NAME, help=module.HELP, description=module.__doc__ or module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return result
