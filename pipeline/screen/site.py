"""The pages of the web site: a unit is a page, and so is every card, concept and organization."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml.html import HtmlElement, builder

from pipeline.book import Book, Piece, Unit
from pipeline.linker import Entry
from pipeline.screen import markup, navigation, short_names
from pipeline.units import UnitPage

HOME = "index.html"
SUMMARY = 120  # characters
NEIGHBOURS = 40  # entries that a sidebar shows


@dataclass
class Page:
    """One file of the site."""

    file: str
    title: str
    unit: Unit | None
    tree: HtmlElement
    piece: Piece | None = None
    entries: tuple[Entry, ...] = ()
    summary: str = ""
    linked_from: list["Page"] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """The anchor of what the page holds."""
        if self.piece and self.unit and self.unit.kind == "entries":
            return self.piece.slug
        return self.unit.slug if self.unit else ""

    @property
    def is_entry(self) -> bool:
        """Whether the page holds one card."""
        return self.unit is not None and self.unit.kind == "entries" and self.piece is not None


def pages(book: Book, units: Iterable[UnitPage]) -> list[Page]:
    """All pages in reading order, the home page first."""
    namer = short_names.Namer(("index",))
    listed = list(units)
    home = [page for page in listed if page.unit.kind in ("title", "contents")]
    result = [_home(book, home, listed)]
    for page in listed:
        if page.unit.kind == "entries":
            result += _entry_pages(page, namer)
        elif page not in home:
            result.append(_unit_page(page, namer))
    _collect_links(result)
    return result


def _home(book: Book, home: Iterable[UnitPage], listed: Iterable[UnitPage]) -> Page:
    tree = builder.DIV(builder.CLASS("home"))
    for page in home:
        tree.append(markup.parse(page.html))
    for heading in tree.iterfind("section/h1"):
        heading.tag = "h2"
    for contents in tree.iter("nav"):
        contents.tag = "div"
        for name in ("role", "aria-label"):
            contents.attrib.pop(name, None)
    if not _head_with_title(tree):
        tree.insert(0, builder.H1(builder.CLASS("book-title"), markup.text(book.imprint.title)))
        items = (builder.LI(builder.A(_label(p.unit), href=f"#{p.unit.slug}")) for p in listed)
        tree.append(builder.OL(*items))
    _shorten_contents(tree, listed)
    for section in tree.find_class("title-page"):
        section.tag = "header"
    return Page(HOME, markup.text(book.imprint.title), None, tree)


def _head_with_title(tree: HtmlElement) -> bool:
    """Where the book's title stands first it is the page's heading."""
    title = tree.find_class("book-title")
    if title and next(tree.iter("h1"), None) is None:
        title[0].tag = "h1"
        for name in ("role", "aria-level"):
            title[0].attrib.pop(name, None)
    return bool(title)


def _shorten_contents(tree: HtmlElement, listed: Iterable[UnitPage]) -> None:
    """The home page lists units; their sections and entries are in the sidebar."""
    entries = {p.slug for u in listed if u.unit.kind == "entries" for p in u.unit.pieces}
    for item in list(tree.iter("li")):
        hrefs = {(link.get("href") or "")[1:] for link in item.iter("a")}
        if "level-3" in (item.get("class") or "") or hrefs & entries:
            item.drop_tree()


def _label(unit: Unit) -> str:
    return markup.text(f"{unit.number} {unit.title}".strip()) or unit.slug


def _unit_page(page: UnitPage, namer: short_names.Namer) -> Page:
    tree = markup.parse(page.html)
    _head_with_title(tree)
    return Page(
        f"{namer.name(page.unit.slug)}.html", _label(page.unit), page.unit, tree,
        entries=page.entries, summary=summary(tree),
    )  # fmt: skip


def _entry_pages(page: UnitPage, namer: short_names.Namer) -> Iterator[Page]:
    """The overview of a type, then a page for each of its entries."""
    overview = _unit_page(page, namer)
    cards = builder.UL(builder.CLASS("cards"))
    singles: list[Page] = []
    for piece in page.unit.pieces:
        article = next((item for item in overview.tree if item.get("id") == piece.slug), None)
        if article is None:
            continue
        single = _single(page.unit, piece, article, f"{namer.name(piece.slug)}.html")
        cards.append(_card(single))
        singles.append(single)
    overview.tree.append(cards)
    yield overview
    yield from singles


def _single(unit: Unit, piece: Piece, article: HtmlElement, file: str) -> Page:
    article.tail = None
    for element in list(article.iter("h2", "h3", "h4", "h5", "h6")):
        element.tag = f"h{int(element.tag[1]) - 1}"
    kind = unit.content_type.name if unit.content_type else "entry"
    tree = builder.SECTION(builder.CLASS(f"unit entry-page {kind}"), article)
    title = markup.text(piece.title)
    return Page(file, title, unit, tree, piece, summary=summary(article))


def _card(page: Page) -> HtmlElement:
    assert page.piece
    document = page.piece.document
    link = builder.A(page.title, href=f"#{page.slug}")
    item = builder.LI(builder.CLASS(markup.text(document.text("significance_level"))))
    if date := markup.text(document.text("date")):
        item.append(builder.SPAN(builder.CLASS("entry-date"), date))
    item.append(link)
    if page.summary:
        item.append(builder.P(page.summary))
    return item


def summary(tree: HtmlElement) -> str:
    """The first sentences of a page's first paragraph."""
    for paragraph in tree.iter("p"):
        classes = set((paragraph.get("class") or "").split())
        if classes & {"title-en", "badge", "book-title"} or _is_bold(paragraph):
            continue
        text = " ".join(_visible(paragraph).split())
        if len(text) >= 20:
            return text if len(text) <= SUMMARY else text[: SUMMARY - 1].rstrip() + "…"
    return ""


