"""The editor's report, in a real browser from disk: whatever a book holds, on paper and screen."""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from author import edit, git
from browser import WIDTHS, violations
from playwright.sync_api import Browser, Locator, Page, expect

from pipeline import checker, cli, index, project, reporting
from pipeline.errors import Exit
from pipeline.report import dossier, report_page, report_words
from pipeline.reporters import html
from pipeline.suppression import write_baseline

STOCK = Path(__file__).parent / "rules" / "stock"
VIEWS = ("overview", "findings", "causes", "timeline")

HOSTILE = """\
---
event_id: press-1500
date: "1500"
title: '</script><script>document.title="owned"</script>"&amp;<!--'
title_en: "</style><img src=x onerror=alert(1)> `quoted` \\u202e turned"
organization: "<b>nobody</b>"
event_type: invention
significance_level: "\\" onmouseover=alert(1)"
verification_status: verified
sources: [weber2006]
causal_connections:
  - enables: [mainz-press-1450]
---
# <script>alert(1)</script> (1500)

一句话</script>，[坏](javascript:alert(1))，[没有](../nowhere{line}$&.md)，\u0007\u200b\u202e。
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a fault, committed as `first`; then the fault is mended and others are made."""
    root = tmp_path_factory.mktemp("a book #1")
    shutil.copytree(STOCK, root, dirs_exist_ok=True)
    edit(root / "manuscript/01-press/newspapers.md", "[@weber2006]", "[@nobody]")
    edit(root / "manuscript/01-press/movable-type.md", "number: 1", "number: 2")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "初稿 <b>")
    git(root, "tag", "first")
    edit(root / "manuscript/01-press/newspapers.md", "[@nobody]", "[@weber2006]")
    edit(
        root / "manuscript/01-press/newspapers.md",
        "[《关系》周报](../../events/",
        "[《关系》](../events/",
    )
    edit(root / "book.yaml", "language:", "word_target: [20, 60]\nlanguage:")
    (root / "events" / "press-1500.md").write_text(HOSTILE, "utf-8")
    return root


@pytest.fixture(scope="module")
def report(book: Path) -> Path:
    assert cli.main(["-C", str(book), "report", "--since", "first"]) == Exit.CLEAN
    return book / "build" / "report.html"


Opener = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, report: Path) -> Iterator[Opener]:
    """Opens the report; afterwards nothing was fetched and the console is silent."""
    heard: list[str] = []
    fetched: list[str] = []
    contexts = []

    def visit(address: str = "", *, width: int = 1280, theme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: fetched.append(request.url))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.goto(f"{report.as_uri()}#{address}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert heard == []
    assert {url.partition("#")[0] for url in fetched} == {report.as_uri()}


def record(report: Path) -> dict[str, Any]:
    return data(report.read_text("utf-8"))


def data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    result: dict[str, Any] = json.loads(found[1])
    return result


def go(page: Page, fragment: str) -> None:
    page.evaluate("fragment => { location.hash = fragment; navigate(); }", fragment)


def assert_at(page: Page, fragment: str) -> None:
    """The address, after the page has followed it."""
    page.wait_for_function("wanted => location.hash.slice(1) === wanted", arg=fragment)
    view = fragment.partition("?")[0]
    expect(page.locator(f"#view-{view}")).to_be_visible()


def shown(page: Page) -> Locator:
    return page.locator(".finding")


# ---- the file -------------------------------------------------------------------------------


def test_nothing_of_a_book_becomes_markup(report: Path) -> None:
    text = report.read_text("utf-8")
    assert text.count("<script") == text.count("</script>") == 2
    assert text.count("<style>") == text.count("</style>") == 1
    assert "<!--" not in text
    assert "\u202e" not in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b]", text)


def test_the_same_book_gives_the_same_bytes(book: Path, report: Path, tmp_path: Path) -> None:
    before = report.read_bytes()
    assert cli.main(["-C", str(book), "report", "--since", "first"]) == Exit.CLEAN
    assert report.read_bytes() == before
    assert str(book) not in before.decode("utf-8")  # it moves with its book


def test_the_trend_since_a_revision(report: Path) -> None:
    found = record(report)
    assert found["base"] == {
        "kind": "revision", "name": "first", "date": found["base"]["date"],
        "subject": "初稿 <b>", "known": found["base"]["known"],
    }  # fmt: skip
    new = {item["code"] for item in found["findings"] if item["new"]}
    old = {item["code"] for item in found["findings"] if not item["new"]}
    assert {"LK001", "EV001", "LK006"} <= new
    assert "CH001" in old
    assert [item["code"] for item in found["mended"]] == ["CT001"]


