"""What it does
Compares the page of an event card with its front matter: the date in parentheses of the level-1
heading with `date`, the badge line with `significance_level`, the footer's *Verification Status*
with `verification_status`. No other date of the page is looked at. `(2023-02)` agrees with
`2023-02-24`.

Why it matters
The card is printed from both, so that the reader sees two dates for one event.

Example
```markdown
---
date: 2023-02-24
significance_level: critical
---
# Meta发布LLaMA (2023-03-24)

**🟠 重大事件** | **Major Event**
```

Use instead
```markdown
---
date: 2023-02-24
significance_level: critical
---
# Meta发布LLaMA (2023-02-24)

**🔴 关键里程碑** | **Critical Milestone**
```
"""

from collections.abc import Iterator

from pipeline import card, dates
from pipeline.diagnostics import Applicability, Edit, Finding, Fix, Related, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "EV007"
NAME = "disagreeing-card"
SEVERITY = Severity.ERROR
FIX = "unsafe"


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most three findings, each where the page says otherwise."""
    if document.kind == "event":
        yield from _date(document, index)
        yield from _badge(document, index)
        yield from _status(document, index)


def _date(document: Document, index: Index) -> Iterator[Finding]:
    declared = document.text("date").strip()
    known, said = dates.interval(declared), card.heading_date(document, index)
    if known is None or said is None:
        return
    shown = dates.interval(said.value)
    if shown and not shown.meets(known):
        fits = said.value == said.text
        edits = (_edit(document, said.span, declared),) if fits else ()
        message = f"the heading says {said.text}, and the front matter {declared}"
        yield _finding(document, "date", said.span, message, edits)


def _badge(document: Document, index: Index) -> Iterator[Finding]:
    declared = document.text("significance_level")
    badges = index.config.badges
    wrong = [said for said in card.badge(document, index) if said.value != declared]
    if declared not in badges or not wrong:
        return
    edits = []
    for said in wrong:
        text = card.badge_part(badges, declared, said)
        if text is not None and document.source.slice(said.span) == said.text:
            edits.append(_edit(document, said.span, text))
    span = Span(wrong[0].span.start, wrong[-1].span.end)
    message = f"the badge says {quoted(wrong[0].value)}, and the front matter {quoted(declared)}"
    whole = tuple(edits) if len(edits) == len(wrong) else ()
    yield _finding(document, "significance_level", span, message, whole)


def _status(document: Document, index: Index) -> Iterator[Finding]:
    declared = document.text("verification_status")
    said = card.footer_status(document, index)
    if not declared or said is None or said.value == declared:
        return
    message = f"the footer says {quoted(said.text)}, and the front matter {quoted(declared)}"
    edits: tuple[Edit, ...] = ()
    if said.text.isascii() and document.source.slice(said.span) == said.text:
        edits = (_edit(document, said.span, _spelt(declared, said.text)),)
    yield _finding(document, "verification_status", said.span, message, edits)


def _spelt(status: str, like: str) -> str:
    if "_" in like:
        return status
    words = status.replace("_", " ")
    return words.capitalize() if like[0].isupper() else words


def _edit(document: Document, span: Span, text: str) -> Edit:
    return Edit(document.path, span.start, span.end, text)


def _finding(
    document: Document, field: str, span: Span, message: str, edits: tuple[Edit, ...]
) -> Finding:
    node = document.field(field)
    assert node is not None
    return Finding(
        document.source,
        span,
        message,
        "mend the one that is wrong",
        Fix(edits, Applicability.UNSAFE) if edits else None,
        (Related.at(document.source, node.span, "the front matter"),),
    )
