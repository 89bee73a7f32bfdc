"""The HTML of a unit as a tree that the schemas of EPUB and HTML accept.

Authors may write raw HTML. It was filtered for safety; here it is made valid: elements stand where
they may, attributes have values of their type, identifiers are unique, addresses are URLs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, urlsplit

from lxml import html as lxml_html
from lxml.html import HtmlElement

from pipeline import language

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[a-z_][a-z0-9_.-]*\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
_LENGTH = re.compile(r"\d+(\.\d+)?(%|px|em|rem|cm|mm|in|pt)\Z")
_HOST = re.compile(r"[^\s%<>\"{}|\\^`]+\Z")
_URL_SAFE = "/?#[]@!$&'()*+,;=:%~-._"

BLOCKS = frozenset(
    "aside blockquote details div dl figure h1 h2 h3 h4 h5 h6 hr ol p pre section table ul".split()
)
_PHRASING = frozenset(
    "a abbr b bdi bdo cite code del dfn em i ins kbd mark p q s samp small span strong sub sup u"
    " var time".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 summary pre".split())
_PARENTS: Mapping[str, tuple[frozenset[str], str]] = {
    "li": (frozenset({"ol", "ul"}), "div"),
    "dt": (frozenset({"dl"}), "div"),
    "dd": (frozenset({"dl"}), "div"),
    "figcaption": (frozenset({"figure"}), "div"),
    "summary": (frozenset({"details"}), "div"),
    "rt": (frozenset({"ruby"}), "span"),
    "rp": (frozenset({"ruby"}), "span"),
}
_CHILDREN = {"ol": ("li",), "ul": ("li",), "dl": ("dt", "dd")}
_MATH_ARITY = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2,
    "msubsup": 3, "munderover": 3,
}  # fmt: skip
_ROLES = {
    "doc-noteref": "a", "doc-backlink": "a", "doc-endnotes": "section", "doc-toc": "nav",
    "doc-part": "section", "doc-bibliography": "div", "heading": "p", "list": "div",
    "listitem": "div",
}  # fmt: skip


def text(value: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _NO_XML.sub("", value)


def parse(page: str) -> HtmlElement:
    """The tree of one unit, tidied."""
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = lxml_html.fragment_fromstring(text(page), parser=parser)
    assert isinstance(tree, HtmlElement)
    tidy(tree)
    return tree


def tidy(tree: HtmlElement) -> None:
    """Make a tree valid in place."""
    _drop_line_anchors(tree)
    _mend_math(tree)
    _mend_nesting(tree)
    _mark_emphasis(tree)
    _order_headings(tree)
    seen: set[str] = set()
    for element in list(elements(tree)):
        _mend_attributes(element, seen)
    for box in tree.find_class("event-box"):
        box.set("role", "note")


def elements(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The elements of a tree in order, the root first."""
    return (element for element in tree.iter() if isinstance(element.tag, str))


def unlink(element: HtmlElement) -> None:
    """Make a link plain text."""
    element.tag = "span"
    for name in ("href", "role"):
        element.attrib.pop(name, None)
    element.set("class", "unlinked")


def external(href: str) -> str | None:
    """An outside address as a valid URL, None where it is none."""
    address = f"https:{href}" if href.startswith("//") else href.strip()
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if not parts.scheme or not (parts.netloc or parts.path):
        return None
    if parts.scheme in ("http", "https") and not _HOST.match(parts.hostname or ""):
        return None
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", address), safe=_URL_SAFE)


# ---- elements -----------------------------------------------------------------------------


def _drop_line_anchors(tree: HtmlElement) -> None:
    """Links of code lines to themselves: empty, and a keyboard trap."""
    for anchor in list(tree.iter("a")):
        if anchor.get("aria-hidden") == "true" and not anchor.text_content().strip():
            anchor.drop_tree()


def _order_headings(tree: HtmlElement) -> None:
    """No heading is more than one level below the one it stands under."""
    above: list[tuple[int, int]] = []
    for heading in tree.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        typed = int(heading.tag[1])
        while above and above[-1][0] >= typed:
            above.pop()
        level = above[-1][1] + 1 if above else typed
        above.append((typed, level))
        heading.tag = f"h{level}"


def _mark_emphasis(tree: HtmlElement) -> None:
    """Han is emphasized by dots, and a phrase without Han by italics."""
    for element in tree.iter("em", "i"):
        if not language.HAN.search(element.text_content()):
            element.set("class", f"{element.get('class') or ''} latin".strip())


def _mend_math(tree: HtmlElement) -> None:
    for math in list(tree.iter("math")):
        wrong = any(
            len(node) != count for tag, count in _MATH_ARITY.items() for node in math.iter(tag)
        )
        if wrong or any(node.tag in BLOCKS for node in elements(math)):
            for note in list(math.iter("annotation")):
                note.drop_tree()
            content = " ".join(math.text_content().split())
            for child in list(math):
                math.remove(child)
            math.attrib.clear()
            math.tag, math.text = "span", content
        elif not math.get("alttext"):
            source = next(math.iter("annotation"), math)
            math.set("alttext", " ".join(source.text_content().split()))
    names = (*_MATH_ARITY, "mrow", "mi", "mn", "mo", "mtext", "semantics", "annotation")
    for node in list(tree.iter(*names)):
        if next(node.iterancestors("math"), None) is None:
            node.drop_tag()


