"""Picture the pages that make-book makes, for docs/: wide and narrow, light and dark.

``python scripts/screenshots.py [NAME …]``; without a name, all of `PICTURES`. The book is the
sample with faults planted in a copy, so that there is something to see.
"""

import argparse
import contextlib
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

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BOOK = ("manuscript", "events", "concepts", "organizations", "bibliography", "book.yaml", "data")
WHEN = "2026-11-21T09:00:00+00:00"  # always, so that the same pages give the same pictures
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}

Theme = Literal["light", "dark"]


def search(page: Page) -> None:
    """Look for a Chinese word in the whole book."""
    page.keyboard.press("/")
    page.keyboard.type("注意力")
    page.locator("#found mark").first.wait_for()


def card(page: Page) -> None:
    """Point at a link to a concept."""
    page.locator("main p a[href^='concept-']").first.hover()
    page.locator("#card").wait_for()


def select(page: Page) -> None:
    """Select an event of the causal graph."""
    page.locator(".causes .node", has_text="GPT-3").locator("a").click()
    page.locator(".causes").evaluate("element => element.scrollIntoView()")


def filter_events(page: Page) -> None:
    """Keep the events of one organization."""
    page.locator("select[name=organization]").select_option("OpenAI")


def finding(page: Page) -> None:
    """Go to the first paragraph with a finding."""
    page.locator("main p.mb-marked").first.evaluate("e => e.scrollIntoView({ block: 'center' })")


@dataclass(frozen=True)
class Picture:
    """A page at an address within what `source` makes; `height` 0 takes the whole page.

    `act` is what a reader does before the picture is taken.
    """

    name: str
    source: str
    address: str = ""
    theme: Theme = "light"
    language: str = ""
    height: int = 0
    sizes: tuple[str, ...] = ("wide", "narrow")
    act: Callable[[Page], None] | None = None


PICTURES = (
    Picture("report-overview", "report", "#overview", height=1560),
    Picture("report-findings", "report", "#findings?severity=error", height=1300),
    Picture("report-causes", "report", "#causes?event=gpt4-2023-03", height=1480),
    Picture("report-timeline", "report", "#timeline", "dark", "en", height=1480),
    Picture("serve", "preview", "gpt4-race.html", height=900, act=finding),
    Picture("web-chapter", "site", "attention.html", height=900, sizes=("narrow",)),
    Picture("web-card", "site", "attention.html", height=900, sizes=("wide",), act=card),
    Picture("web-search", "site", "attention.html", height=900, act=search),
    Picture("web-timeline", "site", "timeline.html", height=1000, act=filter_events),
    Picture("web-causes", "site", "timeline.html", height=1000, sizes=("wide",), act=select),
    Picture("web-dark", "site", "event-gpt4-2023-03.html", "dark", height=900),
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
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        contextlib.ExitStack() as stack,
    ):
        made = {
            source: stack.enter_context(SOURCES[source](Path(folder)))
            for source in dict.fromkeys(item.source for item in wanted)
        }
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        FOLDER.mkdir(parents=True, exist_ok=True)
        for picture in wanted:
            for output in _take(browser, picture, made[picture.source]):
                print(output.relative_to(ROOT))
        browser.close()
    return 0


def _take(browser: Browser, picture: Picture, home: str) -> Iterator[Path]:
    for size in picture.sizes:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": picture.height or height},
            color_scheme=picture.theme,
            timezone_id="UTC",
            reduced_motion="reduce",
            device_scale_factor=1.5 if size == "narrow" else 1,
        )
        page = context.new_page()
        if picture.language:
            script = f"localStorage.setItem('make-book-report-language', '{picture.language}')"
            page.add_init_script(script)
        page.goto(home + picture.address)
        if picture.act:
            picture.act(page)
        output = FOLDER / f"{picture.name}-{size}.png"
        page.screenshot(path=output, full_page=not picture.height, animations="disabled")
        context.close()
        yield output


# ---- what is pictured -----------------------------------------------------------------------


@contextlib.contextmanager
def report(folder: Path) -> Iterator[str]:
    """The editor's report of a faulty copy of the sample book, against an earlier commit."""
    book = _copy(folder / "report")
    _plant(book, OLD_FAULTS)
    _git(book, "init", "--quiet")
    _git(book, "add", "--all")
    _git(book, "commit", "--quiet", "--message=征求意见稿")
    _git(book, "tag", "draft-1")
    _plant(book, NEW_FAULTS)
    _run(book, "report", "--since", "draft-1")
    output = book / "build" / "report.html"
    moment = datetime.fromisoformat(WHEN).timestamp()
    os.utime(output, (moment, moment))
    yield output.as_uri()


@contextlib.contextmanager
def site(folder: Path) -> Iterator[str]:
    """The web edition of the sample book."""
    book = _copy(folder / "site")
    _run(book, "build", "html")
    yield f"{(book / 'build/html').as_uri()}/"


@contextlib.contextmanager
def preview(folder: Path) -> Iterator[str]:
    """The preview of a faulty copy of the sample book."""
    book = _copy(folder / "preview")
    _plant(book, OLD_FAULTS)
    _plant(book, NEW_FAULTS)
    words = [sys.executable, "-m", "pipeline", "-C", str(book), "serve", "--port", "0"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert child.stdout
        yield child.stdout.readline().split()[0]
    finally:
        child.terminate()
        child.wait()


SOURCES = {"report": report, "site": site, "preview": preview}


def _copy(book: Path) -> Path:
    book.mkdir()
    for name in BOOK:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, book / name)
        elif source.exists():
            shutil.copy(source, book / name)
    return book


def _run(book: Path, *words: str) -> None:
    command = [sys.executable, "-m", "pipeline", "-C", str(book), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


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
