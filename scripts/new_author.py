"""Plays a new author in a clean folder: installs the wheel, begins a book, writes, builds, commits.

Each step is printed with its time, and how long the first PDF took. With `--offline` nothing is
downloaded: the packages of this Python serve. It stops where a step does not do what it should.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
WRITTEN = {
    "待补：谁在何时做了什么，依据是什么。": "大潮冲进旧港,三条船沉没。见[港口志](../harbour.md)。",
    "待补：它改变了什么。": "第二年，旧港筑起了防波堤。",
}
IDENTITY = ("-c", "user.name=author", "-c", "user.email=author@example.org")


def main() -> int:
    """Play it all; 1 where a step went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offline", action="store_true", help="download nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="make-book-author-") as folder:
        try:
            _Author(Path(folder), offline=options.offline).play()
        except subprocess.CalledProcessError as error:
            print(f"{error.cmd}\n{error.stdout}{error.stderr}", file=sys.stderr)
            return 1
    return 0


class _Author:
    def __init__(self, folder: Path, *, offline: bool) -> None:
        self.folder = folder
        self.offline = offline
        self.book = folder / "book"
        self.programs = folder / "venv" / "bin"
        self.start = time.perf_counter()

    def play(self) -> None:
        """From nothing to a commit that the hooks let pass."""
        self.step("build the wheel", self.wheel)
        self.step("install it", self.install)
        self.book.mkdir()
        self.run("git", "init", "-q")
        self.run("make-book", "init", "--title", "旧港", "--author", "李明", "--hooks")
        said = self.run(
            "make-book", "new", "event", "大潮 (The Great Tide)", "--date", "1899-09-03"
        )
        self.write(self.book / said.split()[1])
        self.run("make-book", "check", code=1)
        self.run("make-book", "fix", code=1)
        self.run("make-book")
        print(f"first PDF after {time.perf_counter() - self.start:.1f} s")
        assert list((self.book / "build").glob("*.pdf"))
        self.run("git", "add", ".")
        self.run("git", *IDENTITY, "commit", "-qm", "港口志在哪里", code=1)
        self.mend(self.book / said.split()[1])
        self.run("make-book", "check")
        self.run("git", "add", ".")
        self.run("git", *IDENTITY, "commit", "-qm", "大潮")

    def step(self, name: str, do: Callable[[], None]) -> None:
        """Time one step."""
        begun = time.perf_counter()
        do()
        print(f"{time.perf_counter() - begun:6.1f} s  {name}")

    def run(self, *words: str, code: int = 0) -> str:
        """Run a program in the book's folder; what it said. It must end with `code`."""
        begun = time.perf_counter()
        done = subprocess.run(
            words, cwd=self.book, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode != code:
            raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
        print(f"{time.perf_counter() - begun:6.1f} s  {' '.join(words)}")
        return done.stdout

    @property
    def environment(self) -> Mapping[str, str]:
        """That of the shell, with the author's programs first and none of ours."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        return {**kept, "PATH": f"{self.programs}:{os.environ['PATH']}"}

    def wheel(self) -> None:
        """Build what is to be installed."""
        words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(self.folder)]
        subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)

    def install(self) -> None:
        """Install it where nothing else is."""
        home = self.programs.parent
        venv.create(home, with_pip=True)
        wheel = next(self.folder.glob("*.whl"))
        alone = ("--no-deps", "--no-index") if self.offline else ()
        words = [str(self.programs / "python"), "-m", "pip", "install", "-q", *alone, str(wheel)]
        subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True,
                       text=True, check=True)  # fmt: skip
        if self.offline:
            place = sysconfig.get_path("purelib", vars={"base": str(home)})
            (Path(place) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def write(self, card: Path) -> None:
        """Write what the template leaves open, with a comma and a link that are wrong."""
        text = card.read_text("utf-8")
        for open_, written in WRITTEN.items():
            assert open_ in text
            text = text.replace(open_, written)
        card.write_text(text, "utf-8")

    def mend(self, card: Path) -> None:
        """Take out the link that leads nowhere."""
        text = card.read_text("utf-8")
        assert "旧港，三条船" in text, "the comma was not mended"
        card.write_text(text.replace("见[港口志](../harbour.md)。", ""), "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
