"""Where each glyph of a PDF of ours stands, read from its content streams."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pikepdf

Matrix = tuple[float, float, float, float, float, float]
UNIT: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Glyph:
    """Points from the left and from the foot of the page; `font` is a name without its prefix."""

    text: str
    font: str
    size: float
    left: float
    right: float
    base: float


@dataclass
class Line:
    """Glyphs on one base line, with the smaller ones raised above it."""

    page: int
    size: float
    base: float
    glyphs: list[Glyph] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def left(self) -> float:
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        return max(glyph.right for glyph in self.glyphs)


@dataclass(frozen=True)
class Face:
    """Widths in thousandths of an em and texts, by glyph number."""

    name: str
    widths: dict[int, float]
    texts: dict[int, str]


class Pages:
    """The pages of a PDF as glyphs and lines."""

    def __init__(self, path: Path) -> None:
        self.pdf = pikepdf.open(path)
        self._faces: dict[str, Face] = {}

    def glyphs(self, number: int) -> Iterator[Glyph]:
        """Every glyph of a page in the order of drawing."""
        page = self.pdf.pages[number]
        fonts = page.resources.get("/Font", {})
        faces = {name: self._face(font) for name, font in fonts.items()}
        yield from _drawn(page, faces)

    @cached_property
    def lines(self) -> list[list[Line]]:
        """The lines of each page from top to foot."""
        count = len(self.pdf.pages)
        return [_lines(number, list(self.glyphs(number))) for number in range(count)]

    @cached_property
    def fonts(self) -> set[str]:
        """The names of all fonts, without the prefix of a subset."""
        for page in self.pdf.pages:
            for font in page.resources.get("/Font", {}).values():
                self._face(font)
        return {face.name for face in self._faces.values()}

    def _face(self, font: pikepdf.Object) -> Face:
        name = str(font.BaseFont)
        if name not in self._faces:
            inner = font.DescendantFonts[0]
            texts = _texts(font.ToUnicode.read_bytes().decode())
            self._faces[name] = Face(name.partition("+")[2], _widths(inner.W), texts)
        return self._faces[name]


def _widths(table: pikepdf.Object) -> dict[int, float]:
    widths: dict[int, float] = {}
    items = list(table)
    while items:
        first, second = int(items.pop(0)), items.pop(0)
        if isinstance(second, pikepdf.Array):
            widths |= {first + index: float(width) for index, width in enumerate(second)}
        else:
            width = float(items.pop(0))
            widths |= dict.fromkeys(range(first, int(second) + 1), width)
    return widths


def _texts(table: str) -> dict[int, str]:
    pairs = re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]*)>", table)
    return {
        int(glyph, 16): bytes.fromhex(text).decode("utf-16-be", "replace") for glyph, text in pairs
    }


def _times(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _drawn(page: pikepdf.Page, faces: dict[str, Face]) -> Iterator[Glyph]:
    stack: list[Matrix] = []
    here, text, face, size = UNIT, UNIT, None, 0.0
    for operands, operator in pikepdf.parse_content_stream(page, "q Q cm BT Tm Tf TJ Tj"):
        match str(operator):
            case "q":
                stack.append(here)
            case "Q":
                here = stack.pop()
            case "cm":
                here = _times(_matrix(operands), here)
            case "Tm":
                text = _matrix(operands)
            case "Tf":
                face, size = faces[str(operands[0])], float(operands[1])
            case "TJ" if face:
                move, shown = _shown(operands[0], face)
                for glyph, place in shown:
                    yield _glyph(face, glyph, size, place, _times(text, here))
                text = _times((1, 0, 0, 1, move * size / 1000, 0), text)


def _shown(items: pikepdf.Object, face: Face) -> tuple[float, list[tuple[int, float]]]:
    """How far a text moves, and its glyphs with their places, in thousandths of an em."""
    move, shown = 0.0, []
    for item in items:
        if not isinstance(item, pikepdf.String):
            move -= float(item)
            continue
        data = bytes(item)
        for place in range(0, len(data), 2):
            glyph = int.from_bytes(data[place : place + 2], "big")
            shown.append((glyph, move))
            move += face.widths.get(glyph, 0.0)
    return move, shown


def _matrix(operands: object) -> Matrix:
    a, b, c, d, e, f = (float(item) for item in operands)  # type: ignore[attr-defined]
    return (a, b, c, d, e, f)


def _glyph(face: Face, glyph: int, size: float, move: float, to: Matrix) -> Glyph:
    scale, width = to[0], face.widths.get(glyph, 0.0)
    left = to[4] + move * size / 1000 * scale
    right = left + width * size / 1000 * scale
    return Glyph(face.texts.get(glyph, ""), face.name, size * scale, left, right, to[5])


def _lines(page: int, glyphs: list[Glyph]) -> list[Line]:
    lines: list[Line] = []
    for glyph in sorted(glyphs, key=lambda item: (-item.size, -item.base, item.left)):
        line = next((line for line in lines if _stands_on(glyph, line)), None)
        if line is None:
            line = Line(page, glyph.size, glyph.base)
            lines.append(line)
        line.glyphs.append(glyph)
    for line in lines:
        line.glyphs.sort(key=lambda item: item.left)
        while len(line.glyphs) > 1 and line.glyphs[-1].text.isspace():
            line.glyphs.pop()
    return sorted(lines, key=lambda line: -line.base)


def _stands_on(glyph: Glyph, line: Line) -> bool:
    above = glyph.base - line.base
    raised = glyph.size < 0.9 * line.size and -0.2 * line.size < above < 0.6 * line.size
    return abs(above) < 0.3 or raised