def test_the_trend_since_a_baseline(book: Path, tmp_path: Path) -> None:
    run = checker.check(index.build(project.load(book)))
    known = [item for item in run.active if item.code != "LK006"]
    baseline = tmp_path / "known.json"
    baseline.write_text(write_baseline(known), "utf-8")
    output = tmp_path / "report.html"
    words = ["-C", str(book), "report", "--baseline", str(baseline), "-o", str(output)]
    assert cli.main(words) == Exit.CLEAN
    found = record(output)
    assert [item["code"] for item in found["findings"] if item["new"]] == ["LK006"]
    assert found["mended"] == []
    assert found["root"].endswith(str(book.name).replace(" ", "%20").replace("#", "%23"))


def test_the_reporter_writes_the_page(book: Path) -> None:
    stream = io.StringIO()
    run = checker.check(index.build(project.load(book)))
    html.report(run, stream, reporting.Options())
    assert stream.getvalue() == report_page.page(run)
    assert '"compared":false' in stream.getvalue()


def test_the_reporter_tells_new_findings_from_known_ones(book: Path) -> None:
    run = checker.check(index.build(project.load(book)))
    earlier = [item for item in run.diagnostics if item.code != "LK006"]
    held = checker.held_against(run, replace(run, diagnostics=tuple(earlier)))
    stream = io.StringIO()
    html.report(held, stream, reporting.Options())
    found = data(stream.getvalue())
    assert [item["code"] for item in found["findings"] if item["new"]] == ["LK006"]


@pytest.mark.parametrize("editor", ["javascript:alert(1)", "nano", "x://no-path"])
def test_an_editor_is_known_or_a_pattern(editor: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "--editor", editor]) == Exit.USAGE
    assert "no editor and no pattern" in capsys.readouterr().err


def test_an_unknown_revision(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["-C", str(book), "report", "--since", "nowhere"]) == Exit.USAGE
    assert "git knows no revision `nowhere`" in capsys.readouterr().err


def test_the_words_of_both_languages_agree() -> None:
    keys = {key for key in report_words.EN if not key.endswith("_one")}
    assert keys == set(report_words.ZH)
    for key in keys:
        holes = [re.findall(r"\{\d\}", words[key]) for words in (report_words.ZH, report_words.EN)]
        assert sorted(holes[0]) == sorted(holes[1]), key


def test_every_word_that_the_page_asks_for_is_there() -> None:
    themes = Path(report_page.__file__).parents[1] / "themes"
    script = "".join((themes / name).read_text("utf-8") for name in report_page.SCRIPTS)
    asked = set(re.findall(r'\b(?:t|counted|fact|block|section|item|button)\("([a-z_]+)"', script))
    asked |= {f"key_{name}" for name in ("next", "toggle", "views")} | set(VIEWS)
    assert {"by_chapter", "orphans", "legend_red"} <= asked
    assert asked <= set(report_words.ZH)


def test_a_book_without_events_or_chapters(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "book.yaml").write_text("title: Empty\nlanguage: en\n", "utf-8")
    run = checker.check(index.build(project.load(tmp_path)))
    output = tmp_path / "report.html"
    output.write_text(report_page.page(run, dossier.Settings(above=".")), "utf-8")
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for view in VIEWS:
        page.goto(f"{output.as_uri()}#{view}")
        expect(page.locator(f"#view-{view}")).to_be_visible()
    assert page.locator("#timeline-picture").inner_text() == "This book has no event cards."
    assert errors == []
    page.close()


# ---- what a person sees ---------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", [*VIEWS, "causes?event=press-1500", "findings?state=mended"])
def test_it_is_accessible(visit: Opener, view: str, width: int, theme: str) -> None:
    page = visit(view, width=width, theme=theme)
    if theme == "dark":
        page.keyboard.press("l")
    if view == "findings":
        page.locator("#expand").click()
    assert violations(page) == []


@pytest.mark.parametrize("dialog", ["showRule('LK001')", "keys['?']()"])
def test_dialogs_are_accessible(visit: Opener, dialog: str) -> None:
    page = visit("findings", width=390)
    page.evaluate(dialog)
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_wider_than_the_page(visit: Opener, view: str, width: int) -> None:
    page = visit(view, width=width)
    if view == "findings":
        page.keyboard.press("a")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_all_views_are_in_reach_on_a_phone(visit: Opener) -> None:
    page = visit(width=390)
    page.locator("#language").click()
    expect(page.locator("nav a").last).to_have_text("Timeline")
    assert page.locator("nav").evaluate("nav => nav.scrollWidth <= nav.clientWidth")


