"""The preview: for this machine alone, with findings beside the text, through every mistake."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import shelf
from author import edit
from browser import THEMES, WIDTHS, violations, visit
from playwright.sync_api import Browser, Page, expect

from pipeline import book as books, cache, index, progress, project, rendering
from pipeline.errors import Exit
from pipeline.preview import origins, words

STOCK = Path(__file__).parent / "rules" / "stock"
CHAPTER = "manuscript/01-press/newspapers.md"
expect.set_options(timeout=60_000)


@dataclass(frozen=True)
class Served:
    """A running preview."""

    root: Path
    port: int

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, str]:
        """Status, body and media type; header names are given with `_` for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body, answer.headers["Content-Type"]


def start(root: Path, port: int = 0) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "pipeline", "-C", str(root), "serve", "--port", str(port)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def port_of(child: subprocess.Popen[str]) -> int:
    assert child.stdout
    line = child.stdout.readline()
    found = re.match(r"http://127\.0\.0\.1:(\d+)/  ", line)
    assert found, line
    return int(found[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("书 #1")
    shutil.copytree(STOCK, root, dirs_exist_ok=True)
    edit(root / CHAPTER, "](../../events/", "](../events/")
    child = start(root)
    try:
        yield Served(root, port_of(child))
    finally:
        child.kill()
        child.communicate()


Opener = Callable[..., Page]


@pytest.fixture
def preview(browser: Browser, served: Served) -> Iterator[Page]:
    """The chapter in the preview; the sources are put back afterwards."""
    kept = {path: path.read_bytes() for path in served.root.rglob("*.*") if path.is_file()
            and "build" not in path.parts and ".make-book" not in path.parts}  # fmt: skip
    with visit(browser, f"{served.home}newspapers.html", served.home) as page:
        expect(page.locator(".mb-panel")).to_be_visible()
        yield page
        for path, data in kept.items():
            if not path.is_file() or path.read_bytes() != data:
                path.write_bytes(data)


# ---- whom it answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/newspapers.html?x=1", "text/html; charset=utf-8"),
        ("/assets/site.css", "text/css; charset=utf-8"),
        ("/assets/web.js", "text/javascript; charset=utf-8"),
        ("/assets/press.svg", "image/svg+xml"),
        ("/~preview/state.json", "application/json; charset=utf-8"),
    ],
)
def test_files_have_their_media_types(served: Served, path: str, media_type: str) -> None:
    status, body, found = served.ask(path)
    assert (status, found) == (200, media_type)
    assert body


@pytest.mark.parametrize(
    "path",
    [
        "/../book.yaml", "/book.yaml", "/%2e%2e/book.yaml", "/..%2fbook.yaml", "//etc/passwd",
        "/assets/../../book.yaml", "/~preview/../../book.yaml", "/~preview/server.py",
        "/assets/", "/%00", "/~preview/preview.js/", "/..\\book.yaml",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_site(served: Served, path: str) -> None:
    status, body, _ = served.ask(path)
    assert status == 404
    assert b"bibliography" not in body and b"root:" not in body


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "script"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"},
    ],
)
def test_it_refuses_other_names_and_other_sites(served: Served, headers: dict[str, str]) -> None:
    status, body, _ = served.ask("/", **headers)
    assert status == 403
    assert b"<html" not in body


def test_a_link_from_elsewhere_opens_a_page_and_nothing_else(served: Served) -> None:
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "document"}
    assert served.ask("/newspapers.html", **followed)[0] == 200
    assert served.ask("/~preview/state.json", **followed)[0] == 403


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
def test_only_its_own_pages_ask_it_for_work(served: Served, origin: str | None) -> None:
    given = {"Origin": origin} if origin else {}
    assert served.ask("/~preview/pdf", "POST", **given)[0] == 403


