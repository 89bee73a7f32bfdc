"""What it does
Finds documents that begin without front matter although the schema of their content type
requires keys. Front and back matter, part pages, `README` and `index` files need none.

Why it matters
A card without front matter has no date, no sources and no identifier: nothing can refer to it,
and it is missing from the timeline and from every check.

Example
```markdown
# Meta发布LLaMA

2023年2月24日，Meta发布了LLaMA。
```

Use instead
```markdown
---
event_id: llama-2023-02
date: 2023-02-24
title: Meta发布LLaMA
---
# Meta发布LLaMA

2023年2月24日，Meta发布了LLaMA。
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.project import INDEX_STEMS
from pipeline.source import Span

CODE = "FM001"
NAME = "missing-front-matter"
SEVERITY = Severity.ERROR
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for a document whose schema requires keys and that has no front matter."""
    if document.role not in ("chapter", "entry") or document.source.stem in INDEX_STEMS:
        return
    if document.front is not None or any(item.code != "FM006" for item in document.problems):
        return
    required = index.project.schemas.required(document.kind)
    if not required:
        return
    keys = ", ".join(f"`{key}`" for key in required)
    first = Span(0, len(document.source.line(1)))
    article = "an" if document.kind[0] in "aeiou" else "a"
    yield Finding(
        document.source,
        document.front_span or first,
        f"{article} {document.kind} needs front matter and this file has none",
        f"begin the file with a line `---`, the keys {keys}, and another line `---`",
    )