def test_hostile_text_is_shown_as_text(visit: Opener) -> None:
    page = visit("causes?event=press-1500")
    assert (
        page.locator("#causes-panel h3").inner_text().startswith("</script><script>document.title")
    )
    assert page.title().startswith("印刷小史")
    go(page, "timeline?event=press-1500")
    assert page.locator("#timeline-panel dl").inner_text().count("<b>nobody</b>") == 1
    go(page, "findings?q=</script><img src=x onerror=alert(1)>")
    assert page.locator("#q").input_value() == "</script><img src=x onerror=alert(1)>"
    assert page.locator("img").count() == 0


def test_the_overview_leads_to_the_findings(visit: Opener) -> None:
    page = visit()
    assert page.locator(".chapters tbody th[scope=row]").count() == 2
    assert page.locator(".length-bar").first.get_attribute("class") == "length-bar over"
    page.locator(".figure.error").click()
    assert_at(page, "findings?severity=error")
    expect(page.locator("nav a[aria-current]")).to_have_text("问题")
    page.go_back()
    expect(page.locator("#view-overview")).to_be_visible()
    page.locator(".chapters .tally-link").last.click()
    assert_at(page, "findings?place=manuscript/01-press/newspapers.md")
    go(page, "overview")
    page.locator(".since a").last.click()
    assert_at(page, "findings?state=mended")
    expect(shown(page)).to_have_count(1)


def test_a_finding_shows_source_fix_and_places(visit: Opener, book: Path) -> None:
    page = visit("findings?rule=LK001&place=manuscript/01-press/newspapers.md")
    expect(shown(page)).to_have_count(1)
    finding = shown(page).first
    assert finding.locator("mark").inner_text() == "../events/relation-1605.md"
    assert finding.locator(".tag.new").count() == 1
    line = (book / "manuscript/01-press/newspapers.md").read_text("utf-8")
    number = line[: line.index("(../events")].count("\n") + 1
    url = finding.locator("a.place").get_attribute("href")
    assert url is not None
    folder = str(book).replace(" ", "%20").replace("#", "%23")
    assert url.startswith(f"vscode://file{folder}/manuscript/01-press/newspapers.md:{number}:")
    assert finding.locator(".details").is_hidden()
    finding.locator(".toggle").click()
    assert finding.locator("ins").inner_text() == "../../events/relation-1605.md"
    assert finding.locator("del").inner_text() == "../events/relation-1605.md"
    assert "make-book: ignore LK001 because" in finding.locator(".details").inner_text()
    finding.locator("button.code").first.click()
    assert page.locator("#rule-title").inner_text() == "LK001 broken-link"
    assert page.locator("#rule-page h3").count() == 4
    assert page.locator("#rule-page pre").count() == 2


def test_the_filters_live_in_the_address(visit: Opener) -> None:
    page = visit("findings")
    everything = shown(page).count()
    page.locator("[data-severity=error]").click()
    assert_at(page, "findings?severity=error")
    errors = shown(page).count()
    assert 0 < errors < everything
    page.locator("#rule").select_option("LK")
    page.locator("#q").fill("NOwhere")
    assert_at(page, "findings?severity=error&rule=LK&q=NOwhere")
    expect(shown(page)).to_have_count(2)
    page.reload()
    assert page.locator("#q").input_value() == "NOwhere"
    assert page.locator("[data-severity=error]").get_attribute("aria-pressed") == "true"
    expect(shown(page)).to_have_count(2)
    page.locator("#q").fill("")
    page.locator("#place").select_option("@events")
    page.locator("#group").select_option("rule")
    assert_at(page, "findings?severity=error&place=@events&rule=LK&group=rule")
    assert page.locator(".group h3").first.inner_text().startswith("LK001")
    page.locator("#clear").click()
    expect(shown(page)).to_have_count(everything)
    go(page, "findings?state=fixable")
    assert 0 < shown(page).count() < everything
    page.locator("nav [data-view=causes]").click()
    page.locator("nav [data-view=findings]").click()
    assert_at(page, "findings?state=fixable")


def test_a_finding_has_an_address(visit: Opener) -> None:
    page = visit("findings")
    identifier = shown(page).last.get_attribute("data-id")
    go(page, f"findings?at={identifier}")
    page.reload()
    assert page.locator(".finding.at").get_attribute("data-id") == identifier
    assert page.locator(".finding.at .details").is_visible()
    assert page.locator(".finding.at").evaluate("node => node.getBoundingClientRect().top") < 900


