"""What it does
Finds a chapter that uses an event whose verification is below what the book's gate asks for the
chapter's status (`gates: {final: verified}` in `book.yaml`). It uses an event by `key_events` or by
a link. What a status asks, a later one asks too unless it has a gate of its own.

Why it matters
A final chapter that leans on a rumour is not final. By default there is no gate.

Example
```yaml
gates: {final: verified}
```
```markdown
---
status: final
key_events: [llama-leak-2023]   # verification_status: reported
---
```

Use instead
```markdown
---
status: reviewed
key_events: [llama-leak-2023]
---
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, scalars
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text.statuses import VERIFICATION, at_status
from pipeline.wording import quoted

CODE = "CH007"
NAME = "status-gate"
SEVERITY = Severity.ERROR
FIX = ""
READS = ("fronts", "listing")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each event below the gate, where the chapter first names it."""
    gate = at_status(index.config.setting("gates", default={}), document.text("status"))
    if document.kind != "chapter" or gate not in VERIFICATION:
        return
    seen: set[str] = set()
    for event, span in _used(document, index):
        status = event.text("verification_status")
        if event.path in seen or _reaches(status, gate):
            continue
        seen.add(event.path)
        verified = quoted(status) if status else "without status"
        node = event.field("verification_status") or event.field("event_id")
        place = node.span if node else Span(0, 0)
        yield Finding(
            document.source,
            span,
            f"a {document.text('status')} chapter asks for {quoted(gate)} events, and "
            f"{quoted(index.identifier(event))} is {verified}",
            "find better sources for the event, or lower the status of the chapter",
            related=(Related.at(event.source, place, "the event"),),
        )


def _used(document: Document, index: Index) -> Iterator[tuple[Document, Span]]:
    for scalar in scalars(document.field("key_events")):
        target = index.resolve(scalar.text, ("event",)).target
        if target and target.document:
            yield target.document, scalar.span
    for link in document.body.links:
        found = index.link_target(document, link.destination).document
        if found and found.kind == "event":
            yield found, link.span


def _reaches(status: str, gate: str) -> bool:
    return status in VERIFICATION and VERIFICATION.index(status) >= VERIFICATION.index(gate)
