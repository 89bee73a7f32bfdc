"""Which schema each document must fit."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from pipeline.document import Document, Mapping
from pipeline.index import Index
from pipeline.schema import Validator
from pipeline.typed import Schema


def validators(index: Index) -> dict[str, Validator]:
    """The validator of each content type; schemas may refer to each other by file name."""
    schemas = index.project.schemas
    names = {
        kind.name: PurePosixPath(kind.schema).name
        for kind in index.config.content
        if kind.name in schemas
    }
    siblings: dict[str, Schema] = {file: dict(schemas[name]) for name, file in names.items()}
    return {name: Validator(siblings[file], siblings, file) for name, file in sorted(names.items())}


def validated(index: Index) -> Iterator[tuple[Document, Mapping, Validator]]:
    """Documents with front matter that a schema describes; a part's page is free."""
    known = validators(index)
    for document in index.documents:
        validator = known.get(document.kind)
        if document.front is None or validator is None:
            continue
        if document.role in ("chapter", "entry"):
            yield document, document.front, validator
