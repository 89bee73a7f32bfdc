"""Time what authors wait for, beside other tools on the same book, and judge it by its goals.

``make bench`` writes docs/benchmarks.md. ``make bench ARGS="--only edit --scale 0.2"`` runs some
cases on a smaller book and prints the table only.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import benchmarks
import peers
import stages
from benchmarks import Row
from clock import Measure, Watcher, disk, median, most, run
from large_book import Maker

Word = str | Path
ROOT = Path(__file__).parents[1]
CHAPTERS, CARDS = 17, 25
MANY_CHAPTERS, MANY_CARDS = 200, 10_000
MORE = 10  # how many times the book the large one is
VARIANTS = {"plain": "PDF", "ua": "PDF/UA-1"}
PLAIN = "editions: {book: {outputs: [pdf, epub], pdf_variant: none}}\n"
DIGITS = "零一二三四五六七八九"
PHRASE = re.compile("没有人料到它会传得..远")
PAGE = "这是为了让后面的页都往后移而加的一段，每一次都比上一次更长。" * 24 + "\n\n"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = "--headless --no-sandbox --disable-gpu --no-pdf-header-footer --disable-dev-shm-usage"


class Bench:
    """Books in a scratch folder, what was measured of them, and the rows of the table."""

    def __init__(self, scratch: Path, scale: float, runs: int) -> None:
        self.scratch = scratch
        self.scale = scale
        self.runs = runs
        self.found: dict[str, list[Measure]] = defaultdict(list)
        self.rows: list[Row] = []
        self.edits = 0
        self.made: set[str] = set()

    # Books

    def book(self, name: str, chapters: float = CHAPTERS, cards: float = CARDS) -> Path:
        """The book of this name, made when it is first asked for."""
        folder = self.scratch / name
        if name not in self.made:
            self.made.add(name)
            shutil.rmtree(folder, ignore_errors=True)
            sizes = [max(3, round(count * self.scale)) for count in (cards, chapters)]
            Maker(folder, sizes[0], sizes[1]).write()
            if name.startswith("plain"):
                with (folder / "book.yaml").open("a") as stream:
                    stream.write(PLAIN)
        return folder

    def edit(self, book: Path) -> None:
        """Change two characters of one chapter to what stood there never before."""
        self.edits += 1
        word = f"没有人料到它会传得{DIGITS[self.edits // 10 % 10]}{DIGITS[self.edits % 10]}远"
        paths = sorted((book / "manuscript").rglob("chapter-*.md"))
        path = paths[len(paths) // 2]
        path.write_text(PHRASE.sub(word, path.read_text("utf-8"), count=1), "utf-8")

    def lengthen(self, book: Path) -> None:
        """Put more into the second chapter than ever before: every later page moves."""
        self.edits += 1
        path = sorted((book / "manuscript").rglob("chapter-*.md"))[1]
        text = path.read_text("utf-8").rstrip("\n")
        path.write_text(f"{text}\n\n第{self.edits}次。{PAGE * 2}", "utf-8")

    # Runs

    def take(self, name: str, measure: Measure) -> None:
        """Keep a measure, and show it."""
        self.found[name].append(measure)
        print(f"{name:28} {measure.seconds:8.2f} s {measure.megabytes:6.0f} MB", flush=True)

    def make(self, book: Path, *words: str, good: Sequence[int] = (0,)) -> Measure:
        """Run `make-book` in a new process."""
        command: list[Word] = [sys.executable, "-m", "pipeline", "-C", book, *words]
        return run(command, cwd=ROOT, log=self.scratch / "log", good=good)

    def peer(self, *words: str | Path) -> Measure:
        """Run one of the other tools."""
        command: list[Word] = [sys.executable, ROOT / "scripts" / "peers.py", *words]
        return run(command, cwd=ROOT, log=self.scratch / "log")

    def built(self, variant: str) -> Path:
        """A book whose PDF is built."""
        book = self.book(variant)
        if not (book / "build").exists():
            self.make(book, "build", "pdf", "-q")
        return book

    def straight(self, variant: str) -> Measure:
        """One render of the whole book by WeasyPrint."""
        book, job = self.built(variant), self.scratch / f"{variant}.job"
        self.peer("job", book, job)  # anew: the book may have been edited
        measure = self.peer("straight", job, self.scratch / f"{variant}-straight.pdf")
        self.take(f"straight {variant}", measure)
        return measure

    def ratio(
        self, title: str, variant: str, name: str, goal: float, beside: Sequence[Measure]
    ) -> None:
        """A row that holds the median of a case against straight renders made at that time."""
        base, own = median(beside), median(self.found[name])
        shown = f"{own:.2f} s, {own / base:.2f} of {base:.1f} s"
        self.rows.append(Row(title, VARIANTS[variant], f"≤ {goal:.2f}", shown, own / base, goal))

    # Cases

    def case_cold(self) -> None:
        """From nothing."""
        for variant in VARIANTS:
            book, beside = self.book(variant), []
            for _ in range(self.runs):
                for name in ("build", ".make-book"):
                    shutil.rmtree(book / name, ignore_errors=True)
                self.take(f"cold {variant}", self.make(book, "build", "pdf", "-q"))
                beside.append(self.straight(variant))
            title = "cold PDF against the straight render"
            self.ratio(title, variant, f"cold {variant}", 0.65, beside)

    def case_size(self) -> None:
        """Bytes of the joined PDF."""
        for variant, label in VARIANTS.items():
            book = self.built(variant)
            self.peer("job", book, self.scratch / "size.job")
            whole = self.scratch / "size.pdf"
            self.peer("straight", self.scratch / "size.job", whole)
            (joined,) = (book / "build").glob("*.pdf")
            sizes = joined.stat().st_size, whole.stat().st_size
            shown = f"{sizes[0] / 1e6:.2f} MB, {sizes[0] / sizes[1]:.3f} of {sizes[1] / 1e6:.2f} MB"
            title = "size of the joined PDF against the straight render"
            self.rows.append(Row(title, label, "≤ 1.05", shown, sizes[0] / sizes[1], 1.05))

    def case_edit(self) -> None:
        """One paragraph, page count unchanged."""
        for variant in VARIANTS:
            book, name = self.built(variant), f"edit {variant}"
            beside = [self.straight(variant)]
            for _ in range(self.runs + 2):
                self.edit(book)
                self.take(name, self.make(book, "build", "pdf", "-q"))
                self.take(f"typst {variant}", self._typst(variant))
            self.ratio("one paragraph edited, new process", variant, name, 0.15, beside)
            own, other = median(self.found[name]), median(self.found[f"typst {variant}"])
            title = "the same against pandoc → Typst of the whole book"
            shown = f"{own:.2f} s, {own / other:.2f} of {other:.2f} s"
            self.rows.append(Row(title, VARIANTS[variant], "< 1", shown, own / other, 1.0))

    def _typst(self, variant: str) -> Measure:
        return self.peer("typst", self.book(variant), self.scratch / f"typst-{variant}.pdf")

    def case_shift(self) -> None:
        """All later pages move."""
        for variant in VARIANTS:
            book, name = self.built(variant), f"shift {variant}"
            beside = [self.straight(variant)]
            for _ in range(self.runs):
                self.lengthen(book)
                self.take(name, self.make(book, "build", "pdf", "-q"))
            title = "an edit that shifts all later pages, new process"
            self.ratio(title, variant, name, 0.18, beside)

    def case_watch(self) -> None:
        """From save to PDF."""
        for variant in VARIANTS:
            book = self.built(variant)
            command: list[Word] = [
                sys.executable,
                "-m",
                "pipeline",
                "-C",
                book,
                "watch",
                "pdf",
                "-q",
            ]
            with Watcher(command, ROOT) as watcher:
                watcher.next()
                for kind, change in (("edit", self.edit), ("shift", self.lengthen)):
                    for _ in range(self.runs + 2):
                        self.take(f"watch {kind} {variant}", watcher.time(lambda: change(book)))  # noqa: B023
            print(f"{'watch ' + variant:28} {watcher.megabytes:17.0f} MB")
            beside = [self.straight(variant)]
            for kind, what, goal in (
                ("edit", "one paragraph", 0.08),
                ("shift", "all later pages shift", 0.12),
            ):
                title = f"from save to PDF in `watch`, {what}"
                self.ratio(title, variant, f"watch {kind} {variant}", goal, beside)

    def case_same(self) -> None:
        """Nothing changed."""
        book = self.built("plain")
        for _ in range(self.runs + 2):
            self.take("same", self.make(book, "build", "pdf", "-q"))
        own = median(self.found["same"])
        extra = {"PYTHONPROFILEIMPORTTIME": "1"}
        command: list[Word] = [sys.executable, "-m", "pipeline", "-C", book, "build", "pdf", "-q"]
        told = run(command, cwd=ROOT, log=self.scratch / "log", extra=extra).output
        heavy = [name for name in ("weasyprint", "fontTools", "lxml") if f"| {name}\n" in told]
        shown = f"{own:.2f} s; imported: {', '.join(heavy) or 'nothing heavy'}"
        worst = own if not heavy else float("inf")
        self.rows.append(Row("nothing changed", "PDF", "≤ 0.4 s, nothing heavy imported", shown,
                             worst, 0.4))  # fmt: skip

    def case_epub(self) -> None:
        """An e-book after one edit."""
        from pipeline import pandoc

        book = self.book("plain")
        self.make(book, "build", "epub", "-q")
        works = [f"--bibliography={path}" for path in peers.works(book)]
        target = self.scratch / "pandoc.epub"
        words: list[Word] = [
            "--citeproc",
            "--file-scope",
            "--metadata",
            "title=一部大书",
            "--output",
            target,
        ]
        command: list[Word] = [pandoc.binary(), *words, *works, *peers.sources(book)]
        for _ in range(self.runs):
            self.edit(book)
            self.take("epub", self.make(book, "build", "epub", "-q"))
            self.take("pandoc epub", run(command, cwd=book, log=self.scratch / "log"))
        own, other = median(self.found["epub"]), median(self.found["pandoc epub"])
        shown = f"{own:.2f} s, {own / other:.2f} of {other:.2f} s"
        self.rows.append(Row("EPUB after one edit against pandoc's full EPUB", "EPUB", "≤ 1",
                             shown, own / other, 1.0))  # fmt: skip

    def case_check(self) -> None:
        """Many cards and chapters."""
        book = self.book("many", MANY_CHAPTERS, MANY_CARDS)
        words = ["check", "--format", "concise", "--exit-zero"]
        card = sorted((book / "events").rglob("*.md"))[-1]
        for turn in range(self.runs):
            shutil.rmtree(book / ".make-book", ignore_errors=True)
            self.take("check cold", self.make(book, *words))
            card.write_text(card.read_text("utf-8") + f"\n第{turn}次。\n", "utf-8")
            self.take("check one", self.make(book, *words))
        for name, title, goal in (
            ("check cold", "10,000 cards and 200 chapters checked, cold", 10.0),
            ("check one", "the same after one file changed", 1.0),
        ):
            own = median(self.found[name])
            self.rows.append(Row(title, "check", f"≤ {goal:g} s", f"{own:.2f} s", own, goal))
        self._check_schema(book)

    def _check_schema(self, book: Path) -> None:
        """The front matter of the cards as YAML, held against its schema by check-jsonschema."""
        folder = self.scratch / "front"
        folder.mkdir(exist_ok=True)
        for path in (book / "events").rglob("*.md"):
            front = path.read_text("utf-8").split("---\n")[1]
            (folder / f"{path.stem}.yaml").write_text(front, "utf-8")
        tool = Path(sys.executable).with_name("check-jsonschema")
        schema: list[Word] = ["--schemafile", ROOT / "schemas" / "event.schema.json"]
        command: list[Word] = [tool, *schema, *sorted(folder.iterdir())]
        self.take("check-jsonschema", run(command, cwd=ROOT, log=self.scratch / "log", good=(0, 1)))

    def case_hook(self) -> None:
        """The hook on one staged file."""
        book = self.book("hook")
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(book)]
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "begin"]):
            subprocess.run([*git, *words], check=True)
        for turn in range(self.runs + 3):
            self.edit(book)
            subprocess.run([*git, "add", "."], check=True)
            measure = self.make(book, "check", "--staged", good=(0, 1))
            if turn:
                self.take("hook", measure)
        own = median(self.found["hook"])
        title = "hook on one staged file, warm"
        self.rows.append(Row(title, "check --staged", "≤ 0.3 s", f"{own:.2f} s", own, 0.3))

    def case_tenfold(self) -> None:
        """Ten times the book."""
        for variant, label in VARIANTS.items():
            small = self.book(variant)
            for name in ("build", ".make-book"):
                shutil.rmtree(small / name, ignore_errors=True)
            self.take(f"cold {variant}", self.make(small, "build", "pdf", "-q"))
            book = self.book(f"{variant}-{MORE}", CHAPTERS * MORE, CARDS * MORE)
            self.take(f"tenfold {variant}", self.make(book, "build", "pdf", "-q"))
            self.edit(book)
            self.take(f"tenfold edit {variant}", self.make(book, "build", "pdf", "-q"))
            once, often = median(self.found[f"cold {variant}"]), self.found[f"tenfold {variant}"]
            for title, one, ten, unit in (
                ("time, cold", once, median(often), "s"),
                ("disk, cache and PDF", _kept(small), _kept(book), "MB"),
            ):
                shown = f"{ten:.1f} {unit}, {ten / one:.1f} × {one:.1f} {unit}"
                self.rows.append(Row(f"ten times the book: {title}", label, "≤ 12 ×", shown,
                                     ten / one, MORE * 1.2))  # fmt: skip
            held = most([*often, *self.found[f"tenfold edit {variant}"]])
            self.rows.append(Row("ten times the book: the largest process", label, "≤ 1 GB",
                                 f"{held:.0f} MB", held, 1000.0))  # fmt: skip

    def case_peers(self) -> None:
        """A browser's print, and ours for size."""
        browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if browser is None:
            print("no Chromium here")
            return
        self.straight("plain")
        page, target = self.scratch / "book.html", self.scratch / "browser.pdf"
        self.peer("html", self.scratch / "plain.job", page)
        profile = f"--user-data-dir={self.scratch / 'profile'}"
        command: list[Word] = [
            browser,
            *BROWSER.split(),
            profile,
            f"--print-to-pdf={target}",
            page.as_uri(),
        ]
        for _ in range(self.runs):
            self.take("chromium plain", run(command, cwd=ROOT, log=self.scratch / "log"))

    def profile(self) -> dict[str, dict[str, float]]:
        """CPU seconds by stage: of the straight render, of a build from nothing, of an edit."""
        result = {}
        for variant in VARIANTS:
            book = self.built(variant)
            self.straight(variant)
            pdf = self.scratch / "profile.pdf"
            job = self.scratch / f"{variant}.job"
            result[f"straight {variant}"] = self._stages("straight", job, pdf)
            shutil.rmtree(book / ".make-book")
            words: list[Word] = ["-C", book, "build", "pdf", "-q"]
            result[f"cold {variant}"] = self._stages(*words)
            self.edit(book)
            result[f"edit {variant}"] = self._stages(*words)
        return result

    def _stages(self, *words: str | Path) -> dict[str, float]:
        log = self.scratch / "stages"
        log.unlink(missing_ok=True)
        command: list[Word] = [sys.executable, ROOT / "scripts" / "stages.py", log, *words]
        run(command, cwd=ROOT, log=self.scratch / "log")
        return stages.read(log)


