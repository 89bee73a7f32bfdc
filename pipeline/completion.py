"""What may follow on a command line: commands, options, rule codes, identifiers, editions.

What a word may be is told by its metavar: a `CODE` is a rule's, an `ID` one of the book's.
"""

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from pipeline import command_line, discovery, order, session
from pipeline.errors import UserError
from pipeline.index import Index

Candidate = tuple[str, str]  # the word, what it is


def candidates(words: Sequence[str]) -> list[Candidate]:
    """The words that may stand for the last one, with what each is; the last may be empty."""
    *before, current = words or [""]
    top = command_line.parser()
    name = next((word for word in before if word in command_line.commands()), "")
    found = [*_of(top, name, before, current)]
    return sorted({item for item in found if item[0].startswith(current)})


def _of(
    top: argparse.ArgumentParser, name: str, before: Sequence[str], current: str
) -> Iterator[Candidate]:
    command = command_line.subparsers(top).get(name, top)
    for word in before:
        command = command_line.subparsers(command).get(word, command)
    folder = _folder(before)
    last = command._option_string_actions.get(before[-1]) if before else None
    if last is not None and last.nargs != 0:
        yield from _values(last, folder)
    elif current.startswith("-"):
        yield from ((option, action.help or "") for option, action in _options(command))
    elif command is top:
        yield from _outputs()
        for word, module in command_line.commands().items():
            yield word, str(discovery.member("commands", module).HELP)
    else:
        yield from _positional(command, name, before, folder)


def _options(command: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in command._actions:
        if action.help != argparse.SUPPRESS:
            yield from ((option, action) for option in action.option_strings)


def _positional(
    command: argparse.ArgumentParser, name: str, before: Sequence[str], folder: str
) -> Iterator[Candidate]:
    """Values of the word without an option whose turn it is."""
    after = list(before[list(before).index(name) + 1 :]) if name else []
    count = 0
    takes_value = False
    for word in after:
        action = command._option_string_actions.get(word)
        count += not takes_value and action is None and not word.startswith("-")
        takes_value = action is not None and action.nargs != 0
    count -= sum(word in command_line.subparsers(command) for word in after)
    places = [action for action in command._actions if not action.option_strings]
    many = (place for place in places if place.nargs in ("*", "+"))
    place = places[count] if count < len(places) else next(many, None)
    if place is not None:
        yield from _values(place, folder)


def _folder(words: Sequence[str]) -> str:
    return next((value for word, value in pairwise(words) if word in command_line.FOLDER), ".")


# ---- values ---------------------------------------------------------------------------------


def _values(action: argparse.Action, folder: str) -> Iterator[Candidate]:
    if isinstance(action, argparse._SubParsersAction):
        yield from ((name, "") for name in action.choices)
    elif action.choices is not None:
        yield from ((str(choice), "") for choice in action.choices)
    elif action.metavar in _PLAIN:
        yield from _PLAIN[str(action.metavar)]()
    elif action.metavar in _OF_BOOK:
        with contextlib.suppress(UserError):
            loaded = session.load(argparse.Namespace(folder=folder))
            yield from _OF_BOOK[str(action.metavar)](loaded)


def _codes() -> Iterator[Candidate]:
    for name in discovery.names("rules"):
        code, _, words = name.partition("_")
        yield code.upper(), words.replace("_", "-")


def _outputs() -> Iterator[Candidate]:
    for name in discovery.names("renderers"):
        yield name, str(discovery.member("renderers", name).HELP)


def _ids(index: Index) -> Iterator[Candidate]:
    for target in index.targets:
        yield target.identifier, f"{target.kind}: {target.title}"
    for entry in index.entries.values():
        yield f"@{entry.key}", "citation"


def _editions(index: Index) -> Iterator[Candidate]:
    for edition in index.config.editions:
        yield edition.name, ", ".join(edition.outputs)


def _chapters(index: Index) -> Iterator[Candidate]:
    for document in order.chapters(index):
        if number := order.number(index, document):
            yield number, document.title


def _types(index: Index) -> Iterator[Candidate]:
    for kind in index.config.content:
        yield kind.name, kind.path


_PLAIN: dict[str, Callable[[], Iterator[Candidate]]] = {"CODE": _codes, "OUTPUT": _outputs}
_OF_BOOK: dict[str, Callable[[Index], Iterator[Candidate]]] = {
    "ID": _ids, "EDITION": _editions, "CHAPTER": _chapters, "TYPE": _types,
}  # fmt: skip
