"""Margin boxes of many pages from few templates: pages of equal style differ in the folio only.

A template is set with 1s and with 2s for folio; where the two differ is where digits go. If
they differ in more than glyphs (figures of unequal width), each page is set for itself.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipeline.paper.artefact import FontUse, PageKind, Picture, load_fonts, union
from pipeline.paper.joiner import MarginLayer
from pipeline.paper.pagination import shape

_SHOWN = re.compile(rb"<([0-9a-f]*)>")
Strings = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Want:
    """A page's margin boxes: all that they depend on. `rules` names the matching page rules.

    `kind` is one page of this style; pages of equal rules are set alike.
    """

    rules: str
    kind: PageKind
    carried: Strings
    strings: Strings
    label: str
    number: int
    total: int

    @property
    def template(self) -> str:
        """The name of the template that serves this page."""
        return repr((self.rules, self.kind.blank, *self._rest(), shape(self.label)))

    @property
    def exact(self) -> str:
        """The name of the setting that serves this page only."""
        return repr((self.rules, self.kind.blank, *self._rest(), self.label, self.number, "exact"))

    def _rest(self) -> tuple[object, ...]:
        return self.carried, self.strings, self.total


@dataclass(frozen=True)
class Template:
    """Margin boxes with holes for the digits of the folio; size and height in points."""

    content: bytes
    holes: tuple[int, ...]
    digits: tuple[str, ...]
    places: int
    fonts: Mapping[str, FontUse]
    states: Mapping[str, str]
    images: Mapping[str, Picture]
    width: float
    height: float

    def fill(self, label: str) -> MarginLayer:
        """The margin boxes of the page with this folio."""
        content = bytearray(self.content)
        for index, hole in enumerate(self.holes):
            digit = int(label[index % self.places])
            content[hole : hole + 4] = self.digits[digit].encode()
        return MarginLayer(tuple(self._parts(bytes(content))), self.states, self.images)

    def _parts(self, content: bytes) -> Iterator[bytes]:
        """The content in whole lines; those with the folio by themselves, the rest for sharing."""
        start = 0
        for hole in self.holes:
            if hole >= start:
                line = content.rfind(b"\n", 0, hole) + 1
                end = content.find(b"\n", hole)
                yield from filter(None, (content[start:line], content[line:end]))
                start = end + 1
        yield from filter(None, [content[start:]])


class Maker:
    """Sets templates; `make` gives content, fonts, states and size for a want."""

    def __init__(self, make: Callable[[Want], Any]) -> None:
        self.make = make
        self.digits: dict[tuple[str, str], tuple[tuple[str, ...], Mapping[str, FontUse]]] = {}

    def templates(
        self, wants: Mapping[str, Want], known: Collection[str]
    ) -> dict[str, Template | None]:
        """What is wanted and not known, each by the name it is wanted by."""
        return {
            name: self.exact(want) if name == want.exact else self.template(want)
            for name, want in wants.items()
            if name not in known
        }

    def template(self, want: Want) -> Template | None:
        """The template for this want; None if its figures are of unequal width."""
        if not want.label.isdigit():
            return self.exact(want)
        ones, twos = (self.make(self._filled(want, digit)) for digit in "12")
        holes = _differences(ones.content, twos.content)
        if holes is None or len(holes) % len(want.label):
            return None
        template = _template(ones)
        if not holes:
            return template
        pair = _glyph(ones.content, holes[0]), _glyph(twos.content, holes[0])
        if pair not in self.digits:
            self.digits[pair] = self._all_digits(want, ones.content, holes)
        digits, fonts = self.digits[pair]
        if not digits:
            return None
        fonts = union([template.fonts, fonts])
        places = len(want.label)
        return replace(template, holes=tuple(holes), digits=digits, places=places, fonts=fonts)

    def exact(self, want: Want) -> Template:
        """The boxes of one page."""
        return _template(self.make(want))

    def _filled(self, want: Want, digit: str) -> Want:
        label = digit * len(want.label)
        return replace(want, label=label, number=int(label))

    def _all_digits(
        self, want: Want, ones: bytes, holes: list[int]
    ) -> tuple[tuple[str, ...], Mapping[str, FontUse]]:
        made = [self.make(self._filled(want, digit)) for digit in "0123456789"]
        even = all(
            _differences(ones, each.content) == holes for each in made if each.content != ones
        )
        glyphs = tuple(_glyph(each.content, holes[0]) for each in made) if even else ()
        fonts = union([each.fonts for each in made])
        return glyphs, {name: use.only(map(_code, glyphs)) for name, use in fonts.items()}


def _template(made: Any) -> Template:
    rest = (made.fonts, made.states, made.images, made.width, made.height)
    return Template(made.content, (), (), 0, *rest)


def _glyph(content: bytes, place: int) -> str:
    return content[place : place + 4].decode()


def _code(glyph: str) -> int:
    return int(glyph, 16)


def _differences(one: bytes, other: bytes) -> list[int] | None:
    """Places of glyphs that differ; None if anything else does."""
    if len(one) != len(other) or _SHOWN.sub(b"", one) != _SHOWN.sub(b"", other):
        return None
    places = []
    for left, right in zip(_SHOWN.finditer(one), _SHOWN.finditer(other), strict=True):
        if left.span() != right.span():
            return None
        for at in range(left.start(1), left.end(1), 4):
            if one[at : at + 4] != other[at : at + 4]:
                places.append(at)
    return places


def dump(templates: Mapping[str, Template | None]) -> bytes:
    """Bytes for a store; an image of several templates is there once."""
    made = [template for template in templates.values() if template]
    images = {name: image for template in made for name, image in template.images.items()}
    plain = {
        "templates": {
            name: template
            and {
                **asdict(replace(template, images={})),
                "content": template.content.decode("latin-1"),
                "images": list(template.images),
            }
            for name, template in templates.items()
        },
        "images": {name: _plain(image) for name, image in images.items()},
    }
    return json.dumps(plain, separators=(",", ":")).encode()


def _plain(image: Picture) -> dict[str, Any]:
    data = image.data.decode("latin-1")
    return {"head": image.head, "data": data, "mask": image.mask and _plain(image.mask)}


def _image(plain: dict[str, Any]) -> Picture:
    mask = plain["mask"]
    return Picture(plain["head"], plain["data"].encode("latin-1"), mask and _image(mask))


def load(data: bytes) -> dict[str, Template | None] | None:
    """The templates, or None where the bytes are not any."""
    try:
        kept = json.loads(data)
        images = {name: _image(plain) for name, plain in kept["images"].items()}
        return {name: _load(plain, images) for name, plain in kept["templates"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _load(plain: dict[str, Any] | None, images: Mapping[str, Picture]) -> Template | None:
    if plain is None:
        return None
    return Template(
        **{
            **plain,
            "content": plain["content"].encode("latin-1"),
            "holes": tuple(plain["holes"]),
            "digits": tuple(plain["digits"]),
            "fonts": load_fonts(plain["fonts"]),
            "images": {name: images[name] for name in plain["images"]},
        }
    )


def carried(heads: tuple[str, str], pages: Iterable[Strings]) -> Iterator[Strings]:
    """For each page, the named strings that were set before it."""
    current = {"book-head": heads[0], "unit-head": heads[1]}
    for strings in pages:
        yield tuple(sorted(current.items()))
        current.update(strings)
