"""What it does
Finds a citation key, in the text or in `sources`, that no bibliography defines. A book without any
bibliography is checked for citations in brackets only. Where the bibliography cannot be read this
rule says so.

Why it matters
The reader is promised a source and gets `[?key]`.

Example
```markdown
LLaMA有四种规模[@touvron2023lama]。
```

Use instead
```markdown
LLaMA有四种规模[@touvron2023llama]。
```
"""

from collections.abc import Iterator

from pipeline.bibliography import EXTENSIONS
from pipeline.changes.edits import replace_scalar
from pipeline.diagnostics import Applicability, Edit, Finding, Fix, Severity, replace_span
from pipeline.document import Citation, Document, Scalar
from pipeline.index import Index
from pipeline.nearness import Names
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "CT001"
NAME = "unresolved-citation"
SEVERITY = Severity.ERROR
FIX = "unsafe"
READS = ("entries",)
BOOK_READS = ("entries",)


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every key that no entry has."""
    unread = index.once(_unread)
    if unread and not index.has_bibliography:
        return
    names = index.once(_keys)
    doubt = "; a part of the bibliography could not be read" if unread else ""
    if index.has_bibliography:
        yield from _sources(document, index, names, doubt)
    for citation in document.body.citations:
        if citation.key in index.entries:
            continue
        if index.has_bibliography or not citation.narrative:
            yield _in_text(document, citation, names, doubt)


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for every bibliography that cannot be read, if there is no other."""
    if not index.has_bibliography:
        yield from index.once(_unread)


def _keys(index: Index) -> Names:
    return Names(index.entries)


def _unread(index: Index) -> list[Finding]:
    return [
        Finding(
            source,
            problem.span,
            "no citation could be checked against this bibliography: it cannot be read",
            problem.help,
        )
        for source, problem in index.project.problems
        if problem.code == "FM008" and source.path.endswith(EXTENSIONS)
    ]


def _sources(document: Document, index: Index, names: Names, doubt: str) -> Iterator[Finding]:
    for scalar in index.source_scalars(document):
        if scalar.text and scalar.text not in index.entries:
            meant = names.nearest(scalar.text.removeprefix("@"))
            edit = _scalar_edit(document, scalar, meant)
            fix = Fix((edit,), Applicability.UNSAFE) if edit else None
            message = f"no bibliography defines the source {quoted(scalar.text)}{doubt}"
            yield Finding(document.source, scalar.span, message, _advice(meant), fix)


def _scalar_edit(document: Document, scalar: Scalar, meant: str | None) -> Edit | None:
    return replace_scalar(document.source, scalar, meant, document.front) if meant else None


def _in_text(document: Document, citation: Citation, names: Names, doubt: str) -> Finding:
    meant = names.nearest(citation.key)
    advice = _advice(meant)
    if citation.narrative and not meant:
        advice += "; an @ that is no citation is written `\\@`"
    message = f"no bibliography defines the citation {quoted(citation.key)}{doubt}"
    return Finding(
        document.source, citation.span, message, advice, _text_fix(document, citation, meant)
    )


def _text_fix(document: Document, citation: Citation, meant: str | None) -> Fix | None:
    """Replace the key alone, so that `@`, `-@` and braces stay."""
    typed = document.source.slice(citation.span)
    at = typed.rfind(citation.key)
    if not meant or at < 0:
        return None
    start = citation.span.start + at
    return replace_span(document.source, Span(start, start + len(citation.key)), meant, safe=False)


def _advice(meant: str | None) -> str:
    if meant:
        return f"did you mean {quoted(meant)}?"
    return "add the entry to the bibliography, or mend the key"
