"""What it does
Finds a reference in the front matter that names its target by file stem or by alias where the
identifier is meant. A display name such as `Google Brain` is fine.

Why it matters
A stem changes when the file is renamed, an alias when somebody tidies the card. The identifier is
the one name that is meant to last.

Example
```markdown
---
key_events: [llama-release-2023]      # the stem of events/llama-release-2023.md
---
```

Use instead
```markdown
---
key_events: [llama-2023-02]           # its event_id
---
```
"""

from collections.abc import Iterator

from pipeline.changes.edits import replace_scalar
from pipeline.diagnostics import Finding, Fix, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index, Target
from pipeline.naming import named
from pipeline.wording import quoted

CODE = "ID004"
NAME = "indirect-identifier"
SEVERITY = Severity.INFO
FIX = "safe"
READS = ("names",)

_NAMES = ("name", "name_en", "title", "title_en")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every reference by stem or alias."""
    for scalar, resolution in named(document, index):
        target = resolution.target
        if target and resolution.how in ("stem", "alias") and not _displayed(scalar, target):
            yield _finding(document, scalar, target, resolution.how, index)


def _displayed(scalar: Scalar, target: Target) -> bool:
    """Whether a name that is also a stem or alias is just what the target is called."""
    document = target.document
    return document is not None and scalar.text in [document.text(key) for key in _NAMES]


def _finding(document: Document, scalar: Scalar, target: Target, how: str, index: Index) -> Finding:
    what = "the file name" if how == "stem" else "an alias"
    safe = index.resolve(target.identifier, (target.kind,)).target == target
    edit = replace_scalar(document.source, scalar, target.identifier, document.front)
    return Finding(
        document.source,
        scalar.span,
        f"{quoted(scalar.text)} is {what} of the {target.kind} {quoted(target.identifier)}",
        f"write its identifier, {quoted(target.identifier)}",
        Fix((edit,)) if edit and safe else None,
    )
