"""Earlier revisions and the staging area, as what differs from the disk."""

import os
from pathlib import Path

import pytest
from author import git

from pipeline import revisions
from pipeline.errors import UserError

NAME = "章节 \t一.md"


def put(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, "utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book in a folder below the top of its repository, with one commit."""
    root = tmp_path / "a book"
    root.mkdir()
    git(tmp_path, "init", "-q")
    (tmp_path / "above.md").write_text("above", "utf-8")
    (root / ".gitignore").write_text("ignored.md\n", "utf-8")
    (root / NAME).write_text("first", "utf-8")
    put(root, same="same", changed="old", gone="gone")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "第一稿")
    git(tmp_path, "tag", "first")
    return root


def test_a_revision_is_what_differs_from_the_disk(root: Path) -> None:
    put(root, changed="new", fresh="fresh", ignored="ignored", staged="staged")
    (root / NAME).write_text("second", "utf-8")
    (root / "gone.md").unlink()
    (root.parent / "above.md").write_text("changed", "utf-8")
    git(root, "add", "staged.md")
    assert revisions.overlay_of(root, "first") == {
        NAME: b"first",
        "changed.md": b"old",
        "gone.md": b"gone",
        "fresh.md": None,
        "staged.md": None,
    }


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(root: Path) -> None:
    (root / "same.md").unlink()
    os.mkfifo(root / "same.md")
    assert revisions.overlay_of(root, "HEAD") == {"same.md": b"same"}


def test_nothing_differs_where_nothing_changed(root: Path) -> None:
    os.utime(root / "same.md", (1, 1))
    assert revisions.overlay_of(root, "HEAD") == {}
    assert revisions.staged(root) == {}


def test_staged_is_what_the_next_commit_has(root: Path) -> None:
    put(root, changed="staged", new="staged too")
    git(root, "add", "changed.md", "new.md")
    put(root, changed="edited since", same="edited, not staged", fresh="untracked")
    (root / "new.md").unlink()
    assert revisions.staged(root) == {
        "changed.md": b"staged",
        "new.md": b"staged too",
        "same.md": b"same",
        "fresh.md": None,
    }


def test_staged_obeys_the_index_that_git_names(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, changed="staged elsewhere")
    monkeypatch.setenv("GIT_INDEX_FILE", str(root / ".other"))
    git(root, "read-tree", "HEAD")
    git(root, "add", "changed.md")
    put(root, changed="on disk")
    assert revisions.staged(root)["changed.md"] == b"staged elsewhere"
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert revisions.staged(root)["changed.md"] == b"old"


def files_under(root: Path, overlay: revisions.Overlay) -> dict[str, bytes]:
    """What a reader finds below a folder through an overlay."""
    there = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("*.md")}
    return {path: data for path, data in {**there, **overlay}.items() if data is not None}


def test_the_commit_is_known_from_what_is_staged(root: Path) -> None:
    put(root, changed="staged", new="staged", moved="same", both="staged")
    (root / "same.md").unlink()
    git(root, "add", "-A")
    put(root, changed="edited since", both="edited since", fresh="untracked", gone="edited")
    (root / "new.md").unlink()
    found = revisions.committed(root, revisions.staged(root))
    assert found is not None
    assert files_under(root, found) == files_under(root, revisions.overlay_of(root, "HEAD"))
    assert files_under(root, found)["changed.md"] == b"old"


def test_without_a_commit_there_is_none_to_know(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    put(tmp_path, new="staged")
    git(tmp_path, "add", "-A")
    assert revisions.committed(tmp_path, revisions.staged(tmp_path)) is None


def test_a_revision_has_name_day_and_subject(root: Path) -> None:
    found = revisions.revision(root, "first")
    now = revisions.head(root)
    assert now is not None
    assert now.commit == found.commit
    assert (found.name, found.subject, len(found.date)) == ("first", "第一稿", 10)
    assert found.commit.startswith(found.short)


@pytest.mark.parametrize("name", ["nowhere", "--output=x", "first:gone.md", ""])
def test_an_unknown_revision_is_a_user_error(root: Path, name: str) -> None:
    with pytest.raises(UserError, match="git knows no revision"):
        revisions.overlay_of(root, name)


def test_without_a_repository(tmp_path: Path) -> None:
    assert revisions.head(tmp_path) is None
    with pytest.raises(UserError, match="is in no git repository"):
        revisions.staged(tmp_path)
