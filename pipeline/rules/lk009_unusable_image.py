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

from collections.abc import Iterator, Mapping

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document, Link
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "LK009"
NAME = "unusable-image"
SEVERITY = Severity.ERROR
FIX = ""
READS = ("listing",)


def collect(document: Document, index: Index) -> set[str]:
    """The images of a document: paths of files, and nothing at all for an outside address."""
    return {path for _, path in _images(document, index)}


def check_book(index: Index, collected: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """A finding for every image that is there and cannot be shown."""
    paths = {path for found in collected.values() for path in found}
    faults = {path: fault for path in sorted(paths) if (fault := _fault(path, index))}
    for name, found in sorted(collected.items()):
        if not faults.keys().isdisjoint(found):
            yield from _findings(index.project.by_path[name], index, faults)


def _images(document: Document, index: Index) -> Iterator[tuple[Link, str]]:
    for link in document.body.links:
        if link.image:
            target = index.link_target(document, link.destination)
            if target.where in ("external", "file"):
                yield link, target.path


def _fault(path: str, index: Index) -> str:
    return index.project.picture_fault(path) if path else "outside addresses are not fetched"


def _findings(document: Document, index: Index, faults: Mapping[str, str]) -> Iterator[Finding]:
    for link, path in _images(document, index):
        if fault := faults.get(path):
            yield Finding(
                document.source,
                link.destination_span,
                f"the image {quoted(link.destination)} cannot be shown: {fault}",
                "put a PNG, JPEG, GIF, WebP or SVG of the book's own there",
            )
