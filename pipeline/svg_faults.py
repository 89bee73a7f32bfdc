"""Why an SVG cannot be drawn: it is not whole, or would draw itself, or draw for ever.

A kilobyte can ask for a thousand million shapes, where each group shows ten of the one before.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

ELEMENTS = 20_000
DRAWN = 200_000  # elements, each counted as often as it is shown
DEPTH = 200

_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)""")
_SHOWN = re.compile(r"url\(\s*['\"]?#([^)'\"]+)")


@dataclass(slots=True)
class _Element:
    parts: list["_Element"] = field(default_factory=list)
    shows: list[str] = field(default_factory=list)
    drawn: int = -1  # 0 while it is counted


class _Fault(Exception):
    """The reason, in words."""


class _Reader:
    """Elements, what they hold, and what they show by its identifier."""

    def __init__(self) -> None:
        self.root = _Element()
        self.named: dict[str, _Element] = {}
        self._open = [self.root]
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if self._count > ELEMENTS:
            raise _Fault(f"it has more than {ELEMENTS:,} elements")
        if len(self._open) > DEPTH:
            raise _Fault(f"its elements are nested more than {DEPTH} deep")
        element = _Element()
        self._open[-1].parts.append(element)
        self._open.append(element)
        for key, value in attributes.items():
            if key == "id":
                self.named.setdefault(value, element)
            elif key in ("href", "xlink:href"):
                element.shows += [value[1:]] if value.startswith("#") else []
            elif "url(" in value:
                element.shows += _SHOWN.findall(value)

    def end(self, name: str) -> None:
        """An element ends."""
        self._open.pop()


def fault(data: bytes) -> str:
    """Why an SVG cannot be drawn, in words; empty where it can."""
    named = _ENCODING.match(data)
    try:
        text = data.decode(named[1].decode("ascii")).encode() if named else data
    except (LookupError, ValueError):
        return "it is no SVG: it is not in the encoding that it names"
    reader = _Reader()
    parser = expat.ParserCreate("utf-8" if named else None)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(text, True)
        _drawn(reader.root, reader.named)
    except _Fault as reason:
        return str(reason)
    except expat.ExpatError as error:
        return f"it is no whole SVG: line {error.lineno}, {expat.ErrorString(error.code)}"
    return ""


def _drawn(root: _Element, named: dict[str, _Element]) -> None:
    """Count what is drawn. Raises `_Fault`."""
    waiting = [root]
    while waiting:
        element = waiting[-1]
        inner = [*element.parts, *(named[name] for name in element.shows if name in named)]
        if element.drawn < 0:
            element.drawn = 0
            if any(item.drawn == 0 for item in inner):
                raise _Fault("it shows itself within itself")
            waiting += (item for item in inner if item.drawn < 0)
            continue
        waiting.pop()
        element.drawn = element.drawn or 1 + sum(item.drawn for item in inner)
        if element.drawn > DRAWN:
            raise _Fault(f"it draws more than {DRAWN:,} elements")
