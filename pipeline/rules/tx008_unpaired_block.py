"""What it does
Finds, where the book has an edition of one language, what stays in it in the other language for
want of a counterpart: a paragraph, list, quotation or table with nothing of its kind beside it in
the same section, a heading without a half in that language, a title without its English. One
paragraph beside several is their counterpart if neither says much more than the other, or if it is
marked (`::: {lang=en}`). There is one finding for a file and a language.

Why it matters
A reader who bought the English edition meets Chinese, and the other way round.

Example
```markdown
## 背景

只有一段中文，旁边没有对应的英文。
```

Use instead
```markdown
## 背景 (Background)

一段中文，旁边是对应的英文。

A paragraph of Chinese, with the English that corresponds to it beside.
```
"""

from collections.abc import Iterator

from pipeline import counterparts, language
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span

CODE = "TX008"
NAME = "unpaired-block"
SEVERITY = Severity.WARNING
FIX = ""

SHOWN = 3
_NAMES = {"zh": "Chinese", "en": "English"}
_OTHERS = {"zh": "English", "en": "Chinese"}
_TAGS = {"zh": "en", "en": "zh"}


def check(document: Document, index: Index) -> Iterator[Finding]:
    """At most one finding for each language that some edition keeps alone."""
    kept = dict.fromkeys(edition.only for edition in index.config.editions if edition.only)
    for only in kept:
        names = [edition.name for edition in index.config.editions if edition.only == only]
        if spans := [*_title(document, only), *counterparts.find(document, only).unpaired]:
            yield _finding(document, only, spans, names)


def _title(document: Document, only: str) -> Iterator[Span]:
    """The title, where the edition is English and it has no English half."""
    title, english = language.split_title(document.title, document.title_en)
    if only != "en" or english or language.of(title) != "zh":
        return
    if node := document.field("title") or document.field("name"):
        yield node.span
    else:
        yield from (heading.text_span for heading in document.body.headings[:1])


def _finding(document: Document, only: str, spans: list[Span], editions: list[str]) -> Finding:
    others = len(spans) - 1
    more = f", and {others} more in this file" if others else ""
    named = " and ".join(f"`{name}`" for name in editions)
    word = "edition" if len(editions) == 1 else "editions"
    return Finding(
        document.source,
        _first_line(document, spans[0]),
        f"this {_OTHERS[only]} has no {_NAMES[only]} beside it{more}: it stays in {word} {named}",
        f"write the {_NAMES[only]} next to it, or mark this as its {_OTHERS[only]} version: "
        f"`::: {{lang={_TAGS[only]}}}`",
        related=tuple(
            Related.at(document.source, span, "stays as well") for span in spans[1 : SHOWN + 1]
        ),
    )


def _first_line(document: Document, span: Span) -> Span:
    text = document.source.text
    end = text.find("\n", span.start, span.end)
    return Span(span.start, end if end > span.start else span.end)
