"""`make-book watch` and `check --watch` as an author has them: started, fed with edits, stopped."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import books
import pytest

from pipeline.watching import Watch

PATIENCE = 60.0  # seconds, for a machine that does other things as well
WAITING = "waiting for a change; Ctrl-C ends it"
CHAPTER = "manuscript/opening.md"


class Child:
    """A running `make-book`, and what it prints on both streams."""

    def __init__(self, root: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "-C", root, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=root, preexec_fn=_heed,
        )  # fmt: skip
        assert self.process.stdout
        self.pipe = self.process.stdout.fileno()
        self.rest = b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.pipe, selectors.EVENT_READ)

    def until(self, wanted: str = WAITING) -> str:
        """What it prints up to a line that begins with a text."""
        lines = []
        for line in self._lines():
            lines.append(line)
            if line.startswith(wanted):
                return "\n".join(lines)
        raise AssertionError(f"ended without {wanted!r}:\n" + "\n".join(lines))

    def end(self) -> str:
        """What it prints until it and all that it started have closed their streams."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        deadline = time.monotonic() + PATIENCE
        while True:
            line, found, rest = self.rest.partition(b"\n")
            if found:
                self.rest = rest
                yield line.decode()
                continue
            assert self.selector.select(deadline - time.monotonic()), f"silent; {self.rest!r}"
            data = os.read(self.pipe, 1 << 16)
            if not data:
                return
            self.rest += data

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.selector.close()


def _heed() -> None:
    """Be interruptible, even where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `make-book` in a book of two chapters and a card."""
    books.twins(tmp_path)
    children: list[Child] = []

    def begin(*words: str) -> Child:
        children.append(Child(tmp_path, *words))
        return children[-1]

    yield begin
    for child in children:
        child.close()


def _text(pdf: Path) -> str:
    made = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, check=True, text=True)
    return re.sub(r"\s", "", made.stdout)


def _edit(path: Path, old: str, new: str) -> None:
    """Replace a text by writing beside the file and renaming, as many editors do."""
    text = path.read_text("utf-8")
    assert old in text
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text.replace(old, new), "utf-8")
    beside.replace(path)


def test_each_save_gives_a_new_pdf(start: Start, tmp_path: Path) -> None:
    child = start("watch", "pdf")
    begun = child.until()
    assert "build/森林.pdf" in begun
    assert "checked: " in begun
    _edit(tmp_path / CHAPTER, "第一章引出", "第一章带来")
    told = child.until()
    assert CHAPTER in told
    assert "pages 1/1" in told, "the chapter alone was laid out"
    assert "第一章带来" in _text(tmp_path / "build" / "森林.pdf")
    child.process.send_signal(signal.SIGINT)
    assert child.end() == "interrupted; the last good outputs are untouched"
    assert child.process.wait() == 130


def test_findings_come_and_go_and_half_saved_files_do_no_harm(start: Start, tmp_path: Path) -> None:
    child = start("watch", "html")
    child.until()
    page = next(
        path
        for path in (tmp_path / "build/html").rglob("*.html")
        if "第一章引出" in path.read_text()
    )
    chapter = tmp_path / CHAPTER
    whole = chapter.read_bytes()

    chapter.write_bytes(whole[: whole.index(b"title:") + 8])
    told = child.until()
    assert re.search(rf"^new   {CHAPTER}:\d+:\d+ FM002 ", told, re.MULTILINE), told

    chapter.write_bytes(whole.replace("引出".encode(), "说到".encode()))
    told = child.until()
    assert re.search(rf"^gone  {CHAPTER}:\d+:\d+ FM002 ", told, re.MULTILINE), told
    assert not re.search("^new ", told, re.MULTILINE)
    assert "第一章说到" in page.read_text()

    (tmp_path / "book.yaml").write_text("title: [森林\n")
    assert "make-book: book.yaml:" in child.until()
    assert "第一章说到" in page.read_text(), "the last good output stays"
    (tmp_path / "book.yaml").write_text("title: 森林\n")
    told = child.until()
    assert not re.search("^(new|gone) ", told, re.MULTILINE), "nothing differs from the last check"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_no_process(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    chapter = tmp_path / CHAPTER
    chapter.write_text(chapter.read_text("utf-8") + "\n\n" + "一二三四五六七。" * 5000, "utf-8")
    child = start("watch", "pdf")
    child.until("converting")
    assert not child.selector.select(1.5), "the pages take longer than this"
    child.process.send_signal(number)
    # The workers have the same streams: these end with the last of them.
    told = child.end()
    assert told == "interrupted; the last good outputs are untouched"
    assert child.process.wait() == 128 + number
    assert list(tmp_path.glob("build/*")) == []


def test_check_watch_reports_again(start: Start, tmp_path: Path) -> None:
    child = start("check", "--watch", "--select", "LK", "--format", "concise", "-o", "found.txt")
    child.until()
    before = (tmp_path / "found.txt").read_text()
    _edit(tmp_path / CHAPTER, "02-forest/willow.md)", "02-forest/wilow.md)")
    child.until()
    after = (tmp_path / "found.txt").read_text()
    assert "wilow.md" in after
    assert "wilow.md" not in before
    _edit(tmp_path / CHAPTER, "02-forest/wilow.md)", "02-forest/willow.md)")
    told = child.until()
    assert "found.txt" not in told.splitlines()[1], "its own file is no change"
    assert (tmp_path / "found.txt").read_text() == before


def test_changes_made_meanwhile_are_one_change(tmp_path: Path) -> None:
    books.write(tmp_path, {"a.md": "one", "b.md": "two", "out.txt": "", "build/x.md": ""})
    watch = Watch(tmp_path, but=["out.txt"])
    books.write(tmp_path, {"b.md": "three", "c/d.md": "new", "out.txt": "x", "build/x.md": "x"})
    (tmp_path / "a.md").unlink()
    assert watch.wait() == ["a.md", "b.md", "c/d.md"]
    (tmp_path / "c" / "d.md").rename(tmp_path / "c" / "e.md")
    assert watch.wait() == ["c/d.md", "c/e.md"]
