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

from pipeline import marked, prose, script
from pipeline.diagnostics import Applicability, Edit, Finding, Fix, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.prose import Prose
from pipeline.wording import quoted

CODE = "TX004"
NAME = "mixed-script"
SEVERITY = Severity.WARNING
FIX = "unsafe"

_SCRIPTS = {"hans": "Simplified", "hant": "Traditional"}


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each run of characters of the other script."""
    own = script.of(document.text("lang") or index.config.language)
    if not own or not script.suspects(document.source.text, own):
        return
    for item in prose.of(document, index):
        for at, text, meant in script.foreign(item.text, own):
            span = item.span(at, at + len(text))
            if marked.language(document, index, span) is None:
                yield _finding(document, item, at, text, meant, own)


def _finding(document: Document, item: Prose, at: int, text: str, meant: str, own: str) -> Finding:
    other = _SCRIPTS["hant" if own == "hans" else "hans"]
    edits = []
    for offset, char in enumerate(meant):
        place = item.place(at + offset)
        edits.append(Edit(document.path, place, place + 1, char))
    what = "character" if len(text) == 1 else "characters"
    return Finding(
        document.source,
        item.span(at, at + len(text)),
        f"{other} {what} {quoted(text)} in a {_SCRIPTS[own]} document",
        f"write {quoted(meant)}, or mark the quotation: `[…]{{lang=…}}`",
        Fix(tuple(edits), Applicability.UNSAFE),
    )
