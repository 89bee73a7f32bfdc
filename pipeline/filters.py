"""Which documents an edition takes, by status, by tag and by chapter."""

from pipeline import order
from pipeline.config import Edition
from pipeline.document import Document
from pipeline.index import Index
from pipeline.project import glob_base, in_paths


class Filters:
    """The filters of an edition over one book.

    A status and a choice of chapters hold for chapters; a tag for every type of content of which
    some document has one of the tags, so that cards may be tagged where chapters are not.
    """

    def __init__(self, edition: Edition, index: Index) -> None:
        self._edition = edition
        self._index = index
        self._tags = frozenset(edition.tags)
        self._tagged = frozenset(item.kind for item in index.documents if self._has_tag(item))

    def take(self, document: Document) -> bool:
        """Whether the edition has a chapter or an entry."""
        if document.kind in self._tagged and not self._has_tag(document):
            return False
        return document.role != "chapter" or self._takes_chapter(document)

    def _has_tag(self, document: Document) -> bool:
        return not self._tags.isdisjoint(document.texts("tags"))

    def _takes_chapter(self, document: Document) -> bool:
        edition = self._edition
        if edition.status and document.text("status") not in edition.status:
            return False
        kind = self._index.config.content_type(document.kind)
        inner = document.path.removeprefix(f"{glob_base(kind.path)}/") if kind else document.path
        names = {
            order.number(self._index, document),
            document.stem,
            self._index.identifier(document),
        }
        return (
            not edition.chapters
            or not names.isdisjoint(edition.chapters)
            or in_paths(document.path, edition.chapters)
            or in_paths(inner, edition.chapters)
        )
