"""Files made of units: which anchor is in which file, and links and pictures to match."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from lxml.html import HtmlElement

from pipeline.screen import markup
from pipeline.screen.media import Medium


class Leaf(Protocol):
    """A file of an output and what it holds, before its links are set."""

    @property
    def file(self) -> str:
        """Its name."""

    @property
    def tree(self) -> HtmlElement:
        """Its content."""


def addresses(leaves: Iterable[Leaf], tops: Mapping[str, str]) -> dict[str, str]:
    """Every anchor → `file#anchor`; `tops` are anchors that a file begins with, → `file`."""
    hrefs: dict[str, str] = {}
    for leaf in leaves:
        for element in markup.elements(leaf.tree):
            if name := element.get("id"):
                hrefs.setdefault(name, f"{leaf.file}#{name}")
    return {**hrefs, **tops}


def point(leaf: Leaf, hrefs: Mapping[str, str]) -> None:
    """Turn `#anchor` into the file that has it; what no file has becomes plain text."""
    for link in list(leaf.tree.iter("a")):
        href = link.get("href") or ""
        if not href.startswith("#"):
            continue
        target = hrefs.get(href[1:])
        if target is None:
            markup.unlink(link)
            continue
        file, _, name = target.partition("#")
        link.set("href", f"#{name}" if file == leaf.file and name else target)


def used_pictures(leaves: Iterable[Leaf]) -> list[str]:
    """The picture paths in use, in order."""
    return [str(image.get("src")) for leaf in leaves for image in leaf.tree.iter("img")]


def place_pictures(leaf: Leaf, pictures: Mapping[str, Medium], folder: str, missing: str) -> None:
    """Point pictures at their files; one without a file becomes its description."""
    for image in list(leaf.tree.iter("img")):
        medium = pictures.get(str(image.get("src")))
        if medium:
            image.set("src", f"{folder}/{medium.name}")
            continue
        text = f"[{missing}: {image.get('alt') or ''}]"
        image.attrib.clear()
        image.tag, image.text = "span", text
        image.set("class", "missing-image")
