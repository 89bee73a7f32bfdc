"""What it does
Finds links to a fragment that no heading and no anchor of the target has. The spellings of pandoc
and of GitHub are both accepted; an explicit anchor such as `{#fig-a}` may stand in any chapter.

Why it matters
The link leads to the top of a long chapter, or nowhere.

Example
```markdown
## 开放的权重 (Open Weights)

见[下文](#开放权重)。
```

Use instead
```markdown
## 开放的权重 (Open Weights)

见[下文](#开放的权重-open-weights)。
```
"""

from collections.abc import Iterator
from functools import cached_property
from urllib.parse import quote

from pipeline import anchors
from pipeline.diagnostics import Applicability, Finding, Fix, Severity, replace_span
from pipeline.document import Document, Link
from pipeline.index import Index, LinkTarget
from pipeline.nearness import Names
from pipeline.repair import repoint
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "LK002"
NAME = "broken-anchor"
SEVERITY = Severity.ERROR
FIX = "unsafe"
READS = ("anchors", "listing")

_EVERYWHERE = frozenset({"", "top"})


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for every fragment that leads nowhere, at the fragment itself."""
    known = index.once(_Anchors)
    seen: set[int] = set()
    for _, link, target in index.links_of(document):
        place = link.destination_span.start
        if place in seen or target.document is None or target.fragment in _EVERYWHERE:
            continue
        seen.add(place)
        if not known.has(target):
            yield _finding(document, link, target, known)


class _Anchors:
    """The fragments of each document, and where the explicit ones are."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._names: dict[str, set[str]] = {}

    @cached_property
    def homes(self) -> dict[str, list[Document]]:
        """The documents in which each explicit anchor is."""
        found: dict[str, list[Document]] = {}
        for document in self.index.documents:
            for name in anchors.written(document):
                found.setdefault(name, []).append(document)
        return found

    def names(self, document: Document) -> set[str]:
        """The fragments of a document."""
        if document.path not in self._names:
            self._names[document.path] = anchors.names(document)
        return self._names[document.path]

    def has(self, target: LinkTarget) -> bool:
        """Whether a fragment leads somewhere; within a document also to an anchor elsewhere."""
        assert target.document is not None
        if target.where == "anchor" and target.fragment in self.homes:
            return True
        return target.fragment in self.names(target.document)


def _finding(document: Document, link: Link, target: LinkTarget, known: _Anchors) -> Finding:
    assert target.document is not None
    elsewhere = known.homes.get(target.fragment, [])
    place = "this file" if target.document is document else quoted(target.document.path)
    message = f"{place} has no heading or anchor {quoted(target.fragment)}"
    span = _fragment_span(document, link)
    if len(elsewhere) == 1:
        path = elsewhere[0].path
        edit = repoint(document, link, path)
        fix = Fix((edit,), Applicability.UNSAFE) if edit else None
        return Finding(document.source, span, message, f"it is in {quoted(path)}", fix)
    meant = Names(sorted(known.names(target.document))).nearest(target.fragment)
    advice = "name a heading of the target, or give it an identifier: `## Heading {#name}`"
    if meant is None:
        return Finding(document.source, span, message, advice)
    return Finding(
        document.source, span, message, f"did you mean {quoted(meant)}?",
        _fix(document, link, span, meant),
    )  # fmt: skip


def _fragment_span(document: Document, link: Link) -> Span:
    """The characters after `#`; the whole destination where it has none as typed."""
    span = link.destination_span
    at = document.source.slice(span).find("#")
    return Span(span.start + at + 1, span.end) if at >= 0 else span


def _fix(document: Document, link: Link, span: Span, meant: str) -> Fix | None:
    typed = document.source.slice(link.destination_span)
    if not link.certain or typed.count("#") != 1 or "&" in typed:
        return None
    escaped = "%" in document.source.slice(span)
    written = quote(meant, safe="") if escaped else quote(meant, safe=_as_is(meant))
    return replace_span(document.source, span, written, safe=False)


def _as_is(text: str) -> str:
    """Percent escapes only for what Markdown would read as its own."""
    return "".join(char for char in text if char not in ' ()<>\\"%#|`[]')
