"""Lays out a book as one PDF; the way in.

The fast path sets each chapter alone and keeps it. Where WeasyPrint is not the version tried, or
the style asks for what crosses chapters, the whole book is set in one piece, with a message.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.paper import incremental, reaching
from pipeline.paper.fontset import BlobStore
from pipeline.paper.incremental import Incremental
from pipeline.paper.layout_job import (
    LayoutJob,
    LayoutMessage,
    LayoutResult,
    LayoutUnit,
    Progress,
)
from pipeline.paper.straight import Straight
from pipeline.paper.workers import Refusal

__all__ = ["LayoutJob", "LayoutMessage", "LayoutResult", "LayoutUnit", "lay_out"]

_CONFIGURATION = "FONTCONFIG_FILE"
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
    with _fonts_of(job.fonts_conf):
        if not reason:
            try:
                return Incremental(job, cache, workers, reach, progress).write(target)
            except Refusal as refusal:
                reason = str(refusal)
        result = Straight(job, cache, reach, progress).write(target)
    note = f"{reason}, so the whole book was set in one piece, which takes longer"
    return replace(result, messages=(*result.messages, LayoutMessage("", note)))


@contextlib.contextmanager
def _fonts_of(conf: Path | None) -> Iterator[None]:
    """Let workers see the fonts of this book alone; the next edition may have others."""
    before = os.environ.get(_CONFIGURATION)
    if conf:
        os.environ[_CONFIGURATION] = str(conf)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_CONFIGURATION, None)
        else:
            os.environ[_CONFIGURATION] = before


def prepare(fonts_conf: Path) -> None:
    """Import WeasyPrint and what drives it, which takes most of a second."""
    with _fonts_of(fonts_conf), contextlib.suppress(Refusal):
        incremental.typesetter()


def slow_reason(css: str) -> str | None:
    """Why a book of this style cannot be set chapter by chapter, None if it can."""
    for name, pattern in _ACROSS.items():
        if pattern.search(css):
            return f"the style uses {name}"
    return None
