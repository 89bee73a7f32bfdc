"""Show what is in force and where it comes from: a default, a line of book.yaml, the environment.

  make-book config                    the settings of the book
  make-book config citations editions those that begin so
  make-book config --of check         the options of a command
  make-book config --of "build pdf --strict"   as this line would have them
  make-book config --json

The variables: MAKE_BOOK_FORMAT gives --format to every command that has it, MAKE_BOOK_CHECK_FORMAT
to check alone. Options without a value take 1 or 0, options that may be repeated take several
values with commas between. What is typed goes before the variables.
"""

import argparse
import json
import os
import shlex
from collections.abc import Iterable

from pipeline import in_force, project, session
from pipeline.clean_text import as_json, clean
from pipeline.errors import Exit, UserError
from pipeline.in_force import Value
from pipeline.reporting import width as columns
from pipeline.tree import Tree
from pipeline.wording import did_you_mean

NAME = "config"
HELP = "show what is in force, and from where"
WIDTH = 48  # columns of values that are aligned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book config`."""
    parser.add_argument("names", nargs="*", metavar="SETTING", help="those that begin so; else all")
    parser.add_argument("--of", metavar="COMMAND", help="options of a command instead of settings")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(options: argparse.Namespace) -> int:
    """Print the settings, or the options."""
    if options.of is None:
        source, config = project.load_config(Tree(session.root(options)))
        found = list(in_force.settings(config, source))
    else:
        found = list(in_force.options(shlex.split(options.of), os.environ))
    chosen = list(_chosen(found, options.names))
    if options.json:
        record = {item.name: {"value": item.value, "from": item.origin} for item in chosen}
        print(as_json(record, 1))
    else:
        for line in _table(chosen):
            print(line)
    return Exit.CLEAN


def _chosen(found: list[Value], names: list[str]) -> Iterable[Value]:
    for name in names:
        if not any(_below(item.name, name) for item in found):
            near = did_you_mean(name, (item.name for item in found))
            hint = f"did you mean {near}?" if near else "`make-book config` shows those that are"
            raise UserError(f"no setting {name!r} is in force", hint=hint)
    return (item for item in found if not names or any(_below(item.name, name) for name in names))


def _below(setting: str, name: str) -> bool:
    return setting == name or setting.startswith(f"{name}.") or setting == f"--{name}"


def _table(found: list[Value]) -> Iterable[str]:
    width = max((len(item.name) for item in found), default=0)
    shown = [clean(_shown(item.value)) for item in found]
    most = min(WIDTH, max(map(columns, shown), default=0))
    for item, value in zip(found, shown, strict=True):
        gap = " " * max(0, most - columns(value))
        yield f"{clean(item.name):<{width}}  {value}{gap}  {item.origin}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
