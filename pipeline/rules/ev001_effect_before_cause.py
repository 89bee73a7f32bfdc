"""What it does
Finds a causal relation that the dates of the two events deny: an event that *enables* an earlier
one, or *responds to* a later one. Partial dates are intervals (`2023` is the whole year), and only
what is certain counts.

Why it matters
A cause after its effect is the plainest error a chronicle can make, and readers do find it.

Example
```markdown
---
event_id: llama-2023-02
date: 2023-02-24
causal_connections:
  - response_to: gpt4-2023-03
---
```

Use instead
```markdown
---
event_id: llama-2023-02
date: 2023-02-24
causal_connections:
  - response_to: chatgpt-2022-11
---
```
"""

from collections.abc import Iterator

from pipeline.causality import contradictions
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document
from pipeline.index import CausalLink, Index
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "EV001"
NAME = "effect-before-cause"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("fronts",)


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for every relation that the dates deny, at the name of the target."""
    for link in contradictions(index):
        yield _finding(link)


def _finding(link: CausalLink) -> Finding:
    target = link.resolution.target
    assert target and target.document and link.relation
    here, there = link.document.text("date"), target.document.text("date")
    order = "before" if link.relation.direction == "later" else "after"
    return Finding(
        link.document.source,
        link.target.span,
        f"{quoted(link.relation.name)} names {quoted(link.target.text)} of {there}, which happened "
        f"{order} this event of {here}",
        "mend the date that is wrong, or say the relation the other way round",
        related=(
            Related.at(link.document.source, _date(link.document), "the date of this event"),
            Related.at(target.document.source, _date(target.document), "the date of the other"),
        ),
    )


def _date(document: Document) -> Span:
    node = document.field("date")
    return node.span if node else Span(0, 0)
