"""What it does
Finds, once for a file, the minority spelling of the space between Han and Latin letters; or with
`profile: {han_latin: none}` (or `space`) in `book.yaml` whatever is spelt the other way. Digits are
not looked at. The book itself is always set with a narrow gap, whatever the source has.

Why it matters
Mixed spelling makes searches miss and diffs noisy.

Example
```markdown
Meta发布LLaMA，Google 随后发布Gemini。
```

Use instead
```markdown
Meta发布LLaMA，Google随后发布Gemini。
```
"""

import re
from collections.abc import Iterator
from heapq import merge

from pipeline.citations import reflist
from pipeline.diagnostics import Applicability, Edit, Finding, Fix, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import prose
from pipeline.text.typography import HAN

CODE = "TX006"
NAME = "han-latin-spacing"
SEVERITY = Severity.INFO
FIX = "unsafe"

_LATIN = "[A-Za-z]"  # what a search finds at once, and what stands beside it is looked at then
_FIRST = re.compile(f"{_LATIN}(?:(?<=[{HAN}]{_LATIN})|(?<=[{HAN}] {_LATIN}))")
_LAST = re.compile(f"{_LATIN}(?= ?[{HAN}])")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most one finding, at the first place that is spelt otherwise."""
    wanted = index.config.setting("profile", "han_latin")
    if wanted == "any":
        return
    spaced, closed = _places(document, index)
    if wanted is None:
        wanted = "space" if len(spaced) > len(closed) else "none"
    odd = closed if wanted == "space" else spaced
    if not odd:
        return
    text = " " if wanted == "space" else ""
    edits = tuple(Edit(document.path, span.start, span.end, text) for span in odd)
    spelling = "without a space" if wanted == "space" else "with a space"
    places = "1 place" if len(odd) == 1 else f"{len(odd)} places"
    yield Finding(
        document.source,
        odd[0] if len(odd[0]) else Span(odd[0].start - 1, odd[0].end + 1),
        f"Han and Latin {spelling} in {places} of {len(spaced) + len(closed)}, the first here",
        "spell it one way, or set `profile: {han_latin: …}` in book.yaml",
        Fix(edits, Applicability.UNSAFE),
    )


def _places(document: Document, index: Index) -> tuple[list[Span], list[Span]]:
    """Where Han meets Latin with a space, and where without."""
    spaced: list[Span] = []
    closed: list[Span] = []
    left_out = reflist.spans(document, index)
    visible = prose.whole(document, index)
    for start, end in _boundaries(visible.text):
        around = visible.span(start - 1, end + 1)
        if len(around) != end - start + 2 or any(span.contains(around) for span in left_out):
            continue
        (spaced if end > start else closed).append(Span(around.start + 1, around.end - 1))
    return spaced, closed


def _boundaries(text: str) -> Iterator[tuple[int, int]]:
    """The gaps, empty or of one space, between Han and a run of Latin letters, in their order."""
    firsts = (match.start() for match in _FIRST.finditer(text))
    lasts = (match.end() for match in _LAST.finditer(text))
    before = ((at - (text[at - 1] == " "), at) for at in firsts)
    after = ((at, at + (text[at] == " ")) for at in lasts)
    return merge(before, after)
