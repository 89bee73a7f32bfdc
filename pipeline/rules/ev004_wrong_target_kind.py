"""What it does
Finds a causal relation to the wrong kind of thing: an event relation such as *enables* that names a
concept, or a relation such as *demonstrates* that names an event.

Why it matters
Events cause events; concepts are shown by them. The graph draws only what is of the right kind, so
this relation is lost.

Example
```markdown
---
causal_connections:
  enables: scaling-laws
---
```

Use instead
```markdown
---
causal_connections:
  demonstrates: scaling-laws
---
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.index import CausalLink, Index
from pipeline.wording import listed, quoted

CODE = "EV004"
NAME = "wrong-target-kind"
SEVERITY = Severity.WARNING
FIX = ""
BOOK_READS = ("fronts",)

_KINDS = ("event", "concept")


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for each relation to the wrong kind, at the name of its target."""
    for link in index.causal_links:
        if link.relation is None or link.resolution.targets or not link.target.text:
            continue
        others = index.resolve(link.target.text, _KINDS).targets
        if others:
            yield _finding(link, others[0].kind, index)


def _finding(link: CausalLink, kind: str, index: Index) -> Finding:
    relation = link.relation
    assert relation
    fitting = [item.name for item in index.config.relations.values() if kind in item.targets]
    return Finding(
        link.document.source,
        link.target.span,
        f"{quoted(relation.name)} is a relation to {_with_article(relation.targets)}, and "
        f"{quoted(link.target.text)} is {_with_article((kind,))}",
        f"use a relation to {_with_article((kind,))}: {listed(fitting, limit=12)}",
    )


def _with_article(kinds: tuple[str, ...]) -> str:
    return listed(f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}" for kind in kinds)
