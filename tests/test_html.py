"""The web site: whole, self-contained, the same anchors as the EPUB, searchable in a browser."""

import contextlib
import json
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import shelf
from browser import THEMES, WIDTHS, violations, visit
from lxml import etree, html as lxml_html
from lxml.html import HtmlElement
from playwright.sync_api import Browser, Page, expect

from pipeline.screen import house_css, notemarks, search_index, short_names


class Site:
    """The pages of a site, parsed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, HtmlElement] = {
            path.name: lxml_html.document_fromstring(path.read_bytes())
            for path in sorted(folder.glob("*.html"))
        }

    def ids(self, name: str) -> list[str]:
        return [str(e.get("id")) for e in self.pages[name].iter() if e.get("id")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shelf.twins(tmp_path_factory.mktemp("site"))
    shelf.build(folder, "html", "epub")
    return folder


@pytest.fixture(scope="module")
def site(root: Path) -> Site:
    return Site(root / "build/html")


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Opener]:
    """Opens pages of the site from disk; see `visit`."""
    home = f"{site.folder.as_uri()}/"
    with contextlib.ExitStack() as stack:

        def open_page(name: str, **options: Any) -> Page:
            return stack.enter_context(visit(browser, home + name, home, **options))

        yield open_page


def test_a_page_for_each_unit_and_each_entry(site: Site) -> None:
    assert list(site.pages) == [
        "concept-delta.html", "concepts.html", "copyright.html", "event-flood-2020.html",
        "events.html", "index.html", "one.html", "part-1.html", "preface.html", "timeline.html",
        "two.html",
    ]  # fmt: skip


def broken(site: Site) -> list[str]:
    """Links and files that lead nowhere."""
    ids = {name: set(site.ids(name)) for name in site.pages}
    wrong: list[str] = []
    for name, page in site.pages.items():
        for element in page.iter("a", "img", "link", "script"):
            address = element.get("href") or element.get("src") or ""
            parts = urlsplit(address)
            if not address or parts.scheme in ("http", "https", "data", "mailto"):
                continue
            path = posixpath.normpath(unquote(parts.path) or name)
            there = (site.folder / path).is_file() and not parts.path.startswith("/")
            known = not parts.fragment or unquote(parts.fragment) in ids.get(path, set())
            wrong += [] if there and known else [f"{name}: {address}"]
    return wrong


def test_every_link_resolves_on_any_base_path(site: Site) -> None:
    assert broken(site) == []


@pytest.mark.parametrize("name", ["odd", "english"])
def test_odd_books_have_no_broken_links_either(name: str, tmp_path: Path) -> None:
    shelf.build(getattr(shelf, name)(tmp_path), "html")
    assert broken(Site(tmp_path / "build/html")) == []


def test_a_site_does_not_tell_of_its_sources(site: Site) -> None:
    for name, page in site.pages.items():
        assert not page.xpath("//@data-source"), name


def test_nothing_is_asked_of_another_host(site: Site) -> None:
    for page in site.pages.values():
        for element in page.iter("script", "link", "img", "iframe", "source", "form"):
            for name in ("src", "href", "action"):
                assert not re.match(r"(https?:)?//", element.get(name) or "")
    for path in (site.folder / "assets").glob("*.css"):
        assert not re.search(r"url\(|@import", path.read_text("utf-8"))


def test_identifiers_are_unique_and_those_of_the_epub(site: Site, root: Path) -> None:
    on_site: list[str] = []
    for name in site.pages:
        own = site.ids(name)
        assert len(own) == len(set(own)), name
        on_site += own
    with zipfile.ZipFile(root / "build/river.epub") as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml") and "nav" not in name:
                tree = etree.fromstring(archive.read(name))
                missing = {e.get("id") for e in tree.iter("{*}*")} - {None} - set(on_site)
                assert not missing, name


def test_notes_with_the_same_label_stay_with_their_chapters(site: Site) -> None:
    for name, text in (("one.html", "第一章的注。"), ("two.html", "第二章的注。")):
        (section,) = site.pages[name].find_class("footnotes")
        assert text in section.text_content()
        reference = site.pages[name].find_class("footnote-ref")[0]
        assert reference.text_content() == "①"
        (note,) = section.xpath(f".//*[@id='{(reference.get('href') or '')[1:]}']")
        assert text in note.text_content()


def test_reading_order_goes_on_from_page_to_page(site: Site) -> None:
    seen, name = [], "index.html"
    while name:
        seen.append(name)
        links = site.pages[name].xpath("//nav[@class='pager']/a[@rel='next']/@href")
        name = str(links[0]) if links else ""
    assert seen == [
        "index.html", "preface.html", "part-1.html", "one.html", "two.html", "timeline.html",
        "events.html", "event-flood-2020.html", "concepts.html", "concept-delta.html",
    ]  # fmt: skip


def test_a_card_says_who_links_to_it(site: Site) -> None:
    (box,) = site.pages["concept-delta.html"].find_class("backlinks")
    assert [link.get("href") for link in box.iter("a")] == ["two.html", "event-flood-2020.html"]


def test_titles_languages_and_landmarks(site: Site) -> None:
    for name, page in site.pages.items():
        assert page.get("lang") == "zh-Hans"
        assert len(page.findall(".//h1")) == 1, name
        assert len(page.findall(".//main")) == 1
        labels = [nav.get("aria-label") for nav in page.iter("nav")]
        assert len(labels) == len(set(labels)), name
        data = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
        assert data["@context"] == "https://schema.org"
    assert site.pages["one.html"].findtext(".//title") == "第1章 河流的源头 – 河流"


def test_the_same_book_gives_the_same_site(tmp_path: Path, site: Site) -> None:
    shelf.build(shelf.twins(tmp_path), "html")
    for path in site.folder.rglob("*"):
        if path.is_file():
            other = tmp_path / "build/html" / path.relative_to(site.folder)
            assert other.read_bytes() == path.read_bytes()


# ---- search -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("注意力", ["注意", "意力", "力·"]),
        ("GPT-3模型", ["gpt", "3", "模型", "型·"]),
        ("Ａｂｃ ｄ", ["abc", "d"]),
        ("“”，。", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert list(search_index.tokens(text)) == expected


def test_sections_are_cut_at_headings_without_marks_of_notes() -> None:
    tree = lxml_html.fragment_fromstring(
        "<div><h1>题</h1><p>甲<a class='footnote-ref' href='#n'>1</a>乙</p>丙"
        "<h2 id='x'>丁</h2><p>戊</p><p>己</p></div>"
    )
    assert search_index.sections(tree) == (
        search_index.Section("", "题", "甲乙 丙"),
        search_index.Section("x", "丁", "戊 己"),
    )


def test_search_from_disk(open_page: Opener) -> None:
    wanted = {
        "三角洲": "concept-delta.html",
        "泥沙": "concept-delta.html",
        "堤": "event-flood-2020.html",
        "hills vill": "one.html",
        "第二章的正文": "two.html",
        "没有的词": None,
    }
    script = """(words) => Promise.all(words.map((query) => makeBook.search(query)))
      .then((lists) => lists.map((list) => list.length ? list[0].file : null))"""
    found = open_page("index.html").evaluate(script, [*wanted])
    assert dict(zip(wanted, found, strict=True)) == wanted


def test_the_index_stays_small() -> None:
    """Random Han is the worst case: hardly any pair comes twice."""
    import random

    chance = random.Random(1)
    common = [chr(0x4E00 + int(chance.paretovariate(0.6)) % 3000) for _ in range(150_000)]
    postings: dict[str, dict[int, None]] = {}
    for page in range(100):
        text = "".join(common[page * 1500 : page * 1500 + 1500])
        for token in search_index.tokens(text):
            postings.setdefault(token, {})[page] = None
    size = sum(len(search_index._json(shard).encode()) for shard in search_index._shards(postings))
    assert size < 3 * len("".join(common).encode())


# ---- in a browser -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one.html", "timeline.html"])
def test_pages_fit_a_phone(open_page: Opener, name: str) -> None:
    page = open_page(name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_theme_switches_and_stays(open_page: Opener) -> None:
    page = open_page("two.html")
    root = page.locator("html")
    for theme in ("light", "dark"):
        page.locator("#appearance").click()
        expect(root).to_have_attribute("data-theme", theme)
    page.locator("[rel=prev]").last.click()
    expect(root).to_have_attribute("data-theme", "dark")
    page.locator("#appearance").click()
    assert root.get_attribute("data-theme") is None


@pytest.mark.parametrize(("word", "found"), [("三角洲", "三角洲"), ("VILLAGE", "village")])
def test_the_search_finds_chinese_and_english(open_page: Opener, word: str, found: str) -> None:
    page = open_page("one.html")
    page.keyboard.press("/")
    page.keyboard.type(word)
    expect(page.locator("#found mark").first).to_have_text(found)
    page.keyboard.press("Enter")
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator("main")).to_contain_text(found)


def test_a_card_appears_over_a_link(open_page: Opener) -> None:
    page = open_page("two.html")
    page.locator("main p a[href='concept-delta.html']").first.hover()
    card = page.locator("#card")
    expect(card).to_contain_text("泥沙")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.locator("main p a[href='event-flood-2020.html']").first.focus()
    expect(card).to_contain_text("河水漫过了堤岸")


# ---- timeline and causes ------------------------------------------------------------------

EVENT = """\
---
event_id: {name}
date: {date}
title: {title}
title_en: {name}
organization: {organization}
event_type: {kind}
significance_level: {level}
causal_connections:
{causes}
---
# {title}

