"""Builds that are killed anywhere, on a full disk, in a folder of no use, or eight at once.

Afterwards every output is wholly the last good one or the new one, sources are untouched, and the
next build completes the work and sweeps what was left behind.
"""

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import books
import pytest
import test_faults as faults

from pipeline import cli, files

BUILD = ("build", "epub", "html", "markdown", "-q", "-j1")
CHAPTER = "manuscript/opening.md"
EPOCH = "1700000000"

PRINT = ("build", "pdf", "-q", "-j2")
PRINTED = {
    "book.yaml": "title: 书\nslug: book\n",
    CHAPTER: "---\ntitle: 一\n---\n\n# 一\n\n见[二](other.md){.page}[^1]。\n\n[^1]: 注。\n",
    "manuscript/other.md": "---\ntitle: 二\n---\n\n# 二\n\n又见[一](opening.md){.page}。\n",
}

Outputs = dict[str, dict[str, bytes]]

PARTS = 12  # of the long loop, so that a sample of the long tests stays short
PRINT_PARTS = 6
MOMENTS = 9  # of a part in which a build is killed by the clock
SAMPLE = 3  # points of a part, where not all long tests are asked for


class _Fault(faults._Fault):
    """Counts files that are opened for writing in any way as well."""

    def install(self) -> None:
        super().install()
        plain = io.open

        def opened(file: Any, mode: str = "r", *rest: Any, **words: Any) -> Any:
            if set(mode) & set("wxa+"):
                self._hit()
            return plain(file, mode, *rest, **words)

        io.open = opened


@dataclass(frozen=True)
class Case:
    """An edited book and its command, its last good outputs, and those of the next build."""

    root: Path
    words: tuple[str, ...]
    old: Outputs
    new: Outputs


class _Alarm(faults._Fault):
    """The end after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(sys.maxsize, "kill")
        self.seconds = seconds

    def install(self) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)


def outputs(root: Path) -> Outputs:
    """The files of each output; staging folders are none."""
    build = root / "build"
    names = [path for path in build.iterdir() if not path.name.startswith(files.PREFIX)]
    return {
        path.name: {
            file.relative_to(build).as_posix(): file.read_bytes()
            for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
            if file.is_file()
        }
        for path in names
    }


def edit(root: Path) -> None:
    with (root / CHAPTER).open("a", encoding="utf-8") as stream:
        stream.write("\n新的一段。\n")


@pytest.fixture(scope="module", autouse=True)
def _one_date(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Outputs of one date; a folder for temporary files in which nobody else writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
        patch.setenv("TMPDIR", tempfile.gettempdir())
        yield


def prepared(root: Path, words: tuple[str, ...]) -> Case:
    """A case of a book that is whole."""
    assert cli.main(["-C", str(root), *words]) == 0  # so that the children need not import
    old = outputs(root)
    edit(root)
    trial = faults.copy(root, "trial")
    assert faults.run(trial, words) == 0
    return Case(root, words, old, outputs(trial))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = prepared(books.twins(tmp_path_factory.mktemp("killed") / "book"), BUILD)
    assert made.old.keys() == made.new.keys() == {"markdown", "html", "森林.epub"}
    assert all(made.old[name] != made.new[name] for name in made.old)
    return made


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = prepared(books.write(tmp_path_factory.mktemp("paper") / "book", PRINTED), PRINT)
    assert made.old.keys() == made.new.keys() == {"book.pdf"}
    assert made.old != made.new
    clean = copied(made, cold=True)
    assert faults.run(clean, PRINT) == 0
    assert outputs(clean) == made.new
    return made


def stands(root: Path, source: dict[str, bytes], case: Case) -> None:
    """Sources and outputs are whole, and the next build is as if nothing had been."""
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    assert faults_sources(root) == source
    now = outputs(root)
    assert now.keys() == case.old.keys()
    for name, held in now.items():
        assert held in (case.old[name], case.new[name]), name
    assert faults.run(root, case.words) == 0
    assert outputs(root) == case.new
    assert [path.name for path in (root / "build").glob(f"{files.PREFIX}*")] == []
    assert faults_sources(root) == source


def faults_sources(root: Path) -> dict[str, bytes]:
    """The sources with their bytes."""
    return {path: data for path, data in faults.tree(root).items() if not path.startswith("build/")}


def copied(case: Case, *, cold: bool) -> Path:
    """A fresh copy of the book, with its cache or without."""
    trial = faults.copy(case.root, "trial")
    if cold:
        shutil.rmtree(trial / ".make-book")
    return trial


def attempt(case: Case, number: int, kind: str, *, cold: bool = False) -> bool:
    """One fault in a fresh copy; whether the build was done before its time."""
    trial = copied(case, cold=cold)
    source = faults_sources(trial)
    code = faults.run(trial, case.words, _Fault(number, kind))
    if code >= 100 and code != 137:
        return True
    if kind == "kill":
        assert code == 137
    stands(trial, source, case)
    return False


def calls(case: Case, *, cold: bool = False) -> int:
    """How many calls that change files the build makes, about."""
    counting = _Fault(0, "kill")
    assert faults.run(copied(case, cold=cold), case.words, counting) == 0
    return counting.count


def test_killed_at_some_points(case: Case) -> None:
    count = calls(case)
    assert count > 50
    for number in (count // 2, count - 4):
        assert not attempt(case, number, "kill")


@pytest.fixture
def most(request: pytest.FixtureRequest) -> int | None:
    """How many points of a part are tried; None for all."""
    return None if request.config.option.full else SAMPLE


@pytest.mark.full
@pytest.mark.parametrize("kind", ["kill", "fail"])
@pytest.mark.parametrize("cold", [False, True], ids=["with a cache", "without"])
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_point(
    case: Case, kind: str, part: int, most: int | None, *, cold: bool
) -> None:
    count = calls(case, cold=cold)
    assert count > 120
    numbers = range(1 + part, count, PARTS)[:most]
    done = [attempt(case, number, kind, cold=cold) for number in numbers]
    assert done.count(False) > 0.7 * len(numbers)


@pytest.mark.full
@pytest.mark.parametrize("cold", [False, True], ids=["with a cache", "without"])
@pytest.mark.parametrize("part", range(PRINT_PARTS))
def test_a_pdf_killed_at_every_third_point(
    paper: Case, part: int, most: int | None, *, cold: bool
) -> None:
    count = calls(paper, cold=cold)
    assert count > 100
    numbers = range(1 + 3 * part, count, 3 * PRINT_PARTS)[:most]
    done = [attempt(paper, number, "kill", cold=cold) for number in numbers]
    assert done.count(False) > 0.7 * len(numbers)


@pytest.mark.full
@pytest.mark.parametrize("cold", [False, True], ids=["with a cache", "without"])
@pytest.mark.parametrize("part", range(PRINT_PARTS))
def test_a_pdf_killed_at_any_moment(
    paper: Case, part: int, most: int | None, *, cold: bool
) -> None:
    begun = time.monotonic()
    assert faults.run(copied(paper, cold=cold), PRINT) == 0
    whole = time.monotonic() - begun
    drawn = random.Random(f"{part} {cold}")
    for _ in range(MOMENTS)[:most]:
        trial = copied(paper, cold=cold)
        source = faults_sources(trial)
        faults.run(trial, PRINT, _Alarm(drawn.uniform(0.0, whole)))
        stands(trial, source, paper)


# ---- a disk that is full, folders that are of no use, many at once -----------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of five megabytes, where one can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(disk)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("only a privileged user can mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def run(root: Path, *words: str, **limits: int) -> subprocess.CompletedProcess[str]:
    """`make-book` in a process of its own; `limits` are bytes of a file."""
    prefix = ["prlimit", *(f"--{name}={amount}" for name, amount in limits.items())]
    return subprocess.run(
        [*(prefix if limits else []), sys.executable, "-m", "pipeline", *words],
        cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip


def fill(disk: Path, left: int) -> Path:
    """Take the space of a disk, but for some bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    free = shutil.disk_usage(disk).free
    filler.write_bytes(bytes(max(0, free - left)))
    return filler


