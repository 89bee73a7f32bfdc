"""What it does
Finds citations in plain text, `(Touvron et al., 2023)`, and lines of a list of references that no
bibliography entry answers to. A book without a bibliography is not checked.

Why it matters
The reader is promised a source that the book does not have.

Example
```markdown
规模并非一切(Nemo et al., 2021)。
```

Use instead
```markdown
规模并非一切[@nemo2021scale]。
```
"""

from collections.abc import Iterator

from pipeline.citations import textual
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "CT007"
NAME = "unmatched-textual-citation"
SEVERITY = Severity.WARNING
FIX = ""
READS = textual.READS


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every work that the text names and no bibliography has."""
    for mention in textual.mentions(document, index):
        what = "reference" if mention.reference else "citation"
        for cited in mention.works:
            if not cited.found:
                yield Finding(
                    mention.document.source,
                    cited.span,
                    f"no bibliography entry answers to the {what} {quoted(cited.text)}",
                    "add the entry to the bibliography and write `[@key]`",
                )
