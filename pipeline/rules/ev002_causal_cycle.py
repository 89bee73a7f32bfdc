"""What it does
Finds events that cause each other in a circle, over any number of cards. The circle is shown whole,
with the place of each step.

Why it matters
Nothing can be its own cause. One of the steps is the wrong way round or does not hold.

Example
```markdown
---
event_id: type-1040
causal_connections:
  enables: press-1450
  builds_on: press-1450
---
```

Use instead
```markdown
---
event_id: type-1040
causal_connections:
  enables: press-1450
---
```
"""

from collections.abc import Iterator

from pipeline.causality import Step, cycles
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.index import Index
from pipeline.wording import quoted, shown

CODE = "EV002"
NAME = "causal-cycle"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("fronts",)

_SHOWN = 12


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for each knot of events, at its first step."""
    for cycle in cycles(index):
        names = [_name(index, step.cause) for step in cycle]
        left_out = len(names) - _SHOWN
        middle = names[:_SHOWN] + ([f"{left_out} more"] if left_out > 0 else [])
        link = cycle[0].link
        yield Finding(
            link.document.source,
            link.target.span,
            f"these events cause each other in a circle: {' → '.join([*middle, names[0]])}",
            "remove or turn round one of the relations",
            related=tuple(_related(step) for step in cycle[1:]),
        )


def _name(index: Index, path: str) -> str:
    return shown(index.identifier(index.project.by_path[path]))


def _related(step: Step) -> Related:
    link = step.link
    message = f"{quoted(link.name.text)} {quoted(link.target.text)}"
    return Related.at(link.document.source, link.target.span, message)
