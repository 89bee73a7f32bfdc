"""`make-book doctor`: every part, whether it serves, and the command that mends it."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence

from pipeline import parts
from pipeline.errors import Exit

NAME = "doctor"
HELP = "list every part that make-book stands on, and the command that mends what is missing"

HEAD = ("part", "version", "for", "state")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(args: argparse.Namespace) -> int:
    """Print the survey; `Exit.USAGE` where a book cannot be built on this machine."""
    found = parts.survey()
    sys.stdout.write(as_json(found) if args.json else as_table(found))
    return Exit.CLEAN if can_build(found) else Exit.USAGE


def can_build(found: Sequence[parts.Part]) -> bool:
    """Whether every part that a book needs serves."""
    return all(part.state == "ok" for part in found if part.needed == "book")


def as_json(found: Sequence[parts.Part]) -> str:
    """`{"can_build": …, "parts": [{name, version, needed, state, remedy, purpose}]}`."""
    listed = [dataclasses.asdict(part) for part in found]
    answer = {"can_build": can_build(found), "parts": listed}
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def as_table(found: Sequence[parts.Part]) -> str:
    """An aligned table, then the commands that mend, the ones for the book first."""
    rows = [HEAD, *((part.name, part.version or "–", part.needed, part.state) for part in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_advice(found)]) + "\n"


def _advice(found: Sequence[parts.Part]) -> list[str]:
    if can_build(found):
        verdict = "This machine can build books."
    else:
        verdict = "This machine cannot build a book yet."
    ailing = [part for part in found if part.state != "ok"]
    ailing.sort(key=lambda part: part.needed != "book")
    return [verdict, *(f"{part.name} ({part.needed}): {part.remedy}" for part in ailing)]
