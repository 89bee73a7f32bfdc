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

from pipeline import problems, schema
from pipeline.diagnostics import Finding, Severity
from pipeline.index import Index

CODE = "FM003"
NAME = "schema-violation"
SEVERITY = Severity.ERROR
FIX = ""


def check_book(index: Index) -> Iterator[Finding]:
    """Every violation of every document; one validator serves all documents of a type."""
    validators = {kind: schema.validator(rules) for kind, rules in index.project.schemas.items()}
    for document in index.documents:
        validator = validators.get(document.kind)
        if document.front is None or validator is None or document.role == "part":
            continue
        for problem in validator.violations(document.front, document.source):
            yield problems.finding(document.source, problem)
