"""What it does
Compares the declared `word_count` with what is counted, by the method and the tolerance of the book
(`word_count: {method: words, tolerance: 0.1}`). Where another method would agree, it is named.
Headings, tables and notes count; code, addresses, comments and the reference list do not.

Why it matters
A count that was guessed once misleads everybody who plans with it.

Example
```markdown
---
title: 活字
word_count: 12000
---
```

Use instead
```markdown
---
title: 活字
word_count: 4175
---
```
"""

from collections.abc import Iterator

from pipeline.changes.edits import replace_scalar
from pipeline.diagnostics import Finding, Fix, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index
from pipeline.text import wordcount
from pipeline.wording import listed

CODE = "CH003"
NAME = "word-count"
SEVERITY = Severity.WARNING
FIX = "safe"


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most one finding, at the declared count."""
    declared = document.field("word_count")
    if not isinstance(declared, Scalar) or not declared.text.isdecimal() or len(declared.text) > 12:
        return
    text = wordcount.visible(document, index)
    method, tolerance = index.config.word_method, index.config.word_tolerance
    counted = wordcount.count_text(text, method)
    said = int(declared.text)
    if _agree(said, counted, tolerance):
        return
    others = [
        name
        for name in wordcount.METHODS
        if name != method and _agree(said, wordcount.count_text(text, name), tolerance)
    ]
    hint = f"; the method `{listed(others)}` would agree" if others else ""
    edit = replace_scalar(document.source, declared, str(counted), document.front)
    yield Finding(
        document.source,
        declared.span,
        f"`word_count` says {said}, and the method `{method}` counts {counted}{hint}",
        "write what is counted, or set `word_count: {method: …}` in book.yaml",
        Fix((edit,)) if edit else None,
    )


def _agree(said: int, counted: int, tolerance: float) -> bool:
    return abs(said - counted) <= tolerance * counted
