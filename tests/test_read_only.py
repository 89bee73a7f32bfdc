"""Folders and files that may not be written, or not be read: it is said, and no work is lost."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import books
import ordinary
import pytest

BUILD = ("build", "epub", "html", "-q", "-j1")
CHECK = ("check", "--format", "concise", "--select", "LK,FM008")
KNOWN = "manuscript/x.md:6:6 LK"
A, B = "manuscript/x.md", "events/e.md"
FILES = {
    "book.yaml": "title: 书\nslug: b\n",
    A: "---\ntitle: 章\n---\n# 章\n\n见[一](../../events/e.md)。\n",
    B: "---\nevent_id: e\ndate: 2001\ntitle: 事\n---\n# 事\n\n见[章](../../manuscript/x.md)。\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A book with a link of a wrong depth in each of its two folders."""
    yield books.write(tmp_path / "book", FILES)
    for path in (tmp_path, *tmp_path.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def sources(root: Path) -> dict[str, bytes]:
    """The files of the book but for those of ours."""
    return {name: (root / name).read_bytes() for name in FILES if (root / name).exists()}


def outputs(root: Path) -> dict[str, bytes]:
    """What stands in `build/`."""
    found = sorted((root / "build").rglob("*"))
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in found if path.is_file()
    }


def read_only(root: Path, *names: str) -> None:
    """Take the right to write from folders, and from all folders in them."""
    for name in names:
        for path in (root / name, *(root / name).rglob("*")):
            if path.is_dir():
                path.chmod(0o555)


def refused(done: "subprocess.CompletedProcess[str]", *said: str) -> None:
    """Exit 2, one line that says what and why, and help."""
    assert done.returncode == 2, done.stderr + done.stdout
    lines = done.stderr.splitlines()
    assert lines[0].startswith("make-book: ")
    assert sum(line.startswith("make-book: ") for line in lines) == 1
    for word in said:
        assert word in lines[0]
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


# ---- build ------------------------------------------------------------------------------------


def test_a_folder_that_takes_no_outputs(root: Path) -> None:
    assert ordinary.run(root, *BUILD).returncode == 0
    before = outputs(root)
    (root / A).write_text(FILES[A] + "\n更多。\n", "utf-8")
    read_only(root, "build")
    refused(ordinary.run(root, *BUILD), "build", "Permission denied")
    assert outputs(root) == before


def test_a_book_on_a_disk_that_takes_nothing(root: Path) -> None:
    before = sources(root)
    read_only(root, ".")
    done = ordinary.run(root, *CHECK)
    assert (done.returncode, done.stderr) == (1, "")
    assert KNOWN in done.stdout
    refused(ordinary.run(root, *BUILD), "build", "Permission denied")
    assert sources(root) == before
    assert not (root / ".make-book").exists()


@pytest.mark.full
def test_a_cache_that_takes_nothing(root: Path) -> None:
    before = ordinary.run(root, *CHECK)
    read_only(root, ".make-book")
    (root / A).write_text(FILES[A] + "\n又一段。\n", "utf-8")
    done = ordinary.run(root, *CHECK)
    assert (done.returncode, done.stderr) == (before.returncode, "")
    assert KNOWN in done.stdout
    refused(ordinary.run(root, *BUILD), ".make-book", "Permission denied")


