"""What it does
Finds chapters without a section that `required_sections` in `book.yaml` asks for, of all chapters
or of those of a status. A heading counts, whole or by one half (`小结 (Summary)`), and so does a
bold label (`**小结**：`). What a status asks, a later one asks too, unless it has its own list.

Why it matters
Readers rely on every chapter being built alike. By default nothing is required.

Example
```yaml
required_sections: {final: [小结]}
```
```markdown
---
status: final
---
# 活字
```

Use instead
```markdown
---
status: final
---
# 活字

## 小结 (Summary)

活字使书价下降。
```
"""

from collections.abc import Iterator, Mapping

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.nearness import Names
from pipeline.source import Span
from pipeline.text import headings, prose
from pipeline.text.statuses import at_status
from pipeline.wording import quoted

CODE = "CH005"
NAME = "missing-section"
SEVERITY = Severity.WARNING
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each section that is missing, at the chapter's heading."""
    if document.kind != "chapter" or document.role != "chapter":
        return
    configured = index.config.setting("required_sections", default=())
    status = document.text("status")
    required = at_status(configured, status) if isinstance(configured, Mapping) else configured
    if not required:
        return
    titles = [*_titles(document, index)]
    for name in dict.fromkeys(map(str, required)):
        if not any(headings.named(title, name) for title in titles):
            yield _finding(document, name, titles)


def _titles(document: Document, index: Index) -> Iterator[str]:
    yield from (heading.text for heading in document.body.headings)
    for item in prose.of(document, index):
        place = item.block.span.start
        mark = document.source.text[place : place + 2]
        if mark in ("**", "__") and item.block.kind != "heading":
            end = document.source.text.find(mark, place + 2, item.block.span.end)
            label = document.source.text[place + 2 : end] if end > 0 else ""
            yield label.strip().rstrip(":：")


def _finding(document: Document, name: str, titles: list[str]) -> Finding:
    first = next((item.span for item in document.body.headings if item.level == 1), None)
    status = document.field("status")
    span = first or (status.span if status else Span(0, 0))
    spellings = [half for title in titles for half in headings.halves(title)]
    meant = Names(spellings).nearest(name)
    advice = f"write a heading {quoted(name)}, or change `required_sections` in book.yaml"
    return Finding(
        document.source,
        span,
        f"the section {quoted(name)} is missing",
        f"did you mean {quoted(meant)}? Else {advice}" if meant else advice,
    )
