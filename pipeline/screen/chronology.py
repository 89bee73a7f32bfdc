"""The timeline's page on the site: its drawings as links, filters, and the causes as a list.

Without a script the page is whole: pictures with links, the list of causes, the events by year.
`web.js` shows the filters, and lets a reader go from event to event in the causal graph.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from lxml import html as lxml_html
from lxml.html import HtmlElement, builder

from pipeline import chart, figures, labels, language
from pipeline.book import Book
from pipeline.graph import Graph, Node
from pipeline.screen import markup
from pipeline.screen.site import Page

WIDTH = 440.0  # points
FACETS = ("organization", "event_type", "significance")
_DRAWINGS = {figures.TIMELINE: chart.timeline, figures.CAUSES: chart.causes}


@dataclass(frozen=True)
class _Event:
    """What a reader may filter by, and where the card is; an empty `href` for one left out."""

    node: Node
    href: str
    slug: str
    facets: tuple[str, str, str]


def enrich(book: Book, page: Page, hrefs: Mapping[str, str]) -> None:
    """Make of a timeline's page what a screen can show; other pages stay as they are."""
    if page.unit is None or page.unit.kind != "timeline":
        return
    found = figures.events(book)
    events = _events(book, found, hrefs)
    links = {name: event.href for name, event in events.items() if event.href}
    for image in list(page.tree.iter("img")):
        if draw := _DRAWINGS.get(image.get("src", "")):
            drawn = draw(found, width=WIDTH, title=image.get("alt") or "", links=links)
            kind = "causes" if image.get("src") == figures.CAUSES else "lanes"
            _replace(image, drawn.svg, kind)
            if kind == "causes":
                _after_figure(page.tree, _list(book, found, events))
    _mark(page.tree, events)
    _filters(book, page.tree, events)


def _events(book: Book, found: Graph, hrefs: Mapping[str, str]) -> dict[str, _Event]:
    nodes = {node.identifier: node for node in found.nodes}
    result: dict[str, _Event] = {}
    for piece in book.pieces.values():
        node = nodes.get(book.index.identifier(piece.document))
        if node is not None and node.identifier not in result:
            kind = piece.document.text("event_type").replace("_", " ")
            facets = (node.organization, kind, node.level)
            href = hrefs.get(piece.slug, "")
            result[node.identifier] = _Event(node, href, piece.slug, facets)
    return result


def _replace(image: HtmlElement, drawing: str, kind: str) -> None:
    holder = lxml_html.fragment_fromstring(drawing, create_parent="div")
    holder.set("class", f"drawing {kind}")
    for picture in holder.iter("svg"):
        picture.set("role", "group")  # it has links, which a picture hides
    parent = image.getparent()
    if parent is not None:
        parent.replace(image, holder)


def _after_figure(tree: HtmlElement, element: HtmlElement) -> None:
    figure = tree.find(".//div[@class='drawing causes']/..")
    if figure is not None:
        figure.addnext(element)


# ---- the causes as a list -------------------------------------------------------------------


def _list(book: Book, found: Graph, events: Mapping[str, _Event]) -> HtmlElement:
    """Each event with what it leads to and what led to it, for those who cannot see the drawing."""
    items = []
    for node in found.nodes:
        relations = list(_relations(book, found, node.identifier))
        if relations and node.identifier in events:
            lines = (_relation(label, events[other]) for label, other in relations)
            item = builder.LI(_link(events[node.identifier]), builder.UL(*lines))
            item.set("data-id", markup.text(node.identifier))
            items.append(item)
    head = builder.SUMMARY(book.words["causes_list"])
    return builder.DETAILS(builder.CLASS("causes-list"), head, builder.UL(*items))


def _relations(book: Book, found: Graph, name: str) -> Iterator[tuple[str, str]]:
    """(relation in words, the other event), causes first."""
    known = book.config.relations
    for edge in found.edges:
        if edge.target == name:
            kind = known.get(edge.relation)
            yield (
                labels.relation((kind and kind.inverse) or edge.relation, book.language),
                edge.source,
            )
    for edge in found.edges:
        if edge.source == name:
            yield labels.relation(edge.relation, book.language), edge.target


def _relation(label: str, other: _Event) -> HtmlElement:
    item = builder.LI(builder.SPAN(builder.CLASS("relation"), label), " ", _link(other))
    item.set("data-to", markup.text(other.node.identifier))
    return item


def _link(event: _Event) -> HtmlElement:
    date = builder.SPAN(builder.CLASS("entry-date"), markup.text(event.node.date))
    title = markup.text(event.node.title)
    if event.href:
        return builder.A(date, " ", title, href=f"#{event.slug}")
    return builder.SPAN(date, " ", title)


# ---- filters --------------------------------------------------------------------------------


def _mark(tree: HtmlElement, events: Mapping[str, _Event]) -> None:
    """Say of each line of the timeline which event it is, and what it can be filtered by."""
    by_slug = {event.slug: event for event in events.values()}
    for item in tree.iterfind(".//ol[@class='timeline']/li"):
        link = item.find("a")
        event = by_slug.get((link.get("href") or "")[1:]) if link is not None else None
        if event is not None:
            item.set("data-id", markup.text(event.node.identifier))
            for facet, value in zip(FACETS, event.facets, strict=True):
                item.set(f"data-{facet.replace('_', '-')}", markup.text(value))


def _filters(book: Book, tree: HtmlElement, events: Mapping[str, _Event]) -> None:
    """Fields for what the events differ in; hidden until a script can obey them."""
    fields = []
    for place, facet in enumerate(FACETS):
        values = dict.fromkeys(event.facets[place] for event in events.values())
        if len([value for value in values if value]) > 1:
            fields.append(_field(book, facet, [value for value in values if value]))
    opening = tree.find(".//header")
    if not fields or opening is None:
        return
    count = '<p role="status" id="shown"></p>'
    reset = f'<button type="reset">{escape(book.words["no_filter"])}</button>'
    label = escape(book.words["filter"])
    text = (
        f'<form class="filter" aria-label="{label}" hidden>{"".join(fields)}{reset}{count}</form>'
    )
    opening.addnext(lxml_html.fragment_fromstring(text))


def _field(book: Book, facet: str, values: list[str]) -> str:
    if facet == "significance":
        order = list(book.config.badges)
        values.sort(key=lambda value: order.index(value) if value in order else len(order))
    options = "".join(
        f'<option value="{escape(markup.text(value))}">{escape(_said(book, facet, value))}</option>'
        for value in values
    )
    name = facet.replace("_", "-")
    word = escape(book.words[facet])
    everything = escape(book.words["all"])
    return (
        f'<label>{word} <select name="{name}"><option value="">{everything}</option>'
        f"{options}</select></label>"
    )


def _said(book: Book, facet: str, value: str) -> str:
    """A level as its badge says it, in the language of the book."""
    badge = book.config.badges.get(value, value) if facet == "significance" else value
    halves = language.halves(badge)
    said = halves[not language.is_chinese(book.language)] if halves else badge
    return markup.text(book.voice.text(said))
