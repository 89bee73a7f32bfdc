"""What it does
Compares the declared `anecdote_count` with the headings that begin with a marker of the book, such
as `💡 轶事` (`anecdote_markers` in `book.yaml`).

Why it matters
The count is used to balance the chapters; a wrong one misleads.

Example
```markdown
---
anecdote_count: 2
---
# 活字

### 💡 轶事：烤硬的字
```

Use instead
```markdown
---
anecdote_count: 1
---
# 活字

### 💡 轶事：烤硬的字
```
"""

from collections.abc import Iterator

from pipeline.changes.edits import replace_scalar
from pipeline.diagnostics import Finding, Fix, Related, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index
from pipeline.text.headings import folded

CODE = "CH004"
NAME = "anecdote-count"
SEVERITY = Severity.WARNING
FIX = "safe"

_BULB = (":bulb:", "💡")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most one finding, at the declared count."""
    declared = document.field("anecdote_count")
    if not isinstance(declared, Scalar) or not declared.text.isdecimal() or len(declared.text) > 9:
        return
    markers = tuple(folded(marker) for marker in index.config.anecdote_markers)
    found = [
        heading
        for heading in document.body.headings
        if folded(heading.text.replace(*_BULB)).startswith(markers)
    ]
    if len(found) == int(declared.text):
        return
    edit = replace_scalar(document.source, declared, str(len(found)), document.front)
    yield Finding(
        document.source,
        declared.span,
        f"`anecdote_count` says {int(declared.text)}, and {_counted(len(found))}",
        "write what is counted, or mark the headings of the anecdotes",
        Fix((edit,)) if edit else None,
        tuple(Related.at(document.source, item.span, "an anecdote") for item in found[:10]),
    )


def _counted(number: int) -> str:
    if number == 0:
        return "no heading begins with a marker of anecdotes"
    if number == 1:
        return "1 heading begins with a marker"
    return f"{number} headings begin with a marker"
