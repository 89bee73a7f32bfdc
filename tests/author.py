"""What an author does at a book: runs `make-book` and git, edits a file."""

import os
import subprocess
import sys
from pathlib import Path

# Of every commit: the same book gives the same names of commits.
DATES = {"GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z"}


def make_book(root: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make-book` in a folder, with more variables."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "-C", str(root), *words],
        cwd=root, capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def git(root: Path, *words: str, **environment: str) -> None:
    """Run git as somebody."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(
        ["git", *identity, *words],
        cwd=root, check=True, capture_output=True, env={**os.environ, **DATES, **environment},
    )  # fmt: skip


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first `old`, which must be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