def _is_bold(paragraph: HtmlElement) -> bool:
    """A line of bold words, such as a badge, is no summary."""
    bold = sum(len(item.text_content()) for item in paragraph.iter("strong"))
    return bold > len(paragraph.text_content()) / 2


def _visible(element: HtmlElement) -> str:
    """Text without the marks of notes and citations."""
    if element.tag in ("sup", "annotation") or "footnote-ref" in (element.get("class") or ""):
        return ""
    parts = [element.text or ""]
    for child in element:
        parts += (_visible(child), child.tail or "")
    return "".join(parts)


def _collect_links(found: list[Page]) -> None:
    """Who links to each card, in reading order."""
    cards = {page.slug: page for page in found if page.is_entry}
    for page in found:
        if page.unit is None or (page.unit.kind in ("timeline", "entries") and not page.is_entry):
            continue
        for link in page.tree.iter("a"):
            target = cards.get((link.get("href") or "").removeprefix("#").partition(".")[0])
            if target and target is not page and page not in target.linked_from:
                target.linked_from.append(page)


def tops(found: Iterable[Page], units: Iterable[UnitPage]) -> dict[str, str]:
    """The file of every unit and entry."""
    result = {page.slug: page.file for page in found if page.slug}
    for unit in units:
        if unit.unit.kind == "title":
            result[unit.unit.slug] = HOME
        elif unit.unit.kind == "contents":
            result[unit.unit.slug] = f"{HOME}#{unit.unit.slug}"
    return result


# ---- the sidebar --------------------------------------------------------------------------


def _near(pieces: tuple[Piece, ...], slug: str) -> tuple[Piece, ...]:
    """All entries, or of many those around the current one."""
    place = next((at for at, piece in enumerate(pieces) if piece.slug == slug), 0)
    start = max(0, min(place - NEIGHBOURS // 2, len(pieces) - NEIGHBOURS))
    return pieces[start : start + NEIGHBOURS]


def sidebar(
    current: Page, found: Iterable[Page], hrefs: Mapping[str, str]
) -> tuple[navigation.Node, ...]:
    """Every unit, and below the one of this page its sections or entries."""
    lines: list[Entry] = []
    for page in found:
        if page.unit is None or page.is_entry or page.unit.kind == "copyright":
            continue
        unit = page.unit
        lines.append(Entry(unit.slug, unit.depth, unit.title, number=unit.number))
        if current.unit is not unit:
            continue
        if unit.kind == "entries":
            near = _near(unit.pieces, current.slug)
            lines += [Entry(item.slug, 2, item.title) for item in near]
        else:
            lines += [entry for entry in page.entries[1:] if entry.level == unit.depth + 1]
    return navigation.tree(lines, hrefs)
