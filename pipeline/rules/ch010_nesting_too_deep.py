"""What it does
Finds lists, quotations or brackets that are nested more deeply than can be read.

Why it matters
What stands deeper is printed as it is typed and is not checked; readers and layout lose the thread
long before.

Example
```markdown
> > > > > > > > > > > > … and thirty more levels
```

Use instead
```markdown
> A quotation, or a quotation in it.
```
"""

from collections.abc import Iterator

from pipeline import problems
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index

CODE = "CH010"
NAME = "nesting-too-deep"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("entries",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """What the parser gave up on."""
    return problems.of(document, CODE)


def check_book(index: Index) -> Iterator[Finding]:
    """Those of other files."""
    return problems.elsewhere(index, CODE)
