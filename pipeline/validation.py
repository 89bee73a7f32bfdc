"""Which schema each document must fit."""

from collections.abc import Iterator

from pipeline.document import Document, Mapping
from pipeline.index import Index
from pipeline.schema import Validator


def validated(index: Index) -> Iterator[tuple[Document, Mapping, Validator]]:
    """Documents with front matter that a schema describes; a part's page is free."""
    known = index.project.schemas.validators
    for document in index.documents:
        validator = known.get(document.kind)
        if document.front is None or validator is None:
            continue
        if document.role in ("chapter", "entry"):
            yield document, document.front, validator
