"""What it does
Finds sections of a chapter that give figures (percentages, sums of money, counts, sizes) and cite
nothing: no key, no author and year, no outside address, not even in a footnote. A section reaches
from one heading to the next; it is told once, at its first figure.

Why it matters
Figures are what readers check first. This is a list for the editor, no verdict.

Example
```markdown
## 价格

一部《圣经》售30万元。
```

Use instead
```markdown
## 价格

一部《圣经》售30万元[@fuessel2005]。
```
"""

from collections.abc import Iterator

from pipeline.citations import reflist
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import quantities, sections
from pipeline.text.sections import Section
from pipeline.wording import quoted

CODE = "FT001"
NAME = "unsourced-figure"
SEVERITY = Severity.INFO
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most one finding for each section."""
    if document.kind != "chapter" or document.role != "chapter":
        return
    left_out = reflist.spans(document, index)
    cites = sections.citing(document)
    for section in sections.of(document, index):
        found = [] if cites(section) else list(_figures(section, left_out))
        if not found:
            continue
        more = len(found) - 1
        others = f" and {more} more figure{'s' if more > 1 else ''}" if more else ""
        yield Finding(
            document.source,
            found[0],
            f"{quoted(document.source.slice(found[0]))}{others} in a section that cites nothing",
            "say where the figure is from: `[@key]`",
        )


def _figures(section: Section, left_out: list[Span]) -> Iterator[Span]:
    for item in section.blocks:
        if left_out and any(span.contains(item.block.span) for span in left_out):
            continue
        for start, end in quantities.figures(item.text):
            yield item.span(start, end)
