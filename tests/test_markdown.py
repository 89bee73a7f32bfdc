"""The manuscript after resolution: links made good, all else as it was."""

from pathlib import Path

import pytest
import shelf

from pipeline.document import Link
from pipeline.screen import rewriting
from pipeline.screen.rewriting import Change
from pipeline.source import Span


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shelf.twins(tmp_path_factory.mktemp("markdown"))
    shelf.build(root, "markdown")
    return root / "build/markdown"


def test_files_stand_in_reading_order(folder: Path) -> None:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    assert names == [
        "01-preface.md", "02-part-1.md", "03-one.md", "04-two.md", "05-events/event-flood-2020.md",
        "06-concepts/concept-delta.md", "index.md",
    ]  # fmt: skip
    assert "  - [第1章 河流的源头](03-one.md)" in (folder / "index.md").read_text("utf-8")


def test_links_are_resolved_and_nothing_else_changes(folder: Path) -> None:
    text = (folder / "03-one.md").read_text("utf-8")
    assert "[第二章的小结](04-two.md#%E5%B0%8F%E7%BB%93-summary)" in text
    assert "死链接无处可去与" in text
    assert "如[图 1-1](#fig-map)与[表 1-1](#tbl-rain)" in text
    assert "![图 1-1 一张图](images/map.svg){#fig-map}" in text
    expected = shelf.ONE
    for old, new in (
        ("two.md#小结-summary", "04-two.md#%E5%B0%8F%E7%BB%93-summary"),
        ("[第二章](two.md)", "[第二章](04-two.md)"),
        ("[无处可去](nowhere.md)", "无处可去"),
        ("![一张图](../figures/map.svg)", "![图 1-1 一张图](images/map.svg)"),
        ("[](#fig-map)", "[图 1-1](#fig-map)"),
        ("[](#tbl-rain)", "[表 1-1](#tbl-rain)"),
    ):
        assert old in expected
        expected = expected.replace(old, new)
    assert text == expected


def test_links_between_folders_and_pictures(folder: Path) -> None:
    two = (folder / "04-two.md").read_text("utf-8")
    assert "[洪水](05-events/event-flood-2020.md)" in two
    card = (folder / "05-events/event-flood-2020.md").read_text("utf-8")
    assert "[第2章](../04-two.md)" in card
    assert (folder / "images/map.svg").is_file()


def test_bytes_are_kept(tmp_path: Path) -> None:
    shelf.english(tmp_path)
    path = tmp_path / "manuscript/one.md"
    data = b"\xef\xbb\xbf# One\r\n\r\nText with \xff and [two](two.md).\r\n"
    path.write_bytes(data)
    shelf.build(tmp_path, "markdown")
    (written,) = (tmp_path / "build/markdown").glob("*-one.md")
    assert written.read_bytes() == data.replace(b"[two](two.md)", b"two")


def test_odd_books_are_written(tmp_path: Path) -> None:
    shelf.build(shelf.odd(tmp_path), "markdown")
    assert len(list((tmp_path / "build/markdown").glob("*.md"))) >= 3


def test_overlapping_changes_keep_the_outer() -> None:
    changes = [Change(Span(1, 4), "X"), Change(Span(2, 3), "Y"), Change(Span(5, 5), "!")]
    assert rewriting.apply("abcdef", [*changes, *changes]) == "aXe!f"


@pytest.mark.parametrize(
    ("text", "kind", "destination", "expected"),
    [
        ("[a *b*](x.md)", "inline", (8, 12), "a *b*"),
        ("[a [b] c](<x y.md> 't')", "inline", (10, 17), "a [b] c"),
        ("[a][ref]", "reference", (0, 0), "a"),
        ("[a]", "reference", (0, 0), "a"),
        ("[a][]", "reference", (0, 0), "a"),
    ],
)
def test_unlinked_text_keeps_its_markup(
    text: str, kind: str, destination: tuple[int, int], expected: str
) -> None:
    link = Link("x", Span(0, len(text)), Span(*destination), "a", kind)  # type: ignore[arg-type]
    assert rewriting.apply(text, rewriting.unlink(text, link)) == expected
