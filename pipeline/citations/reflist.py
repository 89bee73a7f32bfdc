"""Reference lists in plain text: the sections and labelled lists that are none of the prose."""

import re
from collections.abc import Iterator

from pipeline.document import Document
from pipeline.expressions import expression
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import prose

_NAME = (
    r"(?:本章|全书|主要)?(?:参考文献|参考资料|参考书目|引用文献|參考文獻|參考資料|參考書目)"
    r"|(?:chapter |selected )?(?:references|bibliography|works cited|literature cited)"
)
_HEADING = expression(rf"[\W\d]*(?:{_NAME})\W*(?:{_NAME})?\W*", re.IGNORECASE)
_LABEL = expression(rf"(?:{_NAME})[ (（]*(?:{_NAME})?[)）]?\s*[:：]?", re.IGNORECASE)
_BOLD = expression(r"(?:\*\*|__)(?=\S)")


def spans(document: Document, index: Index) -> list[Span]:
    """What follows a heading or a bold label of references, up to the next one."""
    return index.of(document, _spans)


def _spans(document: Document, index: Index) -> list[Span]:
    return sorted([*_sections(document), *_labelled(document, index)])


def is_title(text: str) -> bool:
    """Whether a heading is that of a reference list."""
    return len(text) < 200 and _HEADING.fullmatch(text.strip()) is not None


def _sections(document: Document) -> Iterator[Span]:
    headings = document.body.headings
    for at, heading in enumerate(headings):
        if is_title(heading.text):
            after = (item for item in headings[at + 1 :] if item.level <= heading.level)
            end = next((item.span.start for item in after), document.body.span.end)
            yield Span(heading.span.end, end)


def _labelled(document: Document, index: Index) -> Iterator[Span]:
    source = document.source
    start = None
    for item in prose.of(document, index):
        begins = item.block.span.start
        label = item.block.kind == "heading" or _BOLD.match(source.text, begins)
        if start is not None and label:
            yield Span(start, begins)
            start = None
        if label and item.block.kind == "paragraph" and (match := _LABEL.match(item.text)):
            ended = match.end() == len(item.text) or item.text[match.end()] in "\r\n"
            if ended:
                start = item.span(match.end() - 1, match.end()).end
    if start is not None:
        yield Span(start, document.body.span.end)
