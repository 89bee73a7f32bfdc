"""Formulas as vector pictures, with their TeX as the description that is read aloud.

The layout engine flattens MathML (½ prints 12), so each formula becomes an SVG of its own.
"""

import hashlib
import io
from contextlib import redirect_stdout
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement, builder

from pipeline import cache, files
from pipeline.cache import Store

DEPTH = 16  # bytes in which a depth is kept
SIZE = 14.0  # CSS pixels: the 10.5 points of the text


def draw(tree: HtmlElement, folder: Path, store: Store) -> list[str]:
    """Replace every `math` of a tree by a picture below `folder`; what failed, in words.

    Pictures are kept in the store: to draw one takes longer than to set its line.
    """
    failures = []
    for math in list(tree.iter("math")):
        tex = _tex(math)
        picture = _picture(math, tex, folder, store)
        if picture is None:
            failures.append(f"the formula {tex!r} cannot be drawn, so its source is printed")
            picture = builder.CODE(tex)
        _replace(math, picture)
    return failures


def _tex(math: HtmlElement) -> str:
    note = next(math.iter("annotation"), None)
    text = (note.text if note is not None else None) or math.text_content()
    return " ".join(str(text).split())


def _picture(math: HtmlElement, tex: str, folder: Path, store: Store) -> HtmlElement | None:
    source = _mathml(math)
    display = math.get("display") == "block"
    name = cache.key("formula", cache.tool(), source, SIZE)
    data = store.get(name)
    if data is None:
        data = _drawn(source)
        if data is None:
            return None
        store.put(name, data)
    below, svg = float(data[:DEPTH]), data[DEPTH:]
    path = folder / f"formula-{hashlib.sha256(svg).hexdigest()[:24]}.svg"
    files.keep(path, svg)
    picture = builder.IMG(src=path.as_uri(), alt=tex)
    picture.set("class", "formula display" if display else "formula")
    if not display:
        picture.set("style", f"vertical-align: {-below:.2f}px")
    return picture


def _drawn(source: str) -> bytes | None:
    """How far a formula reaches below its line, in CSS pixels, then its SVG."""
    from ziamath.zmath import Math

    try:
        with redirect_stdout(io.StringIO()):
            drawn = Math(source, size=SIZE)
            svg = str(drawn.svg())
            below = -float(drawn.getyofst())
    except Exception:  # the library raises whatever its parser meets
        return None
    return f"{below:{DEPTH}.4f}{svg}".encode()


def _mathml(math: HtmlElement) -> str:
    """Well-formed MathML without annotations, which the drawer would print."""
    copy = etree.Element("math", display=math.get("display", "inline"))
    _copy(math, copy)
    return etree.tostring(copy, encoding="unicode")


def _copy(old: HtmlElement, new: etree._Element) -> None:
    new.text = old.text
    for child in old:
        if child.tag == "annotation":
            continue
        target = new
        if child.tag != "semantics":
            target = etree.SubElement(new, child.tag, dict(child.attrib))
        _copy(child, target)


def _replace(old: HtmlElement, new: HtmlElement) -> None:
    new.tail = old.tail
    parent = old.getparent()
    if parent is not None:
        parent.replace(old, new)
