"""The pages of the PDF in the e-book: a mark where each page begins.

Every block gets a name, so that the layout tells on which page it begins. A page that begins within
a block is marked at the next thing in it that has a name, else at the next block.
"""

from collections.abc import Container, Iterator, Mapping

from lxml import html as lxml_html
from lxml.html import HtmlElement, builder

BLOCKS = ("p", "li", "tr", "pre", "figure", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6")
NAME = ".block-"
_HOLDERS = frozenset(
    "p li pre figure dt dd h1 h2 h3 h4 h5 h6 section article aside div blockquote header td th"
    " figcaption caption".split()
)


def name_blocks(page: str, slug: str) -> str:
    """The HTML of a unit with a name for each block that has none; notes stand elsewhere."""
    tree = lxml_html.fragment_fromstring(page)
    notes = {item for section in tree.find_class("footnotes") for item in section.iter()}
    for number, element in enumerate(tree.iter(*BLOCKS), 1):
        if not element.get("id") and element not in notes:
            element.set("id", f"{slug}{NAME}{number}")
    return str(lxml_html.tostring(tree, encoding="unicode"))


def mark(
    tree: HtmlElement, page_of: Mapping[str, str], done: Container[str]
) -> Iterator[tuple[str, str]]:
    """Put a mark where each page begins that is not `done`, and drop the names of blocks.

    Yields the label of each page and the name of its mark.
    """
    seen: set[str] = set()
    for element in list(tree.iter()):
        name = element.get("id") if isinstance(element.tag, str) else None
        label = page_of.get(name, "") if name else ""
        if label and label not in seen and label not in done:
            seen.add(label)
            _insert(element, _mark(label))
            yield label, f"page.{label}"
        if name and NAME in name:
            del element.attrib["id"]


def _mark(label: str) -> HtmlElement:
    mark = builder.SPAN(id=f"page.{label}", role="doc-pagebreak")
    mark.attrib.update({"data-epub-type": "pagebreak", "aria-label": label})
    return mark


def _insert(element: HtmlElement, mark: HtmlElement) -> None:
    """At the beginning of what may hold a mark, else before it."""
    place = next(element.iter("td", "th"), element) if element.tag == "tr" else element
    if place.tag in _HOLDERS or place.getparent() is None:
        mark.tail, place.text = place.text, None
        place.insert(0, mark)
    else:
        place.addprevious(mark)
