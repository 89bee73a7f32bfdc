"""`make-book init`: an empty folder, and three repositories that others have arranged."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import books
import inside
import pytest
import repositories
from author import git, make_book
from test_build import epub_text, pdf_text


def begun(root: Path) -> tuple[Path, str]:
    """A repository after `init`, and what it said; nothing that was there is another."""
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "as it was")
    done = inside.make_book(root, "init")
    assert done.returncode == 0, done.stderr
    asked = ["git", "status", "--porcelain", "--untracked-files=all"]
    status = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout
    assert status.split() == ["??", "baseline.json", "??", "book.yaml"]
    clean = inside.make_book(root, "check", "--strict")
    assert clean.returncode == 0, clean.stdout
    return root, done.stdout


def published(root: Path) -> tuple[Path, str, str]:
    """A repository after `init`, what it said, and the text of its e-book."""
    _, said = begun(root)
    assert make_book(root, "build", "epub").returncode == 0
    return root, said, epub_text(next((root / "build").glob("*.epub")))


@pytest.fixture(scope="module")
def mdbook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    return published(repositories.mdbook(tmp_path_factory.mktemp("mdbook")))


@pytest.fixture(scope="module")
def quarto(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    return published(repositories.quarto(tmp_path_factory.mktemp("quarto")))


def test_an_mdbook_keeps_its_names_and_order(mdbook: tuple[Path, str, str]) -> None:
    root, said, text = mdbook
    settings = (root / "book.yaml").read_text("utf-8")
    assert "title: The Harbour Guide\nauthors: [Ada Quill, Ben Stone]\nlanguage: en\n" in settings
    assert "exclude: [SUMMARY.md, unlisted.md]" in settings
    assert "left out: Lighthouses" in said
    assert "a line for it in .gitignore" in said
    titles = re.findall(r'<span class="title">(.*?)</span>', text)
    assert titles == ["Introduction", "Mooring a boat", "Knots", "Tides", "Commands",
                      "Contributors"]  # fmt: skip
    assert re.findall(r'class="number">(.*?)<', text) == [f"Chapter {n}" for n in range(1, 5)]
    assert "A secret" not in text


def test_markup_of_mdbook_is_readable(mdbook: tuple[Path, str, str]) -> None:
    _, _, text = mdbook
    assert "{{" not in text
    assert re.search(r'<p class="callout-title">Note</p>\s*<p>Slack water is best.</p>', text)
    assert '<p class="callout-title">Warning</p>' in text
    assert "println!" in re.sub("<[^>]+>", "", text)
    assert "hidden" not in text.partition("<h1><span")[2].partition("Knots")[0]
    assert "<code>../../examples/moor.rs</code>" in text
    assert "<math" in text


def test_a_quarto_book_keeps_its_names_and_order(quarto: tuple[Path, str, str]) -> None:
    root, said, text = quarto
    settings = (root / "book.yaml").read_text("utf-8")
    assert "authors: [Ana Rivers, Bo Waters]" in settings
    assert "date: 2025-03-01" in settings
    assert "left out: the part's name 'Measuring'" in said
    titles = re.findall(r'<span class="title">(.*?)</span>', text)
    assert titles == ["Preface", "Introduction", "Waves", "Gauges", "Tools"]
    assert text.count("Literate Programming") == 1


def test_markup_of_quarto_is_readable(quarto: tuple[Path, str, str]) -> None:
    root, _, text = quarto
    assert "{{" not in text
    assert "{#" not in text
    for mention in ("Figure 2-1", "Table 2-1", "eq-wave", "Shape"):
        assert re.search(rf'<a href="[^"]*waves[^"]*"[^>]*>{mention}</a>', text), mention
    assert '<span class="unlinked">fig-plot</span>' in text
    assert '<p class="callout-title">Mind the tide</p>' in text
    assert '<p class="callout-title">Careful</p>' in text
    shown = re.sub("<[^>]+>", "", text)
    assert "import math\n\n# not a heading\nprint(math.pi)" in shown
    assert "echo: false" not in shown
    assert "setup()" not in shown
    (root / "baseline.json").rename(root / "kept.json")
    try:
        found = make_book(root, "check", "--format", "concise").stdout
    finally:
        (root / "kept.json").rename(root / "baseline.json")
    assert "gauges.qmd:3:6 LK002 this file has no heading or anchor `fig-plot`" in found
    assert "CT001" not in found


def test_bare_chinese_markdown(tmp_path: Path) -> None:
    root, said = begun(repositories.chinese(tmp_path))
    settings = (root / "book.yaml").read_text("utf-8")
    assert settings.startswith("title: 活字之路\nauthors: [李明, 王芳]\n")
    assert "make-book import 参考文献.md --from references" in said
    built = make_book(root, "build", "pdf", "epub")
    assert built.returncode == 0, built.stderr
    text = epub_text(root / "build/活字之路.epub")
    assert re.findall(r'class="number">(.*?)<', text) == ["第1章", "第2章", "第10章"]
    assert text.index("说完了") < text.index("梦溪笔谈[M]")
    assert "梦溪笔谈" in pdf_text(root / "build/活字之路.pdf")
    books.write(root, {"正文/03-新.md": "# 第三章 新\n\n见[无](无.md)。\n"})
    again = make_book(root, "check", "--format", "concise")
    assert again.returncode == 1
    assert again.stdout.startswith("正文/03-新.md:3:6 LK001")


@pytest.mark.full
@pytest.mark.parametrize("make", [repositories.mdbook, repositories.quarto])
def test_others_books_build_as_pdf(make: Callable[[Path], Path], tmp_path: Path) -> None:
    root, _ = begun(make(tmp_path))
    built = make_book(root, "build", "pdf")
    assert built.returncode == 0, built.stderr
    assert "{{" not in pdf_text(next((root / "build").glob("*.pdf")))


def test_an_empty_folder_becomes_a_book(tmp_path: Path) -> None:
    root = tmp_path / "sea"
    words = ("--title", "The Sea: A #1 Book", "--author", "A. Quill", "--language", "en")
    done = make_book(tmp_path, "init", str(root), *words)
    assert done.returncode == 0, done.stderr
    written = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    named = {path for path in written if not path.startswith(".make-book")}
    assert named == {"book.yaml", ".gitignore", "manuscript/01-how-it-began.md"}
    assert make_book(root, "check", "--strict").stdout == "no findings\n"
    assert make_book(root, "build", "epub", "--strict").returncode == 0
    text = epub_text(root / "build/the-sea-a-1-book.epub")
    assert "The Sea: A #1 Book" in text
    assert "A. Quill" in text
    again = make_book(root, "init")
    assert again.returncode == 2
    assert "book.yaml is there already" in again.stderr


def test_a_wrong_language_writes_nothing(tmp_path: Path) -> None:
    done = make_book(tmp_path, "init", "--language", "Englisch!")
    assert done.returncode == 2
    assert "--language Englisch!" in done.stderr
    assert list(tmp_path.iterdir()) == []
