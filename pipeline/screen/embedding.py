"""Fonts in an e-book: for each face the characters that the book shows in it, and no more.

Only faces under the SIL Open Font License are taken: what others allow, a publisher must ask.
"""

import contextlib
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as once
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from pipeline import cache, fonts
from pipeline.paper import fontset
from pipeline.screen import short_names
from pipeline.screen.media import Medium

FOLDER = "fonts"
UNSHARED = " Unshared"
STACKS = {"text": ("latin", "han"), "sans": ("sans",), "mono": ("mono",)}
SELECTORS = {"text": "body", "sans": "h1, h2, h3, h4, h5, h6, th", "mono": "code, kbd, samp, pre"}
GENERIC = {"text": "serif", "sans": "sans-serif", "mono": "monospace"}
_SANS = frozenset("h1 h2 h3 h4 h5 h6 th".split())
_MONO = frozenset("code kbd samp pre".split())
BOLD = frozenset("strong b h1 h2 h3 h4 h5 h6 th dt".split())
BOLD_CLASSES = frozenset(
    "book-title caption-number note-number badge relation event-box-head callout-title"
    " critical".split()
)
LIGHT_CLASSES = frozenset("heading-en number entry-date".split())
ITALIC_CLASSES = frozenset("latin title-en book-title-en".split())


MARKS = "‘’“”—…·"
"""Marks that a Chinese text sets in its own face, although a Latin one has them as well."""


class Look(NamedTuple):
    """How a text is set: in which stack of families, how heavy, how upright."""

    stack: str = "text"
    bold: bool = False
    italic: bool = False


class Style(NamedTuple):
    """A family in one weight and slope."""

    family: str
    bold: bool
    italic: bool


@dataclass(frozen=True)
class Embedded:
    """Font files, and the style that names them."""

    media: tuple[Medium, ...] = ()
    css: str = ""


def embed(
    trees: Iterable[HtmlElement],
    roles: Mapping[str, Sequence[str]],
    store: cache.Store,
    note: Callable[[str], None],
) -> Embedded:
    """The faces that trees are set in; a family that may not be embedded is told to `note`."""
    stacks = {
        stack: tuple(family for role in names for family in roles[role])
        for stack, names in STACKS.items()
    }
    free = [name for name in dict.fromkeys(sum(stacks.values(), ())) if _is_free(name, note)]
    known = fonts.maps(free, store)
    wanted: dict[Style, set[int]] = {}
    shared = set(map(ord, MARKS))
    for look, characters in sorted(_looks(trees).items()):
        rest = {ord(char) for char in characters}
        for family in stacks[look.stack]:
            style = _nearest(family, look)
            if style and family in known:
                wanted.setdefault(style, set()).update(rest & known[family])
                rest -= known[family] - shared
    media = {style: _medium(style, points, store) for style, points in wanted.items() if points}
    return Embedded(tuple(media.values()), "\n".join(_css(media, stacks)))


# ---- characters ---------------------------------------------------------------------------


def _looks(trees: Iterable[HtmlElement]) -> dict[Look, set[str]]:
    found: dict[Look, set[str]] = {}
    for tree in trees:
        for look, text in _texts(tree, Look()):
            found.setdefault(look, set()).update(text)
    return found


def _texts(element: HtmlElement, around: Look) -> Iterator[tuple[Look, str]]:
    if not isinstance(element.tag, str):
        return
    look = _look(element, around)
    if element.text:
        yield look, element.text
    for child in element:
        yield from _texts(child, look)
        if child.tail:
            yield look, child.tail


def _look(element: HtmlElement, around: Look) -> Look:
    classes = frozenset((element.get("class") or "").split())
    bold = around.bold or element.tag in BOLD or not classes.isdisjoint(BOLD_CLASSES)
    stack = around.stack
    if element.tag in _SANS:
        stack = "sans"
    elif element.tag in _MONO:
        stack = "mono"
    return Look(
        stack,
        bold and classes.isdisjoint(LIGHT_CLASSES),
        around.italic or not classes.isdisjoint(ITALIC_CLASSES),
    )


# ---- faces --------------------------------------------------------------------------------


