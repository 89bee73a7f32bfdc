"""For people in a hurry and for editors: one line for each finding."""

from typing import TextIO

from pipeline.checker import Run
from pipeline.reporting import Options, Paint, headline, summary

NAME = "concise"
HELP = "one line for each finding"


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write `path:line:column CODE message [fixable]` for each active finding, and a summary."""
    paint = Paint(options.color)
    stream.writelines(f"{headline(item, paint)}\n" for item in run.active)
    stream.write(f"{summary(run)}\n")
