"""Marks of notes: ①②③ in a Chinese book, where [1] is a citation; plain numbers elsewhere."""

from lxml.html import HtmlElement

from pipeline import language

_RANGES = ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1))


def of(number: int, tag: str) -> str:
    """The mark of a note in a language."""
    if language.is_chinese(tag):
        for low, high, start in _RANGES:
            if low <= number <= high:
                return chr(start + number - low)
    return str(number)


def mark_notes(tree: HtmlElement, tag: str) -> None:
    """Give the note references of a tree their marks."""
    for reference in tree.find_class("footnote-ref"):
        number = reference.text_content().strip()
        if not number.isdecimal():
            continue
        inner = reference.find("sup")
        target = reference if inner is None else inner
        if target.text == number:
            target.text = of(int(number), tag)
