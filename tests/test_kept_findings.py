"""What is kept changes no finding: over any edits the same as with no cache and one process."""

import os
import random
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline import checker, findings, index, project
from pipeline.cache import Store
from pipeline.diagnostics import Diagnostic
from tests import damage
from tests.manuscripts import Maker

Draw = random.Random
Documents = Sequence[project.Document]
SECRET = b"of the test"


def kept(root: Path, secret: bytes = SECRET, jobs: int = 2) -> tuple[Diagnostic, ...]:
    """The findings by what is kept."""
    store = Store(root / ".make-book" / "cache", secret)
    return checker.check(index.build(project.load(root, None, store)), jobs=jobs).diagnostics


def plain(root: Path) -> tuple[Diagnostic, ...]:
    """The findings with nothing kept, in one process."""
    return checker.check(index.build(project.load(root)), jobs=1).diagnostics


def same(one: tuple[Diagnostic, ...], other: tuple[Diagnostic, ...]) -> bool:
    """Whether two runs found the same, fingerprints included."""
    return one == other and [a.fingerprint for a in one] == [b.fingerprint for b in other]


# ---- edits ---------------------------------------------------------------------------------


def _any(root: Path, draw: Draw, pattern: str = "*.md") -> Path:
    return draw.choice(sorted(root.rglob(pattern)))


def _replace(path: Path, old: str, new: str) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(old.encode(), new.encode(), 1))


def _prose(root: Path, draw: Draw) -> None:
    with _any(root, draw).open("a", encoding="utf-8") as stream:
        stream.write(f"\n\n又一段,第{draw.randint(1, 99)}句...见[此](no/{draw.random()}.md)。\n")


def _heading(root: Path, draw: Draw) -> None:
    path = _any(root, draw)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"\n\n## 一节 {{#mark-{draw.randint(1, 4)}}}\n\n见[那里](#mark-2)。\n")


def _title(root: Path, draw: Draw) -> None:
    _replace(_any(root, draw), "title: ", f"title: {draw.choice('甲乙丙丁')}")


def _date(root: Path, draw: Draw) -> None:
    _replace(_any(root, draw), "date: 20", f"date: {draw.choice((19, 21, 'x'))}")


def _identifier(root: Path, draw: Draw) -> None:
    _replace(_any(root, draw), "event_id: ", "event_id: new-")


def _broken(root: Path, draw: Draw) -> None:
    _replace(_any(root, draw), "title: ", "title: [")


def _cited(root: Path, draw: Draw) -> None:
    _replace(_any(root, draw, "*.bib"), "@misc{", f"@misc{{new{draw.randint(1, 9)}")


def _moved(root: Path, draw: Draw) -> None:
    path = _any(root, draw)
    path.rename(path.with_name(f"moved-{path.name}"))


def _gone(root: Path, draw: Draw) -> None:
    _any(root, draw).unlink()


def _settings(root: Path, draw: Draw) -> None:
    rule = draw.choice(("TX001", "EV003", "LK001", "ID002"))
    text = f"title: 林木编年\nlanguage: zh-Hans\nrules: {{{rule}: warning}}\n"
    (root / "book.yaml").write_text(text, "utf-8")


def _silenced(root: Path, draw: Draw) -> None:
    with _any(root, draw).open("a", encoding="utf-8") as stream:
        stream.write("\n<!-- make-book: ignore TX001 because 试 -->\n\n一,二。\n")


def _damaged_cache(root: Path, draw: Draw) -> None:
    for path in sorted((root / ".make-book" / "cache").glob("*/*")):
        data = path.read_bytes()
        how = draw.randint(0, 3)
        if how == 0:
            path.write_bytes(data[: draw.randint(0, len(data))])
        elif how == 1:
            at = draw.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        elif how == 2:
            path.unlink()


EDITS: tuple[Callable[[Path, Draw], None], ...] = (
    _prose, _prose, _heading, _title, _date, _identifier, _broken, _cited, _moved, _gone,
    _settings, _silenced, _damaged_cache,
)  # fmt: skip


def _walk(root: Path, seed: int, steps: int) -> None:
    draw = random.Random(seed)
    Maker(root, seed).write()
    assert same(kept(root), plain(root))
    for _ in range(steps):
        edit = draw.choice(EDITS)
        edit(root, draw)
        assert same(kept(root), plain(root)), edit.__name__


def test_edits(tmp_path: Path) -> None:
    _walk(tmp_path, 1, 6)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(5))
def test_many_edits(seed: int, tmp_path: Path) -> None:
    _walk(tmp_path, 10 + seed, 25)


def test_a_wrecked_book(tmp_path: Path) -> None:
    """Files that cannot be read, are no UTF-8, or have names that are no text."""
    damage.wreck(tmp_path)
    expected = plain(tmp_path)
    for _ in range(2):
        assert same(kept(tmp_path), expected)


def test_what_another_user_kept_is_not_believed(tmp_path: Path) -> None:
    """A cache that came with the folder says that all is well, and nobody asks it."""
    Maker(tmp_path, 3).write()
    expected = plain(tmp_path)
    kept(tmp_path, secret=b"of a stranger")
    assert same(kept(tmp_path), expected)


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    """Times alone are never believed."""
    Maker(tmp_path, 4).write()
    path = sorted(tmp_path.glob("events/*/*.md"))[0]
    long_ago = 1_000_000_000
    for file in tmp_path.rglob("*.*"):
        os.utime(file, (long_ago, long_ago))
    before = kept(tmp_path)
    _replace(path, "title: ", "titel: ")
    os.utime(path, (long_ago, long_ago))
    after = kept(tmp_path)
    assert after != before
    assert same(after, plain(tmp_path))


def test_of_a_book_that_did_not_change_nothing_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Maker(tmp_path, 5).write()
    expected = kept(tmp_path)

    def parse(*_: object) -> None:
        raise AssertionError("a document was parsed")

    monkeypatch.setattr("pipeline.archive.parse", parse)
    assert same(kept(tmp_path), expected)


def test_of_one_edit_one_document_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Maker(tmp_path, 6).write()
    kept(tmp_path)
    path = sorted(tmp_path.glob("manuscript/*/*.md"))[0]
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n\n又一段。\n")
    seen: list[str] = []
    monkeypatch.setattr("pipeline.findings.Group.look", _recorded(seen))
    kept(tmp_path)
    assert set(seen) == {path.relative_to(tmp_path).as_posix()}


def test_documents_whose_process_dies_are_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Maker(tmp_path, 60).write()
    expected = plain(tmp_path)
    look, here = findings._look, os.getpid()
    fatal = sorted(path.name for path in tmp_path.rglob("*.md"))[7]
    grave = tmp_path.parent / "grave"

    def die(
        built: index.Index, groups: list[findings.Group], some: Documents, *, whole: bool
    ) -> object:
        if os.getpid() != here and any(item.path.endswith(fatal) for item in some):
            grave.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return look(built, groups, some, whole=whole)

    monkeypatch.setattr("pipeline.findings._look", die)
    assert same(kept(tmp_path), expected)
    assert grave.exists()


def _recorded(seen: list[str]) -> Callable[..., object]:
    from pipeline.findings import Group

    look = Group.look

    def record(group: Group, some: Sequence[tuple[project.Document, index.Index]]) -> object:
        seen.extend(document.path for document, _ in some)
        return look(group, some)

    return record
