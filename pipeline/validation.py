"""Which schema a document must fit."""

from pipeline.document import Document, Mapping
from pipeline.index import Index
from pipeline.schema import Validator


def validated(document: Document, index: Index) -> tuple[Mapping, Validator] | None:
    """Front matter that a schema describes, with its validator; a part's page is free."""
    if document.role not in ("chapter", "entry") or document.front is None:
        return None
    validator = index.project.schemas.validators.get(document.kind)
    return (document.front, validator) if validator else None
