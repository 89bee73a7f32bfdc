"""What changed since a revision, as Markdown that a pull request can show."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from author import edit, git
from markdown_it import MarkdownIt

STOCK = Path(__file__).parent / "rules" / "stock"
PRESS = "manuscript/01-press/newspapers.md"


def summary(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `make-book report --format markdown`."""
    command = [sys.executable, "-m", "pipeline", "-C", str(root), "report", "--format", "markdown"]
    return subprocess.run([*command, *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book whose last commit has a fault; it is mended, and another is made with more text."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(STOCK, root, dirs_exist_ok=True)
    edit(root / PRESS, "[@weber2006]", "[@nobody]")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "初稿 for @someone <img src=x> #1")
    edit(root / PRESS, "[@nobody]", "[@weber2006]")
    edit(root / PRESS, "[《关系》周报](../../events/", "[《关系》](../events/")
    with (root / PRESS).open("a", encoding="utf-8") as chapter:
        chapter.write("\n## 余话\n\n" + "又过了许多年，报纸仍在印。" * 200 + "\n")
    return root


def test_findings_words_and_pages(book: Path) -> None:
    told = summary(book, "--since", "HEAD", "--pages")
    assert told.returncode == 0, told.stderr
    page = MarkdownIt().enable("table").render(told.stdout)
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"(?s)<tr>.*?</tr>", page)]
    new, mended = (
        next(i for i, row in enumerate(rows) if row == [name]) for name in ("New", "Mended")
    )
    assert [row[2] for row in rows[new + 1 : mended]] == ["LK001"]
    assert ["CT001" in row for row in rows[mended + 1 : mended + 2]] == [True]
    lengths = next(row for row in rows if "→" in row)
    words, pages = re.findall(r"(\d[\d,]*) → (\d[\d,]*)", " ".join(lengths))
    assert int(words[1].replace(",", "")) - int(words[0].replace(",", "")) > 2000
    assert int(pages[1]) > int(pages[0])
    assert re.search(r"The book: \d+ → \d+ pages\.", page)


def test_nothing_in_it_calls_anyone_or_is_markup(book: Path) -> None:
    told = summary(book, "--since", "HEAD")
    assert not re.search(r"@|<|(?<!&)#1", told.stdout)
    assert "初稿 for @someone &lt;img src=x&gt; #1" in MarkdownIt().render(told.stdout)


def test_a_baseline_has_no_lengths(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    command = [
        sys.executable,
        "-m",
        "pipeline",
        "-C",
        str(book),
        "check",
        "--write-baseline",
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True)
    told = summary(book, "--baseline", str(path))
    assert "No finding came or went" in told.stdout
    assert "Chapter" not in told.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "add --since REV or --baseline FILE"),
        (("--baseline", "x.json", "--pages"), "--since REV"),
        (("--since", "nowhere"), "git knows no revision `nowhere`"),
    ],
)
def test_what_it_needs(book: Path, words: tuple[str, ...], message: str) -> None:
    told = summary(book, *words)
    assert told.returncode == 2
    assert message in told.stderr
