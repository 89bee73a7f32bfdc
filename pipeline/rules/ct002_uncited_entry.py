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

from collections.abc import Iterator, Mapping

from pipeline.citations import textual
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "CT002"
NAME = "uncited-entry"
SEVERITY = Severity.INFO
FIX = ""
READS = textual.READS
BOOK_READS = ("entries",)

_PARENTS = ("crossref", "xdata", "xref", "related", "entryset")
_NO_WORKS = ("xdata", "set", "control", "string")


def collect(document: Document, index: Index) -> set[str]:
    """The keys that a document cites, also in plain text: CT006 speaks of these."""
    cited = {citation.key for citation in document.body.citations}
    cited.update(scalar.text for scalar in index.source_scalars(document))
    for mention in textual.mentions(document, index):
        cited.update(work.entry.key for item in mention.works for work in item.found)
    return cited


def check_book(index: Index, collected: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """One finding at the key of each entry that is cited nowhere."""
    cited = _with_parents({key for keys in collected.values() for key in keys}, index)
    if "*" in cited:
        return
    for key, entry in index.entries.items():
        if key not in cited and entry.type not in _NO_WORKS:
            source = index.project.sources[entry.path]
            message = f"nobody cites the entry {quoted(key)}"
            yield Finding(source, entry.key_span, message, "cite it, or remove it")


def _with_parents(cited: set[str], index: Index) -> set[str]:
    waiting = list(cited)
    while waiting:
        entry = index.entries.get(waiting.pop())
        for name in _PARENTS if entry else ():
            assert entry is not None
            parents = {part.strip() for part in entry.text(name).split(",")} - cited - {""}
            cited |= parents
            waiting += parents
    return cited
