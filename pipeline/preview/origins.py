"""Where each element of a page comes from: `data-source="path:line:column"`.

Elements are matched to the blocks of the source by their text, so that the conversion, and with it
the cache and every output, is the same with a preview and without one. What has no match, such as
an author's own HTML, belongs to the block above it.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from html import unescape

from lxml.html import HtmlElement

from pipeline.book import Book
from pipeline.clean_text import printable
from pipeline.converter import Fragment, inner
from pipeline.document import Document
from pipeline.index import Index
from pipeline.text import prose

ATTRIBUTE = "data-source"
SIGNIFICANT = 48  # letters and digits that tell a block from others
_TEXT = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "dt", "dd", "figcaption",
         "caption", "blockquote")  # fmt: skip
_BLOCKS = frozenset((*_TEXT, "ul", "ol", "dl", "div", "table", "pre", "section", "figure"))
_NO_PROSE = frozenset({"code", "math", "kbd", "samp"})
_NOTES = frozenset({"citation", "footnote-ref", "footnote-back", "uri", "math"})
_FOUND = re.compile(rf'{ATTRIBUTE}="([^"]*?):\d+:\d+"'.encode())


def mark(book: Book, fragments: Mapping[str, Fragment]) -> dict[str, Fragment]:
    """The fragments of a book, each element of text with its place in the source."""
    pieces = {piece.slug: piece for unit in book.units for piece in unit.pieces}
    return {
        slug: _marked(fragment, pieces[slug].document, book.index)
        for slug, fragment in fragments.items()
    }


def _marked(fragment: Fragment, document: Document, index: Index) -> Fragment:
    places: defaultdict[str, deque[int]] = defaultdict(deque)
    for item in prose.of(document, index):
        if key := _key(item.text):
            places[key].append(item.block.span.start)
    tree = fragment.tree()
    for element in tree.iter(*_TEXT):
        if waiting := places.get(_key("".join(_own_text(element)))):
            line, column = document.source.position(waiting.popleft())
            element.set(ATTRIBUTE, f"{printable(document.path)}:{line}:{column}")
    return Fragment(inner(tree), fragment.failure)


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text))[:SIGNIFICANT]


def _own_text(element: HtmlElement) -> Iterator[str]:
    """The prose of an element up to the first block within it."""
    yield element.text or ""
    for child in element:
        if child.tag in _BLOCKS:
            return
        if child.tag not in _NO_PROSE and not _NOTES & set((child.get("class") or "").split()):
            yield from _own_text(child)
        yield child.tail or ""


def files(pages: Mapping[str, bytes]) -> dict[str, str]:
    """The page that shows each source file."""
    found: dict[str, str] = {}
    for name, data in pages.items():
        if name.endswith(".html"):
            for path in dict.fromkeys(_FOUND.findall(data)):
                found.setdefault(unescape(path.decode("utf-8")), name)
    return found
