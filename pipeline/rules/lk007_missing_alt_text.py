"""What it does
Finds images without a description. An image that is mere ornament says so by an empty `alt`:
`![](rule.svg){alt=""}`.

Why it matters
Who listens to the book hears nothing of the image, and where it cannot be shown a box stands
without a word. EPUB and PDF/UA require the description.

Example
```markdown
![](../figures/curve.svg)
```

Use instead
```markdown
![损失随算力下降的曲线](../figures/curve.svg)
```
"""

import re
from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index

CODE = "LK007"
NAME = "missing-alt-text"
SEVERITY = Severity.WARNING
FIX = ""

_ALT = re.compile(r"\balt\s*=", re.IGNORECASE)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Every image that has neither text nor an `alt`."""
    for link in document.body.links:
        if not link.image or link.text.strip() or link.attributes.value("alt") is not None:
            continue
        if link.kind == "html" and _ALT.search(document.source.slice(link.span)):
            continue
        yield Finding(
            document.source,
            link.span,
            "the image has no description",
            'write what it shows between `![` and `]`; an ornament takes `{alt=""}`',
        )
