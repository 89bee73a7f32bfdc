"""What it does
Finds front matter that is not valid YAML, and YAML that is unsafe to read: too deep, too large,
with explicit tags, or with aliases that multiply.

Why it matters
Nothing of a front matter that cannot be read is known: the document loses its title, its date
and its identifier, and the references to it break.

Example
```markdown
---
title: LLaMA: Open and Efficient
---
```

Use instead
```markdown
---
title: "LLaMA: Open and Efficient"
---
```
"""

from collections.abc import Iterator

from pipeline import problems
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index

CODE = "FM002"
NAME = "invalid-yaml"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("entries",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """The failures that reading the front matter kept."""
    return problems.of(document, CODE)


def check_book(index: Index) -> Iterator[Finding]:
    """Those of other files."""
    return problems.elsewhere(index, CODE)
