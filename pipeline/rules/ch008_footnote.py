"""What it does
Finds footnote marks without a note, notes without a mark, and notes that are given twice.

Why it matters
The reader finds `[^3]` in the text, or a note that was written never appears.

Example
```markdown
铸字划算[^1]。

[^2]: 中文常用字有数千个。
```

Use instead
```markdown
铸字划算[^1]。

[^1]: 中文常用字有数千个。
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, Footnote
from pipeline.index import Index
from pipeline.nearness import Names
from pipeline.wording import quoted

CODE = "CH008"
NAME = "footnote"
SEVERITY = Severity.ERROR
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each mark or note that has no partner, or too many."""
    notes: dict[str, Footnote] = {}
    used = {item.label for item in document.body.footnotes if not item.definition}
    for item in document.body.footnotes:
        if item.definition and item.label in notes:
            place = Related.at(document.source, notes[item.label].span, "the first one")
            message = f"the footnote {quoted(item.label)} is defined twice"
            advice = "give one of the two another label"
            yield Finding(document.source, item.span, message, advice, related=(place,))
        elif item.definition:
            notes[item.label] = item
    names = Names([*notes])
    free = Names(label for label in notes if label not in used)
    for item in document.body.footnotes:
        if not item.definition and item.label not in notes:
            meant = free.nearest(item.label) or names.nearest(item.label)
            yield Finding(
                document.source,
                item.span,
                f"the footnote {quoted(item.label)} has no text",
                f"did you mean {quoted(meant)}?" if meant else f"write `[^{item.label}]: …` below",
            )
    for label, item in notes.items():
        if label not in used:
            yield Finding(
                document.source,
                item.span,
                f"nothing refers to the footnote {quoted(label)}",
                f"put `[^{label}]` where it belongs, or remove the note",
            )
