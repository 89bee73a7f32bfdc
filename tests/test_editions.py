"""Editions: one language kept, Traditional characters, parts of the book left out.

`editions/<case>/both.md` is what an author wrote; beside it stand `zh.md` and `en.md`, what is kept
of it, and `unpaired-*.txt`, what stays for want of a counterpart. `--regenerate` rewrites them.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import shelf
from books import write
from test_epub import Publication, messages

from pipeline import checker, counterparts, index, language, parser, project
from pipeline.document import Document, Given, Parsed
from pipeline.errors import UserError
from pipeline.source import Source
from pipeline.traditional import Traditional

FOLDER = Path(__file__).parent / "editions"
CASES = sorted(path.name for path in FOLDER.iterdir())
Golden = Callable[[Path, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Hold a text against a file, or write the file anew."""

    def hold(path: Path, text: str) -> None:
        if request.config.getoption("--regenerate"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return hold


def document(text: str) -> Document:
    source = Source("x.md", text.encode())
    parsed = Parsed(None, None, parser.parse_body(source))
    return Document(source, "chapter", "chapter", Given(parsed))


@pytest.mark.parametrize("only", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_one_language_is_kept(case: str, only: str, golden: Golden) -> None:
    both = document((FOLDER / case / "both.md").read_text("utf-8"))
    golden(FOLDER / case / f"{only}.md", counterparts.edited(both, only).source.text)
    stays = (both.source.slice(span).strip() for span in counterparts.find(both, only).unpaired)
    lines = (text.partition("\n")[0] for text in stays)
    golden(FOLDER / case / f"unpaired-{only}.txt", "".join(f"{line}\n" for line in lines))


# ---- whole books --------------------------------------------------------------------------

CONFIG = """\
title: 河流
title_en: The River
authors: [王芳]
slug: river
editions:
  both: {}
  zh: {}
  en: {}
  zh-Hant: {exceptions: data/words.tsv}
"""

ONE = """\
---
chapter_number: 1
title: 河流的发源
title_en: The Source
---
# 第1章 河流的发源

## 小结 (Summary)

里面只有“水”[^1]，见[](two.md)与[云计算]{.index}。代码`头发`，[地址](https://example.org/发)。

There is nothing but water in it[^2], see [](two.md), and that is all we know.

## 只有中文

云里没有水[^3]。

![河流的走向 (The Course of the River)](../figures/map.svg){#fig-map}

如[](#fig-map)。

[^1]: 中文的注。
[^2]: A note in English.
[^3]: 又一条中文的注。
"""

TWO = """\
---
chapter_number: 2
title: 河流的尽头
title_en: The Mouth
---
# 第2章 河流的尽头

回到[源头](one.md)，见[三角洲](../../concepts/delta.md)。
"""


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book in four editions, built."""
    root = tmp_path_factory.mktemp("river")
    files = {
        "book.yaml": CONFIG,
        "data/words.tsv": "# what OpenCC gets wrong\n云\t云\n“\t「\n”\t」\n",
        "manuscript/01-water/index.md": "---\ntitle: 水\ntitle_en: Water\n---\n# 水\n",
        "manuscript/01-water/one.md": ONE,
        "manuscript/01-water/two.md": TWO,
        "manuscript/figures/map.svg": shelf.SVG,
        "events/flood.md": shelf.FLOOD,
        "concepts/delta.md": shelf.DELTA,
    }
    shelf.build(write(root, files), "epub", "markdown")
    return root


def edition(root: Path, name: str) -> Publication:
    return Publication(root / f"build/river{name}.epub")


def contents(book: Publication) -> list[str]:
    (toc, *_) = book.pages["EPUB/nav.xhtml"].iter("{*}nav")
    return [str(link.text) for link in toc.iter("{*}a")]


def test_titles_and_contents_are_in_the_language_of_the_edition(river: Path) -> None:
    english, chinese = edition(river, "-en"), edition(river, "-zh")
    assert contents(english)[:5] == [
        "Part I Water", "Chapter 1 The Source", "Summary", "只有中文",
        "Chapter 2 The Mouth",
    ]  # fmt: skip
    assert contents(chinese)[:3] == ["第一部 水", "第1章 河流的发源", "小结"]
    assert [item.text for item in english.opf.iter("{*}title")] == ["The River"]
    assert [item.text for item in chinese.opf.iter("{*}title")] == ["河流"]
    assert "The" not in chinese.text("title-page.xhtml")
    assert "河" not in english.text("title-page.xhtml")
    assert contents(edition(river, ""))[1] == "第1章 河流的发源"
    assert "The Source" in edition(river, "").text("one.xhtml")


def test_text_notes_and_labels_follow_the_language(river: Path) -> None:
    english, chinese = (
        edition(river, "-en").text("one.xhtml"),
        edition(river, "-zh").text("one.xhtml"),
    )
    assert "nothing but water" in english and "里面" not in english
    assert "see The Mouth" in english
    assert "Figure 1-1" in english and "The Course of the River" in english
    assert "1 A note in English.\n2 又一条中文的注。" in english, "notes are numbered anew"
    assert "云里没有水" in english, "a block without a counterpart stays"
    assert "里面" in chinese and "nothing but water" not in chinese
    assert "图 1-1" in chinese and "河流的走向" in chinese and "Course" not in chinese
    assert "A note in English" not in chinese


def test_anchors_are_the_same_in_all_editions(river: Path) -> None:
    def names(book: Publication) -> set[str]:
        return {str(item.get("id")) for item in book.pages["EPUB/one.xhtml"].iter("{*}h2")}

    found = [names(edition(river, name)) for name in ("", "-zh", "-en", "-zh-Hant")]
    assert found[0] == {"one.小结-summary", "one.只有中文"}
    assert all(some == found[0] for some in found)


def test_all_that_is_shown_is_traditional_and_nothing_else(river: Path) -> None:
    book = edition(river, "-zh-Hant")
    page = book.text("one.xhtml")
    assert "裡面只有「水」" in page and "见" not in page
    assert "云計算" in page and "云裡沒有水" in page, "the book's own table decides"
    assert "代碼头发" in page, "code stays"
    assert "https://example.org/%E5%8F%91" in book.files["EPUB/one.xhtml"].decode()
    assert contents(book)[1] == "第1章 河流的發源"
    assert {"時間線", "事件卡片"} <= set(contents(book))
    assert "云計算" in book.text("book-index.xhtml")
    assert "因果關聯" in book.text("events.xhtml")
    assert {page.get("lang") for page in book.pages.values()} == {"zh-Hant"}
    assert [item.text for item in book.opf.iter("{*}language")] == ["zh-Hant"]


@pytest.mark.parametrize(
    "name", ["-zh-Hant", *(pytest.param(item, marks=pytest.mark.full) for item in ("-zh", "-en"))]
)
def test_epubcheck_has_nothing_to_say_of_an_edition(river: Path, name: str) -> None:
    assert messages(river / f"build/river{name}.epub") == []


def test_markdown_is_of_the_edition_too(river: Path) -> None:
    def text(name: str) -> str:
        (path,) = (river / f"build/markdown-{name}").glob("*one.md")
        head, body = path.read_text("utf-8").split("---\n", 2)[1:]
        heads[name] = head
        return body

    heads: dict[str, str] = {}
    english, traditional = text("en"), text("zh-Hant")
    assert english.startswith("# Chapter 1 The Source\n")
    assert "里面" not in english and "[Chapter 2 The Mouth](" in english
    assert "# 第1章 河流的發源" in traditional and "裡面只有「水」" in traditional
    assert "[^2]: A note" in english and "[^1]" not in english, "notes go with what calls them"
    assert "[^3]: 又一条" in english, "and stay with it"
    assert "title: 河流的發源\n" in heads["zh-Hant"] and "title: 河流的发源\n" in heads["en"]
    assert "`头发`" in traditional and "https://example.org/发" in traditional


# ---- Traditional characters ---------------------------------------------------------------


def test_a_table_of_another_form_is_told_at_its_line(tmp_path: Path) -> None:
    files = {
        "book.yaml": "title: 书\neditions: {t: {language: zh-Hant, exceptions: words.tsv}}\n",
        "words.tsv": "# 词\n发 發\n",
        "manuscript/a.md": "# 甲\n\n文。\n",
    }
    with pytest.raises(UserError, match=r"words\.tsv:2: no pair"):
        shelf.build(write(tmp_path, files), "epub")


@pytest.mark.parametrize("path", ["../secret.tsv", "/etc/passwd", "none.tsv"])
def test_a_table_is_read_from_the_book_only(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.tsv").write_text("发\t發\n")
    files = {
        "book.yaml": f"title: 书\neditions: {{t: {{language: zh-Hant, exceptions: {path}}}}}\n",
        "manuscript/a.md": "# 甲\n\n文。\n",
    }
    with pytest.raises(UserError, match="no table"):
        shelf.build(write(tmp_path / "book", files), "epub")


def test_a_longer_exception_wins() -> None:
    words = Traditional("s2tw", {"云": "云", "云端": "雲端"})
    assert words.text("云端的云，发展") == "雲端的云，發展"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("概述 (Overview)", ("概述", "Overview")),
        ("Overview（概述）", ("概述", "Overview")),
        ("一、背景 | Background", ("一、背景", "Background")),
        ("发布 (2023-02-24)", None),
        ("[文](x.md)", None),
        ("只有中文", None),
    ],
)
def test_halves(text: str, expected: tuple[str, str] | None) -> None:
    assert language.halves(text) == expected


# ---- filters ------------------------------------------------------------------------------


AWAY = "[](../01-water/one.md)，[水](../01-water/two.md)。"


def chapters_of(root: Path, settings: str) -> list[str]:
    with (root / "book.yaml").open("a") as config:
        config.write(f"editions: {{some: {settings}}}\n")
    shelf.build(root, "epub")
    return [name for name in Publication(root / "build/river.epub").spine if "cover" not in name]


def shelf_of_parts(root: Path) -> Path:
    shelf.twins(root)
    front = "---\nchapter_number: 3\ntitle: 云\nstatus: final\ntags: [sky]\n---\n"
    files = {
        "manuscript/02-air/index.md": "---\ntitle: 风\n---\n# 风\n",
        "manuscript/02-air/three.md": f"{front}# 云\n\n{AWAY}\n",
    }
    return write(root, files)


SETTINGS = ("{status: final}", "{tags: [sky]}", "{chapters: 02-air}")
MORE_SETTINGS = ("{chapters: [3]}", "{chapters: three}", "{chapters: ['manuscript/02-*/**']}")


@pytest.mark.parametrize(
    "settings", [*SETTINGS, *(pytest.param(item, marks=pytest.mark.full) for item in MORE_SETTINGS)]
)
def test_an_edition_may_have_part_of_the_book(settings: str, tmp_path: Path) -> None:
    spine = chapters_of(shelf_of_parts(tmp_path), settings)
    assert [name for name in spine if name in ("one.xhtml", "two.xhtml")] == []
    assert spine[spine.index("part-2.xhtml") + 1] == "three.xhtml", "a part keeps its number"
    assert "events.xhtml" in spine, "cards that have no tags stay"
    book = Publication(tmp_path / "build/river.epub")
    assert "河流的源头，水。" in book.text("three.xhtml")
    hrefs = [link.get("href") for link in book.pages["EPUB/three.xhtml"].iter("{*}a")]
    assert hrefs == [], "links to what is left out are plain text"


def test_a_tag_holds_for_cards_where_cards_have_it(tmp_path: Path) -> None:
    shelf.twins(tmp_path)
    card = shelf.FLOOD.replace("flood-2020", "rain-2021").replace("大洪水", "大雨")
    tagged = card.replace("significance_level", "tags: [rain]\nsignificance_level")
    write(tmp_path, {"events/rain.md": tagged})
    spine = chapters_of(tmp_path, "{tags: rain}")
    assert {"one.xhtml", "two.xhtml"} <= set(spine)
    book = Publication(tmp_path / "build/river.epub")
    assert "大雨" in book.text("events.xhtml") and "大洪水" not in book.text("events.xhtml")


def test_what_stays_is_told_with_its_place(river: Path) -> None:
    found = checker.check(index.build(project.load(river))).active
    told = [item for item in found if item.code == "TX008" and item.path.endswith("one.md")]
    assert [(item.line, "`en`" in item.message) for item in told] == [(14, True)]
