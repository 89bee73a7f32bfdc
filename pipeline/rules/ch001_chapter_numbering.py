"""What it does
Finds chapter numbers that are given twice or that fall in the order in which the chapters are read.
With `numbering: complete` in `book.yaml` gaps are found too.

Why it matters
“See chapter 7” leads the reader to the wrong place, and the contents list looks careless.

Example
```markdown
---
title: 报纸
chapter_number: 1
---
```

Use instead
```markdown
---
title: 报纸
chapter_number: 2
---
```
"""

from collections.abc import Iterator

from pipeline import order
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index

CODE = "CH001"
NAME = "chapter-numbering"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("fronts",)

Numbered = tuple[int, Document, Scalar]


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for each number that is wrong, at the number."""
    chapters = list(_numbered(index))
    first: dict[int, Numbered] = {}
    highest: Numbered | None = None
    for chapter in chapters:
        number = chapter[0]
        if number in first:
            yield _finding(chapter, f"chapter number {number} is taken", first[number])
        elif highest and number < highest[0]:
            message = f"chapter {number} is read after chapter {highest[0]}"
            yield _finding(chapter, message, highest)
        first.setdefault(number, chapter)
        if highest is None or number > highest[0]:
            highest = chapter
    if index.config.setting("numbering", default="free") == "complete":
        yield from _gaps(sorted(first.values(), key=lambda item: item[0]))


def _numbered(index: Index) -> Iterator[Numbered]:
    for document in order.chapters(index):
        node = document.field("chapter_number")
        if isinstance(node, Scalar) and node.text.isdecimal() and len(node.text) < 10:
            yield int(node.text), document, node


def _finding(chapter: Numbered, message: str, other: Numbered) -> Finding:
    _, document, node = chapter
    place = Related.at(other[1].source, other[2].span, f"chapter {other[0]}")
    help_ = "number the chapters as they are read, or change `order` in book.yaml"
    return Finding(document.source, node.span, message, help_, related=(place,))


def _gaps(chapters: list[Numbered]) -> Iterator[Finding]:
    before = 0
    for number, document, node in chapters:
        if number > before + 1:
            missing = f"chapter {before + 1} is" if number == before + 2 else (
                f"chapters {before + 1} to {number - 1} are"
            )  # fmt: skip
            yield Finding(
                document.source,
                node.span,
                f"{missing} missing before chapter {number}",
                "close the gap, or set `numbering: free` in book.yaml",
            )
        before = number
