"""What git knows of moved files: commits, the staging area, and moves that nobody told it of."""

from pathlib import Path

import pytest
from author import git

from pipeline.history import History


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")


def text(name: str) -> str:
    return "".join(f"{name} {number}\n" for number in range(20))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book below the top of a repository."""
    root = tmp_path / "书"
    for path in ("a/one.md", "a/two.md", "b/three.md", "一 二.md"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text(path), "utf-8")
    (tmp_path / "outside.md").write_text("outside", "utf-8")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return root


def test_chains_of_committed_renames_end_where_the_file_is(book: Path) -> None:
    (book / "c").mkdir()
    git(book, "mv", "a/one.md", "c/one.md")
    commit(book)
    git(book, "mv", "c/one.md", "c/uno.md")
    git(book, "rm", "-q", "b/three.md")
    commit(book)
    history = History(book)
    assert dict(history.renames) == {"a/one.md": "c/uno.md", "c/one.md": "c/uno.md"}
    assert set(history.former) == {"a/one.md", "c/one.md", "b/three.md"}


def test_a_file_that_came_back_is_no_rename(book: Path) -> None:
    for old, new in (("a/one.md", "one.md"), ("one.md", "a/one.md")):
        git(book, "mv", old, new)
        commit(book)
    assert dict(History(book).renames) == {"one.md": "a/one.md"}


def test_the_staging_area_counts(book: Path) -> None:
    git(book, "mv", "a", "d")
    assert dict(History(book).renames) == {"a/one.md": "d/one.md", "a/two.md": "d/two.md"}


def test_a_plain_mv_counts_by_content_and_by_company(book: Path) -> None:
    (book / "a").rename(book / "e")
    (book / "一 二.md").rename(book / "三.md")
    (book / "e" / "two.md").write_text("edited", "utf-8")
    history = History(book)
    assert dict(history.renames) == {
        "a/one.md": "e/one.md", "a/two.md": "e/two.md", "一 二.md": "三.md",
    }  # fmt: skip
    assert "a/two.md" in history.former


def test_no_git_is_no_history(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert not history.renames
    assert not history.former
    assert "x" not in history.former


def test_nothing_is_asked_before_it_is_needed(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.git.ask", lambda *_: pytest.fail("asked"))
    history = History(book)
    assert history.renames is not None
    assert history.former is not None
