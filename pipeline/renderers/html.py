"""A static site that works from disk and under any address, without a request to elsewhere."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import html as lxml_html
from lxml.html import HtmlElement, builder
from markupsafe import Markup

from pipeline.rendering import Artefact, Context
from pipeline.screen import (
    chronology,
    house_css,
    leaves,
    markup,
    media,
    search_index,
    site,
    structured,
    syndication,
)
from pipeline.screen.leaves import place_pictures, point
from pipeline.screen.media import Medium
from pipeline.screen.notemarks import mark_notes
from pipeline.screen.site import Page
from pipeline.units import template

NAME = "html"
HELP = "the web site"

FOLDER = "html"
ASSETS = "assets"
SEARCH = f"{ASSETS}/search"
THEMES = Path(__file__).parents[1] / "themes"
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class _Site:
    """What every page is made from."""

    context: Context
    pages: tuple[Page, ...]
    hrefs: Mapping[str, str]
    pictures: Mapping[str, Medium]


def render(context: Context) -> Artefact:
    """Write the site of an edition."""
    suffix = context.book.slug.removeprefix(context.book.config.slug)
    staged = context.stage / f"{FOLDER}{suffix}"
    whole = _plan(context)
    _write(staged, "", _assets(whole))
    home = context.book.edition.url
    _write(staged, "", syndication.files(context.book, whole.pages, home))
    _write(staged, SEARCH, search_index.files(whole.pages, context.book.language))
    for medium in dict.fromkeys(whole.pictures.values()):
        _write_bytes(staged / ASSETS / medium.name, medium.data)
    for number, page in enumerate(whole.pages):
        _finish(whole, page)
        _write_bytes(staged / page.file, _html(whole, number).encode("utf-8"))
    return Artefact(staged, staged.name, len(whole.pages))


def _plan(context: Context) -> _Site:
    pages = site.pages(context.book, context.pages)
    hrefs = leaves.addresses(pages, site.tops(pages, context.pages))
    for page in pages:
        chronology.enrich(context.book, page, hrefs)
    pictures = media.gather(context.linked.pictures, leaves.used_pictures(pages))
    return _Site(context, tuple(pages), hrefs, pictures)


def _write(folder: Path, below: str, files: Iterable[tuple[str, str]]) -> None:
    for name, text in files:
        _write_bytes(folder / below / name, text.encode("utf-8"))


def _write_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# ---- pages --------------------------------------------------------------------------------


def _finish(whole: _Site, page: Page) -> None:
    """What a page of the site has beyond the unit: links, pictures, permalinks, backlinks."""
    words = whole.context.book.words
    point(page, whole.hrefs)
    place_pictures(page, whole.pictures, ASSETS, words["missing_image"])
    for image in page.tree.iter("img"):
        image.set("loading", "lazy")
    for section in page.tree.find_class("footnotes"):
        section.set("aria-label", words["notes"])
    for link in page.tree.find_class("footnote-back"):
        link.set("aria-label", words["back_to_text"])
    mark_notes(page.tree, whole.context.book.language)
    _scroll_tables(page.tree, words["table"])
    for wide in page.tree.xpath(".//pre | .//math[@display='block']"):
        wide.set("tabindex", "0")  # what is wider than the page scrolls, by keyboard too
    for heading in list(page.tree.iter(*_HEADINGS)):
        if name := heading.get("id"):
            label = f"{words['permalink']}: {' '.join(heading.text_content().split())}"
            link = builder.A(builder.CLASS("permalink"), "#", href=f"#{name}")
            link.set("aria-label", label)
            heading.append(link)
    if page.linked_from:
        _backlinks(page, words["linked_from"])


def _scroll_tables(tree: HtmlElement, word: str) -> None:
    """A wide table scrolls in its own box, by keyboard too."""
    for number, table in enumerate(list(tree.iter("table")), 1):
        caption = table.find("caption")
        name = " ".join(caption.text_content().split()) if caption is not None else ""
        box = builder.DIV(builder.CLASS("scroll"), role="region", tabindex="0")
        box.set("aria-label", name or f"{word} {number}")
        parent = table.getparent()
        if parent is not None:
            box.tail, table.tail = table.tail, None
            parent.replace(table, box)
            box.append(table)


def _backlinks(page: Page, word: str) -> None:
    items = [builder.LI(builder.A(other.title, href=other.file)) for other in page.linked_from]
    section = builder.SECTION(builder.CLASS("backlinks"), builder.H2(word), builder.UL(*items))
    page.tree.append(section)


def _html(whole: _Site, number: int) -> str:
    page, pages = whole.pages[number], whole.pages
    book = whole.context.book
    home = book.edition.url
    order = [item for item in pages if item.unit is None or item.unit.kind != "copyright"]
    place = order.index(page) if page in order else None
    content = lxml_html.tostring(page.tree, encoding="unicode")
    notice = next((item for item in pages if item.unit and item.unit.kind == "copyright"), None)
    return template("page.html").render(
        page=page,
        book=book.imprint,
        words=book.words,
        lang=book.language,
        content=Markup(content),
        nodes=site.sidebar(page, pages, whole.hrefs),
        here=whole.hrefs.get(page.slug, page.file),
        previous=order[place - 1] if place else None,
        following=order[place + 1] if place is not None and place + 1 < len(order) else None,
        notice=notice,
        data=Markup(_json(structured.data(book, pages, page, home))),
        address=structured.address(home, page) if home else "",
        feed=syndication.FEED if home and syndication.dated(pages) else "",
        labels=_json({name: book.words[name] for name in _SCRIPT_WORDS}),
    )


_SCRIPT_WORDS = (
    "results", "no_results", "searching", "light", "dark", "automatic", "appearance", "close",
    "events_shown", "open_card",
)  # fmt: skip


def _json(value: object) -> str:
    return markup.text(json.dumps(value, ensure_ascii=False)).replace("<", "\\u003c")


# ---- beside the pages ---------------------------------------------------------------------


def _assets(whole: _Site) -> Iterator[tuple[str, str]]:
    yield f"{ASSETS}/site.css", house_css.sheet("web", whole.context)
    for name in ("web.js", "theme.js"):
        yield f"{ASSETS}/{name}", (THEMES / name).read_text(encoding="utf-8")
    cards = {
        page.file: [page.title, page.piece.document.text("date"), page.summary]
        for page in whole.pages
        if page.is_entry and page.piece
    }
    yield f"{ASSETS}/cards.js", f"makeBook.cards({_json(cards)});\n"
