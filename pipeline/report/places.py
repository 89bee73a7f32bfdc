"""The places of a book as an editor knows them: its chapters, then each other kind of file."""

from collections.abc import Iterator
from typing import Any

from pipeline import order
from pipeline.document import Document
from pipeline.index import Index
from pipeline.report import report_words
from pipeline.report.excerpts import safe

Place = tuple[dict[str, Any], list[str]]


def of(index: Index) -> Iterator[Place]:
    """The chapters in reading order, then each other kind of file as one place; with paths."""
    stages = {"front": 0, "back": 2}
    body = sorted(
        (item for item in index.documents if item.role != "entry"),
        key=lambda item: (stages.get(item.role, 1), order.reading_order(item, index.config)),
    )
    for document in body:
        yield _chapter(document, index), [document.path]
    for kind in index.config.content:
        paths = [item.path for item in index.documents if item.role == "entry"
                 and item.kind == kind.name]  # fmt: skip
        if paths:
            names = kind.heading or kind.key, kind.heading_en or kind.key
            yield _named(f"@{kind.key}", *names), paths
    words = report_words.ZH, report_words.EN
    listed = [item.path for item in index.project.bibliography_sources]
    for name, paths in (
        ("bibliography", listed),
        ("config", [index.project.config_source.path]),
        ("other", []),
    ):
        yield _named(f"@{name}", *(names[name] for names in words)), paths


def _chapter(document: Document, index: Index) -> dict[str, Any]:
    return {
        "id": safe(document.path),
        "role": document.role,
        "number": safe(order.number(index, document)),
        "title": safe(document.title),
        "title_en": safe(document.title_en),
    }


def _named(identifier: str, title: str, title_en: str) -> dict[str, Any]:
    names = {"title": safe(title), "title_en": safe(title_en)}
    return {"id": identifier, "role": "group", "number": "", **names}