def _mend_nesting(tree: HtmlElement) -> None:
    for tag, (parents, instead) in _PARENTS.items():
        for element in list(tree.iter(tag)):
            parent = element.getparent()
            if parent is None or parent.tag not in parents:
                element.tag = instead
    for tag, allowed in _CHILDREN.items():
        for element in list(tree.iter(tag)):
            _wrap_strays(element, allowed)
    for element in list(elements(tree)):
        _mend_blocks(element)
    for element in list(tree.iter("dl")):
        _mend_terms(element)
    for element in list(tree.iter("details")):
        if not len(element) or element[0].tag != "summary":
            summary = lxml_html.Element("summary")
            summary.text = "…"
            element.insert(0, summary)
            summary.tail, element.text = element.text, None


def _wrap_strays(element: HtmlElement, allowed: tuple[str, ...]) -> None:
    """What is not an item becomes one; loose text moves into the first item."""
    for child in list(element):
        if child.tag not in allowed:
            item = lxml_html.Element(allowed[-1])
            item.tail, child.tail = child.tail, None
            element.replace(child, item)
            item.append(child)
        if (child.tail or "").strip() and child.getparent() is element:
            child.append(lxml_html.Element("span"))
            child[-1].text, child.tail = child.tail, None
    if (element.text or "").strip():
        item = lxml_html.Element(allowed[-1])
        item.text, element.text = element.text, None
        element.insert(0, item)


def _mend_blocks(element: HtmlElement) -> None:
    """A phrase that holds a block is a block; a heading's blocks are phrases."""
    if element.tag in _PHRASING and element.tag not in ("a", "ins", "del"):
        if any(node.tag in BLOCKS for node in element.iterdescendants()):
            element.tag = "div"
    elif element.tag in _HEADINGS:
        for node in list(element.iterdescendants(*BLOCKS, "li", "dt", "dd")):
            node.tag = "span"


def _mend_terms(element: HtmlElement) -> None:
    """A definition list of another order than terms, then definitions, is a plain division."""
    order = "".join("t" if child.tag == "dt" else "d" for child in element)
    if not re.fullmatch(r"(t+d+)*", order):
        for child in element:
            child.tag = "div"
        element.tag = "div"


# ---- attributes ---------------------------------------------------------------------------


def _mend_attributes(element: HtmlElement, seen: set[str]) -> None:
    for name in list(element.attrib):
        value = element.get(name, "")
        if not _NAME.match(str(name)) or not _valid(element, str(name), value):
            del element.attrib[name]
    if (name := element.get("id")) is not None:
        if name in seen:
            del element.attrib["id"]
        seen.add(name)
    if element.tag == "img":
        _mend_image(element)
    if element.tag == "bdo" and not element.get("dir"):
        element.tag = "span"
    if element.tag == "a":
        _mend_link(element)


def _valid(element: HtmlElement, name: str, value: str) -> bool:
    check = _CHECKS.get(name)
    if check is not None and not check(value):
        return False
    if name == "role":
        return bool(_ROLES.get(value) == element.tag)
    return not name.startswith("data-epub")


def _whole(low: int, high: int) -> Callable[[str], bool]:
    return lambda value: value.isdecimal() and value.isascii() and low <= int(value[:9]) <= high


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "id": lambda value: bool(value) and not re.search(r"\s", value),
    "lang": lambda value: bool(_LANGUAGE.match(value)),
    "dir": lambda value: value in ("ltr", "rtl", "auto"),
    "aria-hidden": lambda value: value in ("true", "false"),
    "start": lambda value: bool(re.fullmatch(r"-?[0-9]{1,9}", value)),
    "type": lambda value: value in tuple("1aAiI"),
    "colspan": _whole(1, 1000),
    "rowspan": _whole(1, 65534),
    "span": _whole(1, 1000),
    "scope": lambda value: value in ("row", "col", "rowgroup", "colgroup"),
    "datetime": lambda value: bool(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value)),
    "display": lambda value: value in ("block", "inline"),
}


def _mend_image(element: HtmlElement) -> None:
    element.set("alt", element.get("alt") or "")
    styles = [element.get("style", "").strip().rstrip(";")]
    for name in ("width", "height"):
        value = element.get(name, "")
        if value and not (value.isdecimal() and value.isascii()):
            del element.attrib[name]
            if _LENGTH.match(value):
                styles.append(f"{name}: {value}")
    if style := "; ".join(item for item in styles if item):
        element.set("style", style)


def _mend_link(element: HtmlElement) -> None:
    href = element.get("href")
    if href is None or href.startswith("#"):
        return
    address = external(href)
    if address is None:
        unlink(element)
    else:
        element.set("href", address)
