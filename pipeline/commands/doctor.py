"""`make-book doctor`: every part, whether it serves, what mends it, and what guards the machine."""

import argparse
import dataclasses
import sys
from collections.abc import Iterator, Sequence

from pipeline import clean_text, parts, protections
from pipeline.errors import Exit
from pipeline.protections import Protection

NAME = "doctor"
HELP = "list every part that make-book stands on, and the command that mends what is missing"

HEAD = ("part", "version", "for", "state")
GUARDS = ("protection", "state", "what it does, or why it is off")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(args: argparse.Namespace) -> int:
    """Print the survey; `Exit.USAGE` where a book cannot be built on this machine."""
    found, guards = parts.survey(), protections.survey()
    sys.stdout.write(as_json(found, guards) if args.json else as_table(found, guards))
    return Exit.CLEAN if can_build(found) else Exit.USAGE


def can_build(found: Sequence[parts.Part]) -> bool:
    """Whether every part that a book needs serves."""
    return all(part.state == "ok" for part in found if part.needed == "book")


def as_json(found: Sequence[parts.Part], guards: Sequence[Protection]) -> str:
    """One JSON object.

    `{"can_build": …, "parts": [{name, version, needed, state, remedy, purpose}],
    "protections": [{name, on, reason}]}`
    """
    answer = {
        "can_build": can_build(found),
        "parts": [dataclasses.asdict(part) for part in found],
        "protections": [dataclasses.asdict(guard) for guard in guards],
    }
    return clean_text.as_json(answer, 2) + "\n"


def as_table(found: Sequence[parts.Part], guards: Sequence[Protection]) -> str:
    """Aligned tables, and the commands that mend, the ones for the book first."""
    made = ((part.name, part.version or "–", part.needed, part.state) for part in found)
    kept = ((guard.name, "on" if guard.on else "off", guard.reason) for guard in guards)
    tables = [*_aligned([HEAD, *made]), "", *_aligned([GUARDS, *kept])]
    return "\n".join([*tables, "", *_advice(found)]) + "\n"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def _advice(found: Sequence[parts.Part]) -> list[str]:
    if can_build(found):
        verdict = "This machine can build books."
    else:
        verdict = "This machine cannot build a book yet."
    ailing = [part for part in found if part.state != "ok"]
    ailing.sort(key=lambda part: part.needed != "book")
    return [verdict, *(f"{part.name} ({part.needed}): {part.remedy}" for part in ailing)]
