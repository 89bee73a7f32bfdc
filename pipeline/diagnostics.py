"""Findings and fixes as data."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from pipeline.clean_text import cut
from pipeline.source import Source, Span

CONTEXT = 4_000  # characters of a line that stand in a fingerprint as they are


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Applicability(StrEnum):
    """How sure we are of a fix."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace code points `start:end` of the decoded file by `text`."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Sorted, non-overlapping edits."""

    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE


def replace_span(source: Source, span: Span, text: str, *, safe: bool) -> Fix:
    """A fix that replaces one span."""
    kind = Applicability.SAFE if safe else Applicability.UNSAFE
    return Fix((Edit(source.path, span.start, span.end, text),), kind)


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding; line and column from 1."""

    path: str
    line: int
    column: int
    message: str

    @classmethod
    def at(cls, source: Source, span: Span, message: str) -> "Related":
        """The place where `span` of `source` begins."""
        return cls(source.path, *source.position(span.start), message)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule yields: a diagnostic before its code and severity are known."""

    source: Source
    span: Span
    message: str
    help: str = ""
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    severity: Severity | None = None  # None: the rule's own


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Code, severity, span and message; lines and columns from 1 in code points, end exclusive.

    `known` is true for a finding that was there at the revision that the run is held against.
    """

    code: str
    name: str
    severity: Severity
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    help: str = ""
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    suppressed: str | None = None
    fingerprint: str = field(default="", compare=False)
    known: bool = field(default=False, compare=False)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Reports are sorted by path, line, column, code."""
        return self.path, self.line, self.column, self.code, self.message


def diagnose(finding: Finding, code: str, name: str, severity: Severity) -> Diagnostic:
    """Give a finding its code, its severity and its lines and columns."""
    source, span = finding.source, finding.span
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return Diagnostic(
        code, name, finding.severity or severity, source.path, line, column, end_line, end_column,
        cut(finding.message), cut(finding.help), finding.fix, finding.related,
        fingerprint=_context(source, line),
    )  # fmt: skip


@lru_cache(maxsize=64)  # findings of one line come together, and a line may be long
def _context(source: Source, line: int) -> str:
    text = " ".join(source.line(line).split())
    if len(text) > CONTEXT:
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return text


def fingerprinted(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted diagnostics with fingerprints that survive line moves.

    The fingerprint is made of code, path, message and the text of the line; equal ones are
    counted in reading order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    result = []
    for item in sorted(diagnostics, key=lambda item: item.sort_key):
        words = (item.code, item.path, item.message, item.fingerprint)
        seen[words] += 1
        text, count = "\0".join(words), seen[words]
        digest = hashlib.sha256(f"{text}\0{count}".encode("utf-8", "surrogateescape"))
        result.append(replace(item, fingerprint=digest.hexdigest()[:32]))
    return result
