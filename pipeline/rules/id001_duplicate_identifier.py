"""What it does
Finds two documents of one content type, or two explicit anchors, that claim the same identifier.
Case and Unicode form do not count. Repeated headings are fine: they are numbered apart.

Why it matters
A reference to the identifier means one of the two, and nobody can say which.

Example
```markdown
---
event_id: llama-2023-02   # events/2023/alpaca.md; llama.md has it, too
---
```

Use instead
```markdown
---
event_id: alpaca-2023-03
---
```
"""

from collections.abc import Iterable, Iterator

from pipeline import anchors
from pipeline.diagnostics import Finding, Related, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index, fold
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "ID001"
NAME = "duplicate-identifier"
SEVERITY = Severity.ERROR
FIX = ""
BOOK_READS = ("fronts", "marks")

Claim = tuple[Document, Span, str]


def check_book(index: Index) -> Iterator[Finding]:
    """A finding for every claim but the first of each identifier."""
    documents: dict[tuple[str, str], list[Claim]] = {}
    for target in index.targets:
        if target.document and target.kind != "part":
            claim = _claim(target.document, index)
            documents.setdefault((target.kind, fold(claim[2])), []).append(claim)
    for (kind, _), claims in documents.items():
        if any(span.end for _, span, _ in claims):
            yield from _repeated(_explicit_last(claims), f"{kind} identifier")
    yield from _anchors(index)


def _claim(document: Document, index: Index) -> Claim:
    """The identifier of a document; an empty span where it is only the file's name."""
    kind = index.config.content_type(document.kind)
    node = document.field(kind.id_field) if kind else None
    if isinstance(node, Scalar) and node.text:
        return document, node.span, node.text
    return document, Span(0, 0), document.stem


def _explicit_last(claims: list[Claim]) -> list[Claim]:
    """A file's name cannot be blamed where another document took it on purpose."""
    implicit = [claim for claim in claims if not claim[1].end]
    return implicit[:1] + [claim for claim in claims if claim[1].end]


def _anchors(index: Index) -> Iterator[Finding]:
    found: dict[str, list[Claim]] = {}
    for document in index.documents:
        if not anchors.written(document):
            continue
        boxes = {div.opening for div in document.body.divs if "event" in div.attributes.classes}
        for anchor in anchors.explicit(document):
            name = fold(anchor.identifier)
            if any(opening.contains(anchor.span) for opening in boxes):
                name += f" in {document.path}"  # each chapter may have a box for the same event
            found.setdefault(name, []).append((document, anchor.span, anchor.identifier))
    for claims in found.values():
        yield from _repeated(claims, "anchor")


def _repeated(claims: Iterable[Claim], what: str) -> Iterator[Finding]:
    first, *others = claims
    if not others:
        return
    where = Related.at(first[0].source, first[1], "it is claimed here first")
    for document, span, name in others:
        same = "" if name == first[2] else f", as {quoted(first[2])}"
        yield Finding(
            document.source,
            span,
            f"the {what} {quoted(name)} is taken by {quoted(first[0].path)}{same}",
            "give one of the two another identifier",
            related=(where,),
        )
