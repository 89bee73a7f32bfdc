"""The words of `make-book`: near misses, variables, what is in force, completion, manual page."""

import json
import os
import subprocess
import sys
from pathlib import Path

import books
import pytest
from inside import make_book

from pipeline import command_line

ROOT = Path(__file__).parents[1]
BOOK = """\
title: 海
theme: classic
citations:
  scope: book
editions:
  zh: {language: zh-Hans, outputs: [epub]}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with an edition, a card and a dead link."""
    return books.write(
        tmp_path,
        {
            "book.yaml": BOOK,
            "manuscript/one.md": "---\ntitle: 一\n---\n\n# 一\n\n见[无](none.md)。\n",
            "events/flood.md": "---\nevent_id: flood-2021\ndate: 2021\ntitle: 水\n---\n\n"
            "# 水 (2021)\n\n涨水。\n",
        },
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("buidl",), "did you mean `build`?"),
        (("xyzzy",), "`make-book --help` lists them"),
        (("epbu",), "did you mean `epub`?"),
        (("build", "epbu"), "did you mean epub?"),
        (("build", "--edition", "zz"), "did you mean zh?"),
        (("check", "--stict"), "did you mean `--strict`?"),
        (("check", "--format", "jsn"), "did you mean `json`?"),
        (("check", "--format"), "expected one argument"),
        (("undo", "twice"), "`twice` is one word too many"),
        (("cite", "tidi"), "did you mean `tidy`?"),
    ],
)
def test_a_mistyped_word_is_one_message(book: Path, words: tuple[str, ...], said: str) -> None:
    done = make_book(book, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_the_folder_may_be_named_after_the_command(book: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "check", "-C", str(book), "--format", "concise"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "manuscript/one.md:7:6 LK001" in done.stdout


def test_variables_stand_for_options(book: Path) -> None:
    assert make_book(book, "check", MAKE_BOOK_EXIT_ZERO="1").returncode == 0
    assert make_book(book, "check", MAKE_BOOK_EXIT_ZERO="0").returncode == 1
    done = make_book(book, "check", MAKE_BOOK_FORMAT="text", MAKE_BOOK_CHECK_FORMAT="json")
    assert json.loads(done.stdout)["summary"]["errors"] == 1
    done = make_book(book, "check", "--format", "concise", MAKE_BOOK_FORMAT="json")
    assert done.stdout.startswith("events/flood.md:2:11 EV008")
    done = make_book(book, "check", "--format", "concise", MAKE_BOOK_SELECT="FM,TX")
    assert done.stdout == "no findings\n"
    done = make_book(book, "check", "--format", "concise", "--select", "LK", MAKE_BOOK_SELECT="TX")
    assert "LK001" in done.stdout
    folder = subprocess.run(
        [sys.executable, "-m", "pipeline", "config", "title"], capture_output=True, text=True,
        check=False, cwd=ROOT, env={**os.environ, "MAKE_BOOK_FOLDER": str(book)},
    )  # fmt: skip
    assert folder.stdout.split() == ["title", "海", "book.yaml:1"]
    typed = make_book(book, "config", "title", MAKE_BOOK_FOLDER=str(ROOT))
    assert typed.stdout == folder.stdout
    wrong = make_book(book, "check", MAKE_BOOK_FORMAT="jsn")
    assert wrong.returncode == 2
    assert "MAKE_BOOK_FORMAT=jsn: not a value of this option" in wrong.stderr
    wrong = make_book(book, "check", MAKE_BOOK_STRICT="perhaps")
    assert "MAKE_BOOK_STRICT=perhaps: neither 1 nor 0" in wrong.stderr


def test_config_says_what_is_in_force_and_from_where(book: Path) -> None:
    found = json.loads(make_book(book, "config", "--json").stdout)
    assert found["title"] == {"value": "海", "from": "book.yaml:1"}
    assert found["citations.scope"] == {"value": "book", "from": "book.yaml:4"}
    assert found["citations.style"]["from"] == "default"
    assert found["editions.zh"]["value"] == {"language": "zh-Hans", "outputs": ["epub"]}
    assert found["content.events.path"] == {"value": "events", "from": "default"}
    lines = make_book(book, "config", "citations").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["citations.style", "citations.scope"]
    asked = ("config", "--json", "--of", "check --strict --select LK")
    found = json.loads(make_book(book, *asked, MAKE_BOOK_FORMAT="json").stdout)
    assert found["--strict"] == {"value": True, "from": "command line"}
    assert found["--select"] == {"value": ["LK"], "from": "command line"}
    assert found["--format"] == {"value": "json", "from": "MAKE_BOOK_FORMAT"}
    assert found["--ignore"] == {"value": [], "from": "default"}
    wrong = make_book(book, "config", "citation")
    assert wrong.returncode == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("che",), ["check"]),
        (("ep",), ["epub"]),
        (("check", "--exit"), ["--exit-zero"]),
        (("check", "--select", "LK00"), [f"LK00{n}" for n in range(1, 10)]),
        (("build", "--edition", ""), ["zh"]),
        (("refs", "fl"), ["flood-2021"]),
        (("refs", "--kind", "ev"), ["event"]),
        (("new", "chap"), ["chapter"]),
        (("cite", "ti"), ["tidy"]),
        (("check", "--format", "js"), ["json"]),
        (("mv", "man"), []),
    ],
)
def test_completion(book: Path, words: tuple[str, ...], found: list[str]) -> None:
    done = make_book(book, "completion", "words", "--", *words)
    assert done.returncode == 0, done.stderr
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == found


def test_bash_completes(book: Path) -> None:
    programs = book / "bin"
    books.write(programs, {"make-book": f'#!/bin/sh\nexec "{sys.executable}" -m pipeline "$@"\n'})
    (programs / "make-book").chmod(0o755)
    script = (
        "source <(make-book completion bash); COMP_WORDS=(make-book refs fl); COMP_CWORD=2; "
        '_make_book; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environment = {
        **os.environ, "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", script], cwd=book, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout == "flood-2021\n", done.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script(shell: str) -> None:
    done = make_book(ROOT, "completion", shell)
    assert "make-book completion words -- " in done.stdout


def test_every_word_has_its_help() -> None:
    for inner in command_line.family(command_line.parser()):
        for action in inner._actions:
            if action.option_strings or action.metavar not in ("COMMAND", "ACTION"):
                assert action.help, f"{inner.prog} {action.dest}"


def test_the_manual_page_is_that_of_the_parser() -> None:
    page = make_book(ROOT, "--man").stdout
    assert page == (ROOT / "docs/make-book.1").read_text("utf-8")
    assert ".SS completion" in page
    assert "MAKE_BOOK_NO_CACHE" in page
