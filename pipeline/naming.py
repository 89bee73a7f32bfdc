"""Every name that front matter uses for a thing of the book, with what it stands for."""

from collections.abc import Iterator

from pipeline.document import Document, Scalar
from pipeline.index import Index, Resolution


def named(document: Document, index: Index) -> Iterator[tuple[Scalar, Resolution]]:
    """Names in reference fields and causal relations that resolve to one thing or several."""
    for reference in index.references_of(document):
        resolution = index.resolve(reference.scalar.text, reference.kinds)
        if resolution.targets:
            yield reference.scalar, resolution
    for link in index.causal_links_of(document):
        if link.resolution.targets:
            yield link.target, link.resolution
