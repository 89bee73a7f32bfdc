"""What it does
Finds several level-1 headings in a file, a level that is skipped, a level deeper than the book
allows (`heading_depth`), and a heading with nothing below it before the next one of its level or
higher.

Why it matters
The contents list and screen readers are built from the headings.

Example
```markdown
# 活字

#### 材料

胶泥。
```

Use instead
```markdown
# 活字

## 材料

胶泥。
```
"""

from collections.abc import Iterator

from pipeline.citations import reflist
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, Heading
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "CH006"
NAME = "heading-structure"
SEVERITY = Severity.WARNING
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Findings at the headings that are out of place."""
    if document.role == "entry":
        return
    allowed = int(index.config.setting("heading_depth", default=6))
    headings = document.body.headings
    top = next((item for item in headings if item.level == 1), None)
    for at, heading in enumerate(headings):
        before = headings[at - 1] if at else None
        yield from _several(document, heading, top)
        yield from _level(document, heading, before, allowed)
        after = headings[at + 1] if at + 1 < len(headings) else None
        if _empty(document, heading, after):
            message = f"nothing stands below the heading {quoted(heading.text)}"
            yield _finding(document, heading, message, "write the section, or remove the heading")


def _several(document: Document, heading: Heading, top: Heading | None) -> Iterator[Finding]:
    if heading.level == 1 and top is not None and heading is not top:
        yield _finding(
            document,
            heading,
            f"a second level-1 heading, {quoted(heading.text)}",
            "make it a section (`##`), or a chapter of its own in another file",
            Related.at(document.source, top.span, "the first one"),
        )


def _level(
    document: Document, heading: Heading, before: Heading | None, allowed: int
) -> Iterator[Finding]:
    level = heading.level
    if level > allowed:
        message = f"a level-{level} heading, and the book allows {allowed}"
        advice = "raise it, make it a bold label, or set `heading_depth` in book.yaml"
        yield _finding(document, heading, message, advice)
    elif before and level > before.level + 1:
        message = f"level {level} follows level {before.level}: a level is skipped"
        place = Related.at(document.source, before.span, "the heading before it")
        advice = f"write it with {quoted('#' * (before.level + 1))}"
        yield _finding(document, heading, message, advice, place)


def _finding(
    document: Document, heading: Heading, message: str, advice: str, *places: Related
) -> Finding:
    return Finding(document.source, heading.span, message, advice, related=places)


def _empty(document: Document, heading: Heading, after: Heading | None) -> bool:
    """Whether nothing but space and comments follows; the reference list may be set there."""
    if after is None and reflist.is_title(heading.text):
        return False
    if after is not None and after.level > heading.level:
        return False
    end = after.span.start if after else document.body.span.end
    at, text = heading.span.end, document.source.text
    for region in document.body.regions_of("comment"):
        if at <= region.span.start < end and not text[at : region.span.start].strip():
            at = region.span.end
    return not text[at:end].strip()
