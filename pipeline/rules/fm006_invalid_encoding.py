"""What it does
Finds bytes that are not UTF-8, control characters, and a byte order mark inside the text. All
files that the book is made of are looked at, the bibliography and `book.yaml` too.

Why it matters
Such characters print as boxes or not at all, an EPUB that has one cannot be opened, and a search
for the word around them finds nothing.

Example
```text
caf\xe9      (one byte of Latin-1)
```

Use instead
```text
café         (saved as UTF-8)
```
"""

import re
from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Source, Span
from pipeline.wording import quoted

CODE = "FM006"
NAME = "invalid-encoding"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("entries",)

MOST = 20
_ANY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_BAD = re.compile("[\ud800-\udfff]+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+|\ufeff+")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Each run of such characters; of a file that is full of them the first few."""
    return _strange(document.source)


def check_book(index: Index) -> Iterator[Finding]:
    """Those of `book.yaml` and the bibliographies."""
    for source in (index.project.config_source, *index.project.bibliography_sources):
        yield from _strange(source)


def _strange(source: Source) -> Iterator[Finding]:
    if source.data.startswith(_UTF16) or source.data.count(0) > len(source.data) // 4 > 0:
        yield _not_text(source)
    elif _ANY.search(source.text):
        yield from _runs(source)


def _not_text(source: Source) -> Finding:
    what = "UTF-16" if source.data.startswith(_UTF16) else "no text, or UTF-16"
    end = min(2, len(source.text))
    return Finding(source, Span(0, end), f"the file is {what}, not UTF-8", "save it as UTF-8")


def _runs(source: Source) -> Iterator[Finding]:
    for count, match in enumerate(_BAD.finditer(source.text), 1):
        span = Span(*match.span())
        if count == MOST:
            yield Finding(
                source, span, "more such characters follow; these are not listed", "save as UTF-8"
            )
            return
        yield Finding(source, span, *_words(match[0]))


def _words(run: str) -> tuple[str, str]:
    if run[0] == "\ufeff":
        return "a byte order mark inside the text", "remove it: it is invisible and of no use"
    if "\ud800" <= run[0] <= "\udfff":
        named = " ".join(f"{ord(char) - 0xDC00:02X}" for char in run[:8])
        said = f"byte{'s' if len(run) > 1 else ''} {named}" + ("…" if len(run) > 8 else "")
        return f"not UTF-8: the {said}", "save the file as UTF-8, or write the character anew"
    return f"the control character {quoted(run)}", "remove it"
