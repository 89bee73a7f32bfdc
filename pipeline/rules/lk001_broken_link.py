"""What it does
Finds relative links and images whose file does not exist. The repair is safe where the evidence
is good: git saw the file move, only the number of `../` is wrong and two or more parts of the path
agree, or one file alone has that name or identifier. Any other guess is unsafe.

Why it matters
A dead link prints as plain text, a missing image as an empty box.

Example
```markdown
Meta随后[公布了第二代](../../manuscript/02-breakthrough/open-wieghts.md)。
```

Use instead
```markdown
Meta随后[公布了第二代](../../manuscript/02-breakthrough/open-weights.md)。
```
"""

from collections.abc import Iterator

from pipeline import repair
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.repair import Dead, Repairs, fix
from pipeline.wording import quoted

CODE = "LK001"
NAME = "broken-link"
SEVERITY = Severity.ERROR
FIX = "safe, unsafe"
READS = repair.READS


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Missing targets, and links out of the project whose target is inside."""
    repairs = index.once(Repairs)
    for dead in repairs.dead(document):
        if dead.outside and not dead.repair:
            continue  # LK003
        if not dead.outside and repairs.other_case(dead.target.path):
            continue  # LK004
        yield _finding(dead, index)


def _finding(dead: Dead, index: Index) -> Finding:
    what = "image" if dead.link.image else "link"
    place = "it climbs out of the book" if dead.outside else f"no file {quoted(dead.target.path)}"
    message = f"the {what} {quoted(dead.link.destination)} is broken: {place}"
    repair, span = dead.repair, dead.link.destination_span
    if repair is None:
        return Finding(dead.document.source, span, message, "mend the path, or remove the link")
    mended = fix(index, dead.document, dead.link, repair)
    path = quoted(mended.edits[0].text if mended else repair.path)
    advice = f"write {path}" if repair.safe else f"did you mean {path}?"
    return Finding(dead.document.source, span, f"{message}; {repair.evidence}", advice, mended)
