"""`make-book`: parse the words, run the command, turn failures into one line and an exit code."""

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from pipeline import __version__, discovery
from pipeline.config import STATE
from pipeline.errors import Exit, UserError

DEFAULT = "build"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `make-book` with its words; `make-book` alone builds the book."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with contextlib.suppress(AttributeError, ValueError):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        parser = _parser(words)
        options = parser.parse_args(_with_default(words))
        return int(options.run(options))
    except UserError as error:
        return _fail(error)
    except KeyboardInterrupt:
        print("interrupted; the last good outputs are untouched", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.USAGE
    except Exception:
        return _bug()


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


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make-book",
        description="Check and publish a fact-based book from Markdown, YAML and BibTeX in git.",
        epilog="Without a command: build the book. Exit: 0 done and clean, 1 findings, "
        "2 usage, configuration or a missing part, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"make-book {__version__}")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="the book's folder")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
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
    return parser


def _fail(error: UserError) -> int:
    print(f"make-book: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  help: {error.hint}", file=sys.stderr)
    return Exit.USAGE


def _bug() -> int:
    """Our own failure: the traceback goes to a log, the user gets its place."""
    text = traceback.format_exc()
    place = Path(STATE) / "crash.log"
    try:
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8", errors="backslashreplace")
        where = f"the details are in {place}"
    except OSError:
        print(text, file=sys.stderr)
        where = "the details are above"
    last = text.strip().splitlines()[-1]
    print(f"make-book: this is a bug in make-book: {last}", file=sys.stderr)
    print(f"  help: please report it; {where}", file=sys.stderr)
    return Exit.USAGE
