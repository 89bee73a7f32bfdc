"""The same book, to the byte, wherever and however it is built."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import books
import pytest

PICTURE = Path(__file__).parent / "rules" / "stock" / "manuscript" / "figures" / "press.svg"

# Runs the tool with its folders listed in an order drawn from the seed in the first word.
SHUFFLED = """
import os, random, sys
draw, scan, listing = random.Random(sys.argv[1]), os.scandir, os.listdir
class Entries:
    def __init__(self, found): self.rest = iter(found)
    def __iter__(self): return self
    def __next__(self): return next(self.rest)
    def __enter__(self): return self
    def __exit__(self, *error): return None
    def close(self): pass
def mixed(found):
    found = list(found)
    draw.shuffle(found)
    return found
os.scandir = lambda path=".": Entries(mixed(scan(path)))
os.listdir = lambda path=".": mixed(listing(path))
from pipeline import cli
sys.exit(cli.main(sys.argv[2:]))
"""


@dataclass(frozen=True)
class Way:
    """How a book is built: from where, with what around it."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    umask: int = 0o022
    inside: bool = True
    turned: bool = False  # files written in another order, at another time

    def __str__(self) -> str:
        return self.name


PLAIN = Way("plain", words=("-j1",))
ALL = Way(
    "everything else",
    {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "de_DE", "HOME": "HERE", "COLUMNS": "40",
     "PYTHONHASHSEED": "7", "TMPDIR": "HERE", "NO_COLOR": "1", "LANGUAGE": "fr"},
    ("-j2", "--no-cache"), umask=0o077, inside=False, turned=True,
)  # fmt: skip
EACH = [
    Way("time zone", {"TZ": "Pacific/Auckland"}),
    Way("locale", {"LC_ALL": "C", "LANG": "tr_TR.UTF-8"}),
    Way("home", {"HOME": "HERE"}),
    Way("no home", {"HOME": "/nonexistent"}),
    Way("hash seed", {"PYTHONHASHSEED": "7"}),
    Way("umask", umask=0o077),
    Way("file order", turned=True),
    Way("working folder", inside=False),
    Way("two workers", words=("-j2",)),
    Way("four workers, no cache", words=("-j4", "--no-cache")),
]


def write(root: Path, way: Way) -> Path:
    """The book: chapters with notes, links, a table, a citation, a picture, a formula; a card."""
    made = books.twins(root.parent / f"{root.name}-first")
    more = "# 图与公式\n\n![版](figures/press.svg){#fig-press}\n\n$a^2+b^2=c^2$ 见[@liu2020]。\n"
    bib = "@book{liu2020, title={印刷史}, author={刘一}, publisher={社}, date={2020}}\n"
    files = {"manuscript/03-more.md": more, "bibliography/references.bib": bib}
    books.write(made, files)
    (made / "manuscript/figures").mkdir()
    shutil.copy(PICTURE, made / "manuscript/figures")
    paths = sorted(path for path in made.rglob("*") if path.is_file())
    if way.turned:
        random.Random(3).shuffle(paths)
    for number, path in enumerate(paths):
        target = root / path.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        if way.turned:
            os.utime(target, (1e9 + number, 1e9 + number))
    return root


def built(folder: Path, way: Way) -> dict[str, str]:
    """A digest of each file that a build gives."""
    folder.mkdir()
    root = write(folder / f"a book {len(way.name)}", way)
    environment = {
        name: str(folder) if value == "HERE" else value for name, value in way.environment.items()
    }
    start = ["-c", SHUFFLED, way.name] if way.turned else ["-m", "pipeline"]
    command = [sys.executable, *start, "-C", "." if way.inside else str(root)]
    done = subprocess.run(
        [*command, "build", "pdf", "epub", "html", "-q", *way.words],
        cwd=root if way.inside else "/", umask=way.umask, capture_output=True, text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": os.environ["PATH"],
             "HOME": str(folder), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(digests(root / "build"))


def digests(build: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(build.rglob("*")):
        if path.is_file():
            name = path.relative_to(build).as_posix()
            yield name, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs as they are at home."""
    found = built(tmp_path_factory.mktemp("plain") / "here", PLAIN)
    assert {"森林.pdf", "森林.epub"} <= set(found)
    return found


def test_everything_else_at_once(plain: dict[str, str], tmp_path: Path) -> None:
    assert built(tmp_path / "elsewhere", ALL) == plain


@pytest.mark.full
@pytest.mark.parametrize("way", EACH, ids=str)
def test_each_by_itself(way: Way, plain: dict[str, str], tmp_path: Path) -> None:
    assert built(tmp_path / "elsewhere", way) == plain
