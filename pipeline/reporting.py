"""What reporters share: options, source lines with a caret, counts."""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TextIO

from pipeline.checker import Run
from pipeline.clean_text import clean, disarmed, visible
from pipeline.diagnostics import Applicability, Diagnostic, Severity
from pipeline.source import Source

NEAR = 4  # characters that are looked at for a column: some are not seen
DOCUMENTATION = "make-book rule {code}"


@dataclass(frozen=True, slots=True)
class Options:
    """How a reporter may print; `width` in columns of a terminal."""

    color: bool = False
    show_source: bool = True
    width: int = 100


def options(stream: TextIO) -> Options:
    """Colours and width of a terminal; neither elsewhere. `NO_COLOR` wins."""
    terminal = stream.isatty()
    color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = _columns_of_terminal() if terminal else 100
    return Options(color=color, width=max(columns, 40))


def _columns_of_terminal() -> int:
    import shutil  # for terminals alone

    return shutil.get_terminal_size((100, 24)).columns


# ---- columns -----------------------------------------------------------------------------------


def width(text: str) -> int:
    """Columns that a terminal gives to a text: two for wide characters, none for marks."""
    return sum(map(_columns, text))


@cache
def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me") or char == "\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


# ---- source lines -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of a source, cut to fit, and where a caret of `length` columns stands below it."""

    number: int
    text: str
    offset: int
    length: int


def excerpt(source: Source, item: Diagnostic, columns: int) -> Excerpt | None:
    """The line of a diagnostic around its span; None where the file has no such line."""
    if not source.text or item.line > len(source.line_starts):
        return None
    line = source.line(item.line)
    columns = max(columns, 20)
    base = max(0, item.column - 1 - NEAR * columns)  # what is far away cannot be shown
    far = item.column - 1 + NEAR * columns
    start = min(item.column - 1, len(line)) - base
    end = (item.end_column - 1 if item.end_line == item.line else len(line)) - base
    cells = list(map(visible, line[base:far]))
    widths = list(map(_width, cells))
    left, right = _window(widths, start, max(start, end), columns)
    before = "…" if base or left else ""
    after = "…" if base + right < len(line) else ""
    offset = width(before) + sum(widths[left:start])
    marked = sum(widths[start : min(max(end, start), right)])
    text = before + "".join(cells[left:right]) + after
    return Excerpt(item.line, disarmed(text.rstrip()), offset, max(1, marked))


_width = cache(width)  # of one character as it is printed


def _window(widths: Sequence[int], start: int, end: int, columns: int) -> tuple[int, int]:
    """The part of a line to show: all of it, else what fits around the span."""
    if sum(widths) <= columns and len(widths) <= columns:
        return 0, len(widths)
    room = columns - 2
    left, right = start, start
    while right < min(end, len(widths)) and room > widths[right]:
        room -= widths[right]
        right += 1
    half = room // 2
    while left > 0 and half >= widths[left - 1]:
        left -= 1
        half -= widths[left]
        room -= widths[left]
    while right < len(widths) and room >= widths[right]:
        room -= widths[right]
        right += 1
    while left > 0 and room >= widths[left - 1]:
        left -= 1
        room -= widths[left]
    return left, right


# ---- words ------------------------------------------------------------------------------------


def fixable(item: Diagnostic) -> str:
    """`fixable`, `fixable with --unsafe`, or nothing."""
    if item.fix is None or item.fix.applicability is Applicability.DISPLAY:
        return ""
    safe = item.fix.applicability is Applicability.SAFE
    return "fixable" if safe else "fixable with --unsafe"


class Paint:
    """Colours a terminal's text, or leaves it as it is."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def headline(item: Diagnostic, paint: Paint) -> str:
    """`path:line:column CODE message [fixable]`."""
    place = f"{clean(item.path)}:{item.line}:{item.column}"
    note = fixable(item)
    mark = paint(f" [{note}]", "32") if note else ""
    mark += paint(" [known]", "2") if item.known else ""
    code = paint(item.code, COLORS[item.severity])
    return f"{paint(place, '1')} {code} {clean(item.message)}{mark}"


def silencer(run: Run, item: Diagnostic) -> str:
    """What to type into the file, above the place, to silence a diagnostic."""
    text = f"make-book: ignore {item.code} because …"
    if item.path.endswith(".bib"):
        return f"% {text}"
    document = run.index.project.by_path.get(item.path)
    if document is None:
        return f"# {text}"
    front = document.front_span
    line_starts = document.source.line_starts
    offset = line_starts[min(item.line, len(line_starts)) - 1] + item.column - 1
    in_front = front is not None and front.start <= offset < max(front.end, front.start + 1)
    return f"# {text}" if in_front else f"<!-- {text} -->"


def summary(run: Run) -> str:
    """`3 errors, 1 warning (1 fixable with make-book fix)`."""
    active = run.active
    counts = [
        _counted(number, name)
        for severity, name in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"),
                               (Severity.INFO, "note"))
        if (number := run.count(severity))
    ]  # fmt: skip
    text = ", ".join(counts) or "no findings"
    hidden = len(run.diagnostics) - len(active)
    safe = sum(fixable(item) == "fixable" for item in active)
    guesses = sum(fixable(item) == "fixable with --unsafe" for item in active)
    notes = [f"{safe} fixable with make-book fix"] if safe else []
    if guesses:
        notes.append(
            f"{guesses} more with --unsafe" if safe else f"{guesses} with make-book fix --unsafe"
        )
    if known := sum(item.known for item in active):
        notes.append(f"{known} known before")
    if hidden:
        notes.append(f"{hidden} suppressed")
    return f"{text} ({', '.join(notes)})" if notes else text


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def counts(run: Run) -> dict[str, int]:
    """Numbers for machines."""
    active = run.active
    return {
        "errors": run.count(Severity.ERROR),
        "warnings": run.count(Severity.WARNING),
        "infos": run.count(Severity.INFO),
        "suppressed": len(run.diagnostics) - len(active),
        "fixable": sum(fixable(item) == "fixable" for item in active),
        "fixable_unsafe": sum(fixable(item) == "fixable with --unsafe" for item in active),
        "files": len(run.index.documents),
    }
