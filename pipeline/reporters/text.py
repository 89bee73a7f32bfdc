"""For people: each finding with its source line, a caret, help and related places."""

from collections.abc import Iterator
from typing import TextIO

from pipeline.checker import Run
from pipeline.diagnostics import Diagnostic, Severity
from pipeline.reporting import Options, clean, excerpt, fixable, silencer, summary

NAME = "text"
HELP = "findings with source lines, help and related places"

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write every active finding and a summary line."""
    paint = _Paint(options.color)
    for item in run.active:
        stream.writelines(f"{line}\n" for line in _lines(run, item, options, paint))
        if options.show_source:
            stream.write("\n")
    stream.write(f"{summary(run)}\n")


class _Paint:
    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def _lines(run: Run, item: Diagnostic, options: Options, paint: _Paint) -> Iterator[str]:
    place = f"{clean(item.path)}:{item.line}:{item.column}"
    note = fixable(item)
    mark = paint(f" [{note}]", "32") if note else ""
    tone = _COLORS[item.severity]
    yield f"{paint(place, '1')} {paint(item.code, tone)} {clean(item.message)}{mark}"
    if not options.show_source:
        return
    yield from _source(run, item, options, paint)
    if item.help:
        yield f"  {paint('help:', '1')} {clean(item.help)}"
    for other in item.related:
        where = f"{clean(other.path)}:{other.line}:{other.column}"
        yield f"  {paint('see:', '1')} {where} {clean(other.message)}"
    yield paint(f"  silence: {silencer(run, item)}", "2")


def _source(run: Run, item: Diagnostic, options: Options, paint: _Paint) -> Iterator[str]:
    source = run.index.project.sources.get(item.path)
    gutter = f"{item.line:>5} | "
    shown = excerpt(source, item, options.width - len(gutter)) if source else None
    if shown and shown.text:
        yield f"{paint(gutter, '2')}{shown.text}"
        blank = " " * (len(gutter) - 2) + "| "
        caret = paint("^" * shown.length, _COLORS[item.severity])
        yield f"{paint(blank, '2')}{' ' * shown.offset}{caret}"