def test_keys(visit: Opener) -> None:
    page = visit()
    press = page.keyboard.press
    press("2")
    expect(page.locator("#view-findings")).to_be_visible()
    press("j")
    press("j")
    assert (
        shown(page).nth(1).get_attribute("class")
        == "finding at " + str(shown(page).nth(1).get_attribute("class")).split()[-1]
        or "at" in str(shown(page).nth(1).get_attribute("class")).split()
    )
    assert page.locator(".details:visible").count() == 1
    press("k")
    assert "at" in str(shown(page).first.get_attribute("class")).split()
    press("o")
    assert page.locator(".details:visible").count() == 0
    press("a")
    assert page.locator(".details:visible").count() == shown(page).count()
    press("/")
    page.keyboard.type("jx?")
    assert page.locator("#q").input_value() == "jx?"
    press("Escape")
    press("x")
    assert page.locator("#q").input_value() == ""
    press("f")
    assert page.evaluate("document.activeElement.dataset.severity") == "error"
    press("?")
    assert page.locator("#keys-dialog").is_visible()
    page.locator("#keys-on").uncheck()
    press("Escape")
    press("1")
    assert page.locator("#view-findings").is_visible()


def test_language_and_appearance(visit: Opener) -> None:
    page = visit()
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.keyboard.press("l")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "印刷小史"
    assert page.locator(".chapters .title").first.inner_text() == "Movable Type"
    page.keyboard.press("d")
    page.keyboard.press("d")
    assert page.evaluate(paper) != light
    page.reload()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("html").get_attribute("data-theme") == "dark"


# ---- pictures -------------------------------------------------------------------------------


def test_contradictions_are_red(visit: Opener) -> None:
    for view in ("causes", "timeline"):
        page = visit(view)
        wrong = page.locator(f"#{view}-picture .edge.wrong .arc")
        assert wrong.count() == 1
        red = page.locator(".mark.error").first
        colour = "node => getComputedStyle(node)."
        assert wrong.evaluate(colour + "stroke") == "rgb(174, 35, 26)"
        assert page.locator(f"#{view}-panel .wrongs li").count() == 1
        assert red.count() <= 1 or red.evaluate(colour + "fill") == "rgb(174, 35, 26)"


def test_an_event_brings_out_its_neighbours_and_its_card(visit: Opener) -> None:
    page = visit("causes")
    node = page.locator("#causes-picture .node", has_text="美因茨的印刷机")
    node.hover()
    expect(page.locator("#causes-picture .node.near")).to_have_count(3)
    node.click()
    assert_at(page, "causes?event=mainz-press-1450")
    panel = page.locator("#causes-panel")
    assert panel.locator("a.place").inner_text() == "events/mainz-press-1450.md"
    assert panel.locator(".relations li.wrong").count() == 1
    panel.locator(".relations button", has_text="《关系》周报创刊").click()
    assert_at(page, "causes?event=relation-1605")
    page.locator(".back").click()
    assert_at(page, "causes")


def box(page: Page, view: str) -> list[float]:
    value = page.locator(f"#{view}-picture > svg").get_attribute("viewBox")
    assert value is not None
    return [float(number) for number in value.split()]


@pytest.mark.parametrize("view", ["causes", "timeline"])
def test_zoom_and_pan(visit: Opener, view: str) -> None:
    page = visit(view, width=390)
    whole = box(page, view)
    page.locator(f"#{view}-picture .zoom button").first.click()
    assert box(page, view)[2] < whole[2]
    page.locator(f"#{view}-picture .zoom button").last.click()
    assert box(page, view) == whole
    page.locator(f"#{view}-picture .node").first.focus()
    page.keyboard.press("+")
    zoomed = box(page, view)
    assert zoomed[2] < whole[2]
    page.keyboard.press("Shift+ArrowRight")
    assert box(page, view)[0] > zoomed[0]
    page.keyboard.press("0")
    assert box(page, view) == whole
    page.locator(f"#{view}-picture > svg").hover()
    page.mouse.wheel(0, -300)
    assert page.wait_for_function(
        "([view, wide]) => Number(document.querySelector(`#${view}-picture > svg`)"
        ".getAttribute('viewBox').split(' ')[2]) < wide",
        arg=[view, whole[2]],
    )
    inside = box(page, view)
    page.mouse.down()
    page.mouse.move(100, 400, steps=4)
    page.mouse.up()
    assert box(page, view) != inside


def test_arrows_go_from_event_to_event(visit: Opener) -> None:
    page = visit("timeline")
    page.locator("#timeline-picture .node").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert_at(page, "timeline?event=mainz-press-1450")


def test_it_prints_every_part(visit: Opener, tmp_path: Path) -> None:
    page = visit("overview", theme="dark")
    output = tmp_path / "report.pdf"
    page.pdf(path=output, format="A4")
    text = subprocess.run(
        ["pdftotext", "-layout", str(output), "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("印刷小史", "按规则", "因果图", "时间线", "no file", "矛盾的关系"):
        assert words in text
    assert page.locator("#view-overview").is_visible()
    assert page.locator("#view-causes").is_hidden()
