"""What it does
Finds rows of a pipe table with more or fewer cells than its head.

Why it matters
Surplus cells vanish from the book without a word, missing ones shift the meaning of the row.

Example
```markdown
| 地方 | 材料 |
|---|---|
| 汴京 | 胶泥 | 1040 |
```

Use instead
```markdown
| 地方 | 材料 |
|---|---|
| 汴京 | 胶泥 |
```
"""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document
from pipeline.index import Index

CODE = "CH009"
NAME = "table-shape"
SEVERITY = Severity.WARNING
FIX = ""


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each row of the wrong shape."""
    for table in document.body.tables:
        expected = len(table.head.cells)
        if expected != table.columns:
            yield Finding(
                document.source,
                table.head.span,
                f"the head has {_cells(expected)}, and the line below it {table.columns}",
                "give each column of the head its dashes: `|---|---|`",
            )
        for row in table.rows:
            if len(row.cells) != expected:
                yield Finding(
                    document.source,
                    row.span,
                    f"the row has {_cells(len(row.cells))}, and the head {expected}",
                    "add or remove cells; a bar in a cell is written `\\|`",
                    related=(Related.at(document.source, table.head.span, "the head"),),
                )


def _cells(number: int) -> str:
    return f"{number} cell" if number == 1 else f"{number} cells"
