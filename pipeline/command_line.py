"""The words of `make-book`: one parser of all commands, options from the environment, near misses.

Every option has a variable: `--no-cache` is `MAKE_BOOK_NO_CACHE`, and for one command alone
`MAKE_BOOK_BUILD_NO_CACHE`, which goes first. What is typed goes before both.
"""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, NoReturn

from pipeline import __version__, discovery
from pipeline.errors import UserError
from pipeline.wording import did_you_mean, listed, quoted

DEFAULT = "build"
PREFIX = "MAKE_BOOK"
FOLDER = ("-C", "--folder")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
_UNKNOWN = re.compile(r"unrecognized arguments: (?P<word>\S+)")
_CHOICE = re.compile(r"(?P<where>argument [^:]+): invalid choice: '(?P<word>.*?)' \(choose from ")


class Parser(argparse.ArgumentParser):
    """A parser that tells what is wrong in one line, as every command does."""

    def error(self, message: str) -> NoReturn:
        """Raise `UserError`, with what was probably meant."""
        words: list[str] = []
        shown = message
        if match := _UNKNOWN.match(message):
            shown = f"there is no option {quoted(match['word'])}"
            words = [word for parser in family(self) for word in parser._option_string_actions]
            words = words if match["word"].startswith("-") else []
            if not words:
                shown = f"{quoted(match['word'])} is one word too many"
        elif match := _CHOICE.match(message):
            shown = f"{match['where']}: there is no {quoted(match['word'])}"
            words = re.findall(r"[\w.-]+", message[match.end() :])
        near = did_you_mean(match["word"].partition("=")[0], words) if match else None
        usual = f"one of {listed(words, limit=20)}" if match and _CHOICE.match(message) else (
            f"`{self.prog} --help` tells the words"
        )  # fmt: skip
        raise UserError(shown, hint=f"did you mean {quoted(near)}?" if near else usual)


class _Given(list[str]):
    """A list from the environment, which typed words replace."""


def commands() -> dict[str, str]:
    """Each command's word and its module; `import_.py` is `import`, as Python reserves the word."""
    return {name.rstrip("_"): name for name in discovery.names("commands")}


def parser(only: Sequence[str] = ()) -> Parser:
    """The parser of all commands, or of those named."""
    top = Parser(
        prog="make-book",
        description="Check and publish a fact-based book from Markdown, YAML and BibTeX in git.",
        epilog="Without a command: build the book. Every option has an environment variable: "
        "MAKE_BOOK_NO_CACHE=1 is --no-cache, MAKE_BOOK_CHECK_FORMAT=json is --format json of check "
        "alone; `make-book config` shows what is in force. Exit: 0 done and clean, 1 findings, "
        "2 usage, configuration or a missing part, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"make-book {__version__}")
    top.add_argument("--man", action="store_true", help="print the manual page and exit")
    top.add_argument(
        *FOLDER,
        metavar="DIR",
        default=".",
        help="the book's folder, or one within it; else here; also after COMMAND",
    )
    added = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    known = commands()
    for name in only or known:
        module = discovery.member("commands", known[name])
        command = added.add_parser(
            module.NAME, help=module.HELP, description=module.__doc__ or module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(command)
        for inner in family(command):
            inner.add_argument(*FOLDER, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        command.set_defaults(run=module.run)
    return top


def family(of: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser and those of its commands."""
    yield of
    for inner in subparsers(of).values():
        yield from family(inner)


def subparsers(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of a parser's commands, by name."""
    found = (item for item in of._actions if isinstance(item, argparse._SubParsersAction))
    return {name: inner for action in found for name, inner in action.choices.items()}


def options(of: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The options of a parser that hold a value; not the folder again for each command."""
    for action in of._actions:
        hidden = action.help == argparse.SUPPRESS
        if action.option_strings and action.dest not in ("help", "version", "man") and not hidden:
            yield action


# ---- from words to options ------------------------------------------------------------------


def parse(words: Sequence[str], environment: Mapping[str, str]) -> argparse.Namespace:
    """The options of a command line; without a command those of `build`. Raises `UserError`."""
    whole, named = with_default(list(words))
    top = parser([named] if named else [])
    given: dict[str, _Given] = {}
    for inner in family(top):
        for action, value in from_environment(inner, environment):
            inner.set_defaults(**{action.dest: value})
            if isinstance(value, _Given):
                given[action.dest] = copy(value)
    found = top.parse_args(whole)
    for name, value in given.items():
        typed = getattr(found, name, value)[len(value) :]
        if typed:
            setattr(found, name, list(typed))
    return found


def with_default(words: list[str]) -> tuple[list[str], str]:
    """The words with `build` where no command was named, and the command; empty for help.

    Raises `UserError` for a word that is no command.
    """
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-h", "--help", "--version", "--man"):
            return words, ""
        if word in commands():
            return words, word
        if word in FOLDER:
            at += 2
        elif word.startswith((FOLDER[0], f"{FOLDER[1]}=")):
            at += 1
        else:
            _refuse(word)
            return [*words[:at], DEFAULT, *words[at:]], DEFAULT
    return [*words, DEFAULT], DEFAULT


def _refuse(word: str) -> None:
    outputs = discovery.names("renderers")
    if word.startswith("-") or word in outputs:
        return
    near = did_you_mean(word, [*commands(), *outputs])
    hint = f"did you mean {quoted(near)}?" if near else "`make-book --help` lists them"
    raise UserError(f"there is no command {quoted(word)}", hint=hint)


# ---- from the environment -------------------------------------------------------------------


def variables(of: argparse.ArgumentParser, action: argparse.Action) -> tuple[str, ...]:
    """The variables of an option, the first that is set counts."""
    long = next((name for name in action.option_strings if name.startswith("--")), "")
    if not long:
        return ()
    command = of.prog.split()[1:]
    names = [[*command[:count], long[2:]] for count in range(len(command), -1, -1)]
    return tuple("_".join((PREFIX, *name)).upper().replace("-", "_") for name in names)


def from_environment(
    of: argparse.ArgumentParser, environment: Mapping[str, str]
) -> Iterator[tuple[argparse.Action, Any]]:
    """The options of a parser that a variable gives, with their values. Raises `UserError`."""
    for action in options(of):
        name = variable(of, action, environment)
        if name:
            yield action, _value(of, action, name, environment[name])


def variable(
    of: argparse.ArgumentParser, action: argparse.Action, environment: Mapping[str, str]
) -> str:
    """The variable that gives an option, empty where none does."""
    return next((name for name in variables(of, action) if name in environment), "")


def _value(of: argparse.ArgumentParser, action: argparse.Action, name: str, text: str) -> Any:
    if action.nargs == 0:
        if text.lower() not in (*_YES, *_NO):
            raise UserError(f"{name}={text}: neither 1 nor 0", hint=f"{name}=1, or unset it")
        return text.lower() in _YES
    if isinstance(action, argparse._AppendAction):
        return _Given(part.strip() for part in text.split(",") if part.strip())
    try:
        value = of._get_value(action, text)
        of._check_value(action, value)
    except (argparse.ArgumentError, UserError) as error:
        choices = list(map(str, action.choices or ()))
        near = did_you_mean(text, choices)
        hint = f"did you mean {near}?" if near else f"one of {listed(choices)}" if choices else (
            f"as for {action.option_strings[-1]}"
        )  # fmt: skip
        raise UserError(f"{name}={text}: not a value of this option", hint=hint) from error
    return value
