"""The look of a book's pages, measured in the PDF: a book that nobody tuned, and the sample."""

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import books
import pytest
import shelf
from typography import Typography, only_han

from pipeline import fonts
from pipeline.paper import papers

SENTENCES = (
    "模型的历史并不长，却改变了人们写作、编程与检索的方式；研究者提出了新的结构，由此成为主角。",
    "它在2023年发布的LLaMA中被广泛使用，参数从7B到65B不等，训练数据约1.4万亿词元（Touvron等人）。",
    "“开放”一词的含义因此被反复讨论：《自然》说“可以”，《科学》说“未必”，读者只好自己判断……",
    "有人问：“这样行吗？”“行。”他说——语气并不坚定；OpenAI’s的成绩是30.6[@key]，比25.9高。",
    "英文题名如*Attention Is All You Need*用斜体，`model.generate()`用等宽，**要点**用粗体。",
)
ENGLISH = (
    "The river begins in the hills above the village, and nobody knows exactly where it does;"
    " “here,” they say, pointing at a stone that has moved since last year."
)
UNEDITED = Path(__file__).parent / "unedited"
NOTE = "[^{0}]\n\n[^{0}]: 注文也是一段文字，引一个数字3.14与一个名字Ada Lovelace，长到占两行。\n"
ENTRY = (
    "@article{key, title={A Title of a Work That Is Long Enough to Fill Three Lines of a Page},"
    " author={Author, Ann}, journal={Journal of Titles That Nobody Would Ever Call Short, Not Even"
    " in a Bibliography}, year={2020}}\n"
)


def untuned(root: Path, **config: str) -> Path:
    """A book of three chapters whose sentences come in an order that nobody chose."""
    given = {
        "title": "无名之书",
        "title_en": "A Book",
        "authors": "[某人]",
        "slug": "book",
    } | config
    lines = "".join(f"{key}: {value}\n" for key, value in given.items())
    texts = {"book.yaml": lines, "bibliography/all.bib": ENTRY}
    for number in range(1, 4):
        texts[f"manuscript/01-part/{number}.md"] = _chapter(number)
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def _chapter(number: int) -> str:
    parts = [f"---\nchapter_number: {number}\ntitle: 第{number}个开端\n---\n# 第{number}个开端\n"]
    for place in range(1, 25):
        if place % 4 == 1:
            parts.append(f"## 一节{place} (Section {place})\n")
        order = [(place * step + number) % len(SENTENCES) for step in range(1, 2 + place % 5)]
        parts.append("字" * (place % 7) + "".join(SENTENCES[item] for item in order))
        parts.append(NOTE.format(place) if place % 6 == 2 else "")
        parts.append(f"\n{ENGLISH}\n" if place % 8 == 5 else "")
        parts.append("\n- 一条\n- 又一条\n" if place % 9 == 4 else "")
    return "\n".join(parts)


def _built(root: Path) -> Path:
    """The PDF that an author gets, from a process that has opened no fonts before."""
    words = [sys.executable, "-m", "pipeline", "-C", str(root), "build", "pdf", "--quiet"]
    subprocess.run(words, check=True, capture_output=True)
    return next((root / "build").glob("*.pdf"))


def _measured(path: Path, paper: str = "A5") -> Typography:
    return Typography(path, papers.of(paper))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Typography:
    """The untuned book on A5."""
    return _measured(_built(untuned(tmp_path_factory.mktemp("untuned"))))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Typography:
    """The sample book."""
    return _measured(_built(shelf.sample(tmp_path_factory.mktemp("sample"))))


def _holds(book: Typography, least: int) -> None:
    """All that is measured."""
    full = [line for line, _ in book.full()]
    uneven = book.uneven()
    assert len(full) >= least
    assert [line.text for line in uneven if only_han(line)] == []
    assert len(uneven) <= 0.01 * len(full), [line.text for line in uneven]
    gap, line = book.widest_gap()
    assert gap <= 0.35, line and line.text
    assert book.forbidden() == []
    assert book.lonely_heads() == []
    assert book.widows() == []
    assert book.runts() == []
    assert book.astray() == []
    assert book.contents() == []
    named = {family.replace(" ", "-") for family in (*fonts.FAMILIES, *fonts.OPTIONAL)}
    bare = {re.sub(r"(-(Bold|Italic|Regular|SemiBold))+$", "", name) for name in book.pages.fonts}
    assert bare <= named


def test_a_book_that_nobody_tuned(book: Typography) -> None:
    _holds(book, 250)


@pytest.mark.parametrize("paper", ["A5", pytest.param("16K", marks=pytest.mark.full)])
def test_pages_that_nobody_edited(paper: str, tmp_path: Path) -> None:
    """Cards, chapters, articles and pages of a wiki as people keep them."""
    root = tmp_path / "unedited"
    shutil.copytree(UNEDITED, root)
    books.write(root, {"book.yaml": f"title: 电报杂编\nslug: book\npaper: {paper}\n"})
    _holds(_measured(_built(root), paper), 50)


@pytest.mark.full
def test_the_sample_book(sample: Typography) -> None:
    _holds(sample, 900)


