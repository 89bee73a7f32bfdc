"""What it does
Finds files that belong to the book by their place and cannot be read: larger than the limit, with
a line longer than the limit, without permission, a symbolic link that leaves the project, or no
plain file at all.

Why it matters
The file is left out of the book and of every check. What refers to it cannot be judged.

Example
```text
events/2023/llama-2023-02.md -> /home/someone/llama.md
```

Use instead
```text
events/2023/llama-2023-02.md
```
"""

from collections.abc import Iterator

from pipeline import problems
from pipeline.diagnostics import Finding, Severity
from pipeline.index import Index

CODE = "FM008"
NAME = "unreadable-file"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("entries",)


def check_book(index: Index) -> Iterator[Finding]:
    """The files that loading could not read."""
    return problems.elsewhere(index, CODE)
