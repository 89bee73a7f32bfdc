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
from pipeline.document import Document, Mapping
from pipeline.index import Index
from pipeline.schema import Validator

CODE = "FM003"
NAME = "schema-violation"
SEVERITY = Severity.ERROR
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Every violation of a document."""
    front, validator = validation.validated(document, index) or (None, None)
    if front is None or validator is None:
        return
    found = validator.violations(front, document.source, document.problems)
    missing = any(item.kind == "required" for item in found)
    misspelt = set(_misspelt(validator, front)) if missing else set()
    for item in found:
        if item.kind == "required" and item.path == () and item.key in misspelt:
            continue  # FM005 names the key that was meant
        yield Finding(document.source, item.span, item.message, item.help)


def _misspelt(validator: Validator, front: Mapping) -> Iterator[str]:
    for item in validator.unknown_keys(front):
        if item.suggestion and len(item.path) == 1:
            yield item.suggestion
