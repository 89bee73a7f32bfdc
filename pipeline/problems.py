"""What could not be read, as findings of the rule that reports it."""

from collections.abc import Iterator

from pipeline.diagnostics import Finding, Related
from pipeline.document import Document, Problem
from pipeline.index import Index
from pipeline.source import Source


def of(document: Document, code: str) -> Iterator[Finding]:
    """The failures that reading a document kept for the rule `code`."""
    for problem in document.problems:
        if problem.code == code:
            yield finding(document.source, problem)


def elsewhere(index: Index, code: str) -> Iterator[Finding]:
    """The failures that loading kept for the rule `code` of files that are no documents."""
    for source, problem in index.project.problems:
        if problem.code == code:
            yield finding(source, problem)


def finding(source: Source, problem: Problem) -> Finding:
    """A problem as a finding, with its related place if it has one."""
    related: tuple[Related, ...] = ()
    if problem.related is not None:
        message = problem.related_message or "see here"
        related = (Related.at(source, problem.related, message),)
    return Finding(source, problem.span, problem.message, problem.help, related=related)
