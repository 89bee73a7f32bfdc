"""Runs the rules over an index and turns what they yield into diagnostics.

A rule is a module in `rules/` named `<code>_<name>.py`. Its docstring is its page; it has
`CODE`, `NAME`, `SEVERITY`, `FIX` and one or more of

- `check(document, index)`, called for each document. It sees this document and `book.yaml` alone,
  unless `READS` names more of what `facets` knows.
- `check_book(index)`, called for the whole book; where `BOOK_READS` names all that it reads, it is
  called when one of these has changed.
- `collect(document, index)`, texts that the rule wants of each document. It sees what `check` sees,
  and `check_book(index, collected)` gets them by path.
- `prepare(index)`, called beside the rules that read documents, where there are processes: what
  takes long and is kept by who made it.
- `check_ledger(ledger, codes)`, called when it is known what the suppressions were of use for.

Rules yield findings and never act.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from pipeline import discovery, findings, memory
from pipeline.config import RuleSetting
from pipeline.diagnostics import Diagnostic, Severity, fingerprinted
from pipeline.index import Index
from pipeline.progress import Progress, Quiet
from pipeline.project import in_paths
from pipeline.suppression import Baseline, Ledger


@dataclass(frozen=True)
class Selection:
    """Which rules run, and what is reported."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """What reporters get: the diagnostics and the index they were found in."""

    diagnostics: tuple[Diagnostic, ...]
    index: Index

    @property
    def active(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that nothing suppresses."""
        return tuple(item for item in self.diagnostics if item.suppressed is None)

    def count(self, severity: Severity) -> int:
        """How many active diagnostics have a severity."""
        return sum(item.severity is severity for item in self.active)


def rules() -> tuple[ModuleType, ...]:
    """Every rule, sorted by code."""
    return tuple(sorted(discovery.members("rules"), key=lambda rule: str(rule.CODE)))


def check(
    index: Index,
    selection: Selection | None = None,
    baseline: Baseline | None = None,
    jobs: int = os.cpu_count() or 1,
    progress: Callable[[], Progress] = Quiet,
) -> Run:
    """Run the selected rules over the whole book and report what the selection asks for."""
    with memory.held():
        return _checked(index, selection or Selection(), baseline, jobs, progress)


def _checked(
    index: Index,
    wanted: Selection,
    baseline: Baseline | None,
    jobs: int,
    progress: Callable[[], Progress],
) -> Run:
    ran = [rule for rule in rules() if _runs(rule, _setting(rule, index), wanted)]
    early = [rule for rule in ran if not hasattr(rule, "check_ledger")]
    ledger = Ledger(index, (rule.CODE for rule in early), baseline)
    found = _silenced(_diagnostics(early, index, jobs, progress), ledger)
    known = frozenset(str(rule.CODE) for rule in rules())
    for rule in ran:
        if hasattr(rule, "check_ledger"):
            items = findings.diagnosed(rule, index, rule.check_ledger(ledger, known))
            found += _silenced(items, ledger)
    result = sorted(found, key=lambda item: item.sort_key)
    if wanted.paths:
        result = [item for item in result if in_paths(item.path, wanted.paths)]
    return Run(tuple(result), index)


def _setting(rule: ModuleType, index: Index) -> RuleSetting:
    return index.config.rules.get(rule.CODE, RuleSetting())


def _silenced(diagnostics: Iterable[Diagnostic], ledger: Ledger) -> list[Diagnostic]:
    return ledger.apply(fingerprinted(_unique(diagnostics)))


def _runs(rule: ModuleType, setting: RuleSetting, wanted: Selection) -> bool:
    code = str(rule.CODE)
    if code.startswith(wanted.ignore or ("\0",)):
        return False
    if wanted.select:
        return code.startswith(wanted.select)
    return setting.severity != "off" or code.startswith(wanted.extend or ("\0",))


def _diagnostics(
    rules: list[ModuleType], index: Index, jobs: int, progress: Callable[[], Progress]
) -> Iterator[Diagnostic]:
    collected: dict[str, dict[str, tuple[str, ...]]] = {}
    for path, some in findings.of_documents(index, rules, jobs, progress):
        yield from some.diagnostics
        for code, texts in some.collected.items():
            collected.setdefault(code, {})[path] = texts
    for rule in rules:
        if hasattr(rule, "check_book"):
            yield from findings.of_book(rule, index, collected.get(str(rule.CODE), {}))


def _unique(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    return iter(dict.fromkeys(diagnostics))


def fails(run: Run, *, strict: bool) -> bool:
    """Whether the findings reach the fail level: errors, with `strict` warnings too."""
    level = Severity.WARNING if strict else Severity.ERROR
    return any(item.severity.rank <= level.rank and not item.known for item in run.active)


def held_against(run: Run, base: Run) -> Run:
    """The run with every finding marked as known that an earlier state of the book has as well."""
    before = {item.fingerprint for item in base.diagnostics}
    marked = (replace(item, known=item.fingerprint in before) for item in run.diagnostics)
    return replace(run, diagnostics=tuple(marked))
