"""A cover from `book.yaml` where the book gives none: the title in a good face on a quiet ground.

The drawing is made from the identifier, so a book keeps its cover. It is a PNG where the machine
has a font that holds the title, because shops and shelves want one; else an SVG.
"""

import colorsys
import hashlib
import io
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache as once
from html import escape
from pathlib import Path

import PIL
from PIL import Image, ImageChops, ImageDraw, ImageFont

from pipeline import cache, fonts
from pipeline.errors import UserError
from pipeline.screen import markup
from pipeline.screen.media import Medium
from pipeline.voice import Imprint

VERSION = 2
WIDTH, HEIGHT = 1600, 2400
MARGIN = 160
_NEVER_FIRST = frozenset("，。、；：？！）》」』”’…—·,.;:?!)")


@dataclass(frozen=True)
class Palette:
    """Colours of a cover as `#rrggbb`."""

    ground: str
    line: str
    text: str
    soft: str


@dataclass(frozen=True)
class Words:
    """What the cover says."""

    title: str
    title_en: str
    subtitle: str
    authors: str
    publisher: str


def make(said: Imprint, family: str, identifier: str, store: cache.Store) -> Medium:
    """The cover of an edition, set in a family, from the cache if it was drawn before."""
    words = _words(said)
    seed = hashlib.sha256(identifier.encode("utf-8", "replace")).digest()
    text = "".join((words.title, words.subtitle, words.authors, words.publisher))
    face = _Face.find(family, text)
    if face is None:
        return Medium("cover.svg", "image/svg+xml", _svg(words, palette(seed)).encode("utf-8"))
    name = cache.key("cover", VERSION, repr(words), seed, face.state(), PIL.__version__)
    data = store.get(name)
    if data is None:
        data = _png(words, palette(seed), seed, face)
        store.put(name, data)
    return Medium("cover.png", "image/png", data)


def _words(said: Imprint) -> Words:
    authors = "　".join(said.authors)
    texts = (said.title, said.title_en, said.subtitle, authors, said.publisher)
    return Words(*map(markup.text, texts))


def palette(seed: bytes) -> Palette:
    """Colours of one hue: a deep ground, pale type with a contrast above 7 to 1."""
    hues = (0.60, 0.47, 0.03, 0.72, 0.56, 0.93, 0.38)
    hue = hues[seed[0] % len(hues)]
    return Palette(
        _colour(hue, 0.17, 0.42), _colour(hue, 0.45, 0.30), _colour(0.11, 0.95, 0.35),
        _colour(0.11, 0.78, 0.22),
    )  # fmt: skip


def _colour(hue: float, lightness: float, saturation: float) -> str:
    parts = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


# ---- drawing ------------------------------------------------------------------------------


