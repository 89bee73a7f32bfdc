"""What it does
Finds a link to a Markdown file that exists and is in no edition of the book: it lies outside the
folders of the content types, or the status, tags or chapters of every edition leave it out.

Why it matters
In the printed book such a link is plain text: the reader cannot follow it.

Example
```markdown
见[编辑笔记](../../notes/todo.md)。
```

Use instead
```markdown
见[下一章](open-weights.md)。
```
"""

from collections.abc import Iterator

from pipeline import book
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document, Link
from pipeline.index import Index, LinkTarget
from pipeline.project import SUFFIXES
from pipeline.wording import quoted

CODE = "LK005"
NAME = "unlisted-target"
SEVERITY = Severity.WARNING
FIX = ""
READS = ("editions", "listing")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Links to Markdown files that no edition has."""
    listed = index.once(book.listed)
    seen: set[int] = set()
    for _, link, target in index.links_of(document):
        place = link.destination_span.start
        if target.where != "file" or link.image or place in seen:
            continue
        seen.add(place)
        path = target.document.path if target.document else target.path
        if path.endswith(SUFFIXES) and path not in listed:
            yield _finding(document, link, target)


def _finding(document: Document, link: Link, target: LinkTarget) -> Finding:
    if target.document is None:
        advice = "move it into a folder of the book, or name the file without linking to it"
    else:
        advice = "let an edition of `book.yaml` have it, or remove the link"
    return Finding(
        document.source,
        link.destination_span,
        f"{quoted(target.path)} exists, and no edition of the book has it",
        advice,
    )