{title}，是为了测试时间线而写的一张卡片，讲的是一条河。

    a line of code that is wider than the page of any phone, and so has to be scrolled
"""
EVENTS = (
    ("spring-2001", "2001-03-01", "开凿", "水利局", "work", "critical", ["enables: mill-2003"]),
    ("mill-2003", "2003-05", "磨坊", "磨坊主", "work", "minor", ["influences: bridge-2004"]),
    ("bridge-2004", "2004-01-01", "架桥", "水利局", "bridge", "major", ["response_to: mill-2003"]),
)  # fmt: skip
HOME = "https://example.org/river/"


@pytest.fixture(scope="module")
def chronicle(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that is published, with events to filter and causes to follow."""
    root = shelf.twins(tmp_path_factory.mktemp("chronicle"), url=HOME.rstrip("/"))
    for name, date, title, organization, kind, level, causes in EVENTS:
        lines = "\n".join(f"  - {line}" for line in causes)
        text = EVENT.format(
            name=name, date=date, title=title, organization=organization, kind=kind, level=level,
            causes=lines,
        )  # fmt: skip
        (root / f"events/{name}.md").write_text(text, "utf-8")
    shelf.build(root, "html")
    return Site(root / "build/html")


@pytest.fixture
def timeline(browser: Browser, chronicle: Site) -> Iterator[Page]:
    home = f"{chronicle.folder.as_uri()}/"
    with visit(browser, f"{home}timeline.html", home) as page:
        yield page


