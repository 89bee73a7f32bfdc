"""What is said where something does not fit: names in book.yaml, empty books, outputs, no git."""

import json
from pathlib import Path

import books
import pytest
from author import git
from inside import make_book


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("theme: clasic", "2:8: no theme is called `clasic`\n  help: did you mean `classic`?"),
        ("theme: report", "2:8: no theme is called `report`\n  help: there are classic and screen"),
        ("paper: scren", "2:8: no paper is called `scren`\n  help: did you mean `screen`?"),
        ("citations: {style: gb-t-7714-2015-numerik}", "did you mean `gb-t-7714-2015-numeric`?"),
        ("citations: {style: chicago-author-dates}", "did you mean `chicago-author-date`?"),
        ("editions: {a: {outputs: [pdf, epbu]}}", "2:31: no output is called `epbu`"),
        ("editions: {a: {theme: scren}}", "did you mean `screen`?"),
    ],
)
def test_names_in_book_yaml_are_told_by_check(tmp_path: Path, line: str, said: str) -> None:
    books.write(tmp_path, {"book.yaml": f"title: 海\n{line}\n", "manuscript/a.md": "# 一\n"})
    done = make_book(tmp_path, "check")
    assert done.returncode == 2
    assert "make-book: book.yaml:2:" in done.stderr
    assert said in done.stderr


def test_names_that_are_known_pass(tmp_path: Path) -> None:
    settings = (
        "title: 海\ntheme: screen\npaper: a5\ncitations: {style: chicago-author-date}\n"
        "editions: {a: {outputs: html, theme: own.css}}\n"
    )
    books.write(
        tmp_path, {"book.yaml": settings, "manuscript/a.md": "---\ntitle: 一\n---\n\n# 一\n"}
    )
    assert make_book(tmp_path, "check", "--select", "FM").stdout == "no findings\n"


@pytest.mark.parametrize("command", ["check", "fix", "report"])
def test_an_empty_book_is_told(tmp_path: Path, command: str) -> None:
    books.write(tmp_path, {"book.yaml": "title: 海\n"})
    done = make_book(tmp_path, command)
    assert done.returncode == 0
    assert "the book is empty: no Markdown file in concepts, events, manuscript" in done.stderr


def test_outputs_go_where_they_are_asked_for(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    target = root / "out/deep/found.json"
    told = make_book(root, "check", "--format", "json", "-o", str(target))
    assert json.loads(target.read_text("utf-8"))["summary"]["errors"] > 0
    assert "found.json: " in told.stdout
    piped = make_book(root, "check", "--format", "json", "-o", "-")
    assert json.loads(piped.stdout) == json.loads(target.read_text("utf-8"))
    assert make_book(root, "report", "-o", "-").stdout.startswith("<!doctype html>")
    assert json.loads(make_book(root, "graph", "-o", "-").stdout)
    assert not (root / "-").exists()
    folder = make_book(root, "check", "-o", str(root))
    assert folder.returncode == 2
    assert "is a folder" in folder.stderr


def test_a_graph_has_a_format(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    wrong = make_book(root, "graph", "-o", "causes.svgg")
    assert wrong.returncode == 2
    assert "no graph is written as .svgg\n  help: did you mean .svg?" in wrong.stderr
    assert make_book(root, "graph", "-o", "causes.txt", "--format", "dot").returncode == 0


@pytest.mark.parametrize("words", [("check", "--staged"), ("check", "--since", "main"),
                                   ("report", "--since", "main")])  # fmt: skip
def test_without_git_it_is_said_in_words(tmp_path: Path, words: tuple[str, ...]) -> None:
    root = books.twins(tmp_path)
    done = make_book(root, *words, GIT_CEILING_DIRECTORIES=str(root.parent))
    assert done.returncode == 2
    assert f"make-book: {root} is in no git repository" in done.stderr
    assert "fatal" not in done.stderr


def test_git_is_quoted_without_its_noise(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    git(root, "init", "-q")
    done = make_book(root, "check", "--since", "nowhere")
    assert "git knows no revision `nowhere` here: " in done.stderr
    assert "fatal" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("mv", "events/2021", "events/old"),
        ("rename", "willow-2021-05", "willow"),
    ],
)
def test_what_was_known_stays_known_after_a_move(tmp_path: Path, words: tuple[str, ...]) -> None:
    root = books.twins(tmp_path)
    assert make_book(root, "check", "--write-baseline").returncode == 0
    before = (root / "baseline.json").read_bytes()
    assert make_book(root, *words).returncode in (0, 1)
    clean = make_book(root, "check", "--strict")
    assert clean.stdout.startswith("no findings ("), clean.stdout
    assert make_book(root, "undo").returncode == 0
    assert (root / "baseline.json").read_bytes() == before


def test_a_baseline_of_part_of_the_findings_stays_one(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    assert make_book(root, "check", "--write-baseline").returncode == 0
    path = root / "events/2021/willow-launch-2021.md"
    path.write_text(path.read_text("utf-8") + "\n[新](fresh.md)\n", "utf-8")
    make_book(root, "mv", "events/2021", "events/old")
    found = make_book(root, "check", "--format", "concise").stdout.splitlines()
    assert [line for line in found if "LK001" in line] == [
        line for line in found if "fresh.md" in line
    ]
    assert any("fresh.md" in line for line in found)
