"""What it does
Finds citations in plain text that a bibliography entry answers to: author and year in parentheses,
`Touvron et al. (2023)`, and the lines of a list of references. A year with a month, `2023-03`, is
none.

Why it matters
A citation in plain text has no number and no link, and nobody notices when its entry is missing.

Example
```markdown
训练遵循缩放定律(Hoffmann et al., 2022)。
```

Use instead
```markdown
训练遵循缩放定律[@hoffmann2022training]。
```
"""

from collections.abc import Iterator

from pipeline.citations import textual
from pipeline.citations.textual import Cited, Mention
from pipeline.diagnostics import Finding, Fix, Severity, replace_span
from pipeline.document import Document
from pipeline.index import Index
from pipeline.wording import listed, quoted

CODE = "CT006"
NAME = "textual-citation"
SEVERITY = Severity.WARNING
FIX = "unsafe"
READS = textual.READS


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every work that the text names and the bibliography has."""
    for mention in textual.mentions(document, index):
        fix = _fix(mention)
        for cited in mention.works:
            if cited.found:
                yield _finding(mention, cited, fix)


def _finding(mention: Mention, cited: Cited, fix: Fix | None) -> Finding:
    keys = [work.entry.key for work in cited.found]
    what = "reference" if mention.reference else "citation"
    note = f", of {cited.found[0].year}" if cited.year_differs else ""
    if len(keys) == 1:
        message = f"the {what} {quoted(cited.text)} is plain text; {quoted(keys[0])} is its entry"
        advice = f"write `[@{keys[0]}{cited.suffix}]`"
    else:
        message = f"the {what} {quoted(cited.text)} is plain text; several entries answer to it"
        advice = f"write the one you mean: {listed(f'[@{key}]' for key in keys)}"
    return Finding(mention.document.source, cited.span, message + note, advice, fix)


def _fix(mention: Mention) -> Fix | None:
    """The whole group at once: half of it in plain text would be worse."""
    text = mention.replacement
    if text is None:
        return None
    return replace_span(mention.document.source, mention.span, text, safe=False)
