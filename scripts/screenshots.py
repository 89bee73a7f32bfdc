"""Picture the pages that make-book makes, for docs/: wide and narrow, light and dark.

``python scripts/screenshots.py [NAME …]``; without a name, all of `PICTURES`. The book is the
sample with faults planted in a copy, so that there is something to see.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BOOK = ("manuscript", "events", "concepts", "organizations", "bibliography", "book.yaml", "data")
WHEN = "2026-11-21T09:00:00+00:00"  # always, so that the same pages give the same pictures
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Picture:
    """A page of `source` at an address within it; `height` 0 takes the whole page."""

    name: str
    source: str
    address: str = ""
    theme: Theme = "light"
    language: str = ""
    height: int = 0
    sizes: tuple[str, ...] = ("wide", "narrow")


PICTURES = (
    Picture("report-overview", "report", height=1560),
    Picture("report-findings", "report", "findings?severity=error", height=1300),
    Picture("report-causes", "report", "causes?event=gpt4-2023-03", height=1480),
    Picture("report-timeline", "report", "timeline", "dark", "en", height=1480),
)

# (file, what stands there, what is put in its place); before and after the commit `draft-1`.
OLD_FAULTS = (
    ("book.yaml", "slug:", "word_target: [3500, 4100]\nslug:"),
    ("events/2023/gemini-2023-12.md", "gpt4-2023-03]", "gpt5-2023-03]"),
    ("manuscript/02-breakthrough/alignment.md", "](../../concepts/", "](../concepts/"),
    ("manuscript/02-breakthrough/open-weights.md", "status: final", "status: reviewed"),
    ("manuscript/03-many-centers/china.md", "status: final", "status: draft"),
    ("manuscript/03-many-centers/reasoning.md", "status: final", "status: draft"),
    ("concepts/rlhf.md", "](", "](x"),
)
NEW_FAULTS = (
    ("concepts/rlhf.md", "](x", "]("),
    ("events/2023/chatglm-2023-03.md", "date: 2023-03-14", "date: 2022-10-14"),
    (
        "events/2023/gpt4-2023-03.md",
        "  - parallel_to",
        "  - enables: [gpt3-2020-05]\n  - parallel_to",
    ),
    ("manuscript/01-foundations/scale.md", "word_count:", "word_cuont:"),
    ("manuscript/02-breakthrough/gpt4-race.md", "chapter_number: 5", "chapter_number: 7"),
    ("manuscript/02-breakthrough/gpt4-race.md", "沉默本身就是新闻。", "沉默本身,就是新闻..."),
    ("manuscript/03-many-centers/china.md", "[@touvron2023llama", "[@touvron2032llama"),
)


def main() -> int:
    """Take the pictures; 2 where there is no browser."""
    options = _parser().parse_args()
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        print("screenshots: there is no Chromium (make-book doctor)", file=sys.stderr)
        return 2
    wanted = [item for item in PICTURES if not options.name or item.name in options.name]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        made = {
            source: SOURCES[source](Path(folder)) for source in {item.source for item in wanted}
        }
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        FOLDER.mkdir(parents=True, exist_ok=True)
        for picture in wanted:
            for output in _take(browser, picture, made[picture.source]):
                print(output.relative_to(ROOT))
        browser.close()
    return 0


def _take(browser: Browser, picture: Picture, page_file: Path) -> Iterator[Path]:
    for size in picture.sizes:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": picture.height or height},
            color_scheme=picture.theme,
            timezone_id="UTC",
            device_scale_factor=1.5 if size == "narrow" else 1,
        )
        page = context.new_page()
        if picture.language:
            script = f"localStorage.setItem('make-book-report-language', '{picture.language}')"
            page.add_init_script(script)
        page.goto(f"{page_file.as_uri()}#{picture.address}")
        output = FOLDER / f"{picture.name}-{size}.png"
        page.screenshot(path=output, full_page=not picture.height, animations="disabled")
        context.close()
        yield output


# ---- what is pictured -----------------------------------------------------------------------


def report(folder: Path) -> Path:
    """The editor's report of a faulty copy of the sample book, against an earlier commit."""
    book = folder / "book"
    book.mkdir()
    for name in BOOK:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, book / name)
        elif source.exists():
            shutil.copy(source, book / name)
    _plant(book, OLD_FAULTS)
    _git(book, "init", "--quiet")
    _git(book, "add", "--all")
    _git(book, "commit", "--quiet", "--message=征求意见稿")
    _git(book, "tag", "draft-1")
    _plant(book, NEW_FAULTS)
    words = [sys.executable, "-m", "pipeline", "-C", str(book), "report", "--since", "draft-1"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    output = book / "build" / "report.html"
    moment = datetime.fromisoformat(WHEN).timestamp()
    os.utime(output, (moment, moment))
    return output


SOURCES: dict[str, Callable[[Path], Path]] = {"report": report}


def _plant(book: Path, faults: tuple[tuple[str, str, str], ...]) -> None:
    for name, old, new in faults:
        text = (book / name).read_text("utf-8")
        if old not in text:
            raise SystemExit(
                f"screenshots: {name} has no {old!r} any more; mend the list of faults"
            )
        (book / name).write_text(text.replace(old, new, 1), "utf-8")


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=make-book", "-c", "user.email=make-book@example.org")
    dates = {"GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN}
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, env=os.environ | dates)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help=", ".join(item.name for item in PICTURES))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
