"""The order in which the chapters of a book are read."""

import posixpath
import re

from pipeline.config import Config
from pipeline.document import Document
from pipeline.index import Index
from pipeline.project import in_paths

_LAST = 1 << 30


def reading_order(document: Document, config: Config) -> tuple[object, ...]:
    """Sort key: the configured order, else folder, chapter number, name."""
    listed = next((i for i, name in enumerate(config.order) if _named(document, name)), _LAST)
    number = document.text("chapter_number")
    return (
        listed,
        natural(posixpath.dirname(document.path)),
        document.role != "part",
        int(number) if number.isdecimal() and len(number) < 10 else _LAST,
        natural(document.path),
    )


def chapters(index: Index) -> list[Document]:
    """The chapters of the book as they are read; front matter, parts and back matter left out."""
    body = {kind.name for kind in index.config.content if kind.place == "body"}
    found = [item for item in index.documents if item.role == "chapter" and item.kind in body]
    return sorted(found, key=lambda item: reading_order(item, index.config))


def _named(document: Document, name: str) -> bool:
    return name in (document.path, document.stem) or in_paths(document.path, (name,))


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key in which 2 comes before 10."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)
