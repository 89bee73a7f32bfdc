"""What it does
Finds paths and globs in `book.yaml` that match no file: of a bibliography, of a type of content, of
the reading order, of a stylesheet or a cover.

Why it matters
The book is built without what they should bring, and nothing else would tell.

Example
```yaml
bibliography: biblography/*.bib
```

Use instead
```yaml
bibliography: bibliography/*.bib
```
"""

import posixpath
from collections.abc import Iterator

from pipeline import front_matter, order
from pipeline.diagnostics import Finding, Severity
from pipeline.document import Mapping, Node, Scalar, scalars
from pipeline.index import Index
from pipeline.nearness import Names
from pipeline.project import in_paths
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "LK010"
NAME = "unmatched-path"
SEVERITY = Severity.WARNING
FIX = ""


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for every path that matches nothing."""
    source = index.project.config_source
    node, _ = front_matter.compose(source, Span(0, len(source.text)))
    listing = index.project.listing
    chapters = order.chapters(index)
    names: Names | None = None
    for key, scalar in _paths(node):
        path = posixpath.normpath(scalar.text.strip("/"))
        if path == "." or any(in_paths(item, (path,)) for item in listing.files):
            continue
        ordered = key == "order" and (order.named(item, path, index.config) for item in chapters)
        if ordered and any(ordered):
            continue
        names = names or Names(sorted((*listing.files, *listing.folders)))
        near = names.nearest(path.partition("/*")[0])
        advice = f"did you mean {quoted(near)}?" if near else "mend the path, or take it out"
        message = f"{quoted(scalar.text)} matches no file of the book"
        yield Finding(source, scalar.span, message, advice)


def _paths(node: Node | None) -> Iterator[tuple[str, Scalar]]:
    if not isinstance(node, Mapping):
        return
    for key in ("bibliography", "order", "css", "cover"):
        yield from ((key, scalar) for scalar in scalars(node.get(key)))
    content = node.get("content")
    for entry in content.entries if isinstance(content, Mapping) else ():
        if isinstance(entry.value, Mapping):
            yield from (("path", scalar) for scalar in scalars(entry.value.get("path")))
    citations = node.get("citations")
    if isinstance(citations, Mapping):
        yield from (("csl", scalar) for scalar in scalars(citations.get("csl")))