def test_it_listens_to_this_machine_alone(served: Served) -> None:
    """What listens on a port of Linux is in a table: the address, in hexadecimal, and 0A."""
    table = Path("/proc/net/tcp")
    if not table.is_file():
        pytest.skip("this system has no /proc/net/tcp")
    listening = [line.split() for line in table.read_text().splitlines() if " 0A " in line]
    port = f"{served.port:04X}"
    assert {row[1] for row in listening if row[1].endswith(f":{port}")} == {f"0100007F:{port}"}


def test_a_port_in_use_is_said_plainly(served: Served) -> None:
    child = start(served.root, served.port)
    _, said = child.communicate(timeout=120)
    assert child.returncode == Exit.USAGE
    assert f"port {served.port} is in use" in said and "--port" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    child = start(shelf.english(tmp_path))
    port = port_of(child)
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    stream.request("GET", "/~preview/events")
    answer = stream.getresponse()
    assert answer.readline().startswith(b"data: ")
    os.kill(child.pid, number)
    _, said = child.communicate(timeout=60)
    assert (child.returncode, said) == (Exit.CLEAN, "ended\n")


# ---- beside the text ------------------------------------------------------------------------


def test_findings_stand_beside_their_paragraph(preview: Page, served: Served) -> None:
    marked = preview.locator("main .mb-marked")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("《关系》周报")
    marked.locator(".mb-mark").click()
    finding = preview.locator(".mb-finding")
    expect(finding).to_be_focused()
    expect(finding).to_contain_text("LK001")
    line = next(
        number
        for number, text in enumerate((served.root / CHAPTER).read_text("utf-8").split("\n"), 1)
        if "](../events/" in text
    )
    place = finding.locator(".mb-place")
    expect(place).to_have_text(f"newspapers.md:{line}")
    address = place.get_attribute("href") or ""
    assert address.startswith(f"vscode://file{quote(str(served.root))}/{CHAPTER}:{line}:")


def test_the_place_of_a_finding_is_copied(preview: Page, served: Served) -> None:
    preview.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.home)
    preview.locator(".mb-finding .mb-copy").click()
    expect(preview.locator(".mb-copy[title=已复制]")).to_be_visible()
    copied = preview.evaluate("() => navigator.clipboard.readText()")
    assert re.fullmatch(rf"{re.escape(CHAPTER)}:\d+", copied)


def test_every_paragraph_leads_to_its_source(preview: Page) -> None:
    paragraph = preview.locator("main p[data-source]").last
    place = paragraph.get_attribute("data-source")
    paragraph.hover()
    pen = preview.locator(".mb-pen")
    expect(pen).to_be_visible()
    assert str(pen.get_attribute("href")).endswith(str(place).rpartition("/")[2])


def test_the_page_follows_the_source(preview: Page, served: Served) -> None:
    edit(served.root / CHAPTER, "](../events/", "](../../events/")
    expect(preview.locator(".mb-none")).to_be_visible()
    expect(preview.locator("main .mb-marked")).to_have_count(0)
    edit(served.root / CHAPTER, "《关系》", "《新关系》")
    expect(preview.locator("main p", has_text="《新关系》").first).to_be_visible()


def test_a_page_is_loaded_anew_only_when_it_changes(preview: Page, served: Served) -> None:
    path = served.root / "events/clay-type-1040.md"
    edit(path, "---\n#", "---\n[gone](away.md)\n\n#")  # what was saved before it has been shown
    expect(preview.locator(".mb-file", has_text=f"{path.name} (1)")).to_be_visible()
    preview.evaluate("() => { window.still = true; }")
    edit(path, "---\n[gone]", "---\n[missing](nowhere.md)[gone]")
    expect(preview.locator(".mb-file", has_text=f"{path.name} (2)")).to_be_visible()
    assert preview.evaluate("() => window.still") is True


# ---- mistakes -------------------------------------------------------------------------------


