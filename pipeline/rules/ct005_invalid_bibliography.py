"""What it does
Finds what cannot be read in a bibliography, at its line and column: a brace that is never closed,
an entry without a key, an undefined abbreviation, an entry swallowed by a comment or a brace.

Why it matters
One missing brace hides the entries after it, and each citation of them prints as `[?key]`.

Example
```bibtex
@misc{touvron2023llama,
  title = {LLaMA: Open and Efficient Foundation Language Models,
  year = {2023}
}
```

Use instead
```bibtex
@misc{touvron2023llama,
  title = {LLaMA: Open and Efficient Foundation Language Models},
  year = {2023}
}
```
"""

from collections.abc import Iterator

from pipeline import problems
from pipeline.diagnostics import Finding, Severity
from pipeline.index import Index

CODE = "CT005"
NAME = "invalid-bibliography"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("entries",)


def check_book(index: Index) -> Iterator[Finding]:
    """The failures that reading the bibliography kept."""
    return problems.elsewhere(index, CODE)
