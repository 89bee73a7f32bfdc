"""For people: each finding with its source line, a caret, help and related places."""

from collections.abc import Iterator
from typing import TextIO

from pipeline.checker import Run
from pipeline.clean_text import clean
from pipeline.diagnostics import Diagnostic
from pipeline.reporting import COLORS, Options, Paint, excerpt, headline, silencer, summary

NAME = "text"
HELP = "findings with source lines, help and related places"


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write every active finding and a summary line."""
    paint = Paint(options.color)
    for item in run.active:
        stream.write(f"{headline(item, paint)}\n")
        if options.show_source:
            stream.writelines(f"{line}\n" for line in _details(run, item, options, paint))
            stream.write("\n")
    stream.write(f"{summary(run)}\n")


def _details(run: Run, item: Diagnostic, options: Options, paint: Paint) -> Iterator[str]:
    yield from _source(run, item, options, paint)
    if item.help:
        yield f"  {paint('help:', '1')} {clean(item.help)}"
    for other in item.related:
        where = f"{clean(other.path)}:{other.line}:{other.column}"
        yield f"  {paint('see:', '1')} {where} {clean(other.message)}"
    yield paint(f"  silence: {silencer(run, item)}", "2")


def _source(run: Run, item: Diagnostic, options: Options, paint: Paint) -> Iterator[str]:
    source = run.index.project.sources.get(item.path)
    gutter = f"{item.line:>5} | "
    shown = excerpt(source, item, options.width - len(gutter)) if source else None
    if shown and shown.text:
        yield f"{paint(gutter, '2')}{shown.text}"
        blank = " " * (len(gutter) - 2) + "| "
        caret = paint("^" * shown.length, COLORS[item.severity])
        yield f"{paint(blank, '2')}{' ' * shown.offset}{caret}"
