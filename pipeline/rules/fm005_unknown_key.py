"""What it does
Finds a key that the content type's schema does not know. It is a warning where the key is nearly
one that the schema knows, else only a note. Keys that begin with `x-` are free. In
`causal_connections` of an event card it finds relations that neither this tool nor `relations` in
`book.yaml` defines.

Why it matters
A misspelt key is silently without effect: the title of `chapter_title` is never printed, and what
`enabels` leads to is in no causal graph.

Example
```markdown
---
chapter_title: 打开的权重
---
```

Use instead
```markdown
---
title: 打开的权重
---
```
"""

from collections.abc import Iterator

from pipeline import validation
from pipeline.changes.edits import replace_scalar
from pipeline.diagnostics import Applicability, Finding, Fix, Severity
from pipeline.document import Document, Mapping
from pipeline.index import Index, relations
from pipeline.schema import Violation
from pipeline.wording import did_you_mean, listed, quoted

CODE = "FM005"
NAME = "unknown-key"
SEVERITY = Severity.WARNING
FIX = "unsafe"


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Every unknown key, at the key."""
    yield from _relations(document, index)
    front, validator = validation.validated(document, index) or (None, None)
    if front is None or validator is None:
        return
    for item in validator.unknown_keys(front):
        fix = _fix(document, front, item)
        severity = None if item.suggestion else Severity.INFO
        yield Finding(document.source, item.span, item.message, item.help, fix, severity=severity)


def _relations(document: Document, index: Index) -> Iterator[Finding]:
    """Each relation of a card that nobody defines, once."""
    known = index.config.relations
    told = relations(document.field("causal_connections") if document.kind == "event" else None)
    names = {name.span: name for name, _ in told}
    taken = {name.text for name in names.values()}
    for name in names.values():
        if name.text in known or name.text.startswith("x-"):
            continue
        meant = did_you_mean(name.text, known)
        edit = replace_scalar(document.source, name, meant) if meant else None
        fix = Fix((edit,), Applicability.UNSAFE) if edit and meant not in taken else None
        advice = f"did you mean {quoted(meant)}?" if meant else f"{_DEFINED}: {listed(known)}"
        message = f"unknown relation {quoted(name.text)}"
        yield Finding(document.source, name.span, message, advice, fix)


_DEFINED = "define it under `relations:` in book.yaml, or use one that there is"


def _fix(document: Document, front: Mapping, item: Violation) -> Fix | None:
    """Rename the key, unless that would repeat one."""
    if not item.suggestion or len(item.path) != 1 or front.get(item.suggestion) is not None:
        return None
    key = next((entry.key for entry in front.entries if entry.key.span == item.span), None)
    edit = replace_scalar(document.source, key, item.suggestion) if key else None
    return Fix((edit,), Applicability.UNSAFE) if edit else None