def test_the_last_good_page_stays_through_a_mistake(preview: Page, served: Served) -> None:
    title = preview.title()
    trouble = preview.locator(".mb-trouble")
    edit(served.root / CHAPTER, "title:", "title: [")
    expect(trouble).to_contain_text("newspapers.md:")
    edit(served.root / CHAPTER, "《关系》", "《坏关系》")
    edit(served.root / "manuscript/01-press/movable-type.md", "毕昇", "新毕昇")
    preview.goto(f"{served.home}movable-type.html")
    expect(preview.locator("main")).to_contain_text("新毕昇")
    expect(trouble).to_contain_text("newspapers.md:")
    preview.goto(f"{served.home}newspapers.html")
    assert preview.title() == title
    expect(preview.locator("main")).not_to_contain_text("《坏关系》")
    edit(served.root / CHAPTER, "title: [", "title:")
    expect(trouble).to_be_hidden()
    expect(preview.locator("main p", has_text="《坏关系》").first).to_be_visible()


def test_a_wrong_configuration_is_said_and_nothing_is_lost(preview: Page, served: Served) -> None:
    edit(served.root / "book.yaml", "title:", "titel:")
    expect(preview.locator(".mb-trouble")).to_contain_text("book.yaml:1:1")
    expect(preview.locator("main p").first).to_be_visible()
    edit(served.root / "book.yaml", "titel:", "title:")
    expect(preview.locator(".mb-trouble")).to_be_hidden()


def test_a_page_that_is_gone_comes_back(browser: Browser, served: Served) -> None:
    path = served.root / "concepts/periodical.md"
    text = path.read_text("utf-8")
    address = f"{served.home}concept-periodical.html"
    with visit(browser, address, served.home) as page:
        expect(page.locator(".mb-panel")).to_be_visible()
        name = page.title()
    path.unlink()
    context = browser.new_context()
    page = context.new_page()
    expect(page).not_to_have_title(name)
    try:
        page.goto(address)
        expect(page.get_by_role("heading", name=words.ZH["gone"])).to_be_visible()
    finally:
        path.write_text(text, "utf-8")
    expect(page).to_have_title(name)
    context.close()


# ---- the PDF, and everyone ------------------------------------------------------------------


@pytest.mark.full
def test_the_pages_of_the_pdf_on_request(preview: Page, served: Served) -> None:
    assert served.ask("/~preview/book.pdf")[0] == 404
    preview.get_by_role("button", name=words.ZH["paper"]).click()
    expect(preview.locator(".mb-paper iframe")).to_be_visible()
    address = preview.locator(".mb-paper iframe").get_attribute("src") or ""
    assert address.endswith("#navpanes=0&view=FitH&nameddest=newspapers")
    status, data, media_type = served.ask("/~preview/book.pdf")
    assert (status, data[:5], media_type) == (200, b"%PDF-", "application/pdf")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_the_panel_is_accessible(browser: Browser, served: Served, width: int, theme: str) -> None:
    address = f"{served.home}newspapers.html"
    with visit(browser, address, served.home, width=width, theme=theme) as page:
        expect(page.locator(".mb-finding").first).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_words_of_both_languages_agree() -> None:
    assert words.ZH.keys() == words.EN.keys()


# ---- where elements come from ---------------------------------------------------------------


@pytest.mark.parametrize("make", [shelf.twins, shelf.english])
def test_every_block_knows_its_line(make: Callable[[Path], Path], tmp_path: Path) -> None:
    built = index.build(project.load(make(tmp_path)))
    book = books.assemble(built, built.config.editions[0])
    with progress.of(quiet=True) as display:
        fragments = rendering.convert(book, cache.Store(None), 2, display, tmp_path)
    found = 0
    for fragment in origins.mark(book, fragments).values():
        for element in fragment.tree().xpath("//p | //h1 | //h2 | //th | //td | //figcaption"):
            text = "".join(origins._own_text(element)).strip()
            if not any(char.isalnum() for char in text):
                continue
            path, line, column = element.get("data-source").rsplit(":", 2)
            source = built.project.sources[path].line(int(line))[int(column) - 1 :]
            assert re.sub(r"\W", "", source)[:1] == re.sub(r"\W", "", text)[:1]
            found += 1
    assert found > 3
