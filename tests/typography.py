"""What a demanding publisher would measure in the PDF of a book, line by line."""

import itertools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glyphs import Glyph, Line, Pages

from pipeline.paper.papers import POINT, Paper

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—…·]+")
RUNT = re.compile(rf"{HAN.pattern}(\[[\d,–-]+\]|[①-⑳，。；：！？）》”’…])*")
NOT_FIRST = frozenset("，。、；：！？）」』”’》〉】…")
NOT_LAST = frozenset("（「『“‘《〈【")
MARKS = frozenset(map(chr, range(0x2460, 0x2474)))  # ① to ⑳
NEAR = 0.6  # points
NOTE = 0.81  # of the size of the text: a note is not larger


@dataclass(frozen=True)
class Area:
    """The type area of a page, and the size and leading of its text, in points."""

    left: float
    right: float
    size: float
    leading: float


class Typography:
    """The lines of a book's text and what is wrong with them."""

    def __init__(self, path: Path, paper: Paper) -> None:
        self.path = path
        self.pages = Pages(path)
        self.paper = paper
        self.size, self.leading = paper.size, paper.leading

    def body(self, number: int) -> list[Line]:
        """Lines of the size of the text, from top to foot, but no headings."""
        lines = self.pages.lines[number]
        same = (line for line in lines if abs(line.size - self.size) < 0.05)
        return [line for line in same if self._is_text(line)]

    def _is_text(self, line: Line) -> bool:
        """Whether a line is no heading, nor smaller text that only stands beside one."""
        own = [glyph for glyph in line.glyphs if abs(glyph.size - self.size) < 0.05]
        return not _bold(line.glyphs[0]) and not all(map(_bold, own))

    def area(self, number: int) -> Area:
        """The type area of a page; odd pages, counted from 0, are left ones."""
        paper = self.paper
        width = paper.characters * paper.size
        share = 1 - paper.inner if number % 2 else paper.inner
        left = (paper.width / POINT - width) * share
        return Area(left, left + width, paper.size, paper.leading)

    def inside(self, number: int) -> list[Line]:
        """Lines of the type area that are no notes."""
        foot = (self.paper.height / POINT - self.paper.lines * self.leading) * (1 - self.paper.top)
        lines = (line for line in self.pages.lines[number] if line.base > foot)
        return [line for line in lines if line.size > NOTE * self.size]

    def full(self) -> Iterator[tuple[Line, Area]]:
        """Lines that the next line of their paragraph, or of their item of a list, follows."""
        return ((line, area) for line, _, area in self._followed())

    def _followed(self) -> Iterator[tuple[Line, Line, Area]]:
        for number in range(len(self.pages.lines)):
            area, left, follows = self.area(number), 0.0, False
            for line, below in itertools.pairwise(self.body(number)):
                if not follows:
                    left = _hanging(line) or area.left
                near = abs(line.base - below.base - self.leading) < NEAR
                follows = near and abs(below.left - left) < 0.3 * self.size
                if follows:
                    yield line, below, area

    def uneven(self) -> list[Line]:
        """Full lines that end more than a tenth of an em beside the edge."""
        return [
            line for line, area in self.full() if abs(line.right - area.right) > 0.1 * area.size
        ]

    def widest_gap(self) -> tuple[float, Line | None]:
        """The widest space between two Han characters of a full line, in em."""
        gaps = (
            ((right.left - left.right) / area.size, line)
            for line, area in self.full()
            for left, right in itertools.pairwise(line.glyphs)
            if HAN.match(left.text) and HAN.match(right.text)
        )
        return max(gaps, key=lambda pair: pair[0], default=(0.0, None))

    def forbidden(self) -> list[str]:
        """Lines that begin or end with a mark that may not stand there."""
        texts = (line.text.strip() for line, _ in self.full())
        return [text for text in texts if text[:1] in NOT_FIRST or text[-1:] in NOT_LAST]

    def lonely_heads(self) -> list[str]:
        """Headings below which nothing of the text stands on their page."""
        found = []
        for number in range(len(self.pages.lines)):
            lines = self.inside(number)
            if lines and self.body(number) and _is_head(lines[-1], self.size):
                found.append(lines[-1].text)
        return found

    def widows(self) -> list[str]:
        """Last lines of a paragraph that stand alone at the top of a page."""
        found = []
        for number in range(1, len(self.pages.lines)):
            lines, area = self.body(number), self.area(number)
            if len(lines) < 2 or self.pages.lines[number].index(lines[0]) > 1:
                continue
            first, second = lines[:2]
            goes_on = abs(second.left - area.left) < NEAR
            together = abs(first.base - second.base - self.leading) < NEAR
            if abs(first.left - area.left) < NEAR and not (goes_on and together):
                found.append(first.text)
        return found

    def runts(self) -> list[str]:
        """Last lines of a paragraph that hold one character, with its marks and notes at most."""
        pairs = list(self._followed())
        full = {id(line) for line, _, _ in pairs}
        last = [below for _, below, _ in pairs if id(below) not in full]
        return [line.text for line in last if RUNT.fullmatch(line.text.strip())]

    def astray(self) -> list[tuple[int, str]]:
        """Marks of notes that stand but once on a page: the note is on another page."""
        found = []
        for number, lines in enumerate(self.pages.lines):
            marks = Counter(char for line in lines for char in line.text if char in MARKS)
            found += [(number, mark) for mark, count in marks.items() if count % 2]
        return found

    def contents(self) -> list[tuple[str, str, str]]:
        """Entries of the contents whose printed page is wrong: text, printed, right."""
        pdf = self.pages.pdf
        names = {str(name): target for name, target in _destinations(pdf)}
        wrong = []
        for number, page in enumerate(pdf.pages):
            for note in page.get("/Annots", ()):
                entry = _entry(note, self.pages.lines[number])
                if entry is None or not (found := re.search(r"\. ?([ivxlc]+|\d+)$", entry)):
                    continue
                right = pdf.pages[names[str(note.Dest)]].label
                if found[1] != right:
                    wrong.append((entry, found[1], right))
        return wrong

    def spaces(self) -> list[str]:
        """What stands around each space between two Han characters of the extracted text."""
        made = subprocess.run(["pdftotext", self.path, "-"], capture_output=True, check=True)
        text = made.stdout.decode()
        return [
            text[found.start() - 9 : found.end() + 9]
            for found in re.finditer(f"(?<={HAN.pattern}) (?={HAN.pattern})", text)
        ]


