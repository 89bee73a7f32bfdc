"""The documents are true: their code runs, their commands work, and the tool builds them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from browser import visit
from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def make_book(folder: Path, *words: str, package: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `make-book`, of another checkout perhaps."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(package)},
    )  # fmt: skip


def blocks(page: str, language: str) -> list[str]:
    """The blocks of code of a page in one language."""
    return [
        code for name, code in FENCE.findall((DOCS / page).read_text("utf-8")) if name == language
    ]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A checkout to add files to."""
    here = tmp_path / "checkout"
    shutil.copytree(
        ROOT / "pipeline", here / "pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "schemas", here / "schemas")
    return here


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """One chapter."""
    root = tmp_path / "book"
    (root / "manuscript").mkdir(parents=True)
    (root / "book.yaml").write_text("title: A Book\nlanguage: en\n", "utf-8")
    (root / "manuscript" / "one.md").write_text("---\ntitle: One\n---\n# One\n\nWords.\n", "utf-8")
    return root


def test_the_reference_is_made_from_the_code() -> None:
    script = [sys.executable, str(ROOT / "scripts/reference_pages.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_documents_are_a_clean_book() -> None:
    done = make_book(DOCS, "check", "--strict")
    assert done.returncode == 0, done.stdout


def test_the_documents_build(tmp_path: Path, browser: Browser) -> None:
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("build", ".make-book"))
    done = make_book(tmp_path / "docs", "build", "html", "epub", "--strict")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "docs" / "build"
    assert (made / "make-book.epub").stat().st_size > 100_000
    page = next((made / "html").rglob("*first-book*.html")).read_text("utf-8")
    assert "Gutenberg prints at Mainz" in page
    assert re.search(r'href="[^"]*markup[^"]*\.html', page)
    home = (made / "html").as_uri()
    with visit(browser, f"{home}/commands.html", home) as site:
        widths = site.locator("main code").first.evaluate(
            """code => ["i", "m"].map(letter => {
                const run = document.createElement("span");
                run.textContent = letter.repeat(9);
                code.append(run);
                return run.getBoundingClientRect().width;
            })"""
        )
    assert widths[0] == widths[1], "code is set in letters of one width"


@pytest.mark.full
def test_the_documents_print(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("build", ".make-book"))
    done = make_book(tmp_path / "docs", "build", "pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "docs/build/make-book.pdf").read_bytes().startswith(b"%PDF-")


def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    """Its files are written where its text says, its commands run one after the other."""
    text = (DOCS / "tutorial/first-book.md").read_text("utf-8")
    places = {
        "event_id: mainz-press-1450": "events/1450/mainz-press-1450.md",
        "@book{febvre1976": "bibliography/press.bib",
        "title: The workshop at Mainz": "manuscript/02-the-workshop-at-mainz.md",
    }
    assert all(f"`{path}`" in text for path in places.values())
    folder, codes = tmp_path, []
    for language, code in FENCE.findall(text):
        for mark, path in places.items():
            if mark in code:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(code, "utf-8")
        for line in re.findall(r"^\$ (.*)$", code, re.MULTILINE) if language == "console" else ():
            words = shlex.split(line)
            if words[0] == "cd":
                folder /= words[1]
            elif words[0] == "make-book":
                done = make_book(folder, *words[1:])
                assert done.returncode in (0, 1), done.stderr
                codes.append((line, done.returncode, done.stdout))
            else:
                identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER")
                            for what in ("NAME", "EMAIL")}  # fmt: skip
                subprocess.run(words, cwd=folder, check=True, env={**os.environ, **identity})
    checks = [(code, out) for line, code, out in codes if line == "make-book check"]
    assert blocks("tutorial/first-book.md", "text")[0].strip() in checks[0][1]
    assert [code for code, _ in checks] == [1, 0], checks[-1][1]
    assert list((folder / "build").glob("*.pdf"))
    assert list((folder / "build").glob("*.epub"))


def test_the_new_rule_finds(package: Path, book: Path) -> None:
    (code,) = blocks("how-to/new-rule.md", "python")
    (package / "pipeline/rules/ch090_no_period.py").write_text(code, "utf-8")
    found = make_book(book, "check", "--select", "CH090", "--format", "concise", package=package)
    assert "manuscript/one.md:1:1 CH090 the chapter has no `period`" in found.stdout
    assert "no-period (CH090)" in make_book(book, "rule", "CH090", package=package).stdout


def test_the_new_output_writes(package: Path, book: Path) -> None:
    (code,) = blocks("how-to/new-output.md", "python")
    (package / "pipeline/renderers/text.py").write_text(code, "utf-8")
    built = make_book(book, "build", "text", package=package)
    assert built.returncode == 0, built.stderr
    assert "Words." in (book / "build/a-book.txt").read_text("utf-8")


# ---- continuous integration -------------------------------------------------------------------


def step(
    run: dict[str, Any], inputs: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as a runner does."""
    told = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: inputs[match[1]], value)
        for name, value in run.get("env", {}).items()
    }
    runner = {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "RUNNER_TEMP": str(folder / "runner"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run["run"]],
        cwd=folder, env={**os.environ, **runner, **told},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_action_checks_builds_and_tells(book: Path, tmp_path: Path) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run(["git", *identity, *words], cwd=book, check=True)
    with (book / "manuscript/one.md").open("a", encoding="utf-8") as chapter:
        chapter.write("\n[Gone](nowhere.md).\n")
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    inputs = {name: item["default"] for name, item in action["inputs"].items()}
    inputs |= {"folder": "book", "since": "HEAD", "outputs": "epub", "pages": "false"}
    steps = {
        item.get("id", item["name"]): item for item in action["runs"]["steps"] if "run" in item
    }
    check = step(steps["check"], inputs, tmp_path)
    assert check.returncode == 1
    assert "::error file=manuscript/one.md,line=8" in check.stdout
    build = step(steps["Build"], inputs, tmp_path)
    assert build.returncode == 0, build.stderr
    assert (book / "build/a-book.epub").is_file()
    told = step(steps["summary"], inputs, tmp_path)
    assert told.returncode == 0, told.stderr
    assert "**1** new" in (tmp_path / "summary").read_text("utf-8")
    written = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert {name: Path(path).is_file() for name, path in written.items()} == {
        "sarif": True,
        "summary": True,
    }


def test_no_input_of_the_action_becomes_a_command() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    scripts = [item["run"] for item in action["runs"]["steps"] if "run" in item]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_the_page_about_the_action_lists_what_it_takes() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    page = (DOCS / "how-to/ci.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert listed == [*action["inputs"], *action["outputs"]]
    for workflow in blocks("how-to/ci.md", "yaml"):
        assert yaml.safe_load(workflow)
