"""The journal: all or nothing, undo, recovery; links, modes and edits of others survive."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline import files, journal, state
from pipeline.errors import UserError
from pipeline.journal import Move, Write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    for path in ("a.md", "part/b.md", "part/c.md"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(f"old {path}\r\n".encode())
    return root


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file that is not ours, with its bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".make-book" not in path.parts
    }


def change(root: Path, *paths: str) -> list[Write]:
    return [Write(path, (root / path).read_bytes(), f"new {path}".encode()) for path in paths]


def apply(root: Path, *paths: str, moves: tuple[Move, ...] = ()) -> None:
    with journal.writing(root) as log:
        log.apply("fix", change(root, *paths), moves)


def undo(root: Path, *, keep_edited: bool = False) -> journal.Undone | None:
    with journal.writing(root) as log:
        return log.undo(keep_edited=keep_edited)


def only_run(root: Path) -> Path:
    (found,) = (root / ".make-book" / "journal").iterdir()
    return found


# ---- forth and back -----------------------------------------------------------------------


def test_undo_goes_back_run_by_run(root: Path) -> None:
    first = snapshot(root)
    apply(root, "a.md")
    second = snapshot(root)
    apply(root, "part/c.md", "part/b.md")
    undone = undo(root)
    assert undone and undone.paths == ("part/c.md", "part/b.md")
    assert snapshot(root) == second
    undo(root)
    assert snapshot(root) == first
    assert undo(root) is None


def test_new_files_moves_and_their_folders_go_back(root: Path) -> None:
    before = snapshot(root)
    with journal.writing(root) as log:
        writes = [*change(root, "part/b.md"), Write("x/y/new.md", None, b"new")]
        log.apply("mv", writes, (Move("part", "q/r/part"),))
    assert set(snapshot(root)) == {"a.md", "q/r/part/b.md", "q/r/part/c.md", "x/y/new.md"}
    undo(root)
    assert snapshot(root) == before
    assert sorted(path.name for path in root.iterdir()) == [".make-book", "a.md", "part"]


def test_the_folder_is_hidden_from_git(root: Path) -> None:
    apply(root, "a.md")
    assert (root / ".make-book" / ".gitignore").read_bytes() == b"*\n"


def test_old_runs_are_forgotten(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 2)
    for number in range(4):
        with journal.writing(root) as log:
            data = (root / "a.md").read_bytes()
            log.apply(f"fix {number}", [Write("a.md", data, data + b"x")])
    with journal.writing(root) as log:
        assert [line.split("make-book ")[1] for line in log.history()] == [
            "fix 3  (1 path)", "fix 2  (1 path)",
        ]  # fmt: skip


def test_nothing_to_do_leaves_no_run(root: Path) -> None:
    data = (root / "a.md").read_bytes()
    with journal.writing(root) as log:
        log.apply("fix", [Write("a.md", data, data)])
        assert log.runs == []


# ---- what others did ------------------------------------------------------------------------


def test_a_file_that_changed_since_it_was_read_is_refused(root: Path) -> None:
    writes = change(root, "a.md", "part/b.md")
    (root / "part" / "b.md").write_bytes(b"saved by an editor")
    before = snapshot(root)
    with journal.writing(root) as log, pytest.raises(UserError, match=r"part/b\.md changed"):
        log.apply("fix", writes)
    assert snapshot(root) == before


def test_an_editor_that_saves_during_the_run_stops_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, before = files.install, snapshot(root)

    def install(staged: Path, target: Path) -> None:
        real(staged, target)
        (root / "part" / "b.md").write_bytes(b"saved by an editor")

    monkeypatch.setattr(files, "install", install)
    with journal.writing(root) as log, pytest.raises(UserError, match="nothing was written"):
        log.apply("fix", change(root, "a.md", "part/b.md"))
    assert snapshot(root) == {**before, "part/b.md": b"saved by an editor"}


def test_undo_leaves_what_was_edited_since(root: Path) -> None:
    before = snapshot(root)
    apply(root, "a.md", "part/b.md")
    (root / "a.md").write_bytes(b"edited since")
    after = snapshot(root)
    with pytest.raises(UserError, match=r"a\.md; nothing was undone"):
        undo(root)
    assert snapshot(root) == after
    undone = undo(root, keep_edited=True)
    assert undone and undone.kept == ("a.md",)
    assert snapshot(root) == {**before, "a.md": b"edited since"}


def test_undo_of_a_move_refuses_where_something_took_the_old_place(root: Path) -> None:
    apply(root, "part/b.md", moves=(Move("part", "other"),))
    (root / "part").mkdir()
    with pytest.raises(UserError, match="part; nothing was undone"):
        undo(root)


# ---- links, modes, places -------------------------------------------------------------------


def test_symbolic_and_hard_links_and_modes_survive(root: Path) -> None:
    os.link(root / "a.md", root / "hard.md")
    (root / "soft.md").symlink_to("part/b.md")
    (root / "part" / "b.md").chmod(0o640)
    before = snapshot(root)
    apply(root, "a.md", "soft.md")
    assert (root / "hard.md").read_bytes() == b"new a.md"
    assert (root / "hard.md").samefile(root / "a.md")
    assert (root / "soft.md").is_symlink()
    assert (root / "part" / "b.md").read_bytes() == b"new soft.md"
    assert stat.S_IMODE((root / "part" / "b.md").stat().st_mode) == 0o640
    undo(root)
    assert snapshot(root) == before
    assert (root / "soft.md").is_symlink()
    assert (root / "hard.md").samefile(root / "a.md")
    assert stat.S_IMODE((root / "part" / "b.md").stat().st_mode) == 0o640


def test_two_names_of_one_file_are_not_changed_in_two_ways(root: Path) -> None:
    (root / "soft.md").symlink_to("a.md")
    os.link(root / "part" / "b.md", root / "part" / "hard.md")
    for one, two in (("a.md", "soft.md"), ("part/b.md", "part/hard.md")):
        with journal.writing(root) as log, pytest.raises(UserError, match="another name"):
            log.apply("fix", change(root, one, two))
    paths = ("soft.md", "a.md", "part/b.md", "part/hard.md", "part/c.md")
    assert journal.one_name_each(root, paths) == {"a.md", "part/b.md", "part/c.md"}


@pytest.mark.parametrize("path", ["../out.md", "/tmp/out.md", ".git/config", "a/../b.md", "link/x"])
def test_only_sources_are_written(root: Path, path: str, tmp_path: Path) -> None:
    (root / "link").symlink_to(tmp_path)
    with journal.writing(root) as log, pytest.raises(UserError, match="not a source"):
        log.apply("import", [Write(path, None, b"x")])


@pytest.mark.parametrize("place", [".make-book", ".make-book/journal", ".make-book/lock"])
def test_a_symbolic_link_in_our_folder_is_refused(root: Path, place: str, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).symlink_to(away if place != ".make-book/lock" else away / "lock")
    with pytest.raises(UserError):
        apply(root, "a.md")
    assert list(away.iterdir()) == []


def test_a_journal_of_a_stranger_writes_nothing_outside(root: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"kept")
    for path in ("../victim", str(victim), ".git/hooks/post-commit", "link"):
        apply(root, "a.md")
        run = only_run(root)
        plan = json.loads((run / "plan.json").read_bytes())
        plan["writes"][0]["path"] = path
        if path == "link" and not (root / "link").is_symlink():
            (root / "link").symlink_to(victim)
        (run / "plan.json").write_text(json.dumps(plan))
        with pytest.raises(UserError):
            undo(root)
        assert victim.read_bytes() == b"kept"
        files.discard(run)
        (root / "a.md").write_bytes(b"again")


@pytest.mark.parametrize("damage", ["plan.json", "0.old"])
def test_a_damaged_journal_is_said_to_be_one(root: Path, damage: str) -> None:
    apply(root, "a.md")
    after = snapshot(root)
    (only_run(root) / damage).write_bytes(b"{")
    with pytest.raises(UserError, match="damaged"):
        undo(root)
    assert snapshot(root) == after


def test_a_read_only_file_is_left_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # a privileged user may write anything
    with pytest.raises(UserError, match="read-only"):
        apply(root, "a.md")


# ---- locks and leftovers --------------------------------------------------------------------


def test_the_lock_waits_and_dies_with_its_process(root: Path) -> None:
    code = (
        "import sys, pathlib, time; from pipeline import state\n"
        "with state.lock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="another make-book"), state.lock(root, patience=0.1):
            pass
        holder.kill()
        holder.wait()
    with state.lock(root, patience=5):
        pass


def test_leftovers_of_a_killed_process_are_swept(root: Path) -> None:
    apply(root, "a.md")
    folder = root / ".make-book" / "journal"
    (folder / ".make-book-abc.tmp").mkdir()
    (folder / ".make-book-abc.tmp" / "0.old").write_bytes(b"x")
    mine = root / ".make-book-baseline.json"
    mine.write_bytes(b"{}")
    with journal.writing(root):
        assert [path.name for path in folder.iterdir()] == ["000001.done"]
    files.sweep(root, older_than=0, now=time.time() + 1)
    assert mine.exists()


def test_a_torn_write_in_place_is_mended(root: Path) -> None:
    os.link(root / "a.md", root / "hard.md")
    before = snapshot(root)
    apply(root, "a.md")
    run = only_run(root)
    run.rename(run.with_suffix(".open"))
    (root / "a.md").write_bytes(b"new" + before["a.md"][3:])
    assert journal.interrupted(root)
    with journal.writing(root) as log:
        assert [undone.command for undone in log.recovered] == ["fix"]
    assert snapshot(root) == before
    assert not journal.interrupted(root)
