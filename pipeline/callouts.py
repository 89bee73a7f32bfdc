"""Callouts: Quarto's `::: {.callout-note}`, GitHub's and mdBook's `> [!NOTE]`, one shape for all.

A callout is a box with a title. A heading in its first place is that title, and no section of the
chapter.
"""

import re

from lxml.html import HtmlElement, builder

from pipeline import labels

KINDS = ("note", "tip", "important", "warning", "caution")
_BOX = re.compile(rf'class="[^"]*\b(?:callout-)?(?:{"|".join(KINDS)})\b')
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def present(html: str) -> bool:
    """Whether a piece of HTML may hold a callout."""
    return _BOX.search(html) is not None


def shape(tree: HtmlElement, language: str) -> None:
    """Give every callout of a tree its class and its title."""
    for box in list(tree.iter("div", "section")):
        kind = _kind(box)
        if kind:
            _shape(box, kind, labels.of(language)[kind])


def _kind(box: HtmlElement) -> str:
    classes = (box.get("class") or "").split()
    for kind in KINDS:
        if f"callout-{kind}" in classes or classes == [kind]:
            return kind
    return ""


def _shape(box: HtmlElement, kind: str, usual: str) -> None:
    first = box[0] if len(box) and not (box.text or "").strip() else None
    title = builder.P(builder.CLASS("callout-title"))
    if first is not None and (first.tag in _HEADINGS or first.get("class") == "title"):
        holder = first[0] if first.get("class") == "title" and len(first) == 1 else first
        title.text = holder.text
        title.extend(list(holder))
        if identifier := first.get("id"):
            title.set("id", identifier)
        tail, first.tail = first.tail, None
        box.remove(first)
        box.text = tail if (tail or "").strip() else None
    else:
        title.text = box.attrib.pop("title", "") or usual
    title.tail, box.text = box.text, None
    box.insert(0, title)
    box.tag = "div"
    box.set("class", f"callout callout-{kind}")
    box.set("role", "note")
    for name in [name for name in box.attrib if name.startswith("data-")]:
        del box.attrib[name]
