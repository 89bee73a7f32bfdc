"""Lays out a book as one PDF; the way in.

The fast path sets each chapter alone and keeps it. Where WeasyPrint is not the version tried, or
the style asks for what crosses chapters, the whole book is set in one piece, with a message.
"""

import re
from dataclasses import replace
from pathlib import Path

from pipeline.paper import press, reaching
from pipeline.paper.fontset import BlobStore
from pipeline.paper.incremental import Incremental
from pipeline.paper.layout_job import (
    LayoutJob,
    LayoutMessage,
    LayoutResult,
    LayoutUnit,
    Progress,
    Style,
)
from pipeline.paper.straight import Straight
from pipeline.paper.workers import Refusal

__all__ = ["LayoutJob", "LayoutMessage", "LayoutResult", "LayoutUnit", "Style", "begin", "lay_out"]

_ACROSS = {
    "target-counter(": re.compile(r"target-(?:counters?|text)\("),
    "running elements": re.compile(r"\b(?:running|element)\("),
    "@page :first": re.compile(r"@page[^{]*:first\b"),
    "@page :nth() without a page name": re.compile(r"@page[^{]*:nth\((?![^)]*\bof\b)"),
}


def lay_out(
    job: LayoutJob, target: Path, *, cache: BlobStore, workers: int, progress: Progress
) -> LayoutResult:
    """Write the book's PDF to `target`. Raises `UserError` naming the unit that failed."""
    reach = reaching.of(job, target.parent)
    reason = slow_reason(job.css)
    if not reason:
        try:
            return Incremental(job, cache, workers, reach, progress).write(target)
        except Refusal as refusal:
            reason = str(refusal)
    result = Straight(job, cache, reach, progress).write(target)
    note = f"{reason}, so the whole book was set in one piece, which takes longer"
    return replace(result, messages=(*result.messages, LayoutMessage("", note)))


def begin(style: Style) -> None:
    """Let the process that sets pages read a style, while the caller goes on."""
    if not slow_reason(style.css):
        press.shared.begin(style)


def slow_reason(css: str) -> str | None:
    """Why a book of this style cannot be set chapter by chapter, None if it can."""
    for name, pattern in _ACROSS.items():
        if pattern.search(css):
            return f"the style uses {name}"
    return None