RAGGED = "body { text-align: start !important }"


def _as_if_ragged(book: Typography, root: Path) -> None:
    """Filled lines have no more spaces between Han for a reader of the PDF than ragged ones."""
    (root / "ragged.css").write_text(RAGGED, "utf-8")
    with (root / "book.yaml").open("a", encoding="utf-8") as file:
        file.write("\ncss: ragged.css\n")
    ragged = _measured(_built(root))
    assert any(line.right < area.right - area.size for line, area in ragged.full())
    assert len(book.spaces()) <= len(ragged.spaces()), book.spaces()


def test_wide_lines_read_without_spaces(book: Typography, tmp_path: Path) -> None:
    _as_if_ragged(book, untuned(tmp_path))


@pytest.mark.full
def test_the_sample_reads_without_spaces(sample: Typography, tmp_path: Path) -> None:
    _as_if_ragged(sample, shelf.sample(tmp_path))


def test_lines_stand_on_a_grid(book: Typography) -> None:
    """Latin, code and notes in a line leave the distance to the next as it is."""
    for number in range(len(book.pages.lines)):
        bases = [line.base for line in book.body(number)]
        steps = {round(one - two, 1) for one, two in itertools.pairwise(bases)}
        assert {step for step in steps if step < 1.4 * book.leading} <= {book.leading}, number


@pytest.mark.parametrize("paper", [name for name in papers.PAPERS if name != "a5"])
@pytest.mark.full
def test_every_paper(paper: str, tmp_path: Path) -> None:
    theme = "screen" if paper == "screen" else "classic"
    made = _built(untuned(tmp_path, paper=paper, theme=theme))
    _holds(_measured(made, paper), 150)


def test_entries_of_the_bibliography_hang(book: Typography) -> None:
    """All lines of an entry begin below its text, not below its number."""
    lines, place = next(
        (lines, place)
        for lines in book.pages.lines
        for place, line in enumerate(lines)
        if line.text.startswith("[1]") and "author" in line.text.lower()
    )
    text = next(glyph.left for glyph in lines[place].glyphs[3:] if glyph.text.strip())
    below = [line.left for line in lines[place + 1 : place + 3]]
    assert len(below) == 2
    assert max(abs(edge - text) for edge in below) < 1.0


LABELLED = """\
**规模**:

- 第一项写得短
- 第二项也写得短

**比较**

: 表名在上

| 甲 | 乙 |
|----|----|
"""


def test_nothing_that_leads_on_stands_at_the_foot(tmp_path: Path) -> None:
    """Labels and captions with one line of text more above them in each chapter."""
    texts = {"book.yaml": "title: 书\nslug: book\nchapter_start: next\ncontents_depth: 1\n"}
    for number in range(12, 26):
        rows = "| 一 | 二 |\n" * (20 if number % 2 else 2)
        lines = "这一行是正文。\n\n" * number
        texts[f"manuscript/{number}.md"] = f"# 章\n\n{lines}{LABELLED}{rows}\n末尾。\n"
    book = _measured(_built(books.write(tmp_path, texts)))
    bodies = [lines for lines in map(book.inside, range(len(book.pages.lines))) if lines]
    assert sum("表名在上" in line.text for lines in bodies for line in lines) >= 14
    last = [lines[-1].text for lines in bodies if ". " not in lines[-1].text]
    assert not [text for text in last if re.search("规模|比较|表名|甲", text)]


LINES = (
    "The engineers who wrote the first of these programs did not expect them to be read by"
    " historians; they expected them to be replaced within the year.",
    "In 1998 the committee “recommended” a different approach — one that nobody had tried — and"
    " the laboratories of three countries adopted it almost immediately.",
    "Responsibility for the measurements was distributed among the participating institutions,"
    " whose understanding of `calibration` differed considerably.",
)


def in_english(root: Path) -> Path:
    """A book in English only."""
    config = "title: The Book\nlanguage: en\nauthors: [A. Writer]\nslug: book\n"
    texts = {"book.yaml": config}
    for number in range(1, 4):
        parts = [f"---\nchapter_number: {number}\ntitle: Beginnings {number}\n---\n"]
        for place in range(1, 19):
            parts.append(f"## Section {place}\n" if place % 4 == 1 else "")
            order = [(place * step + number) % len(LINES) for step in range(1, 3 + place % 4)]
            parts.append(" ".join(LINES[item] for item in order))
            parts.append("[^n]\n\n[^n]: A note that says where this was found.\n" * (place == 7))
        texts[f"manuscript/{number}.md"] = "\n".join(parts)
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.mark.full
def test_a_book_in_english_only(tmp_path: Path) -> None:
    book = _measured(_built(in_english(tmp_path)))
    full = [line for line, _ in book.full()]
    assert len(full) >= 120
    assert [line.text for line in book.uneven()] == []
    assert any(line.text.endswith("-") for line in full), "words are hyphenated"
    assert book.lonely_heads() == []
    assert book.widows() == []
    assert book.contents() == []
    assert {name for name in book.pages.fonts if "Serif" in name} == set()
