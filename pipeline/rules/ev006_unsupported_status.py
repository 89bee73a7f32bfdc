"""What it does
Finds cards whose `verification_status` says more than their sources bear: `verified` needs one
source that the bibliography has, `highly_verified` two of different authors on different hosts.
A card with a source that the bibliography lacks is CT001's.

Why it matters
The status is a promise to the reader, and the gates of the book rely on it.

Example
```markdown
---
verification_status: highly_verified
sources: [meta2023llama]
---
```

Use instead
```markdown
---
verification_status: verified
sources: [meta2023llama]
---
```
"""

from collections.abc import Iterator

from pipeline.citations.evidence import independent
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document
from pipeline.index import Index

CODE = "EV006"
NAME = "unsupported-status"
SEVERITY = Severity.ERROR
FIX = ""
READS = ("entries",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most one finding, at the status."""
    status = document.field("verification_status")
    if document.kind != "event" or status is None:
        return
    claimed = document.text("verification_status")
    named = [scalar for scalar in index.source_scalars(document) if scalar.text]
    if claimed not in ("verified", "highly_verified") or _unresolved(document, index):
        return
    entries = [index.entries[key] for key in dict.fromkeys(scalar.text for scalar in named)]
    if not entries:
        message = f"`{claimed}`, and the card names no source"
    elif claimed == "verified" or independent(entries):
        return
    elif len(entries) == 1:
        message = "`highly_verified`, and the card names a single source"
    else:
        count = len(entries)
        message = f"`highly_verified`, and no two of the {count} sources differ in authors and host"
    related = [Related.at(document.source, item.span, "the sources") for item in named[:1]]
    yield Finding(
        document.source,
        status.span,
        message,
        "add an independent source, or lower the status",
        related=tuple(related),
    )


def _unresolved(document: Document, index: Index) -> bool:
    """Whether CT001 speaks of this card, or has no bibliography to speak of."""
    keys = [scalar.text for scalar in index.source_scalars(document) if scalar.text]
    return any(key not in index.entries for key in keys)
