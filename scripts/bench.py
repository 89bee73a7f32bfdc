"""Time builds of a book in a copy of its folder: from nothing, unchanged, after one edit.

``python scripts/bench.py [FOLDER] [--runs N]`` prints the median of the wall-clock seconds.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LEFT_BEHIND = shutil.ignore_patterns(
    "build", ".*", "tests", "docs", "pipeline", "__pycache__", "[A-Z]*.md"
)
ADDED = "\n\n这是为了计时而添加的一段。 One paragraph more, for the clock.\n"


def main() -> int:
    """Print one line a case; the exit code of the first build that fails."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="make-book-bench-") as scratch:
        folder = Path(scratch) / "book"
        shutil.copytree(options.folder, folder, ignore=LEFT_BEHIND)
        cases: dict[str, Callable[[Path], None]] = {
            "from nothing": forget,
            "unchanged": lambda folder: None,
            "one paragraph more": edit,
        }
        for name, prepare in cases.items():
            seconds = [_timed(folder, prepare) for _ in range(options.runs)]
            print(f"{name:20} {statistics.median(seconds):7.2f} s   of {options.runs}", flush=True)
    return 0


def forget(folder: Path) -> None:
    """Remove outputs and cache."""
    for name in ("build", ".make-book"):
        shutil.rmtree(folder / name, ignore_errors=True)


def edit(folder: Path) -> None:
    """Add a paragraph to the longest Markdown file, which is a chapter in any book."""
    longest = max(folder.rglob("*.md"), key=lambda path: path.stat().st_size)
    with longest.open("a", encoding="utf-8") as stream:
        stream.write(ADDED)


def _timed(folder: Path, prepare: Callable[[Path], None]) -> float:
    prepare(folder)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "-C", folder, "build"], capture_output=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.stderr.buffer.write(done.stdout + done.stderr)
        raise SystemExit(done.returncode)
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    parser.add_argument("--runs", type=int, default=3)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
