"""What it does
Finds links and images that lead out of the project's folder: a path with too many `../`, a path
from the root of the disk, a `file:` address, a symbolic link that points elsewhere. A path with
too many `../` whose target is found inside is the matter of LK001.

Why it matters
Nothing outside the folder is read, and no other reader has that file.

Example
```markdown
![训练曲线](/home/somebody/Desktop/curve.png)
```

Use instead
```markdown
![训练曲线](../figures/curve.png)
```
"""

from collections.abc import Iterator

from pipeline import repair
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import SCHEME, Index
from pipeline.repair import Dead, Repairs
from pipeline.wording import quoted

CODE = "LK003"
NAME = "link-leaves-project"
SEVERITY = Severity.ERROR
FIX = ""
READS = repair.READS


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Every destination outside the project that nothing inside explains."""
    for dead in index.once(Repairs).dead(document):
        if dead.outside and not dead.repair:
            yield _finding(dead)


def _finding(dead: Dead) -> Finding:
    what = "image" if dead.link.image else "link"
    return Finding(
        dead.document.source,
        dead.link.destination_span,
        f"the {what} {quoted(dead.link.destination)} leaves the project: {_why(dead)}",
        "copy the file into the project and link to it by a relative path",
    )


def _why(dead: Dead) -> str:
    destination = dead.link.destination
    if SCHEME.match(destination):
        return "it names a file of one computer"
    if destination.startswith("/"):
        return "it begins at the root of a disk"
    if dead.target.path == ".." or dead.target.path.startswith("../"):
        return "it climbs above the folder of `book.yaml`"
    return "a symbolic link on its way points elsewhere"
