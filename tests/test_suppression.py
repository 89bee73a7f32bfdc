"""What a comment covers, and baselines that survive moved lines."""

import shutil
from pathlib import Path

import pytest

from pipeline import checker, index, project, suppression
from pipeline.errors import UserError
from pipeline.source import Source

STOCK = Path(__file__).parent / "rules" / "stock"
CHAPTER = "manuscript/01-press/newspapers.md"
COMMENT = "<!-- make-book: ignore LK001 because it comes later -->"

COVERED = {
    "same line": f"A [x](a.md) here. {COMMENT}\n",
    "line above": f"{COMMENT}\nA [x](a.md) here.\n",
    "blank between": f"{COMMENT}\n\nA [x](a.md) here.\n",
    "second line of the block": f"{COMMENT}\n\nA line\nand [x](a.md) here.\n",
    "list": f"{COMMENT}\n\n- one\n- [x](a.md)\n",
    "table": f"{COMMENT}\n\n| a | b |\n|---|---|\n| [x](a.md) | c |\n",
    "several lines": COMMENT.replace(" because", "\nbecause") + "\n\nA [x](a.md).\n",
    "two codes": COMMENT.replace("LK001", "LK001, CT001") + "\nA [x](a.md) [@nobody].\n",
    "two comments": f"{COMMENT}\n{COMMENT.replace('LK001', 'CT001')}\n\n[x](a.md) [@nobody]\n",
    "in a quotation": f"> {COMMENT}\n> A [x](a.md).\n",
    "heading": f"{COMMENT}\n## A [x](a.md)\n\nText.\n",
}
NOT_COVERED = {
    "no reason": COMMENT.replace(" because it comes later", "") + "\nA [x](a.md)\n",
    "placeholder": COMMENT.replace("it comes later", "…") + "\nA [x](a.md)\n",
    "other code": COMMENT.replace("LK001", "LK002") + "\nA [x](a.md)\n",
    "block after the next": f"{COMMENT}\n\nA block.\n\nA [x](a.md)\n",
    "text after a heading": f"{COMMENT}\n## A heading\nA [x](a.md)\n",
    "in code": f"`{COMMENT}` A [x](a.md)\n",
}


def book(folder: Path, text: str) -> Path:
    """The stock book with some lines at the end of a chapter."""
    shutil.copytree(STOCK, folder, dirs_exist_ok=True)
    chapter = folder / CHAPTER
    chapter.write_text(chapter.read_text("utf-8") + "\n" + text, "utf-8")
    return folder


def check(root: Path, baseline: suppression.Baseline | None = None) -> checker.Run:
    """What all rules find."""
    return checker.check(index.build(project.load(root)), baseline=baseline)


@pytest.mark.parametrize("text", COVERED.values(), ids=COVERED.keys())
def test_covered(text: str, tmp_path: Path) -> None:
    run = check(book(tmp_path, text))
    codes = ("LK001", "CT001", "SU001")
    assert [item.code for item in run.active if item.code in codes] == []
    assert any(item.suppressed == "it comes later" for item in run.diagnostics)


@pytest.mark.parametrize("text", NOT_COVERED.values(), ids=NOT_COVERED.keys())
def test_not_covered(text: str, tmp_path: Path) -> None:
    assert "LK001" in [item.code for item in check(book(tmp_path, text)).active]


def test_select_does_not_make_comments_unused(tmp_path: Path) -> None:
    root = book(tmp_path, COVERED["line above"])
    loaded = index.build(project.load(root))
    run = checker.check(loaded, checker.Selection(select=("SU001", "CT")))
    assert run.active == ()


def test_baseline_survives_moved_lines_and_names_what_is_gone(tmp_path: Path) -> None:
    root = book(tmp_path, "A [x](a.md) here.\n\nA [y](b.md) there.\n")
    run = check(root)
    text = suppression.write_baseline(run.diagnostics)
    baseline = suppression.read_baseline(Source("baseline.json", text.encode()))
    assert check(root, baseline).active == ()
    chapter = root / CHAPTER
    chapter.write_text(
        chapter.read_text("utf-8").replace("A [x]", "New.\n\nA [x]").replace("A [y](b.md)", "B"),
        "utf-8",
    )
    (left,) = check(root, baseline).active
    assert (left.code, left.path) == ("SU001", "baseline.json")
    assert suppression.write_baseline(check(root, baseline).diagnostics).count("LK001") == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"entries": 3}', '{"entries": [1]}', "[" * 9999])
def test_what_is_no_baseline_is_said(text: str) -> None:
    with pytest.raises(UserError):
        suppression.read_baseline(Source("baseline.json", text.encode()))