def only_han(line: Line) -> bool:
    """Whether a line has nothing but Han characters and their marks."""
    return CHINESE.fullmatch(line.text) is not None


def _hanging(line: Line) -> float | None:
    """Where the text of an item begins, after its sign or number."""
    if mark := re.match(r"([•–]|\d+\.)\s*", line.text):
        return line.glyphs[mark.end()].left if mark.end() < len(line.glyphs) else None
    return None


def _is_head(line: Line, size: float) -> bool:
    return _bold(line.glyphs[0]) and line.size > 1.05 * size


def _bold(glyph: Glyph) -> bool:
    return glyph.font.endswith("Sans-CJK-SC-Bold")


def _destinations(pdf: object) -> Iterator[tuple[str, int]]:
    import pikepdf

    assert isinstance(pdf, pikepdf.Pdf)
    places = {page.objgen: number for number, page in enumerate(pdf.pages)}
    for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items():
        array = target.D if isinstance(target, pikepdf.Dictionary) else target
        yield name, places[array[0].objgen]


def _entry(note: object, lines: list[Line]) -> str | None:
    """The line of the contents in which a link stands."""
    import pikepdf

    assert isinstance(note, pikepdf.Dictionary)
    if "/Dest" not in note:
        return None
    low, high = sorted((float(note.Rect[1]), float(note.Rect[3])))
    inside = [line.text for line in lines if low <= line.base <= high]
    return inside[-1] if inside else None
