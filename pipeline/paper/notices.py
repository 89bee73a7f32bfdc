"""The warnings of a layout in words for authors, each once, with the units it is about."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.paper.layout_job import LayoutMessage

MANY = 3  # units that are named
_IGNORED = re.compile(r"Ignored `(?P<what>[^`]*)` at \d+:\d+, (?P<why>.*?)\.?$", re.DOTALL)
_SELECTOR = re.compile(r"(?P<why>.*(?:selector|rule).*?),? (?:at|the whole .*at) \d+:\d+\.?$")
_PICTURE = re.compile(r"Failed to load image at '(?P<what>[^']*)': ?(?P<why>.*)$", re.DOTALL)
_DRAWING = re.compile(r"Failed to render SVG image (?P<what>.*)$", re.DOTALL)
_TWICE = re.compile(r"Anchor defined twice: '(?P<what>.*)'$")


def tell(messages: Iterable[LayoutMessage], base: Path) -> Iterator[str]:
    """One line for each warning; those of the style name no unit."""
    told: dict[str, list[str]] = {}
    for message in messages:
        units = told.setdefault(_text(message, base), [])
        if message.unit and message.unit not in units:
            units.append(message.unit)
    for text, units in told.items():
        named = ", ".join(units[:MANY]) + (" and others" if len(units) > MANY else "")
        yield text if not units or text.startswith("the style: ") else f"{named}: {text}"


def _text(message: LayoutMessage, base: Path) -> str:
    if message.character:
        code = f"U+{ord(message.character[0]):04X}"
        return f"no font of the book has {message.character!r} ({code})"
    if found := _IGNORED.match(message.text):
        return f"the style: `{found['what'].strip()}` has no effect in print ({found['why']})"
    if found := _PICTURE.match(message.text):
        why = found["why"].strip() or "it is damaged, or asks for what is not in it"
        return f"the picture {_path(found['what'], base)} cannot be shown: {why}"
    if found := _DRAWING.match(message.text):
        return f"the picture {_path(found['what'], base)} cannot be drawn"
    if found := _TWICE.match(message.text):
        return f"the anchor `{found['what']}` is there twice; links go to the first"
    if found := _SELECTOR.match(message.text):
        return f"the style: {found['why']}"
    return message.text


def _path(address: str, base: Path) -> str:
    path = Path(unquote(urlsplit(address).path))
    return str(path.relative_to(base)) if path.is_relative_to(base) else address