def full_disk_is_told(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 2, done.stderr
    assert "No space left on device" in done.stderr
    assert "free some space" in done.stderr
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


@pytest.mark.full
@pytest.mark.parametrize("left", [0, 8_000, 60_000])
def test_a_full_disk(small_disk: Path, left: int, case: Case) -> None:
    here = small_disk / "book"
    shutil.copytree(case.root, here, symlinks=True)
    source = faults_sources(here)
    filler = fill(small_disk, left)
    full_disk_is_told(run(here, *BUILD))
    assert outputs(here) == case.old
    assert faults_sources(here) == source
    assert not list((here / ".make-book/cache").glob(f"*/{files.PREFIX}*"))
    assert (run(here, "check").returncode, run(here, "check").stderr) == (1, "")
    filler.unlink()
    stands(here, source, case)


def test_no_file_may_grow(case: Case, tmp_path: Path) -> None:
    here = faults.copy(case.root, "quota")
    if shutil.which("prlimit") is None:
        pytest.skip("the system has no prlimit")
    done = run(here, *BUILD, fsize=4096)
    assert done.returncode == 2, done.stderr
    assert "free some space" in done.stderr
    assert "bug" not in done.stderr
    assert outputs(here) == case.old


@pytest.mark.full
def test_eight_builds_at_once(case: Case) -> None:
    here = faults.copy(case.root, "many")
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(lambda _: run(here, *BUILD), range(8)))
    assert [done.stderr for done in ended if done.returncode] == []
    assert outputs(here) == case.new
    assert not list((here / "build").glob(f"{files.PREFIX}*"))


def test_what_a_killed_build_left_is_swept_and_what_lives_is_not(
    case: Case,
) -> None:
    here = faults.copy(case.root, "stray")
    dead = here / f"build/{files.PREFIX}dead{files.SUFFIX}"
    shutil.move(here / "build/html", dead / f"{files.ASIDE}html")
    (dead / "half.pdf").write_bytes(b"%PDF")
    with files.staging(here / "build") as alive:
        assert not dead.exists()
        assert (here / "build/html/index.html").is_file()  # it had stepped aside
        assert faults.run(here, BUILD) == 0
        assert alive.is_dir()
    assert outputs(here) == case.new
