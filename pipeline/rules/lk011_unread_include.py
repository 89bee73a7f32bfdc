r"""What it does
Finds directions of mdBook and Quarto that bring other files into a text: `{{#include}}`,
`{{#playground}}`, `{{< include >}}`, `{{< embed >}}`, `{{< video >}}`.

Why it matters
They are not carried out here. The book prints the name of the file, where readers expect the text.

Example
```markdown
{{< include _tides.qmd >}}
```

Use instead
```markdown
潮汐每日两次，大潮在朔望之后。
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.markdown.foreign import INCLUDE
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "LK011"
NAME = "unread-include"
SEVERITY = Severity.WARNING
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each direction; in code only for one that has a line of its own."""
    text = document.source.text
    if "{{" not in text:
        return
    code = [region.span for region in document.body.regions if region.kind == "code"]
    for match in INCLUDE.finditer(text, document.body.span.start):
        span = Span(*match.span())
        line, _ = document.source.position(span.start)
        alone = document.source.line(line).strip() == match[0]
        if alone or not any(place.contains(span) for place in code):
            message = f"{quoted(match['path'])} would be read here, and is not"
            advice = "put its text here, or link to it"
            yield Finding(document.source, span, message, advice)
