"""The manual page `make-book(1)`, in roff, from the parser of the command line."""

import argparse
import re
from collections.abc import Iterator

from pipeline import __version__, command_line

_HIDDEN = (argparse.SUPPRESS, "show this help message and exit")


def page(top: argparse.ArgumentParser) -> str:
    """The whole page: every command with its words, then the environment and the exit codes."""
    return "\n".join(_page(top)) + "\n"


def _page(top: argparse.ArgumentParser) -> Iterator[str]:
    yield "'\\\" -*- coding: utf-8 -*-"
    yield f'.TH MAKE\\-BOOK 1 "" "make\\-book {__version__}" "User Commands"'
    yield from (".SH NAME", f"make\\-book \\- {_lowered(top.description or '')}")
    yield from (".SH SYNOPSIS", ".B make\\-book")
    yield "[\\fB\\-C\\fR \\fIDIR\\fR] [\\fICOMMAND\\fR] [\\fIWORD\\fR...]"
    yield from (".SH DESCRIPTION", *_paragraphs(top.epilog or ""))
    yield from (".SH OPTIONS", *_words(top))
    yield ".SH COMMANDS"
    for name, command in command_line.subparsers(top).items():
        yield from (f".SS {_escaped(name)}", *_paragraphs(command.description or ""))
        yield from _words(command)
        for inner, action in command_line.subparsers(command).items():
            yield from (".PP", f".B {_escaped(f'{name} {inner}')}", *_words(action))
    yield from (".SH FILES", ".TP", ".I book.yaml", "The configuration of a book.")
    yield from (".TP", ".I baseline.json", "Findings that are known, see check.")
    yield from (".SH ENVIRONMENT", *_paragraphs(command_line.__doc__ or ""))


def _words(of: argparse.ArgumentParser) -> Iterator[str]:
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction) or action.help in _HIDDEN:
            continue
        value = action.metavar or (
            f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper()
        )
        shown = _escaped(str(value))
        yield ".TP"
        if action.option_strings:
            names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in action.option_strings)
            yield names if action.nargs == 0 else f"{names} \\fI{shown}\\fR"
        else:
            yield f"\\fI{shown}\\fR"
        yield _escaped(action.help or "")


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs as they are filled; indented lines as they stand."""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        if all(line.startswith("  ") for line in lines):
            yield from (".PP", ".nf", *(_escaped(line) for line in lines), ".fi")
        else:
            yield from (".PP", _escaped(" ".join(line.strip() for line in lines)))


def _lowered(text: str) -> str:
    return _escaped(text[:1].lower() + text[1:].rstrip("."))


def _escaped(text: str) -> str:
    """Text that roff prints as it is."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("%%", "%")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
