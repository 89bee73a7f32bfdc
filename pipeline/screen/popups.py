"""Notes as EPUB readers show them above the text: references, asides, and the way back."""

from collections.abc import Mapping

from lxml.html import HtmlElement, builder

from pipeline.screen import notemarks


def convert(tree: HtmlElement, words: Mapping[str, str], language: str) -> None:
    """Mark the note references of a tree and make asides of its notes, in place."""
    notemarks.mark_notes(tree, language)
    for reference in tree.find_class("footnote-ref"):
        reference.set("data-epub-type", "noteref")
        reference.set("role", "doc-noteref")
    for section in tree.find_class("footnotes"):
        section.tag = "section"
        section.attrib.pop("role", None)
        section.set("data-epub-type", "footnotes")
        section.set("aria-label", words["notes"])
        for rule in section.findall("hr"):
            rule.drop_tree()
        for notes in section.findall("ol"):
            for number, item in enumerate(notes.findall("li"), int(notes.get("start", "1"))):
                _note(item, notemarks.of(number, language), words["back_to_text"])
            notes.drop_tag()


def _note(item: HtmlElement, number: str, back: str) -> None:
    links = item.find_class("footnote-back")
    href = links[0].get("href", "") if links else ""
    for link in links:
        link.drop_tree()
    item.tag = "aside"
    item.attrib.update({"data-epub-type": "footnote", "role": "doc-footnote", "class": "note"})
    mark: HtmlElement = builder.SPAN(builder.CLASS("note-number"), number)
    if href:
        mark = builder.A(builder.CLASS("note-number"), number, href=href)
        mark.attrib.update({"data-epub-type": "backlink", "role": "doc-backlink"})
        mark.set("aria-label", f"{number} {back}")
    first = item[0] if len(item) and not (item.text or "").strip() else item
    if first.tag not in ("p", "aside"):
        first = item
    mark.tail, first.text = " " + (first.text or "").lstrip(), None
    first.insert(0, mark)
