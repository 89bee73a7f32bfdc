"""What it does
Finds half-width marks between Han (also where emphasis stands between), `...` and `--` beside Han,
spaces beside full-width marks and repeated marks, as GB/T 15834 has it. The colon of a bold label
(`**规模**:`) and ASCII quotes around Han are a matter of the book's `profile`; without one they are
told once for a file. Reference lists, code, math, addresses and citations are not looked at.

Why it matters
Half-width marks are set too tight, break at the wrong place, and look foreign in a Chinese line.

Example
```markdown
北宋的毕昇用胶泥刻字,一字一印...
```

Use instead
```markdown
北宋的毕昇用胶泥刻字，一字一印……
```
"""

from collections.abc import Iterator

from pipeline.citations import reflist
from pipeline.diagnostics import Edit, Finding, Fix, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import profile, prose, punctuation
from pipeline.text.profile import Spelling
from pipeline.text.prose import Text
from pipeline.text.punctuation import Fault

CODE = "TX001"
NAME = "punctuation"
SEVERITY = Severity.WARNING
FIX = "safe"

_NAMES = {"half": "a half-width colon", "full": "a full-width colon"}
_QUOTES = {"ascii": "ASCII quotes", "curly": "curly quotes", "corner": "corner brackets"}


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each fault at its own characters, and what the profile says."""
    labels = list(profile.label_colons(document, index))
    quotes = list(profile.quotations(document, index))
    known = {span for label in labels for span in label.marks}
    left_out = reflist.spans(document, index)
    text = prose.whole(document, index)
    for fault in punctuation.faults(text):
        finding = _finding(document, text, fault)
        if finding.span in known or any(span.contains(finding.span) for span in left_out):
            continue
        yield finding
    yield from _profiled(document, index, labels, quotes)


def _finding(document: Document, text: Text, fault: Fault) -> Finding:
    edits = tuple(
        Edit(document.path, span.start, span.end, changed)
        for start, end, changed in fault.changes
        for span in (text.span(start, end),)
    )
    span = text.span(fault.start, fault.end)
    return Finding(document.source, span, fault.message, fault.help, Fix(edits) if edits else None)


def _profiled(
    document: Document, index: Index, labels: list[Spelling], quotes: list[Spelling]
) -> Iterator[Finding]:
    colon = index.config.setting("profile", "label_colon")
    style = index.config.setting("profile", "quotes")
    if colon in _NAMES:
        for label in labels:
            if label.how != colon:
                message = f"a bold label with {_NAMES[label.how]}; the profile says `{colon}`"
                yield _rewrite(document, label, colon, message)
    if style in _QUOTES:
        for quote in quotes:
            if quote.how != style:
                message = f"{_QUOTES[quote.how]} around Han; the profile says `{style}`"
                yield _rewrite(document, quote, style, message)
    half = [item for item in labels if item.how == "half"] if colon is None else []
    plain = [item for item in quotes if item.how == "ascii"] if style is None else []
    if half or plain:
        yield _undecided(document, half, plain)


def _rewrite(document: Document, spelling: Spelling, how: str, message: str) -> Finding:
    edits = profile.rewritten(document, spelling, how)
    span = Span(spelling.marks[0].start, spelling.marks[-1].end)
    fix = Fix(edits) if edits else None
    return Finding(document.source, span, message, "spell it as the book does", fix)


def _undecided(document: Document, half: list[Spelling], plain: list[Spelling]) -> Finding:
    parts = []
    if half:
        parts.append(f"{_counted(len(half), 'bold label')} with a half-width colon")
    if plain:
        parts.append(f"{_counted(len(plain), 'quotation')} of Han in ASCII quotes")
    first = min(item.marks[0] for item in (*half, *plain))
    return Finding(
        document.source,
        first,
        f"{' and '.join(parts)}, the first here; the book has no profile for them",
        "set `profile: {label_colon: full, quotes: curly}` in book.yaml, or `any`",
        severity=Severity.INFO,
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
