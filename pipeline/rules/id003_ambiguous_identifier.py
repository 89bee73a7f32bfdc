"""What it does
Finds a name in the front matter that several targets answer to: an alias that two concepts share,
the file name of two cards in different folders.

Why it matters
The book would have to guess which is meant.

Example
```markdown
---
key_events: [release]        # events/2023/release.md or events/2024/release.md?
---
```

Use instead
```markdown
---
key_events: [llama-2023-02]
---
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index, Resolution
from pipeline.naming import named
from pipeline.source import Span
from pipeline.wording import listed, quoted

CODE = "ID003"
NAME = "ambiguous-identifier"
SEVERITY = Severity.ERROR
FIX = ""
READS = ("names",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every name with several targets; ID001 speaks of equal identifiers."""
    for scalar, resolution in named(document, index):
        kinds = {target.kind for target in resolution.targets}
        if resolution.how == "id" and len(kinds) == 1:
            continue
        if len(resolution.targets) > 1:
            yield _finding(document, scalar, resolution)


def _finding(document: Document, scalar: Scalar, resolution: Resolution) -> Finding:
    targets = resolution.targets
    names = listed((f"{target.kind} `{target.identifier}`" for target in targets), "and")
    related = tuple(
        Related.at(target.document.source, Span(0, 0), f"this {target.kind} answers to it")
        for target in targets
        if target.document
    )
    return Finding(
        document.source,
        scalar.span,
        f"{quoted(scalar.text)} may mean several things: {names}",
        "write the identifier of the one that is meant",
        related=related,
    )
