"""The wheel and the source archive: what they hold, and a new author who installs the wheel."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def built(kind: str, folder: Path) -> Path:
    """Build one archive."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    return next(folder.iterdir())


def test_the_wheel_has_all_that_a_book_needs(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("wheel", tmp_path)) as wheel:
        names = set(wheel.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "pipeline"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert {name for name in tracked if name and (ROOT / name).is_file()} <= names
    assert {f"pipeline/schemas/{path.name}" for path in (ROOT / "schemas").iterdir()} <= names
    assert any(name.endswith("data/share/man/man1/make-book.1") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_the_source_archive_builds(tmp_path: Path) -> None:
    archive = built("sdist", tmp_path / "sdist")
    with tarfile.open(archive) as source:
        source.extractall(tmp_path, filter="data")
    root = next(tmp_path.glob("make_book-*"))
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=root, capture_output=True, check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert "pipeline/schemas/book.schema.json" in wheel.namelist()


@pytest.mark.full
def test_a_new_author_needs_no_manual(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts/new_author.py"), "--offline"]
    done = subprocess.run(script, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^first PDF after \d+\.\d s$", done.stdout, re.MULTILINE)
