"""Event boxes in the outer margin: beside their paragraphs, whole, none on another; or in the text.

Boxes of the margin are written in colours, those that have to stand in the text with 厢.
"""

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import books
import pikepdf
import pytest
import tagged
from author import make_book

from pipeline.paper import papers

WORD = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
ACROSS = ".x::after { content: target-counter(attr(href), page) }"
PARAGRAPH = "这一段说的是一件事情，它有来由，也有结果；读到这里的人可以往旁边看一眼。" * 4
CARD = (
    "---\nevent_id: {0}\ndate: 2020-01-0{1}\ntitle: 匣{0}\nsources: []\n---\n\n# 匣{0}\n\n正文。\n"
)

BESIDE = {2: "赤", 3: "橙", 8: "黄", 14: "绿"}


@dataclass(frozen=True)
class Word:
    """A word of a page, in points from its upper left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def _box(name: str, text: str) -> str:
    return f"::: {{.event #{name}}}\n{text}\n:::\n"


def _chapter(number: int, title: str) -> str:
    parts = [f"---\nchapter_number: {number}\ntitle: {title}\n---\n\n# {title}\n"]
    for place in range(1, 16):
        parts.append("## 一节\n" if place == 9 else "")
        parts.append(_box(f"e{number}", BESIDE[place] * 20) if place in BESIDE else "")
        parts.append(_box("elsewhere", "厢" * 900) if place == 5 else "")
        parts.append(
            _box("e1", "厢\n\n| 厢 | 厢 |\n|---|---|\n| 厢 | 厢 |\n") if place == 6 else ""
        )
        # More than a margin holds: what finds no room stands in the text.
        parts.append(_box("e2", "【" + "众" * 110 + "】\n") * 4 if place == 15 else "")
        parts.append(PARAGRAPH + "\n")
    return "\n".join(parts)


def _book(root: Path, **config: str) -> Path:
    files = {
        "book.yaml": "".join(f"{key}: {value}\n" for key, value in config.items()),
        "manuscript/1.md": _chapter(1, "甲"),
        "manuscript/2.md": _chapter(2, "乙"),
        "events/1.md": CARD.format("e1", 1),
        "events/2.md": CARD.format("e2", 2),
        "across.css": ACROSS,
    }
    return books.write(root, files)


def _built(root: Path, *words: str, **config: str) -> Path:
    given = {"title": "匣子", "authors": "[某人]", "slug": "book", "event_boxes": "margin"} | config
    made = make_book(_book(root, **given), "build", *words)
    assert made.returncode == 0, made.stderr
    return root / "build" / "book.pdf"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book on A5."""
    return _built(tmp_path_factory.mktemp("boxes"), "pdf", "epub", identifier="urn:uuid:1")


def _words(path: Path) -> list[Word]:
    made = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    pages = made.stdout.decode().split("<page ")[1:]
    return [
        Word(number, *map(float, found.groups()[:4]), found[5])
        for number, page in enumerate(pages)
        for found in WORD.finditer(page)
    ]


def _area(word: Word, paper: papers.Paper) -> tuple[float, float]:
    """Left and right edge of the text on a page; odd pages, counted from 0, are left ones."""
    width = paper.characters * paper.size
    left = (paper.width / papers.POINT - width) * (
        1 - paper.inner if word.page % 2 and paper.facing else paper.inner
    )
    return left, left + width


def _columns(words: list[Word], paper: papers.Paper) -> Iterator[list[Word]]:
    """What stands in the margin of each page, from the top; nothing of it is on the text."""
    beside = []
    for word in words:
        left, right = _area(word, paper)
        if word.right < left or word.left > right:
            beside.append(word)
            assert word.left > 0
            assert word.right < paper.width / papers.POINT
        else:
            assert left - 1 < word.left, word
            assert word.right < right + 1, word
    for _, found in itertools.groupby(beside, key=lambda word: word.page):
        yield sorted(found, key=lambda word: word.top)


@pytest.mark.parametrize(
    "paper", ["A5", *(pytest.param(name, marks=pytest.mark.full) for name in ("16K", "screen"))]
)
def test_boxes_stand_in_the_outer_margin(paper: str, book: Path, tmp_path: Path) -> None:
    words = _words(book if paper == "A5" else _built(tmp_path, "pdf", paper=paper))
    given = papers.with_column(papers.of(paper))
    columns = list(_columns(words, given))
    assert len(columns) >= 6
    shown = "".join(word.text for column in columns for word in column)
    for mark in BESIDE.values():
        assert shown.count(mark) == 2 * 20, "in both chapters, whole"
    assert shown.count("匣") >= 2 * len(BESIDE), "with the titles of their cards"
    assert "厢" not in shown
    # The crowd finds room only for some of it; nothing of it is lost.
    assert "众" * 9 in shown
    everything = "".join(word.text for word in words)
    assert everything.count("众") == 2 * 4 * 110
    assert shown.count("众") < 2 * 4 * 110
    # Lines one below the other, and air between boxes.
    for column in columns:
        tops = sorted({round(word.top, 1) for word in column})
        assert all(b - a > 0.6 * given.leading for a, b in itertools.pairwise(tops))
        assert column[-1].bottom < given.height / papers.POINT * 0.95


def test_the_first_line_of_a_box_is_on_a_line_of_its_paragraph(book: Path) -> None:
    words = _words(book)
    paper = papers.with_column(papers.of("A5"))
    column = next(_columns(words, paper))
    first = column[0]
    beside = [word for word in words if word.page == first.page and word not in column]
    assert min(abs(word.bottom - first.bottom) for word in beside) < 3
    assert any("这一段说的是" in word.text and abs(word.top - first.top) < 6 for word in beside)


def test_in_one_piece_they_stand_where_they_stand(book: Path, tmp_path: Path) -> None:
    assert _words(book) == _words(_built(tmp_path, "pdf", css="across.css"))


def test_they_are_read_before_their_paragraph_and_keep_the_rules(book: Path) -> None:
    assert tagged.ua(book) == []
    with pikepdf.open(book) as pdf:
        after = [list(kinds)[1:2] for kinds in _from_each(pdf.Root.StructTreeRoot, "/Sect")]
    assert after.count(["/P"]) >= 2 * len(BESIDE)


def _from_each(node: pikepdf.Object, kind: str) -> Iterator[list[str]]:
    """The kinds of the elements from each one of a kind to the last beside it."""
    kids = node.get("/K", ())
    kids = kids if isinstance(kids, pikepdf.Array) else [kids]
    below = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
    kinds = [str(kid.S) for kid in below]
    for place, kid in enumerate(below):
        if kinds[place] == kind:
            yield kinds[place:]
        yield from _from_each(kid, kind)


def test_the_e_book_does_not_know_where_boxes_stand(book: Path, tmp_path: Path) -> None:
    text = _built(tmp_path, "epub", identifier="urn:uuid:1", event_boxes="text")
    assert book.with_suffix(".epub").read_bytes() == text.with_suffix(".epub").read_bytes()


@pytest.mark.full
def test_a_proof_has_both_beside_its_lines(tmp_path: Path) -> None:
    config = {"editions": "{book: {}, proof: {proof: true}}"}
    _built(tmp_path, "--edition", "proof", **config)
    words = _words(tmp_path / "build" / "book-proof.pdf")
    boxed = [word for word in words if "赤" in word.text]
    found = [word for word in words if re.fullmatch(r"[A-Z]{2}\d{3}", word.text)]
    assert boxed
    assert found
    assert max(word.right for word in boxed) < min(word.left for word in found)
