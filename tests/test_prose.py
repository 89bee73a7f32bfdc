"""Visible text, counts, dates, headings, figures: what the rules on text stand on."""

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pipeline import dates, index, project
from pipeline.document import Document
from pipeline.index import Index
from pipeline.text import headings, prose, quantities, script, wordcount

TITLE = "title: 书\n"


def book(folder: Path, text: str, settings: str = "") -> tuple[Document, Index]:
    """A book of one chapter."""
    (folder / "manuscript").mkdir(parents=True)
    (folder / "book.yaml").write_text(TITLE + settings, "utf-8")
    (folder / "manuscript" / "a.md").write_bytes(text.encode("utf-8"))
    found = index.build(project.load(folder))
    return found.of_kind("chapter")[0], found


@pytest.mark.parametrize(
    ("markdown", "visible"),
    [
        ("**规模**,大", "规模,大"),
        ("*斜*体_不变_的 snake_case _lean_ 5 * 3", "斜体_不变_的 snake_case lean 5 * 3"),
        ('[链接](a.md "题"){.x}，[词]{.index}', "链接，词"),
        ("![图](a.svg){#fig-a}", "图"),
        (
            "`码`与$x$<!-- 注 -->见<https://e.org>",
            f"{prose.OBJECT}与{prose.OBJECT}见{prose.OBJECT}",
        ),
        ("说[@k, p. 3]，注[^1]。", f"说{prose.NOTE}，注{prose.NOTE}。"),
        (r"\*星\* &amp; &nosuch;", "*星* & &nosuch;"),
        ("> 引文\r\n> 续行", "引文\r\n续行"),
        ("~~删~~除", "删除"),
    ],
)
def test_visible_text(tmp_path: Path, markdown: str, visible: str) -> None:
    document, found = book(tmp_path, f"{markdown}\n")
    (item,) = prose.of(document, found)
    assert item.text == visible


def test_places_lead_back_to_the_source(tmp_path: Path) -> None:
    text = (
        "# 标*题*\n\n- 一[二](x.md)**三**\r\n  四&amp;五\\*六\n\n"
        "| 七 | `八` |\n|--|--|\n| [九]{.index} | 十 |\n"
    )
    document, found = book(tmp_path, text)
    blocks = prose.of(document, found)
    whole = prose.whole(document, found)
    assert whole.text.splitlines() == [line for item in blocks for line in item.text.splitlines()]
    for item in (*blocks, whole):
        seen = [at for at, char in enumerate(item.text) if re.match(r"[\u4e00-\u9fff*]", char)]
        for at in seen:
            assert document.source.text[item.place(at)] == item.text[at]
    assert len(seen) > 9


@given(st.text(alphabet="a?é⚪“·後发發龘\udc80\n1—―", max_size=12))
def test_characters_that_a_code_page_lacks(text: str) -> None:
    for page in ("gb2312", "big5"):
        assert script.outside(text, page) == {char for char in text if not _has(page, char)}


def _has(page: str, char: str) -> bool:
    try:
        return bool(char.encode(page))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize(
    ("text", "method", "count"),
    [
        ("北京 Beijing 2022年", "words", 5),
        ("北京 Beijing 2022年", "han", 3),
        ("北京 Beijing 2022年", "characters", 14),
        ("don’t re-read snake_case", "words", 3),
        ("GPT模型GPT", "words", 4),
        ("", "words", 0),
    ],
)
def test_counts(text: str, method: str, count: int) -> None:
    assert wordcount.count_text(text, method) == count


def test_what_counts(tmp_path: Path) -> None:
    text = (
        "---\ntitle: 不算\n---\n# 一二\n\n三[四](bu-suan.md)`bu suan`<!-- 不算 -->[^1]\n\n"
        "| 五 | six |\n|---|---|\n| 七 | <https://bu.suan/> |\n\n[^1]: 八。\n\n"
        "```\n不算\n```\n\n**参考文献** (References):\n- 不算 (2023).\n\n## 九\n"
    )
    document, found = book(tmp_path, text)
    label = 5  # the label 参考文献 (References) itself is read
    assert wordcount.count(document, found) == 9 + label


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", (2023, 1, 1), (2023, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023-02-24", (2023, 2, 24), (2023, 2, 24)),
        ("2023-2024", (2023, 1, 1), (2024, 12, 31)),
        ("2022-11/2023-03", (2022, 11, 1), (2023, 3, 31)),
        ("2022 to 2023-03-04", (2022, 1, 1), (2023, 3, 4)),
    ],
)
def test_periods(text: str, first: dates.Day, last: dates.Day) -> None:
    assert dates.period(text) == dates.Interval(first, last)


@pytest.mark.parametrize(
    "text", ["", "2023-13", "2023-02-30", "0000", "２０２３", "2024-2023", "a/b"]
)
def test_no_periods(text: str) -> None:
    assert dates.period(text) is None


def test_only_certain_order_counts() -> None:
    year, month, day = map(dates.interval, ("2023", "2023-02", "2023-02-24"))
    later = dates.interval("2023-03")
    assert year and month and day and later
    assert month.before(later) and day.before(later) and not later.before(month)
    assert not year.before(later) and not month.before(day) and year.meets(day)


@pytest.mark.parametrize(
    ("text", "number", "title"),
    [
        ("第8章 题", 8, "题"),
        ("第十二章：题", 12, "题"),
        ("第一百零三回 题", 103, "题"),
        ("Chapter 8: Title", 8, "Title"),
        ("chapter VIII — Title", 8, "Title"),
        ("Chapter Eight. Title", 8, "Title"),
        ("8. 题", 8, "题"),
        ("2023年：竞赛", None, "2023年：竞赛"),
        ("3.5 Turbo", None, "3.5 Turbo"),
    ],
)
def test_headings(text: str, number: int | None, title: str) -> None:
    found = headings.numbered(text)
    assert (found.number, text[found.title :]) == (number, title)


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("占12.5%，又百分之三十", ["12.5%", "百分之三十"]),
        ("$4.6M与超过$130亿、600美元、三百万美元", ["$4.6M", "$130亿", "600美元", "三百万美元"]),
        ("70亿参数，2048块，1.4T tokens，24GB", ["70亿", "2048块", "1.4T", "24GB"]),
        ("1.5 million users and 100,000 words", ["1.5 million", "100,000 words"]),
        ("2023年2月24日，12:30，GPT-3.5，LLaMA-65B，第8章，3个月，1605-1700年，数百万人", []),
    ],
)
def test_figures(text: str, figures: list[str]) -> None:
    assert [text[start:end] for start, end in quantities.figures(text)] == figures
