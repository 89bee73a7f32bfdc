"""Which language a piece of text is in, and marking it so in a tree."""

import re

from lxml.html import HtmlElement, builder

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
ENGLISH_WORDS = 8
MARKED_WORDS = 3
BLOCKS = frozenset("p li dt dd td th h1 h2 h3 h4 h5 h6 figcaption caption blockquote div".split())
_HEADING = re.compile(r"^(.*?)(\s*[(（])([^()（）]*[A-Za-z][^()（）]*)([)）]\s*)$", re.DOTALL)


def of(text: str) -> str:
    """`zh` for any Han, `en` for eight or more Latin words without, else empty: neutral."""
    if HAN.search(text):
        return "zh"
    return "en" if len(LATIN_WORD.findall(text)) >= ENGLISH_WORDS else ""


def is_chinese(tag: str) -> bool:
    """Whether a BCP 47 tag is Chinese."""
    return tag.partition("-")[0].lower() == "zh"


def mark(tree: HtmlElement, book: str) -> None:
    """Give leaf blocks in the other language their `lang`, for hyphenation, fonts and voices."""
    for element in tree.iter():
        if element.tag not in BLOCKS or element.get("lang") or _has_blocks(element):
            continue
        found = _leaf_language(element.text_content())
        if found and found != book.partition("-")[0].lower():
            element.set("lang", "zh-Hans" if found == "zh" else found)


def _leaf_language(text: str) -> str:
    if HAN.search(text):
        return "zh"
    return "en" if len(LATIN_WORD.findall(text)) >= MARKED_WORDS else ""


def _has_blocks(element: HtmlElement) -> bool:
    return any(child.tag in BLOCKS for child in element.iterdescendants())


def split_heading(heading: HtmlElement) -> None:
    """Wrap the English half of `事件概述 (Event Overview)` in a span of its language."""
    if len(heading) or not heading.text:
        return
    match = _HEADING.match(heading.text)
    if not match or not HAN.search(match[1]) or HAN.search(match[3]):
        return
    heading.text = match[1]
    heading.append(builder.SPAN(builder.CLASS("heading-en"), match[3], lang="en"))
