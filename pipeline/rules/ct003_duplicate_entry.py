"""What it does
Finds a bibliography key that is used twice, and one work under two keys: entries with the same
DOI, with the same arXiv identifier whatever its version, or with the same title and first author
and years that differ by one at most.

Why it matters
Of two entries with one key the second is ignored. A work under two keys has two numbers in the
list of references.

Example
```bibtex
@misc{touvron2023llama,    title = {LLaMA}, eprint = {2302.13971v1}, archiveprefix = {arXiv}}
@misc{touvron2023open,     title = {LLaMA}, url = {https://arxiv.org/abs/2302.13971}}
```

Use instead
```bibtex
@misc{touvron2023llama,    title = {LLaMA}, eprint = {2302.13971}, archiveprefix = {arXiv}}
```
"""

from collections.abc import Iterator

from pipeline.bibliography import Entry
from pipeline.citations import works
from pipeline.citations.works import Work
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "CT003"
NAME = "duplicate-entry"
SEVERITY = Severity.WARNING
FIX = ""
BOOK_READS = ("entries",)


def check_book(index: Index) -> Iterator[Finding]:
    """One finding at the key of each entry that repeats an earlier one."""
    for entry in index.project.entries:
        first = index.entries[entry.key]
        if entry is not first:
            message = f"the key {quoted(entry.key)} is taken, and this entry ignored"
            yield _finding(index, entry, first, message, "give one of the two another key")
    yield from _same_work(index)


def _same_work(index: Index) -> Iterator[Finding]:
    seen: dict[tuple[str, str, object], Work] = {}
    for work in works.works(index):
        facts = list(_facts(work))
        known = [(what, seen[fact]) for what, fact in facts if fact in seen]
        if known:
            what, first = known[0]
            message = f"{quoted(work.entry.key)} is the work of {quoted(first.entry.key)}: {what}"
            yield _finding(index, work.entry, first.entry, message, "keep one, and cite that")
        for fact in _claims(work):
            seen.setdefault(fact, work)


def _facts(work: Work) -> Iterator[tuple[str, tuple[str, str, object]]]:
    """What would show that an earlier entry is the same work."""
    if work.doi:
        yield "the same DOI", ("doi", work.doi, None)
    if work.arxiv:
        yield "the same arXiv identifier", ("arxiv", work.arxiv, None)
    if work.title and work.authors and work.year is not None:
        name = f"{work.title}\0{work.authors[0].family}"
        yield "the same title, first author and year", ("title", name, work.year)


def _claims(work: Work) -> Iterator[tuple[str, str, object]]:
    for _, (kind, name, year) in _facts(work):
        yield kind, name, year
        if isinstance(year, int):
            yield kind, name, year - 1
            yield kind, name, year + 1


def _finding(index: Index, entry: Entry, first: Entry, message: str, help_: str) -> Finding:
    sources = index.project.sources
    related = Related.at(sources[first.path], first.key_span, "the first one is here")
    return Finding(sources[entry.path], entry.key_span, message, help_, related=(related,))
