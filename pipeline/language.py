"""Which language a piece of text is in, and marking it so in a tree."""

import re
from typing import TYPE_CHECKING

from pipeline.expressions import expression

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HAN = expression("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN_WORD = expression(r"[A-Za-z][A-Za-z'’-]*")
ENGLISH_WORDS = 8
MARKED_WORDS = 3
BLOCKS = frozenset("p li dt dd td th h1 h2 h3 h4 h5 h6 figcaption caption blockquote div".split())
_PARENTHESES = expression(r"(.*?[^\s\]])\s*[(（]([^()（）]+)[)）]\s*", re.DOTALL)
_BAR = expression(r"([^|｜]*?\S)\s*[|｜]\s*(\S[^|｜]*)", re.DOTALL)


def of(text: str) -> str:
    """`zh` for any Han, `en` for eight or more Latin words without, else empty: neutral."""
    if HAN.search(text):
        return "zh"
    return "en" if len(LATIN_WORD.findall(text)) >= ENGLISH_WORDS else ""


def is_chinese(tag: str) -> bool:
    """Whether a BCP 47 tag is Chinese."""
    return tag.partition("-")[0].lower() == "zh"


def is_traditional(tag: str) -> bool:
    """Whether a BCP 47 tag is Chinese in Traditional characters."""
    return is_chinese(tag) and bool({"hant", "tw", "hk", "mo"} & set(tag.lower().split("-")[1:]))


def mark(tree: "HtmlElement", book: str) -> None:
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


def _has_blocks(element: "HtmlElement") -> bool:
    return any(child.tag in BLOCKS for child in element.iterdescendants())


def halves(text: str) -> tuple[str, str] | None:
    """The Chinese and the English half of `概述 (Overview)` or `概述 | Overview`, in any order."""
    for form in (_PARENTHESES, _BAR):
        if match := form.fullmatch(text):
            one, two = match[1].strip(), match[2].strip()
            if _is_chinese(one) and _is_english(two):
                return one, two
            if _is_english(one) and _is_chinese(two):
                return two, one
    return None


def _is_chinese(text: str) -> bool:
    return bool(HAN.search(text))


def _is_english(text: str) -> bool:
    return bool(LATIN_WORD.search(text)) and not _is_chinese(text)


def split_title(title: str, english: str = "") -> tuple[str, str]:
    """`基础 (Foundations)` in its two halves; an English title that is given wins."""
    found = halves(title)
    return (found[0], english or found[1]) if found else (title, english)


def split_heading(heading: "HtmlElement") -> None:
    """Wrap the English half of `事件概述 (Event Overview)` in a span of its language."""
    from lxml.html import builder  # checks need none of it

    found = halves(heading.text) if heading.text and not len(heading) else None
    if found:
        heading.text = found[0]
        heading.append(builder.SPAN(builder.CLASS("heading-en"), found[1], lang="en"))
