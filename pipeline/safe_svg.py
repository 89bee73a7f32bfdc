"""SVG pictures without what runs, fetches or looks outside the file."""

import re
from typing import Any

from lxml import etree

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
NAMESPACES: Any = {None: SVG, "xlink": XLINK}
_XML = "http://www.w3.org/XML/1998/namespace"
_UNSAFE = frozenset(
    "script foreignObject a animate animateMotion animateTransform set animateColor discard"
    " handler listener iframe audio video metadata".split()
)
_URL = re.compile(r"url\(\s*(['\"]?)(?!#)[^)]*\)", re.IGNORECASE)
_IMPORT = re.compile(r"@(import|font-face|namespace|charset)\b[^;{]*(;|\{[^}]*\})", re.IGNORECASE)
_MOTION = re.compile(
    r"@keyframes\b[^{]*\{([^{}]*\{[^}]*\})*[^}]*\}|animation[\w-]*\s*:[^;}]*", re.I
)
_DATA = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
LIMIT = 20_000  # elements


def sanitize(data: bytes) -> bytes | None:
    """A safe copy of an SVG file; None where it is none or cannot be read."""
    parser = etree.XMLParser(
        resolve_entities="internal",  # type: ignore[arg-type]  # Illustrator
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    if root.tag not in (f"{{{SVG}}}svg", "svg") or sum(1 for _ in root.iter("*")) > LIMIT:
        return None
    for element in root.iter("*"):
        if not element.tag.startswith("{"):
            element.tag = f"{{{SVG}}}{element.tag}"
    _clean(root)
    for image in list(root.iter(f"{{{SVG}}}image")):
        if not (image.get("href") or image.get(f"{{{XLINK}}}href")):
            _remove(image, keep=False)
    etree.cleanup_namespaces(root, top_nsmap=NAMESPACES)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _clean(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in list(root.iter("*")):
        name = etree.QName(element)
        if name.namespace != SVG or name.localname in _UNSAFE:
            _remove(element, keep=name.localname == "a")
            continue
        if name.localname == "style":
            element.text = _style("".join(map(str, element.itertext())))
        for key in list(element.attrib):
            _attribute(element, str(key), seen)


def _remove(element: etree._Element, *, keep: bool) -> None:
    """Drop an element; of a link the content stays, as a group."""
    if keep:
        element.tag = f"{{{SVG}}}g"
        element.attrib.clear()
        return
    parent = element.getparent()
    if parent is None:
        return
    previous = element.getprevious()
    if element.tail and previous is not None:
        previous.tail = (previous.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _attribute(element: etree._Element, key: str, seen: set[str]) -> None:
    value = element.get(key, "")
    name = etree.QName(key)
    local = name.localname.lower()
    if name.namespace not in (None, XLINK, _XML) or local.startswith("on"):
        del element.attrib[key]
    elif local == "href":
        if not (value.startswith("#") or _DATA.match(value)):
            del element.attrib[key]
    elif local in ("src", "base") or (name.namespace == XLINK and local != "title"):
        del element.attrib[key]
    elif local == "id":
        if value in seen or not re.fullmatch(r"[A-Za-z_\u0080-\U0010ffff][\w.-]*", value):
            del element.attrib[key]
        seen.add(value)
    elif local != "style" and "(" in value:
        element.set(key, _URL.sub("none", value))
    elif local == "style":
        element.set(key, _style(value))


def _style(text: str) -> str:
    plain = _MOTION.sub("", _IMPORT.sub("", text.replace("\\", "")))
    return _URL.sub("none", plain)
