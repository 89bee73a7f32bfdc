"""What it does
Finds quotation marks, brackets and title marks that do not pair within their paragraph, heading or
cell. List numbers (`1)`), intervals (`[0, 1)`) and quotations that begin anew with each paragraph
are fine.

Why it matters
The reader cannot tell where a quotation or a title ends.

Example
```markdown
他说：“一字一印，火烧令坚。
```

Use instead
```markdown
他说：“一字一印，火烧令坚。”
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.text import pairing, prose

CODE = "TX002"
NAME = "unpaired-mark"
SEVERITY = Severity.WARNING
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each mark without its partner."""
    for stray in pairing.strays(prose.of(document, index)):
        span = stray.item.span(stray.at, stray.at + 1)
        advice = "add its partner, or remove it"
        yield Finding(document.source, span, stray.message, advice)
