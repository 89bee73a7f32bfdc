"""Proofs: line numbers, the status of each chapter, and findings beside their lines."""

import itertools
from pathlib import Path

import books
import pytest
from glyphs import Line, Pages
from hypothesis import given, strategies as st
from test_build import make_book

from pipeline import config
from pipeline.paper import marginalia, papers
from pipeline.paper.papers import POINT

CONFIG = """\
title: 森林
editions:
  main: {outputs: [pdf]}
  proof: {proof: true}
"""
WRONG = "他在河边想了很久,觉得世界会变，见[没有的一章](gone.md)，于是写了下来。\n\n"
LEFT = papers.NUMBERS / POINT
WIDTH = papers.of("A5").characters * papers.of("A5").size


def forest(root: Path) -> Path:
    """Two chapters and a card with findings in them."""
    books.twins(root)
    chapter = root / "manuscript/02-forest/willow.md"
    text = chapter.read_text("utf-8").replace("## 小结", f"{WRONG * 3}## 小结")
    return books.write(root, {"book.yaml": CONFIG, "manuscript/02-forest/willow.md": text})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = forest(tmp_path_factory.mktemp("proof"))
    built = make_book(made, "build", "--edition", "proof")
    assert built.returncode == 0, built.stderr
    return made


@pytest.fixture(scope="module")
def proof(root: Path) -> Pages:
    return Pages(root / "build" / "森林-proof.pdf")


def _parts(page: list[Line]) -> tuple[list[Line], list[Line], list[Line]]:
    """What stands left of the text, in it, and right of it, from top to foot."""
    parts: tuple[list[Line], list[Line], list[Line]] = ([], [], [])
    for line in page:
        for place, keep in enumerate(
            (
                [g for g in line.glyphs if g.right < LEFT - 1],
                [g for g in line.glyphs if LEFT - 1 <= g.left < LEFT + WIDTH],
                [g for g in line.glyphs if g.left > LEFT + WIDTH],
            )
        ):
            if keep:
                parts[place].append(Line(line.page, line.size, keep[0].base, keep))
    return parts


def _chapter(proof: Pages) -> list[list[Line]]:
    """The pages of the second chapter."""
    return [
        page
        for page in proof.lines
        if any("02-forest/willow.md" in line.text.replace("- ", "") for line in page)
    ]


def test_each_page_says_the_status_of_its_chapter(proof: Pages) -> None:
    pages = _chapter(proof)
    assert len(pages) == 2
    for page in pages:
        status = next(line.text for line in _parts(page)[2] if "manuscript/" in line.text)
        assert status.startswith("draft · ")
        assert "findings" in status


def test_lines_are_numbered(proof: Pages) -> None:
    for page in _chapter(proof):
        numbers, text, _ = _parts(page)
        assert [line.text for line in numbers] == [f"{n}" for n in range(1, len(numbers) + 1)]
        body = [line for line in text if abs(line.size - 10.5) < 0.05]
        assert body
        for line in body:
            assert any(abs(line.base - number.base) < 0.3 for number in numbers), line.text


def test_a_finding_stands_beside_its_line(proof: Pages) -> None:
    found = set()
    for page in _chapter(proof):
        _, text, notes = _parts(page)
        for note in notes:
            beside = next((line for line in text if abs(line.base - note.base) < 0.3), None)
            if beside:
                found.add((note.text[:5], beside.text))
    assert any(code == "TX001" and "他在河边" in text for code, text in found), found
    assert ("ID004", "第 2 章") in found
    notes = [line.text for page in _chapter(proof) for line in _parts(page)[2]]
    assert sum(text.startswith("LK001") for text in notes) == 3


def test_notes_stand_apart(proof: Pages) -> None:
    for page in proof.lines:
        notes = _parts(page)[2]
        for above, below in itertools.pairwise(notes):
            assert above.base - below.base > 6, (above.text, below.text)


def test_a_proof_is_built_when_it_is_named(root: Path) -> None:
    before = (root / "build" / "森林-proof.pdf").read_bytes()
    assert make_book(root, "build").returncode == 0
    assert {path.name for path in (root / "build").glob("*.pdf")} == {"森林.pdf", "森林-proof.pdf"}
    assert (root / "build" / "森林-proof.pdf").read_bytes() == before


def test_a_finding_costs_the_chapter_that_has_it(root: Path) -> None:
    made = root / "build" / "森林-proof.pdf"
    books.write(root, {"book.yaml": f"{CONFIG}rules: {{TX001: off}}\n"})
    built = make_book(root, "build", "--edition", "proof")
    assert "pages 2/2\n" in built.stderr, "the second chapter and the card"
    warm = made.read_bytes()
    make_book(root, "build", "--edition", "proof", "--no-cache")
    assert made.read_bytes() == warm
    books.write(root, {"book.yaml": CONFIG})


def test_only_proofs_in_a_book_are_built() -> None:
    made = config.from_record({"title": "t", "editions": {"p": {"proof": True}}}, ())
    assert made.editions[0].outputs == ("pdf",)


@given(st.lists(st.tuples(st.floats(0, 900), st.floats(5, 60)), max_size=30))
def test_notes_never_overlap(notes: list[tuple[float, float]]) -> None:
    wanted = sorted(place for place, _ in notes)
    heights = [height for _, height in notes]
    count = marginalia.fitting(heights, 800, 4)
    tops = marginalia.spread(wanted[:count], heights[:count], 0, 800, 4)
    ends = [top + height for top, height in zip(tops, heights, strict=False)]
    assert all(top >= -0.001 for top in tops)
    assert all(end <= 800.001 for end in ends)
    assert all(end + 4 <= top + 0.001 for end, top in zip(ends, tops[1:], strict=False))
    assert count == len(heights) or sum(heights[: count + 1]) + 4 * count > 800
