"""The order in which the chapters of a book are read."""

import posixpath
import re

from pipeline.config import Config
from pipeline.document import Document
from pipeline.index import Index
from pipeline.project import glob_base, in_paths
from pipeline.text.headings import numbered

_LAST = 1 << 30


def reading_order(document: Document, config: Config) -> tuple[object, ...]:
    """Sort key: the configured order, else folder, chapter number, name."""
    listed = next(
        (i for i, name in enumerate(config.order) if named(document, name, config)), _LAST
    )
    number = declared(document)
    return (
        listed,
        natural(posixpath.dirname(document.path)),
        document.role != "part",
        int(number) if number.isdecimal() and len(number) < 10 else _LAST,
        natural(document.path),
    )


def declared(document: Document) -> str:
    """The number of a chapter in its front matter, else in its heading: `第3章`, `Chapter 3:`."""
    if (number := document.text("chapter_number")) or not document.body.headings:
        return number
    heading = document.body.headings[0]
    found = numbered(heading.text)
    # A bare `3.` is part of the title.
    named = heading.level == 1 and found.number is not None and found.start > 0
    return str(found.number) if named else ""


def numbers(index: Index) -> dict[str, str]:
    """The numbers of chapters by path; `numbering: automatic` counts those that declare none."""
    automatic = index.config.setting("numbering") == "automatic"
    found: dict[str, str] = {}
    count = 0
    for document in chapters(index):
        number = declared(document)
        if not number and automatic and not _unnumbered(document):
            number = str(count + 1)
        count = int(number) if number.isdecimal() and len(number) < 10 else count
        found[document.path] = number
    return found


def number(index: Index, document: Document) -> str:
    """The number of a chapter, empty for one without and for what is no chapter."""
    return index.once(numbers).get(document.path, "")


def _unnumbered(document: Document) -> bool:
    return any("unnumbered" in heading.attributes.classes for heading in document.body.headings[:1])


def chapters(index: Index) -> list[Document]:
    """The chapters of the book as they are read; front matter, parts and back matter left out."""
    body = {kind.name for kind in index.config.content if kind.place == "body"}
    found = [item for item in index.documents if item.role == "chapter" and item.kind in body]
    return sorted(found, key=lambda item: reading_order(item, index.config))


def named(document: Document, name: str, config: Config) -> bool:
    """Whether an item of `order` names a document: its stem, or a path or glob of it, or above it.

    A path is one from the book's folder, or below that of the chapters.
    """
    kind = config.content_type(document.kind)
    inner = document.path.removeprefix(f"{glob_base(kind.path)}/") if kind else document.path
    return name == document.stem or any(in_paths(path, (name,)) for path in (document.path, inner))


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key in which 2 comes before 10."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)
