"""What it does
Finds a link or image whose path differs from that of an existing file in case or Unicode form only.

Why it matters
The link works on the author's Mac or Windows and is dead on GitHub, on a server and on Linux.

Example
```markdown
![训练曲线](../Figures/curve.PNG)
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
from pipeline.index import Index
from pipeline.repair import Dead, Repair, Repairs, fix
from pipeline.wording import quoted

CODE = "LK004"
NAME = "case-mismatch"
SEVERITY = Severity.WARNING
FIX = "safe"
READS = repair.READS


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Every missing target that another spelling of its path would find."""
    repairs = index.once(Repairs)
    for dead in repairs.dead(document):
        found = None if dead.outside else repairs.other_case(dead.target.path)
        if found:
            yield _finding(dead, found, index)


def _finding(dead: Dead, path: str, index: Index) -> Finding:
    same = path.casefold() == dead.target.path.casefold()
    how = "upper and lower case" if same else "the Unicode form of its characters"
    mended = fix(index, dead.document, dead.link, Repair(path, "", safe=True))
    return Finding(
        dead.document.source,
        dead.link.destination_span,
        f"{quoted(dead.link.destination)} differs from the file's name in {how}",
        f"write {quoted(mended.edits[0].text if mended else path)} as the file is called",
        mended,
    )
