"""What each page of the site is, in the terms of schema.org, as JSON-LD."""

from collections.abc import Sequence

from pipeline import dates
from pipeline.book import Book
from pipeline.screen import markup
from pipeline.screen.site import Page

_CONTEXT = "https://schema.org"


def data(book: Book, pages: Sequence[Page], page: Page, home: str = "") -> dict[str, object]:
    """A page as JSON-LD; `home` is the address that the site is published at, if that is known."""
    if page.unit is None:
        found = _book(book, home) | {"hasPart": [_chapter(item) for item in _chapters(pages)]}
    else:
        found = _part(book, page, home)
    if home:
        found["url"] = address(home, page)
    return {"@context": _CONTEXT, **found}


def address(home: str, page: Page) -> str:
    """Where a page is published; the home page is the folder itself."""
    return home if page.unit is None else f"{home}{page.file}"


def _book(book: Book, home: str) -> dict[str, object]:
    imprint = book.imprint
    found: dict[str, object] = {
        "@type": "Book",
        "name": imprint.title,
        "inLanguage": book.language,
        "author": [{"@type": "Person", "name": name} for name in imprint.authors],
    }
    if imprint.publisher:
        found["publisher"] = {"@type": "Organization", "name": imprint.publisher}
    named = {
        "isbn": imprint.isbn,
        "datePublished": imprint.date,
        "description": imprint.description,
        "url": home,
    }
    return found | {name: value for name, value in named.items() if value}


def _chapters(pages: Sequence[Page]) -> list[Page]:
    return [page for page in pages if page.unit and page.unit.kind == "chapter"]


def _chapter(page: Page) -> dict[str, object]:
    return {"@type": "Chapter", "name": page.title}


def _part(book: Book, page: Page, home: str) -> dict[str, object]:
    assert page.unit
    whole = _book(book, home)
    kind = page.unit.content_type.name if page.unit.content_type else ""
    if page.is_entry and kind == "concept":
        return {
            "@type": "DefinedTerm", "name": page.title, "description": page.summary,
            "inDefinedTermSet": whole,
        }  # fmt: skip
    if page.is_entry and kind == "event":
        return {"@type": "Article", "name": page.title, "about": _event(page), "isPartOf": whole}
    return {
        "@type": "Chapter" if page.unit.kind == "chapter" else "WebPage",
        "name": page.title,
        "isPartOf": whole,
    }


def _event(page: Page) -> dict[str, object]:
    assert page.piece
    document = page.piece.document
    found: dict[str, object] = {"@type": "Event", "name": page.title, "description": page.summary}
    if dates.interval(document.text("date")):
        found["startDate"] = document.text("date").strip()
    if names := document.texts("organization"):
        found["organizer"] = [
            {"@type": "Organization", "name": markup.text(name)} for name in names
        ]
    return found
