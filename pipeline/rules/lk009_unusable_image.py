"""What it does
Finds an image that the book cannot show: of a type that it does not know, damaged, too large, or
at an outside address, which is never fetched.

Why it matters
The book prints its description in a box, where a reader expects the picture.

Example
```markdown
![参数规模](scale.bmp)
```

Use instead
```markdown
![参数规模](scale.png)
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "LK009"
NAME = "unusable-image"
SEVERITY = Severity.ERROR
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """A finding for every image that is there and cannot be shown."""
    for link in document.body.links:
        if not link.image:
            continue
        target = index.link_target(document, link.destination)
        fault = ""
        if target.where == "external":
            fault = "outside addresses are not fetched"
        elif target.where == "file":
            fault = index.project.picture_fault(target.path)
        if fault:
            yield Finding(
                document.source,
                link.destination_span,
                f"the image {quoted(link.destination)} cannot be shown: {fault}",
                "put a PNG, JPEG, GIF, WebP or SVG of the book's own there",
            )
