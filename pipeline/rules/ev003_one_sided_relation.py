"""What it does
Finds a relation that only one of the two cards knows: A *enables* B, and B does not say that it is
*enabled by* A. The fix writes the other half, in the style of what is there.

Why it matters
Each card is read alone. The causal graph has the relation either way, and the reader of the second
card does not.

Example
```markdown
---
event_id: press-1450
causal_connections: {enables: paper-1605}
---
```

Use instead
```markdown
---
event_id: paper-1605
causal_connections: {enabled_by: press-1450}
---
```
"""

from collections.abc import Iterator

from pipeline.causality import contradicts, one_sided
from pipeline.changes.insertions import add_relation
from pipeline.diagnostics import Finding, Fix, Related, Severity
from pipeline.index import CausalLink, Index
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "EV003"
NAME = "one-sided-relation"
SEVERITY = Severity.INFO
FIX = "safe"
BOOK_READS = ("fronts",)


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for each half that is missing, where the other half stands."""
    seen: set[tuple[str, str, str]] = set()
    for link in one_sided(index):
        target = link.resolution.target
        assert target and link.relation
        key = (link.document.path, link.relation.name, target.path)
        if key not in seen and not contradicts(link):
            yield _finding(link, index)
        seen.add(key)


def _finding(link: CausalLink, index: Index) -> Finding:
    target, relation = link.resolution.target, link.relation
    assert target and target.document and relation and relation.inverse
    here = index.identifier(link.document)
    edits = add_relation(target.document, "causal_connections", relation.inverse, here)
    node = target.document.field("causal_connections")
    place = node.span if node else target.document.front_span or Span(0, 0)
    return Finding(
        link.document.source,
        link.target.span,
        f"{quoted(target.identifier)} does not say {quoted(relation.inverse)} {quoted(here)}",
        f"add it to {quoted(target.path)}, so that both cards tell of it",
        Fix(edits) if edits else None,
        (Related.at(target.document.source, place, "the other card"),),
    )
