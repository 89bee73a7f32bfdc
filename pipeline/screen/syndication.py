"""What a published site tells search engines and feed readers: a sitemap, a feed of events.

Both need absolute addresses: there are none where no `url` is configured.
"""

from collections.abc import Iterator, Sequence

from pipeline import dates
from pipeline.book import Book
from pipeline.screen import markup, package
from pipeline.screen.site import Page
from pipeline.screen.structured import address
from pipeline.xml_text import escape, quoteattr

FEED = "feed.xml"
SITEMAP = "sitemap.xml"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def files(book: Book, pages: Sequence[Page], home: str) -> Iterator[tuple[str, str]]:
    """(name, text) of the sitemap (sitemaps.org 0.9) and of the Atom feed (RFC 4287)."""
    if home:
        yield SITEMAP, sitemap(pages, home)
        if events := dated(pages):
            yield FEED, feed(book, events, home)


def sitemap(pages: Sequence[Page], home: str) -> str:
    """Every page of the site."""
    lines = "".join(f"<url><loc>{escape(address(home, page))}</loc></url>\n" for page in pages)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'{_HEAD}<urlset xmlns="{space}">\n{lines}</urlset>\n'


def dated(pages: Sequence[Page]) -> list[tuple[str, Page]]:
    """(moment, page) of each event card with a date, the latest first.

    The moment is that of the card's `last_updated`, else the event's own: never the clock.
    """
    found = []
    for page in pages:
        kind = page.unit.content_type.name if page.unit and page.unit.content_type else ""
        if page.is_entry and page.piece and kind == "event":
            document = page.piece.document
            day = dates.interval(document.text("last_updated") or document.text("date"))
            if day is not None:
                found.append(("{:04}-{:02}-{:02}T00:00:00Z".format(*day.first), page))
    return sorted(found, key=lambda item: item[0], reverse=True)


def feed(book: Book, events: Sequence[tuple[str, Page]], home: str) -> str:
    """The events of the book as an Atom feed."""
    imprint = book.imprint
    authors = (
        "".join(f"<author><name>{escape(name)}</name></author>" for name in imprint.authors)
        or f"<author><name>{escape(imprint.title)}</name></author>"
    )
    entries = "".join(_entry(home, moment, page) for moment, page in events)
    return markup.text(
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(book.language)}>\n'
        f"<id>{escape(package.identifier(book))}</id><title>{escape(imprint.title)}</title>\n"
        f"<updated>{events[0][0]}</updated>{authors}\n"
        f"<link href={quoteattr(home)}/>"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(home + FEED)}/>\n'
        f"{entries}</feed>\n"
    )


def _entry(home: str, moment: str, page: Page) -> str:
    assert page.piece
    title = f"{page.piece.document.text('date')} {page.title}"
    link = address(home, page)
    return (
        f"<entry><id>{escape(link)}</id><title>{escape(title)}</title>"
        f"<updated>{moment}</updated><link href={quoteattr(link)}/>"
        f"<summary>{escape(page.summary)}</summary></entry>\n"
    )
