"""What it does
Finds bibliography entries without a field that their type requires, and fields whose value cannot
be right: a year, a date, a URL, a DOI, a list of names, a range of pages, a `langid`.

Why it matters
The list of references prints what is there: `王芳, 李明` becomes one person, a missing year becomes
nothing at all, and an entry in an unknown language gets *et al.* for `等`.

Example
```bibtex
@article{wang2023,
  author = {王芳, 李明},
  title  = {大模型评测},
  pages  = {412--387},
  langid = {chinees}
}
```

Use instead
```bibtex
@article{wang2023,
  author  = {王芳 and 李明},
  title   = {大模型评测},
  journal = {计算机学报},
  year    = {2023},
  pages   = {387--412},
  langid  = {zh-CN}
}
```
"""

from collections.abc import Iterator

from pipeline.citations import entry_checks
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Problem
from pipeline.index import Index
from pipeline.wording import quoted

CODE = "CT004"
NAME = "incomplete-entry"
SEVERITY = Severity.WARNING
FIX = ""
BOOK_READS = ("entries",)


def check_book(index: Index) -> Iterator[Finding]:
    """Missing fields at the key of an entry, malformed ones at their values."""
    problems: dict[str, list[Problem]] = {}
    for source, problem in index.project.problems:
        problems.setdefault(source.path, []).append(problem)
    for entry in index.entries.values():
        source = index.project.sources[entry.path]
        broken = any(
            problem.code == "CT005" and entry.span.start <= problem.span.start < entry.span.end
            for problem in problems.get(entry.path, ())
        )  # what follows a brace that is never closed was not read: CT005 speaks of it
        if not broken and (fields := entry_checks.missing(entry)):
            what = entry_checks.told(fields)
            message = f"the entry {quoted(entry.key)} has no {what}"
            yield Finding(source, entry.key_span, message, f"`@{entry.type}` needs it")
        for field, message, help_ in entry_checks.malformed(entry):
            yield Finding(source, field.span, message, help_)
