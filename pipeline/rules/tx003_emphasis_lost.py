"""What it does
Finds emphasis beside Han punctuation that pandoc sets and GitHub does not: there `**` neither opens
before a mark nor closes after one when a letter or a Han character is on its other side.

Why it matters
Whoever reads the manuscript on GitHub, or in most editors, sees asterisks.

Example
```markdown
他坚持**“开放科学”**的主张。
```

Use instead
```markdown
他坚持“**开放科学**”的主张。
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity, replace_span
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import emphasis
from pipeline.text.emphasis import Emphasis
from pipeline.wording import quoted

CODE = "TX003"
NAME = "emphasis-lost"
SEVERITY = Severity.WARNING
FIX = "unsafe"


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each, from its opening to its closing marks."""
    for found in emphasis.lost(document):
        yield _finding(document, found)


def _finding(document: Document, found: Emphasis) -> Finding:
    source = document.source
    span = Span(found.opening.start, found.closing.end)
    mended = emphasis.mended(source.text, found)
    mark = source.slice(found.opening)
    what = "opens" if not found.opens else "closes"
    advice = f"write {quoted(mended)}" if mended else "move the mark out of the emphasis"
    return Finding(
        source,
        span,
        f"GitHub shows no emphasis here: {quoted(mark)} {what} between a mark and a letter",
        advice,
        replace_span(source, span, mended, safe=False) if mended else None,
    )
