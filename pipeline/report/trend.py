"""What changed since an earlier revision or a baseline: new findings, known ones, those mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline import checker
from pipeline.checker import Run
from pipeline.diagnostics import Diagnostic, Severity
from pipeline.revisions import Revision
from pipeline.suppression import Baseline


@dataclass(frozen=True, slots=True)
class Past:
    """A finding of the past, with as much as is known of it; a baseline has no line or message."""

    code: str
    severity: Severity
    path: str
    fingerprint: str
    line: int = 0
    message: str = ""


@dataclass(frozen=True)
class Base:
    """What the findings are held against; `date` and `subject` are those of a commit."""

    kind: Literal["revision", "baseline"]
    name: str
    past: tuple[Past, ...]
    date: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Trend:
    """The findings of today and those of the base, by fingerprint."""

    base: Base
    new: frozenset[str]
    mended: tuple[Past, ...]

    @property
    def known(self) -> int:
        """How many findings of the base are still there."""
        return len(self.base.past) - len(self.mended)


def of_revision(revision: Revision, run: Run) -> Base:
    """A base from the findings at a commit."""
    past = tuple(map(_past, run.active))
    return Base("revision", revision.name, past, revision.date, revision.subject)


def of_baseline(baseline: Baseline) -> Base:
    """A base from the entries of a baseline."""
    severities = {str(rule.CODE): rule.SEVERITY for rule in checker.rules()}
    past = tuple(
        Past(code, severities.get(code, Severity.WARNING), path, fingerprint)
        for fingerprint, (code, path) in baseline.entries.items()
    )
    return Base("baseline", baseline.source.path, past)


def compare(run: Run, base: Base) -> Trend:
    """Hold the findings of a run against a base; what is suppressed now is neither new nor kept."""
    before = {item.fingerprint for item in base.past}
    now = _fingerprints(run.diagnostics)
    new = _fingerprints(run.active) - before
    return Trend(base, new, tuple(item for item in base.past if item.fingerprint not in now))


def _past(item: Diagnostic) -> Past:
    return Past(item.code, item.severity, item.path, item.fingerprint, item.line, item.message)


def _fingerprints(diagnostics: Iterable[Diagnostic]) -> frozenset[str]:
    return frozenset(item.fingerprint for item in diagnostics)
