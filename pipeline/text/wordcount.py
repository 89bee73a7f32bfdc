"""How long a document is: its visible text counted by one of three methods."""

import re

from pipeline.citations import reflist
from pipeline.document import Document
from pipeline.index import Index
from pipeline.language import HAN
from pipeline.text import prose

METHODS = ("words", "han", "characters")

_LATIN = re.compile(r"[A-Za-z0-9][\w'’-]*")


def count(document: Document, index: Index, method: str = "") -> int:
    """Words of a document, by the book's method if none is given.

    Headings, tables and notes count; code, addresses, comments and the reference list do not.
    """
    return count_text(visible(document, index), method or index.config.word_method)


def count_text(text: str, method: str) -> int:
    """Words of a visible text: `words`, `han` or `characters`."""
    if method == "characters":
        return len("".join(text.split()))
    han = len(HAN.findall(text))
    return han if method == "han" else han + len(_LATIN.findall(HAN.sub(" ", text)))


def visible(document: Document, index: Index) -> str:
    """The text that counts, a line for each block."""
    left_out = reflist.spans(document, index)
    blocks = (
        item.text
        for item in prose.of(document, index)
        if not any(span.contains(item.block.span) for span in left_out)
    )
    return "\n".join(blocks).replace(prose.OBJECT, " ").replace(prose.NOTE, "")
