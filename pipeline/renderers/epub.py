"""EPUB 3.3, packaged from the HTML of each unit."""

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import HtmlElement, builder

from pipeline import images, page_marks
from pipeline.book import Unit
from pipeline.rendering import Artefact, Context
from pipeline.screen import (
    accessibility,
    covers,
    embedding,
    house_css,
    leaves,
    markup,
    media,
    navigation,
    package,
    popups,
    short_names,
    xhtml,
)
from pipeline.screen.media import Medium
from pipeline.screen.package import Item
from pipeline.screen.semantics import body_matter, describe_unit
from pipeline.units import UnitPage, template

NAME = "epub"
HELP = "the e-book"

NAV = "nav.xhtml"
COVER = "cover.xhtml"
STYLE = "book.css"
PICTURES = "images"
FILE_SIZE = 200_000  # characters


@dataclass(frozen=True)
class Leaf:
    """A unit as a file of the publication, before its links are set."""

    unit: Unit
    file: str
    tree: HtmlElement


def render(context: Context) -> Artefact:
    """Write the EPUB of an edition."""
    sheets = _leaves(context.pages)
    pages = _page_list(context, sheets)
    hrefs = leaves.addresses(sheets, _tops(sheets, context.pages))
    pictures = media.gather(context.linked.pictures, leaves.used_pictures(sheets))
    for leaf in sheets:
        leaves.point(leaf, hrefs)
        leaves.place_pictures(leaf, pictures, PICTURES, context.book.words["missing_image"])
    staged = context.stage / f"{context.book.slug}.epub"
    package.write(
        staged,
        _metadata(context, sheets, pictures, pages),
        tuple(_items(context, sheets, pictures, hrefs, pages)),
    )
    return Artefact(staged, staged.name)


def _leaves(pages: Iterable[UnitPage]) -> list[Leaf]:
    """All units but the contents: the navigation document is the contents."""
    namer = short_names.Namer(("nav", "cover"))
    return [
        Leaf(page.unit, f"{namer.name(page.unit.slug)}.xhtml", tree)
        for page in pages
        if page.unit.kind != "contents"
        for tree in _cut(markup.parse(page.html), len(page.html))
    ]


