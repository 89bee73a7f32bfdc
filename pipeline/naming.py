"""Every name that front matter uses for a thing of the book, with what it stands for."""

from collections.abc import Iterator

from pipeline.document import Document, Scalar
from pipeline.index import Index, Resolution


def named(index: Index) -> Iterator[tuple[Document, Scalar, Resolution]]:
    """Names in reference fields and causal relations that resolve to one thing or several."""
    for reference in index.references:
        resolution = index.resolve(reference.scalar.text, reference.kinds)
        if resolution.targets:
            yield reference.document, reference.scalar, resolution
    for link in index.causal_links:
        if link.resolution.targets:
            yield link.document, link.target, link.resolution
