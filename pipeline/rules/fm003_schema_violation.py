"""What it does
Finds every place where front matter does not fit the JSON Schema of its content type: a required
key that is missing, a value of the wrong type, a word that is not on the list. All violations of
a document are reported at once, each at its own key or value.

Why it matters
The other rules, the timeline and the appendices read these fields. A misspelt status or a date
such as `2023-02-30` would silently drop out of them.

Example
```markdown
---
event_id: llama-2023-02
date: 2023-02-30
significance_level: hugely important
---
```

Use instead
```markdown
---
event_id: llama-2023-02
date: 2023-02-24
significance_level: critical
---
```
"""

from collections.abc import Iterator

from pipeline import validation
from pipeline.diagnostics import Finding, Severity
from pipeline.index import Index

CODE = "FM003"
NAME = "schema-violation"
SEVERITY = Severity.ERROR
FIX = ""


def check_book(index: Index) -> Iterator[Finding]:
    """Every violation of every document; one validator serves all documents of a type."""
    for document, front, validator in validation.validated(index):
        found = validator.violations(front, document.source, document.problems)
        for item in found:
            yield Finding(document.source, item.span, item.message, item.help)