def test_the_timeline_is_filtered(timeline: Page) -> None:
    shown = timeline.locator("ol.timeline > li:visible")
    expect(shown).to_have_count(4)
    timeline.get_by_label("机构").select_option("水利局")
    expect(shown).to_have_text([re.compile("开凿"), re.compile("架桥")])
    expect(timeline.locator("h2.year:visible")).to_have_text(
        [re.compile("2001"), re.compile("2004")]
    )
    expect(timeline.get_by_role("status").filter(has_text="2个事件")).to_be_visible()
    timeline.get_by_label("重要性").select_option(label="🔴 关键里程碑")
    expect(shown).to_have_text([re.compile("开凿")])
    expect(timeline.locator(".lanes .node:not(.out)")).to_have_count(1)
    timeline.get_by_role("button", name="不筛选").click()
    expect(shown).to_have_count(4)


def test_the_causal_graph_leads_from_event_to_event(timeline: Page) -> None:
    nodes = timeline.locator(".causes .node")
    panel = timeline.locator(".chosen")
    nodes.filter(has_text="磨坊").locator("a").click()
    expect(panel).to_contain_text("得益于")
    expect(timeline.locator(".causes .node.faint")).to_have_count(1)
    panel.get_by_role("button", name="架桥").first.click()
    expect(timeline.locator(".causes .node.on")).to_contain_text("架桥")
    timeline.keyboard.press("Escape")
    panel.get_by_role("link", name="架桥").click()
    expect(timeline.locator("h1")).to_contain_text("架桥")


def test_the_causal_graph_by_keyboard(timeline: Page) -> None:
    timeline.locator(".causes a[tabindex='0']").focus()
    timeline.keyboard.press("ArrowDown")
    timeline.keyboard.press("Enter")
    expect(timeline.locator(".causes .node.on")).to_contain_text("磨坊")
    timeline.keyboard.press("Escape")
    expect(timeline.locator(".chosen")).to_be_empty()
    timeline.keyboard.press("Enter")
    timeline.keyboard.press("Enter")
    expect(timeline.locator("h1")).to_contain_text("磨坊")


def test_the_causes_are_a_list_as_well(chronicle: Site) -> None:
    """For those who cannot see the drawing, and without a script."""
    (box,) = chronicle.pages["timeline.html"].find_class("causes-list")
    lines = {
        str(item.get("data-id")): [
            " ".join(line.text_content().split()) for line in item.xpath("ul/li")
        ]
        for item in box.xpath("./ul/li")
    }
    assert lines["mill-2003"] == [
        "得益于 2001-03-01 开凿",
        "得到回应 2004-01-01 架桥",
        "影响 2004-01-01 架桥",
    ]
    assert broken(chronicle) == []


