"""What it does
Finds ` #` directly followed by a character in a plain value of the front matter. YAML begins a
comment there. `draft # note`, with a space after the mark, is taken for a comment on purpose.

Why it matters
The rest of the value is lost, and nothing else says so.

Example
```markdown
---
title: A #1 Bestseller
---
```

Use instead
```markdown
---
title: "A #1 Bestseller"
---
```
"""

from collections.abc import Iterator

from pipeline import front_matter
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "FM007"
NAME = "comment-swallows-value"
SEVERITY = Severity.WARNING
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Each comment that looks like part of the value before it."""
    if document.front is None or document.front_span is None:
        return
    for span in front_matter.swallowed(document.source, document.front_span, document.front):
        lost = document.source.slice(span)
        yield Finding(
            document.source,
            span,
            f"{quoted(lost)} is a comment to YAML, and no part of the value",
            "put quotes around the value, or a space after `#` if it is a comment",
        )
