"""What it does
Finds links and images whose address has a scheme that is not on the allow list: `javascript:`,
`data:`, `vbscript:` and the like. Allowed are http, https, mailto, tel, doi, and what
`allow: {schemes: […]}` in `book.yaml` names.

Why it matters
Such an address can run code on the reader's machine; the book prints the link as plain text.

Example
```markdown
[演示](javascript:alert(1))
```

Use instead
```markdown
[演示](https://example.org/demo)
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import ALLOWED_SCHEMES, SCHEME, Index
from pipeline.wording import listed, quoted

CODE = "LK006"
NAME = "forbidden-scheme"
SEVERITY = Severity.ERROR
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Every address with a scheme that the book does not allow."""
    for link in document.body.links:
        match = SCHEME.match(link.destination)
        if not match or index.link_target(document, link.destination).where != "forbidden":
            continue
        allowed = listed(sorted(ALLOWED_SCHEMES | set(_more(index))))
        yield Finding(
            document.source,
            link.destination_span,
            f"addresses with {quoted(match[0].lower())} are not allowed",
            f"use {allowed}, or allow the scheme in `book.yaml`: `allow: {{schemes: […]}}`",
        )


def _more(index: Index) -> tuple[str, ...]:
    return tuple(index.config.setting("allow", "schemes", default=()))
