"""Fail, fill the disk or kill at the n-th file-changing call, for every n.

Each command runs in a forked child whose calls of the operating system are counted. Afterwards
every file is old or new, running the command again completes it, and undo brings the old bytes
back.
"""

import errno
import mmap
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli, journal
from pipeline.errors import UserError

CARD = """\
---
event_id: e1
date: 2023-02
title: 事件
---
# 事件

见[一](../../manuscript/p/one.md)。
"""
CHAPTER = """\
---
title: {0}
key_events: [e1]
---
# {0}

::: {{.event #e1}}
[甲](../../../events/e1.md)
:::
"""
SOURCES = {
    "book.yaml": "title: t\norder: [manuscript/p]\n",
    "events/e1.md": CARD,
    "manuscript/p/one.md": CHAPTER.format("一"),
    "manuscript/p/two.md": CHAPTER.format("二"),
}
CALLS = (
    "write", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir", "chmod", "ftruncate",
)  # fmt: skip
EVERY = 400  # more calls than any of the commands makes
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Tree = dict[str, bytes]

COMMANDS: dict[str, tuple[str, ...]] = {
    "fix": ("fix", "--select", "LK001"),
    "mv": ("mv", "manuscript/p", "manuscript/x/q"),
    "rename": ("rename", "e1", "e2", "--alias", "--file"),
    "undo": ("undo",),
}


def tree(root: Path) -> Tree:
    """The sources with their bytes; nothing else may be there."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and root / ".make-book" not in path.parents
    }


def book(folder: Path) -> Path:
    """A book with a wrong depth in each file, one of them with two hard links."""
    root = folder / "book"
    for path, text in SOURCES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    os.link(root / "manuscript/p/two.md", root / "two.txt")
    return root


# ---- a child whose calls fail -----------------------------------------------------------------


class _Fault:
    """Counts calls that change files, of the process it is installed in; the n-th is a failure,
    or the end. The count is known to the parent of that process, too."""

    def __init__(self, number: int, kind: str) -> None:
        self.number, self.kind = number, kind
        self._shared = mmap.mmap(-1, 8)
        self._process = 0

    @property
    def count(self) -> int:
        return int.from_bytes(self._shared[:], "little")

    def install(self) -> None:
        self._process = os.getpid()
        for name in CALLS:
            setattr(os, name, self._wrapped(getattr(os, name)))
        plain_open = os.open

        def opened(path: Any, flags: int, *rest: Any, **words: Any) -> int:
            if flags & WRITING:
                self._hit()
            return plain_open(path, flags, *rest, **words)

        os.open = opened

    def _wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*rest: Any, **words: Any) -> Any:
            self._hit(call, rest)
            return call(*rest, **words)

        return wrapped

    def _hit(self, call: Callable[..., Any] | None = None, rest: tuple[Any, ...] = ()) -> None:
        if os.getpid() != self._process:
            return
        self._shared[:] = (self.count + 1).to_bytes(8, "little")
        if self.kind == "full":
            if self.count >= self.number and call is not None and call.__name__ == "write":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        elif self.count == self.number:
            if self.kind == "kill":
                if call is not None and call.__name__ == "write" and len(rest[1]) > 1:
                    call(rest[0], rest[1][: len(rest[1]) // 2])  # torn in the middle
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.EIO, os.strerror(errno.EIO))


def run(root: Path, words: tuple[str, ...], fault: _Fault | None = None) -> int:
    """Run a command in a forked child; its exit code, 137 where it was killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside pytest's threads
        child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.stdout = sys.stderr = os.fdopen(quiet, "w", encoding="utf-8")
        os.chdir(root)
        if fault:
            fault.install()
        code = 99
        try:
            code = cli.main(list(words))
        finally:
            done = fault is not None and fault.count < fault.number
            os._exit(code + 100 if done else code)
    status = os.waitpid(child, 0)[1]
    return 137 if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


# ---- the tests --------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=COMMANDS)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, tuple[str, ...], Tree, Tree]]:
    """(a book, a command, the sources before it, the sources after it)."""
    root = book(tmp_path_factory.mktemp(request.param))
    words = COMMANDS[request.param]
    for warm in ("fix", "mv", "undo"):  # so that the children need not import anything
        assert cli.main(["-C", str(copy(root, "trial")), *COMMANDS[warm]]) == 0
    if request.param == "undo":
        assert run(root, COMMANDS["mv"]) == 0
    before = tree(root)
    trial = copy(root, "trial")
    assert run(trial, words) == 0
    after = tree(trial)
    assert after != before
    yield root, words, before, after


def check(root: Path, words: tuple[str, ...], before: Tree, after: Tree) -> None:
    """After a fault: each file old or new, undo and another run each give what they should."""
    now = tree(root)
    whole = {*before.values(), *after.values()}
    for path, data in now.items():
        assert path in {*before, *after}
        assert data in whole or "two." in path  # written in place: the journal mends it
    if now != after or journal.interrupted(root):
        again = copy(root, "again")
        assert run(again, words) == 0
        assert tree(again) == after
        assert not journal.interrupted(again)
    assert run(root, ("undo",)) == 0
    wanted = after if words == ("undo",) else before
    assert tree(root) == wanted
    leftovers = [path for path in root.rglob(".make-book-*") if path.exists()]
    assert leftovers == []


def copy(one: Path, name: str) -> Path:
    """A copy of a book beside it, with its hard links."""
    two = one.parent / name
    shutil.rmtree(two, ignore_errors=True)
    shutil.copytree(one, two)
    inodes: dict[int, Path] = {}
    for path in sorted(one.rglob("*")):
        if path.is_file() and path.stat().st_nlink > 1:
            twin = two / path.relative_to(one)
            first = inodes.setdefault(path.stat().st_ino, twin)
            if first != twin:
                twin.unlink()
                os.link(first, twin)
    return two


def attempt(case: tuple[Path, tuple[str, ...], Tree, Tree], number: int, kind: str) -> bool:
    """One fault in a fresh copy of the book; whether the command was done before its time."""
    root, words, before, after = case
    trial = copy(root, "trial")
    code = run(trial, words, _Fault(number, kind))
    if code >= 100 and code != 137:
        return True
    if kind != "kill" and tree(trial) not in (before, after):
        # what could not be taken back at once waits in the journal
        assert journal.interrupted(trial)
    check(trial, words, before, after)
    return False


@pytest.mark.parametrize("kind", ["kill", "fail", "full"])
def test_some_faults(case: tuple[Path, tuple[str, ...], Tree, Tree], kind: str) -> None:
    for number in range(1 + len(kind), EVERY, 23):
        if attempt(case, number, kind):
            return
    raise AssertionError("the command makes more calls than that")


@pytest.mark.full
@pytest.mark.parametrize("kind", ["kill", "fail", "full"])
def test_every_fault(case: tuple[Path, tuple[str, ...], Tree, Tree], kind: str) -> None:
    for number in range(1, EVERY):
        if attempt(case, number, kind):
            return
    raise AssertionError("the command makes more calls than that")


def test_a_full_disk_is_said_to_be_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "a.md").write_bytes(b"old")
    with journal.writing(tmp_path) as log:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(UserError, match="No space left"):
            log.apply("fix", [journal.Write("a.md", b"old", b"new")])
    monkeypatch.undo()
    assert (tmp_path / "a.md").read_bytes() == b"old"
