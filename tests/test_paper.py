"""What book.yaml says of the printed book: where chapters begin, whose faces print it."""

import re
from pathlib import Path

import pikepdf
import pytest
import shelf
from glyphs import Pages
from test_build import make_book, pdf_text, squeezed

FACES = {"latin": "Linux Biolinum O", "han": "Noto Serif CJK TC", "mono": "DejaVu Sans Mono"}


# It has the head and the end of a picture, and nothing in between.
HOLLOW = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08IEND\xaeB`\x82"


def _printed(root: Path, more: str = "", picture: bytes = shelf.SVG.encode()) -> Path:
    """The PDF of two short chapters."""
    shelf.twins(root)
    (root / "manuscript" / "figures" / "map.svg").write_bytes(picture)
    (root / "book.yaml").write_text((root / "book.yaml").read_text("utf-8") + more, "utf-8")
    (root / "own.css").write_text("p { text-autospace: normal }", "utf-8")
    built = make_book(root, "build", "pdf")
    assert built.returncode == 0, built.stderr
    (root / "stderr.txt").write_text(built.stderr, "utf-8")
    return root / "build" / "river.pdf"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _printed(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book with faces of its own, whose chapters begin where they can."""
    faces = "".join(f"  {role}: {family}\n" for role, family in FACES.items())
    more = f"chapter_start: next\nfonts:\n{faces}  sans: [DejaVu Sans, Noto Sans CJK TC]\n"
    more += "css: own.css\n"
    return _printed(tmp_path_factory.mktemp("other"), more, HOLLOW)


def _starts(path: Path) -> dict[str, int]:
    """The index of the page where each unit begins."""
    with pikepdf.open(path) as pdf:
        return {
            str(name): pdf.pages.index(pikepdf.Page(target[0]))
            for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items()
        }


def test_chapters_begin_on_right_pages(plain: Path) -> None:
    starts = _starts(plain)
    assert [starts[name] % 2 for name in ("part-1", "one", "two", "timeline", "events")] == [0] * 5


def test_chapters_may_begin_on_the_next_page(plain: Path, other: Path) -> None:
    starts, usual = _starts(other), _starts(plain)
    assert starts["part-1"] % 2 == 0
    assert starts["one"] == starts["part-1"] + 1
    pages = Pages(other).lines
    assert all(pages[starts["part-1"] : starts["events"] + 1]), "no page is blank"
    assert not all(Pages(plain).lines[usual["part-1"] : usual["events"] + 1])
    with pikepdf.open(other) as pdf:
        assert pdf.pages[starts["one"]].label == str(starts["one"] - starts["part-1"] + 1)


def _families(path: Path) -> set[str]:
    names = (re.sub(r"-(Bold|Italic|Regular|Oblique)+$", "", name) for name in Pages(path).fonts)
    return {name.replace("-", "") for name in names}


def test_the_faces_that_the_book_names_print_it(plain: Path, other: Path) -> None:
    named = {*FACES.values(), "DejaVu Sans", "Noto Sans CJK TC", "Noto Color Emoji"}
    assert _families(other) == {name.replace(" ", "") for name in named}
    assert _families(other) & _families(plain) == {"NotoColorEmoji"}


def test_the_colophon_names_the_faces_that_print(plain: Path, other: Path) -> None:
    for path in (plain, other):
        text = squeezed(pdf_text(path)).rpartition("本书由make-book排印。")[2].partition("。")[0]
        said = set(re.sub("正文用|标题用|代码用|表情符号用|，", "与", text).split("与")) - {""}
        assert said == _families(path)


def test_a_note_of_two_paragraphs_begins_beside_its_mark(plain: Path) -> None:
    lines = [line for page in Pages(plain).lines for line in page]
    place = next(n for n, line in enumerate(lines) if "第一章的另一注" in line.text)
    assert lines[place].text.startswith("②")
    assert lines[place + 1].text == "第二段。"
    assert lines[place].base - lines[place + 1].base < 1.3 * lines[place].size * 1.5


def test_what_the_layout_warns_of_is_told_in_words_and_once(other: Path) -> None:
    said = (other.parent.parent / "stderr.txt").read_text("utf-8")
    assert said.count("text-autospace") == 1
    assert "the style: `text-autospace: normal` has no effect in print" in said
    assert "one, two: the picture manuscript/figures/map.svg cannot be shown" in said
    assert "weasyprint" not in said


def test_a_face_that_is_not_installed_is_one_message(tmp_path: Path) -> None:
    shelf.twins(tmp_path, fonts="{han: No Such Song}")
    built = make_book(tmp_path, "build", "pdf")
    assert built.returncode == 2
    assert "“No Such Song” is not installed" in built.stderr


def test_a_role_that_there_is_none_of_is_told(tmp_path: Path) -> None:
    shelf.twins(tmp_path, fonts="{hna: Noto Serif CJK SC}")
    built = make_book(tmp_path, "build", "pdf")
    assert built.returncode == 2
    assert "`hna`" in built.stderr
    assert "`han`" in built.stderr


def test_a_drawing_is_printed_without_what_it_asks_for_elsewhere(plain: Path) -> None:
    assert "cannot be shown" not in (plain.parents[1] / "stderr.txt").read_text("utf-8")
    assert pdf_text(plain).splitlines().count("图") == 2, "the word in it, in both chapters"
