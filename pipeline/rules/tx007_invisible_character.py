"""What it does
Finds zero-width characters, controls of writing direction, soft hyphens, and radicals that look
like Han characters (`⼈` for `人`). Joiners within emoji and marks in right-to-left text are fine.
In the front matter they are told and not removed.

Why it matters
Nobody sees them, and searches, links and identifiers fail for them.

Example
```markdown
活(U+200B)字
```

Use instead
```markdown
活字
```
"""

import re
import unicodedata
from collections.abc import Iterator

from pipeline.diagnostics import Edit, Finding, Fix, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import prose
from pipeline.text.prose import Prose
from pipeline.text.typography import INVISIBLE, RADICALS

CODE = "TX007"
NAME = "invisible-character"
SEVERITY = Severity.WARNING
FIX = "safe"

_SUSPECT = re.compile(f"[{''.join(INVISIBLE)}{RADICALS}]")
_JOINERS = "\u200c\u200d"
_MARKS = "\u200e\u200f\u061c"


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each such character of the prose and the front matter."""
    text = document.source.text
    if not _SUSPECT.search(text):
        return
    if document.front_span:
        for match in _SUSPECT.finditer(text, document.front_span.start, document.front_span.end):
            if not _is_meant(text, match.start()):
                yield _finding(document, Span(*match.span()), match[0], None)
    for item in prose.of(document, index):
        yield from _in_block(document, item)


def _in_block(document: Document, item: Prose) -> Iterator[Finding]:
    for match in _SUSPECT.finditer(item.text):
        span = item.span(*match.span())
        if document.source.slice(span) == match[0] and not _is_meant(item.text, match.start()):
            plain = _plain(match[0])
            edit = Edit(document.path, span.start, span.end, plain)
            yield _finding(document, span, match[0], Fix((edit,)))


def _plain(char: str) -> str:
    return "" if char in INVISIBLE else unicodedata.normalize("NFKC", char)


def _is_meant(text: str, at: int) -> bool:
    """Whether a character does its proper work, or is a radical with no other form."""
    char = text[at]
    if char not in INVISIBLE:
        return _plain(char) == char
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if char in _JOINERS:
        return _joins(before) and _joins(after)
    return char in _MARKS and any(unicodedata.bidirectional(other) in ("R", "AL") for other in text)


def _joins(char: str) -> bool:
    """Whether a joiner makes sense beside a character: emoji, and scripts that join letters."""
    if not char:
        return False
    name = unicodedata.name(char, "")
    return unicodedata.category(char) in ("So", "Sk", "Mn", "Mc") or (
        char.isalpha() and not name.startswith(("CJK", "LATIN", "HIRAGANA", "KATAKANA"))
    )


def _finding(document: Document, span: Span, char: str, fix: Fix | None) -> Finding:
    code = f"U+{ord(char):04X}"
    if char in INVISIBLE:
        message, advice = f"an invisible character: {INVISIBLE[char]} ({code})", "remove it"
    else:
        message = f"the radical {code} in place of the character `{_plain(char)}`"
        advice = f"write `{_plain(char)}`"
    return Finding(document.source, span, message, advice, fix)
