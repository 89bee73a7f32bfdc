"""Runs the rules over an index and turns what they yield into diagnostics.

A rule is a module in `rules/` named `<code>_<name>.py`. Its docstring is its page; it has
`CODE`, `NAME`, `SEVERITY`, `FIX` and either `check(document, index)`, called for each document,
or `check_book(index)`, called once, or `check_ledger(ledger, codes)`, called when it is known what
the suppressions were of use for. Rules yield findings and never act.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from types import ModuleType

from pipeline import discovery
from pipeline.config import RuleSetting
from pipeline.diagnostics import Diagnostic, Finding, Severity, diagnose, fingerprinted
from pipeline.index import Index
from pipeline.project import in_paths
from pipeline.suppression import Baseline, Ledger

MOST = 10_000
"""Findings of one rule in one file; more would tell nobody anything."""


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
    index: Index, selection: Selection | None = None, baseline: Baseline | None = None
) -> Run:
    """Run the selected rules over the whole book and report what the selection asks for."""
    wanted = selection or Selection()
    ran = [rule for rule in rules() if _runs(rule, _setting(rule, index), wanted)]
    early = [rule for rule in ran if not hasattr(rule, "check_ledger")]
    ledger = Ledger(index, (rule.CODE for rule in early), baseline)
    found = _silenced((item for rule in early for item in _diagnostics(rule, index)), ledger)
    known = frozenset(str(rule.CODE) for rule in rules())
    for rule in ran:
        if hasattr(rule, "check_ledger"):
            items = _diagnosed(rule, index, rule.check_ledger(ledger, known))
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


def _diagnostics(rule: ModuleType, index: Index) -> Iterator[Diagnostic]:
    return _diagnosed(rule, index, _findings(rule, index))


def _diagnosed(rule: ModuleType, index: Index, findings: Iterable[Finding]) -> Iterator[Diagnostic]:
    setting = _setting(rule, index)
    for finding in findings:
        item = diagnose(finding, rule.CODE, rule.NAME, rule.SEVERITY)
        in_scope = not setting.paths or in_paths(item.path, setting.paths)
        if setting.severity and setting.severity != "off" and in_scope:
            item = replace(item, severity=Severity(setting.severity))
        yield item


def _findings(rule: ModuleType, index: Index) -> Iterator[Finding]:
    if hasattr(rule, "check_book"):
        yield from _limited(rule.check_book(index))
    else:
        for document in index.documents:
            yield from _limited(islice(rule.check(document, index), MOST))


def _limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings up to the limit of each file, the last of which says that there are more."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.source.path] += 1
        if counts[finding.source.path] < MOST:
            yield finding
        elif counts[finding.source.path] == MOST:
            yield replace(
                finding, message="more of these follow in this file, and are not listed",
                help="mend those above, then check again", fix=None, related=(),
            )  # fmt: skip


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