@once
def _styles(family: str) -> dict[Style, tuple[Path, int]]:
    """Where the regular and the bold faces of a family are, upright and italic."""
    found: dict[Style, tuple[Path, int]] = {}
    for path in sorted({face.path for face in fonts.installed() if face.family == family}):
        for index, name, weight, italic in _members(path):
            if name == family and weight in (400, 700):
                found.setdefault(Style(family, weight == 700, italic), (path, index))
    return found


def _members(path: Path) -> Iterator[tuple[int, str, int, bool]]:
    """(index, family, weight, italic) of the fonts in a file; none of one that is damaged."""
    from fontTools.ttLib import TTLibError

    with contextlib.suppress(TTLibError, OSError, KeyError, struct.error):
        for index in range(_count(path)):
            with _opened(path, index) as font:
                name, weight = font["name"].getBestFamilyName(), font["OS/2"].usWeightClass
                yield index, name, weight, bool(font["head"].macStyle & 2)


def _count(path: Path) -> int:
    """How many fonts a file holds."""
    with path.open("rb") as file:
        head = file.read(12)
    return int.from_bytes(head[8:12], "big") if head[:4] == b"ttcf" else 1


def _opened(path: Path, index: int) -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(path, fontNumber=index, lazy=True)


def _nearest(family: str, look: Look) -> Style | None:
    """The face for a look, else upright, else regular: Han has no italics."""
    styles = _styles(family)
    wished = [(look.bold, look.italic), (look.bold, False), (False, look.italic), (False, False)]
    return next((style for pair in wished if (style := Style(family, *pair)) in styles), None)


def _is_free(family: str, note: Callable[[str], None]) -> bool:
    """Whether the family is under the SIL Open Font License."""
    place = next(iter(_styles(family).values()), None)
    if place is None:
        note(f"the font “{family}” is not installed, so it is not embedded")
        return False
    if "OFL" in (text := _license(*place)) or "Open Font License" in text:
        return True
    note(f"the font “{family}” does not say that it is under the Open Font License: not embedded")
    return False


def _license(path: Path, index: int) -> str:
    with _opened(path, index) as font:
        names = (font["name"].getDebugName(number) for number in (0, 13, 14))
        return " ".join(name for name in names if name)


def _medium(style: Style, points: Iterable[int], store: cache.Store) -> Medium:
    path, index = _styles(style.family)[style]
    data = fontset.of_text(path, index, points, store)
    weight = "bold" if style.bold else "regular"
    name = short_names.ascii_name(f"{style.family}-{weight}{'-italic' if style.italic else ''}")
    kind = "otf" if data[:4] == b"OTTO" else "ttf"
    return Medium(f"{name}.{kind}", f"font/{kind}", data)


# ---- style --------------------------------------------------------------------------------


def _css(media: Mapping[Style, Medium], stacks: Mapping[str, Sequence[str]]) -> Iterator[str]:
    present = {style.family for style in media}
    first = stacks["text"][0]
    for style, medium in media.items():
        yield _rule(style.family, style, medium)
        if style.family == first:
            yield _rule(f"{first}{UNSHARED}", style, medium, f" unicode-range: {_other_points()};")
    for stack, selector in SELECTORS.items():
        names = [name for name in stacks[stack] if name in present]
        yield _families(selector, names, stack)
        if stack == "text" and first in names:
            yield _families(":root:lang(zh) body", [f"{first}{UNSHARED}", *names[1:]], stack)
            yield _families("p:lang(en), li:lang(en), dd:lang(en), td:lang(en)", names, stack)


def _rule(family: str, style: Style, medium: Medium, more: str = "") -> str:
    return (
        f'@font-face {{ font-family: "{family}";'
        f" font-weight: {'bold' if style.bold else 'normal'};"
        f" font-style: {'italic' if style.italic else 'normal'};"
        f' src: url("{FOLDER}/{medium.name}");{more} }}'
    )


def _families(selector: str, names: Iterable[str], stack: str) -> str:
    listed = ", ".join((*(f'"{name}"' for name in names), GENERIC[stack]))
    return f"{selector} {{ font-family: {listed}; }}"


def _other_points() -> str:
    """All characters but the shared marks, as ranges."""
    ends = [-1, *sorted(map(ord, MARKS)), 0x110000]
    ranges = ((one + 1, two - 1) for one, two in pairwise(ends) if two - one > 1)
    return ", ".join(f"U+{low:X}-{high:X}" for low, high in ranges)
