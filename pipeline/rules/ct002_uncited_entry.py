"""What it does
Finds bibliography entries that no text and no `sources` field cites. The parent of a cited entry
(`crossref`, `xdata`) counts as cited.

Why it matters
An entry that nobody cites is in no list of references. Perhaps a citation was lost.

Example
```bibtex
@misc{forgotten2023, title = {A Work That No Chapter Cites}, year = {2023}}
```

Use instead
```markdown
这部著作[@forgotten2023]说得更早。
```
"""

from collections.abc import Iterator

from pipeline.citations import textual
from pipeline.diagnostics import Finding, Severity
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "CT002"
NAME = "uncited-entry"
SEVERITY = Severity.INFO
FIX = ""

_PARENTS = ("crossref", "xdata", "xref", "related", "entryset")
_NO_WORKS = ("xdata", "set", "control", "string")


def check_book(index: Index) -> Iterator[Finding]:
    """One finding at the key of each entry that is cited nowhere."""
    cited = _cited(index)
    if "*" in cited:
        return
    for key, entry in index.entries.items():
        if key not in cited and entry.type not in _NO_WORKS:
            source = index.project.sources[entry.path]
            message = f"nobody cites the entry {quoted(key)}"
            yield Finding(source, entry.key_span, message, "cite it, or remove it")


def _cited(index: Index) -> set[str]:
    cited = {citation.key for document in index.documents for citation in document.body.citations}
    for document in index.documents:
        cited.update(scalar.text for scalar in index.source_scalars(document))
    for mention in textual.mentions(index):  # CT006 speaks of these
        cited.update(work.entry.key for item in mention.works for work in item.found)
    waiting = list(cited)
    while waiting:
        entry = index.entries.get(waiting.pop())
        for name in _PARENTS if entry else ():
            assert entry is not None
            parents = {part.strip() for part in entry.text(name).split(",")} - cited - {""}
            cited |= parents
            waiting += parents
    return cited