@pytest.mark.full
def test_a_home_that_takes_nothing(root: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    env = {"HOME": str(home), "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""}
    for _ in range(2):
        done = ordinary.run(root, "build", "pdf", "epub", "-q", "-j1", env=env)
        assert (done.returncode, done.stderr) == (0, "")
    done = ordinary.run(root, *CHECK, env=env)
    assert done.returncode == 1
    assert KNOWN in done.stdout
    assert list(home.iterdir()) == []


# ---- commands that write sources --------------------------------------------------------------

WRITING = {
    "fix": ("fix", "--select", "LK001"),
    "mv": ("mv", A, "manuscript/y.md"),
    "rename": ("rename", "e", "f"),
    "rename with file": ("rename", "e", "f", "--file"),
    "new": ("new", "event", "A new one", "--date", "2002"),
}


@pytest.mark.full
@pytest.mark.parametrize("closed", [("manuscript", "events"), ("events",), (".make-book",)])
@pytest.mark.parametrize("name", WRITING)
def test_nothing_is_changed_where_a_part_cannot_be(
    root: Path, name: str, closed: tuple[str, ...]
) -> None:
    (root / B).write_text(FILES[B] + "\n又见[章](../manuscript/x.md)。\n", "utf-8")
    (root / A).write_text(FILES[A] + "\n又见[事](../events/e.md)。\n", "utf-8")
    (root / ".make-book").mkdir()
    before = sources(root)
    read_only(root, *closed)
    refused(ordinary.run(root, *WRITING[name]), closed[-1])
    assert sources(root) == before
    read_only(root, ".")


@pytest.mark.full
@pytest.mark.parametrize("name", ["fix", "mv", "rename"])
def test_a_file_that_may_not_be_written_is_named(root: Path, name: str) -> None:
    (root / B).write_text(FILES[B].replace("../../manuscript", "../manuscript"), "utf-8")
    before = sources(root)
    (root / A).chmod(0o444)
    (root / B).chmod(0o444)
    refused(ordinary.run(root, *WRITING[name]), "is read-only")
    assert sources(root) == before


@pytest.mark.parametrize("closed", [("manuscript",), ("events",), (".make-book",)])
def test_undo_takes_all_back_or_nothing(root: Path, closed: tuple[str, ...]) -> None:
    before = sources(root)
    assert ordinary.run(root, "fix", "--select", "LK001").returncode == 0
    after = sources(root)
    assert [before[name] != after[name] for name in (A, B)] == [True, True]
    read_only(root, *closed)
    refused(ordinary.run(root, "undo"), closed[0])
    assert sources(root) == after
    for name in closed:
        for path in (root / name, *(root / name).rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
    assert ordinary.run(root, "undo").returncode == 0
    assert sources(root) == before


# ---- what may not be read ---------------------------------------------------------------------

UNREADABLE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a chapter": ("manuscript/no.md", lambda path: path.write_text("# 无\n", "utf-8")),
    "a card": ("events/no.md", lambda path: path.write_text("# 无\n", "utf-8")),
    "a bibliography": ("bibliography/no.bib", lambda path: path.write_text("@book{a,}", "utf-8")),
}


@pytest.mark.full
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_may_not_be_read_is_named_and_left_out(root: Path, name: str) -> None:
    place, make = UNREADABLE[name]
    (root / place).parent.mkdir(exist_ok=True)
    make(root / place)
    (root / place).chmod(0)
    done = ordinary.run(root, *CHECK)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{place}:1:1 FM008 cannot be read: Permission denied" in done.stdout
    assert KNOWN in done.stdout
    assert ordinary.run(root, *BUILD).returncode == 0


@pytest.mark.full
@pytest.mark.parametrize("place", ["manuscript/part", "events", "bibliography"])
def test_a_folder_that_may_not_be_read_is_named(root: Path, place: str) -> None:
    (root / place).mkdir(exist_ok=True)
    (root / place / "in.md").write_text("# 内\n", "utf-8")
    (root / place).chmod(0)
    done = ordinary.run(root, *CHECK)
    assert done.returncode == 1, done.stderr
    assert f"{place}:1:1 FM008 cannot be read" in done.stdout, done.stdout
    assert KNOWN in done.stdout


def test_settings_that_may_not_be_read(root: Path) -> None:
    (root / "book.yaml").chmod(0)
    refused(ordinary.run(root, "check"), "book.yaml", "Permission denied")
    refused(ordinary.run(root, "build"), "book.yaml", "Permission denied")