class _Face:
    """One family in two weights."""

    def __init__(self, regular: tuple[Path, int], bold: tuple[Path, int]) -> None:
        self.regular = regular
        self.bold = bold

    @staticmethod
    @once
    def _files(family: str) -> tuple[tuple[Path, int], tuple[Path, int]] | None:
        try:
            paths = sorted({face.path for face in fonts.installed() if face.family == family})
        except UserError:
            return None
        found = {style: (path, index) for path in paths for index, style in _faces(path, family)}
        regular, bold = found.get("Regular"), found.get("Bold")
        return (regular, bold or regular) if regular else None

    @classmethod
    def find(cls, family: str, text: str) -> "_Face | None":
        """The face, if the machine has it and it has the characters."""
        found = cls._files(family)
        if found is None:
            return None
        from fontTools.ttLib import TTFont

        path, index = found[0]
        with TTFont(path, fontNumber=index, lazy=True) as font:
            known = font.getBestCmap() or {}
        return cls(*found) if all(ord(char) in known for char in text) else None

    def state(self) -> tuple[object, ...]:
        """What a drawing depends on: the files and their sizes."""
        return tuple(
            (str(path), index, path.stat().st_size) for path, index in (self.regular, self.bold)
        )

    def font(self, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        path, index = self.bold if bold else self.regular
        return ImageFont.truetype(str(path), size, index=index)


def _faces(path: Path, family: str) -> Iterator[tuple[int, str]]:
    for index in range(16):
        try:
            name, style = ImageFont.truetype(str(path), 20, index=index).getname()
        except OSError:
            return
        if name == family and style:
            yield index, style


def _png(words: Words, colours: Palette, seed: bytes, face: _Face) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    _pattern(image, colours, seed)
    draw = ImageDraw.Draw(image)
    bottom = _title(draw, words, colours, face)
    draw.line((MARGIN, bottom, MARGIN + 220, bottom), fill=colours.text, width=6)
    y = bottom + 70
    for text, size in ((words.title_en, 62), (words.subtitle, 62)):
        for line in _lines(text, face.font(size), WIDTH - 2 * MARGIN):
            draw.text((MARGIN, y), line, font=face.font(size), fill=colours.soft)
            y += round(size * 1.45)
    y = HEIGHT - MARGIN - 60
    for text, size in ((words.publisher, 48), (words.authors, 66)):
        for line in reversed(_lines(text, face.font(size), WIDTH - 2 * MARGIN)):
            draw.text((MARGIN, y - size), line, font=face.font(size), fill=colours.text)
            y -= round(size * 1.7)
    stream = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _title(draw: ImageDraw.ImageDraw, words: Words, colours: Palette, face: _Face) -> int:
    """Draw the title as large as three lines allow; the foot of its last line."""
    room = WIDTH - 2 * MARGIN
    size, lines = next(
        (size, lines)
        for size in (250, 220, 190, 160, 130, 100, 70, 40)
        if len(lines := _lines(words.title, face.font(size, bold=True), room)) <= 3 or size == 40
    )
    y = MARGIN + 60
    for line in lines[:12]:
        draw.text((MARGIN, y), line, font=face.font(size, bold=True), fill=colours.text)
        y += round(size * 1.32)
    return y + 90


def _lines(text: str, font: ImageFont.FreeTypeFont, room: int) -> tuple[str, ...]:
    """Break a text between words into as few lines as the room allows, as even as they can be."""
    units = tuple(_units(text))
    fewest = len(_filled(units, font, room))
    low, high = 0, room
    while high - low > 8:
        middle = (low + high) // 2
        if len(_filled(units, font, middle)) > fewest or not _fits(units, font, middle):
            low = middle
        else:
            high = middle
    return _filled(units, font, high)


def _fits(units: tuple[str, ...], font: ImageFont.FreeTypeFont, room: int) -> bool:
    return all(font.getlength(line) <= room for line in _filled(units, font, room))


def _filled(units: tuple[str, ...], font: ImageFont.FreeTypeFont, room: int) -> tuple[str, ...]:
    lines = [""]
    for unit in units:
        if lines[-1] and font.getlength((lines[-1] + unit).rstrip()) > room:
            lines.append("")
        lines[-1] += unit
    return tuple(line.strip() for line in lines if line.strip())


def _units(text: str) -> Iterator[str]:
    """What a line break keeps together: words, and marks with what they follow."""
    from pypinyin.seg.mmseg import seg

    word = ""
    for part in seg.cut(text):
        for piece in re.findall(r"[!-~]+\s*|.", part) if part.isascii() else (part,):
            joined = word[-1:] + piece[0]
            if (
                word
                and piece[0] not in _NEVER_FIRST
                and not (joined.isascii() and joined.isalnum())
            ):
                yield word
                word = ""
            word += piece
    if word:
        yield word


def _pattern(image: Image.Image, colours: Palette, seed: bytes) -> None:
    """Arcs around a centre below the type: years as rings, drawn at twice the size."""
    chance = random.Random(seed)
    scale = 2
    layer = Image.new("L", (WIDTH * scale, 1500 * scale), 0)
    draw = ImageDraw.Draw(layer)
    centre = (WIDTH * scale * chance.uniform(0.62, 0.95), 1500 * scale * chance.uniform(0.45, 0.75))
    radius = 60 * scale
    while radius < 1500 * scale:
        start = chance.uniform(0, 360)
        sweep = chance.uniform(120, 330)
        box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        draw.arc(box, start, start + sweep, fill=chance.choice((60, 90, 140)), width=3 * scale)
        angle = math.radians(start + sweep)
        x, y = centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)
        dot = chance.choice((8, 10, 16)) * scale
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=200)
        radius += chance.choice((34, 42, 58)) * scale
    mask = layer.resize((WIDTH, 1500), Image.Resampling.LANCZOS)
    fade = Image.linear_gradient("L").resize((WIDTH, 1500))
    top = HEIGHT - 1500
    image.paste(colours.line, (0, top), ImageChops.multiply(mask, fade))


def _svg(words: Words, colours: Palette) -> str:
    """A plain cover for a machine without the fonts."""
    lines = [words.title[start : start + 6] for start in range(0, min(len(words.title), 36), 6)]
    if words.title.isascii():
        lines = words.title.split()[:8]
    size = 190
    rows = "".join(
        f'<text x="{MARGIN}" y="{MARGIN + 200 + row * 250}">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" fill="{colours.ground}"/>'
        f'<g fill="{colours.text}" font-family="serif" font-size="{size}" font-weight="bold">'
        f"{rows}</g>"
        f'<text x="{MARGIN}" y="{HEIGHT - MARGIN}" fill="{colours.text}" font-family="serif"'
        f' font-size="66">{escape(words.authors)}</text></svg>\n'
    )