def _kept(book: Path) -> float:
    return disk(book / ".make-book") + disk(book / "build")


ORDER = "edit shift watch same size hook epub cold peers check tenfold"
CASES: dict[str, Callable[[Bench], None]] = {
    name: getattr(Bench, f"case_{name}") for name in ORDER.split()
}


def main() -> int:
    """Run the cases, print the table, and write the page when all of them ran."""
    options = _parser().parse_args()
    wanted = options.only.split(",") if options.only else [*CASES]
    with _scratch(options.keep) as scratch:
        bench = Bench(scratch, options.scale, options.runs)
        for name in wanted:
            print(f"-- {name}", flush=True)
            CASES[name](bench)
            _show(bench, options, {})
        if options.profile or not options.only:
            _show(bench, options, bench.profile())
    return 0


def _show(bench: Bench, options: argparse.Namespace, profile: dict[str, dict[str, float]]) -> None:
    """Print what is known so far; write it to the page, so that a run cut short leaves one."""
    print(benchmarks.table(bench.rows))
    print(benchmarks.stage_table(profile), flush=True)
    if not options.only:
        found = benchmarks.Results(bench.rows, bench.found, profile, bench.scale, bench.runs)
        benchmarks.write(found, ROOT / "docs")


@contextmanager
def _scratch(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="make-book-bench-") as folder:
        yield Path(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="CASE,…", help=f"of {', '.join(CASES)}")
    parser.add_argument("--scale", type=float, default=1.0, help="how large the books are")
    parser.add_argument("--runs", type=int, default=3, help="how often each case is run")
    parser.add_argument("--profile", action="store_true", help="with --only: profile as well")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the books there, keep them")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