def test_a_list_of_the_keys(timeline: Page) -> None:
    timeline.keyboard.press("?")
    expect(timeline.locator("#keys kbd").first).to_be_visible()
    assert violations(timeline) == []
    timeline.keyboard.press("Escape")
    timeline.keyboard.press("l")
    expect(timeline.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "name", ["index", "one", "timeline", "events", "event-mill-2003", "concepts"]
)
@pytest.mark.full
def test_every_kind_of_page_is_accessible(
    browser: Browser, chronicle: Site, name: str, width: int, theme: str
) -> None:
    home = f"{chronicle.folder.as_uri()}/"
    with visit(browser, f"{home}{name}.html", home, width=width, theme=theme) as page:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_search_is_accessible(open_page: Opener) -> None:
    page = open_page("one.html", width=390, theme="dark")
    page.keyboard.press("/")
    page.keyboard.type("三角洲")
    expect(page.locator("#found mark").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a").first).to_be_focused()


# ---- published ----------------------------------------------------------------------------


def test_a_published_site_has_a_sitemap_and_a_feed(chronicle: Site) -> None:
    tree = etree.parse(chronicle.folder / "sitemap.xml")
    listed = {str(item.text).removeprefix(HOME) for item in tree.iter("{*}loc")}
    assert listed == {name for name in chronicle.pages if name != "index.html"} | {""}
    feed = etree.parse(chronicle.folder / "feed.xml").getroot()
    names = {"a": "http://www.w3.org/2005/Atom"}
    moments = feed.xpath("a:entry/a:updated/text()", namespaces=names)
    days = ["2020-07-01", "2004-01-01", "2003-05-01", "2001-03-01"]
    assert moments == [f"{day}T00:00:00Z" for day in days]
    assert feed.xpath("string(a:entry[2]/a:title)", namespaces=names) == "2004-01-01 架桥"
    assert (
        feed.xpath("string(a:entry[2]/a:link/@href)", namespaces=names)
        == f"{HOME}event-bridge-2004.html"
    )
    assert feed.xpath("string(a:updated)", namespaces=names) == "2020-07-01T00:00:00Z"
    head = chronicle.pages["event-bridge-2004.html"].find("head")
    assert head is not None
    assert head.xpath("string(link[@rel='canonical']/@href)") == f"{HOME}event-bridge-2004.html"


def test_an_unpublished_site_has_neither(site: Site) -> None:
    assert not [path.name for path in site.folder.glob("*.xml")]
    assert not site.pages["one.html"].xpath("//link[@rel='canonical' or @rel='alternate']")


def test_pages_say_what_they_are(chronicle: Site) -> None:
    def said(name: str) -> dict[str, Any]:
        text = chronicle.pages[name].xpath("string(//script[@type='application/ld+json'])")
        found: dict[str, Any] = json.loads(str(text))
        return found

    home, chapter, event = said("index.html"), said("one.html"), said("event-mill-2003.html")
    assert (home["@type"], home["name"], home["url"]) == ("Book", "河流", HOME)
    assert [part["name"] for part in home["hasPart"]] == ["第1章 河流的源头", "第2章 河流的尽头"]
    assert (chapter["@type"], chapter["isPartOf"]["name"]) == ("Chapter", "河流")
    about = event["about"]
    assert (about["@type"], about["startDate"]) == ("Event", "2003-05")
    assert about["organizer"] == [{"@type": "Organization", "name": "磨坊主"}]
    assert said("concept-delta.html")["@type"] == "DefinedTerm"


# ---- parts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("注意力", "zhu-yi-li"), ("Ärger über", "arger-uber"), ("con", "x-con"), ("😀", "x"),
        ("../../etc/passwd", "etc-passwd"), ("a" * 200, "a" * 60),
    ],
)  # fmt: skip
def test_file_names_are_plain(text: str, expected: str) -> None:
    assert short_names.ascii_name(text) == expected


def test_file_names_are_given_once() -> None:
    namer = short_names.Namer(("index",))
    assert [namer.name(text) for text in ("index", "力", "李", "力")] == [
        "index-2",
        "li",
        "li-2",
        "li-3",
    ]


def test_a_books_own_css_fetches_nothing() -> None:
    text = house_css.harmless(
        "@import 'x.css'; @font-face { src: url(x) } @page :left { margin: 0; @top-left { } }"
        "p { background: u\\rl(http://x.example/a.png); color: red } </style><script>"
    )
    assert "x.example" not in text and "@" not in text and "</" not in text
    assert "color: red" in text


@pytest.mark.parametrize(
    ("number", "tag", "mark"),
    [(1, "zh-Hans", "①"), (20, "zh", "⑳"), (21, "zh", "㉑"), (50, "zh", "㊿"), (51, "zh", "51"),
     (1, "en", "1")],
)  # fmt: skip
def test_marks_of_notes(number: int, tag: str, mark: str) -> None:
    assert notemarks.of(number, tag) == mark
