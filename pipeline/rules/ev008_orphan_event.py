"""What it does
Finds an event card that no chapter uses: none lists it in `key_events`, links to it or sets it as
an event box. A book without chapters is not checked.

Why it matters
Work went into the card and the reader meets it only in the appendix; or a chapter forgot its event.

Example
```markdown
---
event_id: press-1450
---
```

Use instead
```markdown
---
title: 活字
key_events: [press-1450]
---
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "EV008"
NAME = "orphan-event"
SEVERITY = Severity.INFO
FIX = ""


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for each unused card, at its identifier."""
    if not index.of_kind("chapter"):
        return
    used = set(_used(index))
    for document in index.of_kind("event"):
        if document.path not in used:
            kind = index.config.content_type("event")
            node = document.field(kind.id_field) if kind else None
            yield Finding(
                document.source,
                node.span if node else Span(0, 0),
                f"no chapter uses the event {quoted(index.identifier(document))}",
                "list it in the `key_events` of a chapter, or link to its card",
            )


def _used(index: Index) -> Iterator[str]:
    for document in index.documents:
        if document.kind == "chapter":
            yield from _named(document, index)
            for link in document.body.links:
                target = index.link_target(document, link.destination)
                yield target.path


def _named(document: Document, index: Index) -> Iterator[str]:
    names = [*document.texts("key_events")]
    names += [div.attributes.identifier for div in document.body.divs]
    for name in names:
        yield from (target.path for target in index.resolve(name, ("event",)).targets)
