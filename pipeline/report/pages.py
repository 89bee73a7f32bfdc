"""How many pages the chapters of a book take, by laying it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from pipeline import book as books, cache, rendering
from pipeline.book import Book
from pipeline.index import Index
from pipeline.progress import Progress


@dataclass(frozen=True)
class Pages:
    """The pages of a book, and of each chapter by its path, blank ones before the next included."""

    whole: int
    chapters: Mapping[str, int]


def of(index: Index, store: cache.Store, workers: int, progress: Progress) -> Pages:
    """Build the PDF of the first edition and count. Raises `UserError`."""
    edition = index.config.editions[0]
    options = rendering.Options(("pdf",), (edition.name,), workers=workers)
    (made,) = rendering.build(index, options, store, progress)
    return Pages(made.pages or 0, _by_chapter(books.assemble(index, edition), made.page_of))


def _by_chapter(book: Book, page_of: Mapping[str, str]) -> dict[str, int]:
    begins = [
        (unit, int(page_of[unit.slug]))
        for unit in book.whole
        if page_of.get(unit.slug, "").isdecimal()
    ]
    return {
        unit.pieces[0].document.path: following - first
        for (unit, first), (_, following) in pairwise(begins)
        if unit.kind == "chapter"
    }
