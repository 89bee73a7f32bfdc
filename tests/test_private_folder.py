"""Our own folders may have come with the book: no link in them is followed, no cache believed."""

import shutil
import subprocess
import sys
from pathlib import Path

import books
import pytest

from pipeline import cli, discovery, fonts, state
from pipeline.cache import Store
from pipeline.config import STATE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book, beside a folder `outside`."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept.txt").write_text("kept", "utf-8")
    (tmp_path / "book").mkdir()
    return books.twins(tmp_path / "book")


def outside(root: Path) -> list[str]:
    """The files beside the book."""
    return sorted(path.name for path in (root.parent / "outside").rglob("*"))


PLACES = (STATE, f"{STATE}/cache", f"{STATE}/figures", f"{STATE}/journal", "build")
FOR_PAPER = (STATE, f"{STATE}/figures", f"{STATE}/fonts", f"{STATE}/fonts/fontconfig", "build")
WORDS = ("check", "build html", "fix", "report", "clean")


@pytest.mark.parametrize(
    ("words", "place"),
    [*((words, place) for words in WORDS for place in PLACES),
     *(("build pdf", place) for place in FOR_PAPER)],
)  # fmt: skip
def test_nothing_is_written_through_a_link(root: Path, words: str, place: str) -> None:
    target = root / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(root.parent / "outside", target_is_directory=True)
    assert cli.main(["-C", str(root), *words.split()]) in (0, 1, 2)
    assert outside(root) == ["kept.txt"]
    assert target.is_symlink() or words == "clean"


@pytest.mark.parametrize("place", [STATE, "build"])
@pytest.mark.parametrize("kind", ["link", "file"])
def test_the_refusal_names_the_place(
    root: Path, place: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "link":
        (root / place).symlink_to(root.parent / "outside", target_is_directory=True)
    else:
        (root / place).write_text("x", "utf-8")
    assert cli.main(["-C", str(root), "build", "html"]) == 2
    said = capsys.readouterr().err
    assert f"{root / place} is not a plain folder, so nothing is written through it" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("build/report.html", ["report"]),
        ("baseline.json", ["check", "--write-baseline"]),
        (f"{STATE}/.gitignore", ["check"]),
    ],
)
def test_a_linked_file_is_replaced_and_not_followed(
    root: Path, path: str, words: list[str]
) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(root.parent / "outside" / "kept.txt")
    cli.main(["-C", str(root), *words])
    assert (root.parent / "outside" / "kept.txt").read_text("utf-8") == "kept"


def test_the_configuration_of_fonts_is_replaced_and_not_followed(root: Path) -> None:
    conf = state.place(root, "fonts") / "fonts.conf"
    conf.symlink_to(root.parent / "outside" / "kept.txt")
    assert fonts.configure(conf.parent) == conf
    assert not conf.is_symlink()
    assert (root.parent / "outside" / "kept.txt").read_text("utf-8") == "kept"


# ---- the cache ------------------------------------------------------------------------------


def test_a_cache_that_came_with_the_book_is_not_believed(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fragments() -> bytes:
        assert cli.main(["-C", str(root), "build", "html", "--quiet"]) == 0
        return b"".join(path.read_bytes() for path in sorted((root / "build").rglob("*.html")))

    plain = fragments()
    store = Store(root / STATE / "cache")  # a stranger's: signed with nothing
    for path in (root / STATE / "cache").glob("*/*"):
        name = path.parent.name + path.name
        store.put(name, b"<script>alert(1)</script>")
    assert fragments() == plain
    assert b"alert(1)" not in plain
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    assert fragments() == plain


def test_a_user_believes_their_own_cache_in_each_process(root: Path) -> None:
    name = "ab" * 32
    state.store(root).put(name, b"value")
    script = (
        "import sys; from pathlib import Path; from pipeline import state;"
        f"sys.stdout.buffer.write(state.store(Path(sys.argv[1])).get({name!r}) or b'none')"
    )
    found = subprocess.check_output([sys.executable, "-c", script, str(root)])
    assert found == b"value"


def test_a_secret_in_the_book_is_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(root))
    (root / "make-book").mkdir()
    (root / "make-book" / "secret").write_bytes(b"x" * 32)
    name = "ab" * 32
    Store(root / STATE / "cache", b"x" * 32).put(name, b"planted")
    assert state.store(root).get(name) is None


# ---- the log of a crash ---------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command with a bug."""

    def fail(options: object) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(discovery.member("commands", "check"), "run", fail)


@pytest.mark.usefixtures("broken")
def test_the_log_of_a_crash_is_the_books(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root.parent)
    assert cli.main(["-C", str(root / "manuscript"), "check"]) == 2
    assert "RuntimeError: a bug" in (root / STATE / "crash.log").read_text("utf-8")
    assert (root / STATE / ".gitignore").is_file()
    assert str(root / STATE / "crash.log") in capsys.readouterr().err
    assert not (root.parent / STATE).exists()


@pytest.mark.usefixtures("broken")
def test_without_a_book_the_log_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "empty").mkdir()
    assert cli.main(["-C", str(tmp_path / "empty"), "check"]) == 2
    log = tmp_path / "state" / "make-book" / "crash.log"
    assert "RuntimeError: a bug" in log.read_text("utf-8")
    assert list((tmp_path / "empty").iterdir()) == []
    shutil.rmtree(tmp_path / "state")
    (tmp_path / "state").write_text("in the way", "utf-8")
    assert cli.main(["-C", str(tmp_path / "empty"), "check"]) == 2
    assert "RuntimeError: a bug" in capsys.readouterr().err


@pytest.mark.usefixtures("broken")
def test_the_log_is_not_written_through_a_link(root: Path) -> None:
    (root / STATE).symlink_to(root.parent / "outside", target_is_directory=True)
    assert cli.main(["-C", str(root), "check"]) == 2
    (root / STATE).unlink()
    (root / STATE).mkdir()
    (root / STATE / "crash.log").symlink_to(root.parent / "outside" / "kept.txt")
    assert cli.main(["-C", str(root), "check"]) == 2
    assert outside(root) == ["kept.txt"]
    assert (root.parent / "outside" / "kept.txt").read_text("utf-8") == "kept"
