"""Which language a piece of text is in, and marking it so in a tree."""

import re

from lxml.html import HtmlElement, builder

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
ENGLISH_WORDS = 8
MARKED_WORDS = 3
BLOCKS = frozenset("p li dt dd td th h1 h2 h3 h4 h5 h6 figcaption caption blockquote div".split())
CONTENT = BLOCKS | {"ul", "ol", "dl", "table", "pre", "figure"}
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


def keep(tree: HtmlElement, only: str) -> list[str]:
    """Keep one language, `zh` or `en`: a block goes only beside its counterpart.

    Blocks of one language that follow each other are a run; a run in the other language goes where
    a run in the one that is kept stands next to it. Returns the beginnings of the blocks that stay
    although they are in the other language.
    """
    alone: list[str] = []
    for parent in [tree, *tree.iter("div", "section", "blockquote", "li", "dd")]:
        for run, beside in _runs(parent, only):
            for element in run:
                if beside:
                    element.drop_tree()
                else:
                    alone.append(" ".join(element.text_content().split())[:40])
    for heading in tree.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        _keep_half(heading, only)
    return alone


def _runs(parent: HtmlElement, only: str) -> list[tuple[list[HtmlElement], bool]]:
    """Runs of children in the other language, and whether one to keep stands next to each."""
    runs: list[tuple[str, list[HtmlElement]]] = []
    for child in parent:
        if not isinstance(child.tag, str) or child.tag not in CONTENT:
            runs.append(("break", []))
            continue
        found = _declared(child) or of(child.text_content())
        if not found:
            continue
        if runs and runs[-1][0] == found:
            runs[-1][1].append(child)
        else:
            runs.append((found, [child]))
    return [
        (run, only in {kind for kind, _ in runs[max(0, place - 1) : place + 2]})
        for place, (kind, run) in enumerate(runs)
        if kind not in (only, "break")
    ]


def _declared(element: HtmlElement) -> str:
    return str(element.get("lang", "")).partition("-")[0].lower()


def _keep_half(heading: HtmlElement, only: str) -> None:
    split_heading(heading)
    half = next(iter(heading.find_class("heading-en")), None)
    if half is None:
        return
    if only == "en":
        heading.text = half.text
    half.drop_tree()


def split_heading(heading: HtmlElement) -> None:
    """Wrap the English half of `事件概述 (Event Overview)` in a span of its language."""
    if len(heading) or not heading.text:
        return
    match = _HEADING.match(heading.text)
    if not match or not HAN.search(match[1]) or HAN.search(match[3]):
        return
    heading.text = match[1]
    heading.append(builder.SPAN(builder.CLASS("heading-en"), match[3], lang="en"))
