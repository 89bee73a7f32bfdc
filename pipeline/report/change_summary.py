"""What changed since an earlier state, in Markdown: for a pull request or the log of a build."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.clean_text import clean
from pipeline.diagnostics import Diagnostic
from pipeline.report.overview import Chapter, Overview
from pipeline.report.pages import Pages
from pipeline.report.trend import Base, Past, Trend

SHOWN = 50  # findings listed of each sort

# What Markdown, HTML or a forge would read: a mention of `@someone` must notify nobody.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~#&@$]")


@dataclass(frozen=True)
class State:
    """A book at one time; `pages` where it was laid out."""

    overview: Overview
    pages: Pages | None = None


def markdown(findings: Iterable[Diagnostic], trend: Trend, now: State, before: State | None) -> str:
    """The summary; `before` is None where only a baseline is known of the past."""
    new = [item for item in findings if item.fingerprint in trend.new]
    parts = [
        f"### Since {_base(trend.base)}",
        _counts(len(new), trend),
        _table("New", map(_of_diagnostic, new), len(new)),
        _table("Mended", map(_of_past, trend.mended), len(trend.mended)),
        _chapters(now, before) if before else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Text from authors as plain words of Markdown."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", clean(text))


def _base(base: Base) -> str:
    about = ": ".join(part for part in (base.date, base.subject) if part)
    return f"{escaped(base.name)} ({escaped(about)})" if about else escaped(base.name)


def _counts(new: int, trend: Trend) -> str:
    if not new and not trend.mended:
        return f"No finding came or went; {trend.known} stay."
    return f"**{new}** new, **{len(trend.mended)}** mended, {trend.known} stay."


def _table(name: str, rows: Iterable[str], count: int) -> str:
    if not count:
        return ""
    shown = [row for row, _ in zip(rows, range(SHOWN), strict=False)]
    more = [f"\nand {count - SHOWN} more"] if count > SHOWN else []
    return "\n".join([f"| {name} | | |", "|---|---|---|", *shown, *more])


def _of_diagnostic(item: Diagnostic) -> str:
    place = f"{escaped(item.path)}:{item.line}:{item.column}"
    return f"| {item.severity.value} | {place} | {item.code} {escaped(item.message)} |"


def _of_past(item: Past) -> str:
    place = f"{escaped(item.path)}:{item.line}" if item.line else escaped(item.path)
    return f"| {item.severity.value} | {place} | {item.code} {escaped(item.message)} |"


def _chapters(now: State, before: State) -> str:
    rows = list(_changed(now, before))
    laid_out = now.pages is not None and before.pages is not None
    whole = ""
    if now.pages and before.pages:
        whole = f"The book: {_step(before.pages.whole, now.pages.whole)} pages."
    if not rows:
        return whole or "No chapter changed in length."
    head = ["| Chapter | Words |", "|---|---:|"]
    if laid_out:
        head = ["| Chapter | Words | Pages |", "|---|---:|---:|"]
    table = "\n".join([*head, *rows])
    return f"{table}\n\n{whole}" if whole else table


def _changed(now: State, before: State) -> Iterator[str]:
    """A row for each chapter that is new, gone, longer or shorter."""
    today = {item.path: item for item in now.overview.chapters}
    past = {item.path: item for item in before.overview.chapters}
    for path in (*today, *(path for path in past if path not in today)):
        values = [(_words(past.get(path)), _words(today.get(path)))]
        if now.pages and before.pages:
            values.append((before.pages.chapters.get(path), now.pages.chapters.get(path)))
        if any(old != new for old, new in values):
            cells = " | ".join(_step(old, new) for old, new in values)
            yield f"| {_name(today.get(path) or past[path])} | {cells} |"


def _words(chapter: Chapter | None) -> int | None:
    return chapter.words if chapter else None


def _name(chapter: Chapter) -> str:
    return escaped(" ".join(part for part in (chapter.number, chapter.title) if part))


def _step(old: int | None, new: int | None) -> str:
    if old is None or new is None:
        return f"{old:,} → gone" if old is not None else "–" if new is None else f"new: {new:,}"
    return f"{new:,}" if old == new else f"{old:,} → {new:,}"
