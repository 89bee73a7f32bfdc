"""The hooks in real repositories: git's own, and those of pre-commit with its own environment."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import books
import pytest
from author import edit, git, make_book

ROOT = Path(__file__).parents[1]
SHIPPED = ("pipeline", "schemas", "docs/make-book.1", "pyproject.toml", "README.md", "LICENSE",
           ".pre-commit-hooks.yaml")  # fmt: skip
CONFIG = """\
repos:
  - repo: {tool}
    rev: {commit}
    hooks:
      - id: make-book-check
      - id: make-book-fix
      - id: make-book-book
"""
ONE = """\
---
chapter_number: 1
title: 一
---

# 第1章 一

第一段。

第二段。

第三段。
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book in git with an old error, committed."""
    root = books.write(
        tmp_path / "book",
        {
            "book.yaml": "title: 海\n",
            ".gitignore": "build/\n",
            "manuscript/one.md": ONE,
            "manuscript/old.md": "---\nchapter_number: 2\ntitle: 二\n---\n\n# 第2章 二\n\n"
            "见[无](none.md)。\n",
        },
    )
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "begin")
    return root


def commit(root: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Try a commit."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return subprocess.run(
        ["git", *identity, "commit", "-m", "next", *words], cwd=root, capture_output=True,
        text=True, check=False, env={**os.environ, **more},
    )  # fmt: skip


def stage(root: Path, path: str, text: str) -> None:
    """Stage a text of a file, whatever the disk has."""
    kept = (root / path).read_bytes()
    (root / path).write_text(text, "utf-8")
    git(root, "add", path)
    (root / path).write_bytes(kept)


def test_gits_own_hook_judges_what_is_staged(book: Path) -> None:
    assert make_book(book, "init", "--hooks").returncode == 0
    path = book / "manuscript/one.md"
    bad = ONE.replace("第三段。", "见[无](gone.md)。")
    path.write_text(bad, "utf-8")
    git(book, "add", ".")
    path.write_text(ONE.replace("第三段。", "不再有链接。"), "utf-8")
    stopped = commit(book)
    assert stopped.returncode == 1
    assert "manuscript/one.md:12:6 LK001" in stopped.stdout + stopped.stderr
    assert "old.md" not in stopped.stdout + stopped.stderr
    stage(book, "manuscript/one.md", ONE.replace("第一段。", "新的第一段。"))
    path.write_text(bad, "utf-8")
    passed = commit(book)
    assert passed.returncode == 0, passed.stderr
    assert path.read_text("utf-8") == bad
    again = make_book(book, "init", "--hooks")
    assert again.returncode == 2
    assert "pre-commit is there already" in again.stderr


def test_hooks_want_a_repository(tmp_path: Path) -> None:
    books.write(tmp_path, {"book.yaml": "title: 海\n"})
    done = make_book(tmp_path, "init", "--hooks", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.returncode == 2
    assert "is in no git repository" in done.stderr


def test_a_book_below_the_repository(tmp_path: Path) -> None:
    books.write(tmp_path, {"the book/book.yaml": "title: 海\n", "the book/manuscript/one.md": ONE})
    git(tmp_path, "init", "-q")
    assert make_book(tmp_path, "-C", "the book", "init", "--hooks").returncode == 0
    git(tmp_path, "add", ".")
    assert commit(tmp_path).returncode == 0
    books.write(tmp_path, {"the book/manuscript/two.md": "# 二\n\n[无](none.md)\n"})
    git(tmp_path, "add", ".")
    assert commit(tmp_path).returncode == 1


# ---- pre-commit -----------------------------------------------------------------------------


@pytest.fixture
def tool(tmp_path: Path) -> tuple[Path, str]:
    """This working tree as a repository of its own, and its commit."""
    root = tmp_path / "tool"
    for name in SHIPPED:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    git(root, "init", "-q")
    git(root, "add", "-f", ".")
    git(root, "commit", "-qm", "tool")
    head = ["git", "rev-parse", "HEAD"]
    return root, subprocess.run(head, cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """pip installs the tool alone and from nowhere: its packages are those of this Python."""
    programs = Path(sys.executable).parent
    return {
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # which means: without isolation
        "PATH": f"{programs}:{os.environ['PATH']}",
    }


@pytest.mark.full
def test_pre_commit(book: Path, tool: tuple[Path, str], environment: dict[str, str]) -> None:
    config = CONFIG.format(tool=tool[0], commit=tool[1].strip())
    books.write(book, {".pre-commit-config.yaml": config})
    install = ["pre-commit", "install", "--hook-type", "pre-commit", "--hook-type", "pre-push"]
    subprocess.run(
        install, cwd=book, check=True, capture_output=True, env={**os.environ, **environment}
    )
    git(book, "add", ".")
    path = book / "manuscript/one.md"

    path.write_text(ONE.replace("第三段。", "见[无](gone.md)。"), "utf-8")
    git(book, "add", ".")
    unstaged = ONE.replace("第一段。", "第一段，还没写完")
    path.write_text(unstaged, "utf-8")
    stopped = commit(book, **environment)
    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1, said
    assert "manuscript/one.md:12:6 LK001" in said
    assert "old.md" not in said
    assert path.read_text("utf-8") == unstaged

    path.write_text(ONE.replace("第二段。", "第二段,有逗号。"), "utf-8")
    git(book, "add", ".")
    mended = commit(book, **environment)
    assert mended.returncode == 1
    assert "files were modified by this hook" in mended.stdout + mended.stderr
    assert "第二段，有逗号。" in path.read_text("utf-8")

    edit(book / "manuscript/old.md", "见[无]", "又一段。\n\n见[无]")
    git(book, "add", ".")
    path.write_text(path.read_text("utf-8").replace("第三段。", "见[无](gone.md)。"), "utf-8")
    passed = commit(book, **environment)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "gone.md" in path.read_text("utf-8")
    git(book, "checkout", "-q", "manuscript/one.md")
    pushing(book, environment)


def pushing(book: Path, environment: dict[str, str]) -> None:
    """A push goes when the book builds without errors."""
    away = book.parent / "away.git"
    git(book.parent, "init", "-q", "--bare", str(away))
    push = ["git", "push", "-q", str(away), "HEAD:refs/heads/main"]
    words = {"cwd": book, "capture_output": True, "text": True, "check": False,
             "env": {**os.environ, **environment}}  # fmt: skip
    refused = subprocess.run(push, **words)  # type: ignore[call-overload]
    assert refused.returncode == 1
    assert "nothing was built: --strict" in refused.stdout + refused.stderr
    edit(book / "manuscript/old.md", "[无](none.md)", "[一](one.md)")
    git(book, "add", ".")
    assert commit(book, **environment).returncode == 0
    pushed = subprocess.run(push, **words)  # type: ignore[call-overload]
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert list((book / "build").glob("*.pdf"))
