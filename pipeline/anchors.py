"""The anchors of documents: what authors named, and what headings are called."""

from collections.abc import Iterator

from pipeline.document import Anchor, Document

BIBLIOGRAPHY = "refs"  # pandoc's name for the place of a reference list, one in each chapter


def explicit(document: Document) -> Iterator[Anchor]:
    """The identifiers that an author wrote, in reading order, each place once."""
    found = {anchor.span: anchor for anchor in document.body.anchors}
    for heading in document.body.headings:
        if heading.attributes.identifier:
            span = heading.attributes.identifier_span or heading.text_span
            found.setdefault(span, Anchor(heading.attributes.identifier, span))
    for table in document.body.tables:
        if table.attributes.identifier and table.attributes.identifier_span:
            span = table.attributes.identifier_span
            found.setdefault(span, Anchor(table.attributes.identifier, span))
    for div in document.body.divs:
        if div.attributes.identifier:
            span = div.attributes.identifier_span or div.opening
            found.setdefault(span, Anchor(div.attributes.identifier, span))
    anchors = (found[span] for span in sorted(found))
    return (anchor for anchor in anchors if anchor.identifier != BIBLIOGRAPHY)


def written(document: Document) -> tuple[str, ...]:
    """The identifiers that an author wrote, known without a parse where it was read before."""
    if facts := document.reading.facts:
        return facts.marked
    return tuple(anchor.identifier for anchor in explicit(document))


def names(document: Document) -> set[str]:
    """Every fragment that leads to a place in a document, in pandoc's and GitHub's spelling."""
    found = {anchor.identifier for anchor in explicit(document)}
    for heading in document.body.headings:
        found |= {heading.anchor, heading.github}
    return found - {""}
