"""What it does
Finds a front matter field that names an event, a concept, an organization or a chapter which does
not exist. A name may be an identifier, a file stem, an alias or a display name. Types of which the
book has no files are not checked. Where a causal relation may name a *trend*, a free name is one,
unless it nearly matches an event: then this is a warning.

Why it matters
The timeline, the causal graph and the links between the appendices are drawn from these names. One
that leads nowhere is a fact that the reader cannot follow.

Example
```markdown
---
key_events: [lama-2023-02]
---
```

Use instead
```markdown
---
key_events: [llama-2023-02]
---
```
"""

from collections.abc import Iterator
from functools import cached_property

from pipeline.changes.edits import replace_scalar
from pipeline.diagnostics import Applicability, Finding, Fix, Severity, replace_span
from pipeline.document import Document, Scalar
from pipeline.index import CausalLink, Index, Target
from pipeline.nearness import Names
from pipeline.project import belongs
from pipeline.wording import listed, quoted

CODE = "ID002"
NAME = "unresolved-identifier"
SEVERITY = Severity.ERROR
FIX = "unsafe"
READS = ("names",)

Kinds = tuple[str, ...]


class _Suggestions:
    """The nearest identifiers, asked for many times."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._known: dict[Kinds, tuple[dict[str, Target], Names]] = {}

    @cached_property
    def events(self) -> Names:
        """The identifiers of the events."""
        targets = self.index.targets
        return Names(target.identifier for target in targets if target.kind == "event")

    @cached_property
    def unread(self) -> dict[str, str]:
        """A file of each kind that could not be read, wholly or in part."""
        return _unread(self.index)

    def nearest(self, word: str, kinds: Kinds) -> str | None:
        """The identifier of the thing whose name is nearest to `word`."""
        if kinds not in self._known:
            targets = self.index.candidates(kinds)
            self._known[kinds] = targets, Names(targets)
        targets, names = self._known[kinds]
        name = names.nearest(word)
        return targets[name].identifier if name is not None else None

    def doubt(self, kinds: Kinds) -> str:
        """A reservation where a file that may define the name could not be read."""
        path = next((self.unread[kind] for kind in kinds if kind in self.unread), None)
        return f"; {quoted(path)} could not be read" if path else ""


def _unread(index: Index) -> dict[str, str]:
    """A file of each kind that could not be read, wholly or in part."""
    found = {document.kind: document.path for document in index.documents if document.broken}
    for source, problem in index.project.problems:
        kind = next((kind for kind in index.config.content if belongs(source.path, kind)), None)
        if kind and problem.code == "FM008":
            found.setdefault(kind.name, source.path)
    return found


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every name that leads nowhere."""
    suggestions = index.once(_Suggestions)
    for reference in index.references_of(document):
        kinds = reference.kinds
        if index.has_targets(kinds) and not index.resolve(reference.scalar.text, kinds).targets:
            meant = suggestions.nearest(reference.scalar.text, kinds)
            where = f"`{reference.field}`"
            doubt = suggestions.doubt(kinds)
            yield _finding(reference.document, reference.scalar, where, kinds, meant, doubt)
    for link in index.causal_links_of(document):
        yield from _causal(link, index, suggestions)
    yield from _boxes(document, index, suggestions)


def _boxes(document: Document, index: Index, suggestions: _Suggestions) -> Iterator[Finding]:
    """Event boxes `::: {.event #id}` of events that there are none of."""
    for div in document.body.divs:
        name, span = div.attributes.identifier, div.attributes.identifier_span
        if "event" not in div.attributes.classes or not name or span is None:
            continue
        if index.has_targets(("event",)) and not index.resolve(name, ("event",)).targets:
            meant = suggestions.nearest(name, ("event",))
            yield Finding(
                document.source,
                span,
                f"the event box names {quoted(name)}, and no event answers to it",
                f"did you mean {quoted(meant)}?" if meant else "write what it names, or remove it",
                replace_span(document.source, span, meant, safe=False) if meant else None,
            )


def _causal(link: CausalLink, index: Index, suggestions: _Suggestions) -> Iterator[Finding]:
    relation, name = link.relation, link.target.text
    if relation is None or not name or link.resolution.targets:
        return
    if index.resolve(name, ("event", "concept")).targets:
        return  # a thing of the wrong kind is the matter of EV004
    kinds = tuple(kind for kind in relation.targets if kind != "trend")
    if not index.has_targets(kinds) and "event" not in kinds:
        return
    where = f"the relation `{relation.name}`"
    if "trend" not in relation.targets:
        meant = suggestions.nearest(name, kinds)
        doubt = suggestions.doubt(kinds)
        yield _finding(link.document, link.target, where, kinds, meant, doubt)
    elif meant := suggestions.events.nearest(name):
        yield _nearly(link.document, link.target, meant)


def _finding(
    document: Document, scalar: Scalar, where: str, kinds: Kinds, meant: str | None, doubt: str
) -> Finding:
    things = listed(kinds)
    advice = f"did you mean {quoted(meant)}?" if meant else "write what it names, or remove it"
    return Finding(
        document.source,
        scalar.span,
        f"{where} names {quoted(scalar.text)}, and no {things} answers to it{doubt}",
        advice,
        _fix(document, scalar, meant),
    )


def _nearly(document: Document, scalar: Scalar, meant: str) -> Finding:
    return Finding(
        document.source,
        scalar.span,
        f"the trend {quoted(scalar.text)} is nearly the name of the event {quoted(meant)}",
        f"did you mean {quoted(meant)}? Else give the trend a name less like it",
        _fix(document, scalar, meant),
        severity=Severity.WARNING,
    )


def _fix(document: Document, scalar: Scalar, meant: str | None) -> Fix | None:
    edit = replace_scalar(document.source, scalar, meant, document.front) if meant else None
    return Fix((edit,), Applicability.UNSAFE) if edit else None
