"""Sample books that something has gnawed at: checked, mended and built all the same."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import damage
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pipeline import cache, checker, fixer, index, progress, project, rendering
from pipeline.errors import UserError
from pipeline.rendering import Options

Files = dict[str, bytes]

STOCK: Files = {
    path.relative_to(damage.STOCK).as_posix(): path.read_bytes()
    for path in sorted(damage.STOCK.rglob("*"))
    if path.is_file() and ".make-book" not in path.parts
}
KNOWN = "events/known.md"
HEALTHY = """\
---
event_id: known
date: 1500
title: 其事
---

# 其事 (1500)

[无](none.md)
"""
TOKENS = [
    b"---\n", b"\n---\n", b": ", b"- ", b"[", b"]", b"{", b"}", b"(", b")", b"&a ", b"*a",
    b"!!x ", b"'", b'"', b"#", b"|\n", b">", b"`", b"```\n", b"~~~\n", b"$", b"$$", b"\\", b"<",
    b"<!--", b"-->", b"<div>", b"</div>", b"<span>", b"[^1]", b"[^1]: ", b"[@", b"@", b"![",
    b"](", b"](x.md)", b"::: ", b"\n:::\n", b"{#a}", b"{.x y=1}", b"| a | b |\n|---|---|\n", b"%",
    b"=", b",", b"@book{", b"\0", b"\a", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc2\x85",
    b"\xe2\x80\xa8", b"\t", b"\r", b"\r\n", b"\n\n\n", b"  \n", b"&#7;", b"&amp;", b"2023-02-30",
    b"javascript:x", "，“".encode(), "發".encode(),
]  # fmt: skip


@st.composite
def gnawed(draw: st.DrawFn, keep: tuple[str, ...] = ("book.yaml",)) -> Files:
    """The stock book with some places of some files changed."""
    files = dict(STOCK)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([path for path in sorted(files) if path not in keep]))
        data = files[path]
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        other = files[draw(st.sampled_from(sorted(files)))]
        at = draw(st.integers(0, len(other)))
        new = draw(
            st.sampled_from(TOKENS)
            | st.binary(max_size=6)
            | st.just(data[start:end] * 3)
            | st.just(other[at : at + 60])
            | st.sampled_from(TOKENS).map(lambda token: token * 80)
        )
        files[path] = data[:start] + new + data[end:]
        if draw(st.integers(0, 9)) == 0:
            files[path] = files[path][:start]
    return files


def written(folder: Path, files: Files) -> Path:
    for path, data in {**files, KNOWN: HEALTHY.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def checked(root: Path, replaced: Files) -> checker.Run:
    """Check, and hold each finding to its place."""
    loaded = index.build(
        replace(project.load(root, replaced), renames={}, former=frozenset())
    )  # git is not asked each time
    found = checker.check(loaded)
    for item in found.active:
        source = loaded.project.sources.get(item.path)
        assert item.message
        assert item.line >= 1
        assert item.column >= 1
        if source:
            assert item.line <= len(source.line_starts)
            assert item.column <= len(source.line(item.line)) + 2
    assert ("LK001", KNOWN, 9) in {(item.code, item.path, item.line) for item in found.active}
    return found


def bears_checking(files: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = written(Path(name), files)

        def look(replaced: Files) -> fixer.View:
            found = checked(root, dict(replaced))
            return fixer.View(found.active, found.index.project.sources)

        fixer.mend(look)


def bears_building(files: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = written(Path(name), files)
        found = checked(root, {})
        wanted = Options(("html", "epub"), (), None, 2)
        with progress.of(quiet=True) as display:
            done = list(rendering.build(found.index, wanted, cache.Store(None), display))
        assert all(item.path.exists() for item in done)
        pages = "".join(path.read_text("utf-8") for path in (root / "build/html").rglob("*.html"))
        assert "其事" in pages
        shutil.rmtree(root / "build")


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(gnawed())
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_checked_and_mended(files: Files) -> None:
    bears_checking(files)


@given(gnawed())
@settings(max_examples=3, deadline=None, suppress_health_check=SLOW)
def test_built(files: Files) -> None:
    bears_building(files)


@given(gnawed(keep=()))
@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
def test_with_its_settings_gnawed(files: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = written(Path(name), files)
        try:
            checker.check(index.build(project.load(root)))
        except UserError as error:
            assert "\n" not in error.message


@pytest.mark.full
@pytest.mark.parametrize("part", range(10))
def test_many(part: int) -> None:
    many = settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
    many(given(gnawed())(bears_checking))()
    few = settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
    few(given(gnawed())(bears_building))()
