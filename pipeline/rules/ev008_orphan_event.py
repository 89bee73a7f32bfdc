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

from collections.abc import Iterator, Mapping

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "EV008"
NAME = "orphan-event"
SEVERITY = Severity.INFO
FIX = ""
READS = ("listing", "names")
BOOK_READS = ("fronts",)


def collect(document: Document, index: Index) -> set[str]:
    """The paths of the cards that a chapter uses, and of all else that it links to."""
    return set(_used(document, index)) if document.kind == "chapter" else set()


def check_book(index: Index, collected: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """One finding for each unused card, at its identifier."""
    if not index.of_kind("chapter"):
        return
    used = {path for paths in collected.values() for path in paths}
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


def _used(document: Document, index: Index) -> Iterator[str]:
    names = [*document.texts("key_events")]
    names += [div.attributes.identifier for div in document.body.divs]
    for name in names:
        yield from (target.path for target in index.resolve(name, ("event",)).targets)
    for _, _, target in index.links_of(document):
        yield target.path