def _cut(tree: HtmlElement, size: int) -> Iterator[HtmlElement]:
    """Readers load a file whole: many entries are spread over files of some `FILE_SIZE`."""
    entries = [item for item in tree if item.tag == "article"]
    count = min(len(entries), -(-size // FILE_SIZE))
    yield tree
    for part in range(1, count):
        more = builder.SECTION({"class": tree.get("class") or ""})
        for item in entries[len(entries) * part // count : len(entries) * (part + 1) // count]:
            more.append(item)
        yield more


def _tops(sheets: Iterable[Leaf], pages: Iterable[UnitPage]) -> dict[str, str]:
    """The file of each unit."""
    tops = {leaf.unit.slug: leaf.file for leaf in reversed(list(sheets))}
    return tops | {page.unit.slug: NAV for page in pages if page.unit.kind == "contents"}


# ---- the publication ----------------------------------------------------------------------


def _metadata(
    context: Context, sheets: Iterable[Leaf], pictures: Mapping[str, Medium], pages: object
) -> package.Metadata:
    trees = [leaf.tree for leaf in sheets]
    has_index = any(leaf.unit.kind == "index" for leaf in sheets)
    facts = accessibility.survey(trees, pictures.values(), pages=bool(pages), index=has_index)
    return package.describe(
        context.book,
        os.environ,
        other_languages=_other_languages(trees, context.book.language),
        page_list=bool(pages),
        accessibility=tuple(accessibility.metadata(facts, context.book.language)),
    )


def _other_languages(trees: Iterable[HtmlElement], own: str) -> list[str]:
    """Languages of whole paragraphs beside the book's own."""
    found = {
        (element.get("lang") or "").partition("-")[0].lower()
        for tree in trees
        for element in tree.iter("p", "li", "blockquote", "div")
    }
    return sorted(found & {"en", "zh", "fr", "de", "ja", "ko", "es", "ru"} - {own[:2].lower()})


def _items(
    context: Context, sheets: Iterable[Leaf], pictures: Mapping[str, Medium],
    hrefs: Mapping[str, str], pages: Iterable[tuple[str, str]],
) -> Iterator[Item]:  # fmt: skip
    sheets = list(sheets)
    whole = any(leaf.unit.kind == "title" for leaf in sheets)
    in_spine = True if any(page.unit.kind == "contents" for page in context.pages) else None
    nav = Item("nav", NAV, "application/xhtml+xml", b"", ("nav",), in_spine)
    nav_data = _navigation(context, sheets, hrefs, list(pages), cover=whole)
    if whole:
        yield from _cover(context)
    waiting = True
    for number, leaf in enumerate(sheets, 1):
        if waiting and leaf.unit.kind not in ("title", "copyright"):
            waiting = False
            yield _replaced(nav, nav_data)
        yield _document(context, leaf, number)
    if waiting:
        yield _replaced(nav, nav_data)
    shown = (*(leaf.tree for leaf in sheets), lxml_html.fromstring(nav_data))
    embedded = _embedded(context, shown)
    css = house_css.sheet("epub", context, embedded.css)
    yield Item("style", STYLE, "text/css", css.encode("utf-8"))
    for number, font in enumerate(embedded.media, 1):
        yield Item(f"font-{number}", f"{embedding.FOLDER}/{font.name}", font.media_type, font.data)
    for number, medium in enumerate(dict.fromkeys(pictures.values()), 1):
        yield Item(f"picture-{number}", f"{PICTURES}/{medium.name}", medium.media_type, medium.data)


def _embedded(context: Context, shown: Iterable[HtmlElement]) -> embedding.Embedded:
    if not context.book.edition.fonts:
        return embedding.Embedded()
    return embedding.embed(shown, context.book.faces, context.store, context.progress.note)


def _replaced(item: Item, data: bytes) -> Item:
    return Item(item.identifier, item.href, item.media_type, data, item.properties, item.linear)


def _document(context: Context, leaf: Leaf, number: int) -> Item:
    popups.convert(leaf.tree, context.book.words, context.book.language)
    describe_unit(leaf.unit, leaf.tree)
    data = xhtml.document(
        leaf.tree,
        title=markup.text(f"{leaf.unit.number} {leaf.unit.title}".strip()) or context.book.slug,
        language=context.book.language,
        matter=body_matter(leaf.unit),
        stylesheet=STYLE,
    )
    properties = ("mathml",) if next(leaf.tree.iter("math"), None) is not None else ()
    return Item(f"unit-{number}", leaf.file, "application/xhtml+xml", data, properties, linear=True)


def _cover(context: Context) -> Iterator[Item]:
    medium = _own_cover(context) or _made_cover(context)
    words = context.book.words
    page = template("cover.xhtml").render(
        lang=context.book.language,
        word=words["cover"],
        alt=f"{words['cover']}: {context.book.imprint.title}",
        src=f"{PICTURES}/{medium.name}",
        css=STYLE,
    )
    data = markup.text(page).encode("utf-8")
    yield Item("cover", COVER, "application/xhtml+xml", data, (), linear=True)
    name = f"{PICTURES}/{medium.name}"
    yield Item("cover-image", name, medium.media_type, medium.data, ("cover-image",))


def _made_cover(context: Context) -> Medium:
    book = context.book
    return covers.make(book.imprint, book.faces["han"][0], book.config.identifier, context.store)


def _own_cover(context: Context) -> Medium | None:
    path = context.book.config.setting("cover")
    if not path:
        return None
    inside = posixpath.normpath(str(path)) in context.book.index.project.listing.files
    picture = images.vet(context.root, str(path), context.book.config.limit) if inside else None
    if picture is None:
        context.progress.note(f"book.yaml: cover: {path} is no picture; a cover was made")
        return None
    found = media.gather({"cover": picture}, ["cover"])
    return found.get("cover")


def _navigation(
    context: Context, sheets: list[Leaf], hrefs: Mapping[str, str],
    pages: list[tuple[str, str]], *, cover: bool,
) -> bytes:  # fmt: skip
    lines = navigation.entries(context.pages)
    anchor = next((p.unit.slug for p in context.pages if p.unit.kind == "contents"), "contents")
    text = template("nav.xhtml").render(
        lang=context.book.language,
        words=context.book.words,
        anchor=anchor,
        nodes=navigation.tree(lines, hrefs) or _first(sheets, context),
        landmarks=tuple(_landmarks(context, sheets, cover=cover)),
        pages=pages,
    )
    return markup.text(text).encode("utf-8")


def _first(sheets: list[Leaf], context: Context) -> tuple[navigation.Node, ...]:
    """A book without contents still needs one line to go to."""
    from pipeline.linker import Entry

    leaf = sheets[0]
    return (navigation.Node(Entry(leaf.unit.slug, 1, context.book.imprint.title), leaf.file),)


def _landmarks(
    context: Context, sheets: list[Leaf], *, cover: bool
) -> Iterator[tuple[str, str, str]]:
    words = context.book.words
    if cover:
        yield "cover", COVER, words["cover"]
    first = {leaf.unit.kind: leaf for leaf in reversed(sheets)}
    if "title" in first:
        yield "titlepage", first["title"].file, words["title_page"]
    if any(page.unit.kind == "contents" for page in context.pages):
        yield "toc", NAV, words["contents"]
    body = next((leaf for leaf in sheets if body_matter(leaf.unit) == "bodymatter"), None)
    if body:
        yield "bodymatter", body.file, words["body"]
    for leaf in reversed({leaf.unit.slug: leaf for leaf in reversed(sheets)}.values()):
        if leaf.unit.kind == "entries" and leaf.unit.content_type:
            glossary = leaf.unit.content_type.name == "concept"
            yield "glossary" if glossary else "appendix", leaf.file, leaf.unit.title
        if leaf.unit.kind in ("references", "index"):
            kind = "bibliography" if leaf.unit.kind == "references" else "index"
            yield kind, leaf.file, leaf.unit.title


def _page_list(context: Context, sheets: Iterable[Leaf]) -> list[tuple[str, str]]:
    """Each printed page with the address of its mark, which is set here."""
    if not context.book.edition.page_list:
        return []
    pages: dict[str, str] = {}
    for leaf in sheets:
        for label, name in page_marks.mark(leaf.tree, context.page_of, pages):
            pages[label] = f"{leaf.file}#{name}"
    return list(pages.items())
