"""What it does
Finds a key that is given twice in one mapping of the front matter, and shows both places.

Why it matters
YAML forbids it, and readers of YAML differ: some keep the first value, some the last. What the
author sees is then not what the book says.

Example
```markdown
---
event_id: llama-2023-02
date: 2023-02-24
date: 2023-02-25
---
```

Use instead
```markdown
---
event_id: llama-2023-02
date: 2023-02-24
---
```
"""

from collections.abc import Iterator

from pipeline import problems
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index

CODE = "FM004"
NAME = "duplicate-key"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("entries",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """The repeated keys that reading the front matter kept."""
    return problems.of(document, CODE)


def check_book(index: Index) -> Iterator[Finding]:
    """Those of other files."""
    return problems.elsewhere(index, CODE)
