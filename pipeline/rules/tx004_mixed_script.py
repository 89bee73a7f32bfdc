"""What it does
Finds Traditional characters in a Simplified document, and Simplified ones in a Traditional one.
Only characters that belong to one script are meant; names such as 昇 or words such as 乾坤 are not,
and neither is text that is marked as the other script (`[…]{lang=zh-Hant}`).

Why it matters
Such characters come in by copying, look odd, and are missed by a search.

Example
```markdown
活字的發明
```

Use instead
```markdown
活字的发明
```
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.diagnostics import Applicability, Edit, Finding, Fix, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import marked, prose, script
from pipeline.text.prose import Prose
from pipeline.wording import quoted

CODE = "TX004"
NAME = "mixed-script"
SEVERITY = Severity.WARNING
FIX = "unsafe"

_SCRIPTS = {"hans": "Simplified", "hant": "Traditional"}
_THROUGHOUT = 40  # runs in a file that is of the other script as a whole


@dataclass(frozen=True)
class Run:
    """Characters of the other script, side by side, and what they are in the book's own."""

    item: Prose
    at: int
    text: str
    meant: str

    @property
    def span(self) -> Span:
        """Where they stand in the source."""
        return self.item.span(self.at, self.at + len(self.text))


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each run of characters, or one for a file that is full of them."""
    own = script.of(document.text("lang") or index.config.language)
    if not own or not script.suspects(document.source.text, own):
        return
    runs = [
        run
        for item in prose.of(document, index)
        for found in script.foreign(item.text, own)
        if marked.language(document, index, (run := Run(item, *found)).span) is None
    ]
    other = _SCRIPTS["hant" if own == "hans" else "hans"]
    if len(runs) > _THROUGHOUT:
        count = sum(len(run.text) for run in runs)
        message = f"{count} {other} characters in a {_SCRIPTS[own]} document, the first here"
        advice = "convert the file, or mark its text: `::: {lang=…}`"
        yield Finding(document.source, runs[0].span, message, advice, _fix(document, runs))
        return
    for run in runs:
        what = "character" if len(run.text) == 1 else "characters"
        message = f"{other} {what} {quoted(run.text)} in a {_SCRIPTS[own]} document"
        advice = f"write {quoted(run.meant)}, or mark the quotation: `[…]{{lang=…}}`"
        yield Finding(document.source, run.span, message, advice, _fix(document, [run]))


def _fix(document: Document, runs: list[Run]) -> Fix:
    places = (
        (run.item.place(run.at + offset), char)
        for run in runs
        for offset, char in enumerate(run.meant)
    )
    edits = tuple(Edit(document.path, place, place + 1, char) for place, char in places)
    return Fix(edits, Applicability.UNSAFE)
