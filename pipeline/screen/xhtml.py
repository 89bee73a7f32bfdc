"""XHTML documents from HTML trees, as EPUB wants them.

A tree marks EPUB semantics as `data-epub-type`; here they become `epub:type`, `lang` gets its
twin `xml:lang`, and elements without content keep their end tag.
"""

import copy
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

XHTML = "http://www.w3.org/1999/xhtml"
EPUB = "http://www.idpf.org/2007/ops"
MATHML = "http://www.w3.org/1998/Math/MathML"
NAMESPACES: Any = {None: XHTML, "epub": EPUB}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_VOID = frozenset(f"{{{XHTML}}}{tag}" for tag in "br col hr img link meta wbr".split())
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'


def document(
    body: HtmlElement, *, title: str, language: str, matter: str, stylesheet: str
) -> bytes:
    """A whole document; `matter` is frontmatter, bodymatter or backmatter."""
    root = etree.Element(f"{{{XHTML}}}html", nsmap=NAMESPACES)
    root.set("lang", language)
    head = etree.SubElement(root, f"{{{XHTML}}}head")
    etree.SubElement(head, f"{{{XHTML}}}title").text = title
    link = etree.SubElement(head, f"{{{XHTML}}}link")
    link.attrib.update({"rel": "stylesheet", "type": "text/css", "href": stylesheet})
    holder = etree.SubElement(root, f"{{{XHTML}}}body")
    holder.set(f"{{{EPUB}}}type", matter)
    holder.append(_namespaced(body))
    for element in root.iter("*"):
        _finish(element)
    return HEAD + etree.tostring(root, encoding="utf-8") + b"\n"


def _namespaced(body: HtmlElement) -> etree._Element:
    tree = copy.deepcopy(body)
    for math in tree.iter("math"):
        math.set("xmlns", MATHML)
    plain = etree.tostring(tree, method="xml", encoding="unicode", with_tail=False)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    names = f'xmlns="{XHTML}" xmlns:epub="{EPUB}"'
    wrapped = etree.fromstring(f"<body {names}>{plain}</body>", parser)
    return wrapped[0]


def _finish(element: etree._Element) -> None:
    if kind := element.get("data-epub-type"):
        del element.attrib["data-epub-type"]
        element.set(f"{{{EPUB}}}type", kind)
    if language := element.get("lang"):
        element.set(_LANG, language)
    if element.tag not in _VOID and not len(element) and element.text is None:
        element.text = ""
