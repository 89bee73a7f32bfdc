"""What it does
Finds a key event of a chapter that lies outside the chapter's `period`. Partial dates are
intervals: an event of `2023` may lie in `2023-06/2023-12`.

Why it matters
Either the period or the date is wrong, or the event belongs to another chapter.

Example
```markdown
---
period: 2023-2024
key_events: [gpt3-2020-05]
---
```

Use instead
```markdown
---
period: 2020-2024
key_events: [gpt3-2020-05]
---
```
"""

from collections.abc import Iterator

from pipeline import dates
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, Scalar, scalars
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "EV005"
NAME = "outside-period"
SEVERITY = Severity.WARNING
FIX = ""
READS = ("fronts",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each key event that is surely outside, at its name."""
    period = document.field("period")
    if document.kind != "chapter" or not isinstance(period, Scalar):
        return
    covered = dates.period(period.text)
    if covered is None:
        return
    for scalar in scalars(document.field("key_events")):
        target = index.resolve(scalar.text, ("event",)).target
        if target is None or target.document is None:
            continue
        date = target.document.text("date")
        happened = dates.interval(date)
        if happened and not happened.meets(covered):
            yield Finding(
                document.source,
                scalar.span,
                f"the key event {quoted(scalar.text)} of {date} is outside the chapter's period "
                f"{quoted(period.text)}",
                "mend the period or the date, or name the event in another chapter",
                related=(Related.at(document.source, period.span, "the period"),),
            )
