"""What it does
Compares the level-1 heading of a chapter with its front matter: the number (`第8章`, `Chapter 8:`)
with `chapter_number`, the rest with `title` and `title_en`. It may have either, or the one
with the other in parentheses.

Why it matters
The contents, the running heads and the page itself would name the chapter differently.

Example
```markdown
---
chapter_number: 7
title: 打开的权重
---
# 第5章 打开的权重
```

Use instead
```markdown
---
chapter_number: 7
title: 打开的权重
---
# 第7章 打开的权重
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Fix, Related, Severity, replace_span
from pipeline.document import Document, Heading, Scalar
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import headings, prose
from pipeline.text.prose import Prose
from pipeline.wording import quoted

CODE = "CH002"
NAME = "heading-mismatch"
SEVERITY = Severity.ERROR
FIX = "unsafe"


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most two findings: the number, and the title, each at its own characters."""
    heading = next((item for item in document.body.headings if item.level == 1), None)
    if document.kind != "chapter" or document.role != "chapter" or heading is None:
        return
    if text := prose.heading(document, index):
        yield from _number(document, text)
        yield from _title(document, heading, text)


def _number(document: Document, text: Prose) -> Iterator[Finding]:
    declared = document.field("chapter_number")
    said = headings.numbered(text.text)
    if not isinstance(declared, Scalar) or not declared.text.isdecimal() or said.number is None:
        return
    if len(declared.text) > 9 or said.number == int(declared.text):
        return
    span = text.span(said.start, said.end)
    digits = document.source.slice(span).isdigit()
    fix = replace_span(document.source, span, declared.text, safe=False) if digits else None
    yield Finding(
        document.source,
        span,
        f"the heading says chapter {said.number}, and the front matter {declared.text}",
        "mend the one that is wrong",
        fix,
        (Related.at(document.source, declared.span, "the front matter"),),
    )


def _title(document: Document, heading: Heading, text: Prose) -> Iterator[Finding]:
    title, english = document.text("title"), document.text("title_en")
    declared = document.field("title")
    start = headings.numbered(text.text).title
    said = text.text[start:].strip()
    if declared is None or not said or _agrees(said, title, english):
        return
    span = text.span(start, start + len(text.text[start:].rstrip()))
    yield Finding(
        document.source,
        span,
        f"the heading says {quoted(said)}, and the front matter {quoted(title or english)}",
        "mend the one that is wrong",
        _fix(document, span, said, title),
        (Related.at(document.source, declared.span, "the front matter"),),
    )


def _agrees(said: str, title: str, english: str) -> bool:
    names = [name for name in (title, english) if name]
    titles = {headings.folded(spelling) for name in names for spelling in (name, _bare(name))}
    if headings.folded(said) in titles:
        return True
    whole, *parts = headings.halves(said)
    if parts and all(headings.folded(part) in titles for part in parts):
        return True
    pairs = (f"{title}{english}", f"{english}{title}")
    joined = "".join(char for char in headings.folded(whole) if char not in "/|:")
    return any(joined == _joined(pair) for pair in pairs if title and english)


def _joined(text: str) -> str:
    return "".join(char for char in headings.folded(text) if char not in "/|:")


def _bare(title: str) -> str:
    return title[headings.numbered(title).title :] or title


def _fix(document: Document, span: Span, said: str, title: str) -> Fix | None:
    """Replace the title where the heading has no markup and the title needs none."""
    plain = document.source.slice(span) == said
    if not title or not plain or any(char in title for char in "*_`[]<>\\$#@\n"):
        return None
    english = document.text("title_en")
    both = len(headings.halves(said)) > 1 and english and len(headings.halves(title)) == 1
    written = f"{_bare(title)} ({english})" if both else _bare(title)
    return replace_span(document.source, span, written, safe=False)
