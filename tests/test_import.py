"""import: foreign text becomes drafts; nothing is lost, what was not read is listed."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline import bibliography, checker, cli, discovery, index, project
from pipeline.citations import reference_text
from pipeline.source import Source

STOCK = Path(__file__).parent / "rules" / "stock"
Capture = pytest.CaptureFixture[str]

REFERENCES = """\
## 参考文献

**[okoye2021]** Okoye, A., Li, W., & Cruz, M. (2021). Reeds and rivers. *Journal of Banks*, \
7(2), 10-19.
**[shen1088]** 沈括. 梦溪笔谈[M]. 北京: 中华书局, 2015.
**[boats]** "Small Boats Carry Far" (2019-05-06) https://example.org/boats?id=3
"""
PLAIN = """\
**参考文献** (Chapter References):
- Okoye, A., Li, W., et al. (2021). Reeds and Rivers: A Survey. *arXiv preprint*. \
https://arxiv.org/abs/2101.00001
- 王芳, 李明, 等. 河岸的研究[J]. 水利学报, 2020, 3(2): 1-9.
- Riverside Lab. (2024). The Willow Report. *Technical Report*.
  With a second line.
- 社区下载量：数千次
"""
NUMBERED = """\
## **芦苇模型 | The Reed Model**

芦苇模型发布于2021年[1][2]，此后更新[2-4]。数组写作`a[1]`，而[9]没有来源[3](http://x.example)。

### **特点**
- 便宜[4, 1]
```
x[1][2]
```
[1] https://www.example.org/news/2021/05/reed-model.html
[2] https://blog.example.com/post/12345
[3] Okoye, A. (2021). Reeds. https://doi.org/10.5555/reed
[4] https://www.example.org/news/2021/05/reed-model.html
[5] https://unused.example.net/
"""
WIKI = """\
Appearance
活字 | Type Casting
Overview
活字是可以反复使用的字模。它由工匠制成,用途很广。
Timeline
| 年份 | 事件 |
|---|---|
| 1040 | 泥活字 |
Prices(通过商号,非公开)
没有公开的价格。
Relationships
- 相关概念：活字、Paper Making
- 相关公司：Mainz Works
- 一句没有标签的话
Open Questions
- 谁最先想到?
Sources
- raw/notes/type-2020.md
- Weber, J. (2006). On type. https://example.org/type
"""
BILINGUAL = """\
河边的模型
河边的模型 | Models by the River
一、背景 | Background
English
The lab was small. Nobody had heard of it.
Key terms:
- Reed: a small model.
中文
实验室很小。
没有人听说过它。
1 | reed --train |
1.1 规格 | Specification
| 项 | 值 |
|---|---|
| 大小 | 7 |
二、总结 | Summary
中文：一切从小处开始。
English: Everything begins small.
"""
CARD = """\
# 芦苇模型发布 (Reed Release)

**日期**：2021年5月12日
**组织**: 河畔实验室
**类型**：Model Release
**重要性**：🔴 关键
**验证状态**：已验证
**标签**：开放、小模型
**相关概念**: 活字
**来源**：weber2006
**天气**：晴

## 概述

发布了[芦苇](x.md)。

**日期**：不在头部
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(STOCK, tmp_path / "book")


def bring(root: Path, text: str, *words: str) -> int:
    """Import a text from outside of the book."""
    path = root.parent / "foreign.txt"
    path.write_text(text, "utf-8")
    code = cli.main(["-C", str(root), "import", str(path), *words])
    assert path.read_text("utf-8") == text
    return code


def entries(root: Path) -> dict[str, dict[str, str]]:
    source = Source("x.bib", (root / "bibliography/references.bib").read_bytes())
    found, problems = bibliography.read(source)
    assert not problems
    return {item.key: {name: field.text for name, field in item.fields.items()} for item in found}


def new_files(root: Path) -> dict[str, str]:
    before = {path.relative_to(STOCK) for path in STOCK.rglob("*")}
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in root.rglob("*.md")
        if path.relative_to(root) not in before
    }


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{3,}|[\u4e00-\u9fff]|\d{2,}", text))


def errors(root: Path, path: str) -> list[str]:
    run = checker.check(index.build(project.load(root)))
    return [
        f"{item.code} {item.message}"
        for item in run.active
        if item.path == path and item.severity.name == "ERROR"
    ]


# ---- recognition ----------------------------------------------------------------------------

SHAPES = {
    "references": (REFERENCES, PLAIN), "numbered": (NUMBERED,), "wiki": (WIKI,),
    "bilingual": (BILINGUAL,), "card": (CARD,),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, ts in SHAPES.items() for t in ts])
def test_each_shape_is_recognised_and_no_other(name: str, text: str) -> None:
    scores = {item.NAME: item.recognises(text) for item in discovery.members("importers")}
    best = scores.pop(name)
    assert best >= 0.5
    assert max(scores.values()) < best - 0.2


def test_every_importer_says_what_it_is() -> None:
    for item in discovery.members("importers"):
        assert item.__doc__
        assert item.HELP
        assert isinstance(item.KINDS, tuple)
        assert item.recognises("") == 0


@pytest.mark.parametrize(
    "text", ["", "一段没有任何来源的话。\n\n又一段。\n", "---\ntitle: x\n---\n"]
)
def test_what_is_not_recognised_is_refused(root: Path, capsys: Capture, text: str) -> None:
    assert bring(root, text) == 2
    assert "--from" in capsys.readouterr().err or text.startswith("---")
    assert not new_files(root)


# ---- references -----------------------------------------------------------------------------


def test_keyed_references_become_entries_with_their_keys(root: Path, capsys: Capture) -> None:
    before = len(entries(root))
    assert bring(root, REFERENCES) == 0
    found = entries(root)
    assert len(found) == before + 2
    assert found["okoye2021"] == {
        "author": "Okoye, A. and Li, W. and Cruz, M.", "title": "Reeds and rivers",
        "journaltitle": "Journal of Banks", "volume": "7", "number": "2", "pages": "10--19",
        "date": "2021",
    }  # fmt: skip
    assert found["boats"]["url"] == "https://example.org/boats?id=3"
    assert found["boats"]["date"] == "2019-05-06"
    assert found["shen1088"]["publisher"] == "中华书局"
    assert "参考文献" in capsys.readouterr().err


def test_plain_references_get_keys_and_lose_no_word(root: Path) -> None:
    old = entries(root)
    assert bring(root, PLAIN) == 0
    new = {key: fields for key, fields in entries(root).items() if key not in old}
    assert set(new) >= {"okoye2021reeds", "wangfang2020hean", "riversidelab2024willow"}
    assert new["okoye2021reeds"]["author"] == "Okoye, A. and Li, W. and others"
    assert new["okoye2021reeds"]["eprint"] == "2101.00001"
    assert new["wangfang2020hean"]["author"] == "王芳 and 李明 and others"
    kept = " ".join(value for fields in new.values() for value in fields.values())
    assert words(PLAIN) - words(kept) <= words("参考文献 Chapter References https org abs arxiv 等")


def test_what_is_there_already_is_not_written_twice(root: Path) -> None:
    assert bring(root, PLAIN) == 0
    once = (root / "bibliography/references.bib").read_bytes()
    assert bring(root, PLAIN) == 0
    twice = entries(root)
    assert [key for key in twice if key.startswith("okoye2021")] == ["okoye2021reeds"]
    assert cli.main(["-C", str(root), "undo"]) == 0
    assert (root / "bibliography/references.bib").read_bytes() == once


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Smith, J. (2019). On reeds. https://example.org/a.",
         {"author": "Smith, J.", "title": "On reeds", "date": "2019",
          "url": "https://example.org/a"}),
        ("Ada Okoye and Wei Li. (2020). Boats.", {"author": "Ada Okoye and Wei Li"}),
        ("河畔日报：《小船远航》，2021-03-04", {"title": "小船远航", "date": "2021-03-04"}),
        ("张三, 李四. 论河[D]. 武汉: 河大, 2018.",
         {"author": "张三 and 李四", "institution": "河大", "location": "武汉"}),
        ("Okoye, A., ... & Cruz, M. (2021). T. doi:10.5555/x.1",
         {"author": "Okoye, A. and Cruz, M.", "doi": "10.5555/x.1"}),
    ],
)  # fmt: skip
def test_shapes_of_references(text: str, fields: dict[str, str]) -> None:
    result = reference_text.parsed(text)
    found = dict(result.entry.fields)
    assert {name: found.get(name) for name in fields} == fields
    assert result.whole


def test_what_is_left_over_is_kept_whole() -> None:
    text = "张三. 论河[M]. 武汉: 河大, 2018: 33. 影印本"
    result = reference_text.parsed(text)
    assert not result.whole
    assert result.entry.text("annotation") == text


# ---- articles -------------------------------------------------------------------------------


def test_numbers_become_citations(root: Path, capsys: Capture) -> None:
    assert bring(root, NUMBERED) == 0
    ((path, text),) = new_files(root).items()
    assert path == "manuscript/the-reed-model.md"
    assert "title: 芦苇模型\ntitle_en: The Reed Model\nstatus: draft\n" in text
    assert (
        "# 芦苇模型 (The Reed Model)\n\n芦苇模型发布于2021年[@example2021reed; @example12345]，"
        in text
    )
    assert "此后更新[@example12345; @okoye2021reeds; @example2021reed]。" in text
    assert "`a[1]`，而[9]没有来源[3](http://x.example)" in text
    assert "## 特点\n\n- 便宜[@example2021reed]" in text
    assert "x[1][2]" in text
    found = entries(root)
    assert found["example2021reed"]["title"].startswith("待补 example.org")
    assert found["example2021reed"]["date"] == "2021-05"
    said = capsys.readouterr().err
    assert "[9] leads to no source" in said
    assert "1 of the sources are cited nowhere" in said
    assert "unused.example.net" in "".join(item.get("url", "") for item in found.values())
    assert not errors(root, path)


def test_an_article_becomes_a_concept_if_told(root: Path) -> None:
    assert bring(root, NUMBERED, "--as", "concept") == 0
    ((path, text),) = new_files(root).items()
    assert path == "concepts/the-reed-model.md"
    assert "concept_id: the-reed-model\nname: 芦苇模型\nname_en: The Reed Model\n" in text
    assert "sources: [example2021reed, example12345, okoye2021reeds, exampleunused]" in text
    assert not errors(root, path)


def test_a_wiki_page_becomes_a_concept(root: Path, capsys: Capture) -> None:
    assert bring(root, WIKI) == 0
    ((path, text),) = new_files(root).items()
    assert path == "concepts/type-casting.md"
    assert "related_concepts: [movable-type, paper-making]" in text
    assert "## Prices(通过商号,非公开)\n\n没有公开的价格。" in text
    assert "| 1040 | 泥活字 |\n\n## Prices" in text
    assert "<!-- import: Appearance -->" in text
    assert "## Sources" not in text
    assert {"weber2006type"} < set(entries(root))
    said = capsys.readouterr().err
    for listed in ("not read: Appearance", "no concept page yet: Paper Making",
                   "no page yet, kept in the text: Mainz Works", "一句没有标签的话"):  # fmt: skip
        assert listed in said
    kept = text + str(entries(root))
    assert words(WIKI) - words(kept) <= {"Sources", "https"}


def test_a_wiki_page_becomes_an_organization_if_told(root: Path) -> None:
    assert bring(root, WIKI, "--as", "organization") == 0
    ((path, text),) = new_files(root).items()
    assert path == "organizations/type-casting.md"
    assert "organization_id: type-casting\n" in text
    assert not errors(root, path)


def test_a_bilingual_article_becomes_a_chapter(root: Path, capsys: Capture) -> None:
    assert bring(root, BILINGUAL) == 0
    ((path, text),) = new_files(root).items()
    assert path == "manuscript/models-by-the-river.md"
    assert text.startswith(
        "---\ntitle: 河边的模型\ntitle_en: Models by the River\nstatus: draft\n---\n\n"
        "# 河边的模型 (Models by the River)\n\n## 一、背景 (Background)\n\n"
        "::: {lang=en}\n\nThe lab was small. Nobody had heard of it.\n\nKey terms:\n\n"
        "- Reed: a small model.\n\n:::\n\n实验室很小。\n\n没有人听说过它。\n"
    )
    assert "### 1.1 规格 (Specification)\n\n| 项 | 值 |" in text
    assert "一切从小处开始。\n\n::: {lang=en}\n\nEverything begins small.\n\n:::\n" in text
    assert "reed --train" in capsys.readouterr().err
    assert not errors(root, path)


def test_in_an_english_book_the_chinese_stands_in_blocks(root: Path) -> None:
    (root / "book.yaml").write_text("title: A Book\nlanguage: en\n", "utf-8")
    assert bring(root, BILINGUAL) == 0
    (text,) = new_files(root).values()
    assert "::: {lang=zh}\n\n实验室很小。" in text
    assert "{lang=en}" not in text


# ---- cards ----------------------------------------------------------------------------------


def test_labels_become_front_matter(root: Path, capsys: Capture) -> None:
    assert bring(root, CARD) == 0
    ((path, text),) = new_files(root).items()
    assert path == "events/reed-release-2021-05.md"
    front, _, body = text.removeprefix("---\n").partition("---\n")
    assert front == (
        "event_id: reed-release-2021-05\ndate: 2021-05-12\ntitle: 芦苇模型发布\n"
        "title_en: Reed Release\norganization: 河畔实验室\nevent_type: model_release\n"
        "significance_level: critical\nverification_status: verified\n"
        "tags: [开放, 小模型]\ntechnical_concepts: [movable-type]\nsources: [weber2006]\n"
        "status: draft\n"
    )
    assert body.strip() == (
        "# 芦苇模型发布 (Reed Release)\n\n**天气**：晴\n\n## 概述\n\n发布了[芦苇](x.md)。\n\n"
        "**日期**：不在头部"
    )
    assert "**天气**：晴" in capsys.readouterr().err


def test_a_missing_field_is_visible_and_listed(root: Path, capsys: Capture) -> None:
    text = CARD.replace("**日期**：2021年5月12日", "**日期**：去年春天")
    assert bring(root, text, "--from", "card") == 0
    (new,) = new_files(root).values()
    assert "date: 待补\n" in new
    assert "**日期**：去年春天" in new
    said = capsys.readouterr().err
    assert "write it for 待补" in said
    assert "去年春天" in said


# ---- where it goes --------------------------------------------------------------------------


def test_the_diff_is_what_would_be_written(root: Path, capsys: Capture) -> None:
    before = (root / "bibliography/references.bib").read_bytes()
    assert bring(root, NUMBERED, "--diff") == 1
    shown = capsys.readouterr().out
    assert "+++ b/manuscript/the-reed-model.md" in shown
    assert "+@online{example2021reed," in shown
    assert not new_files(root)
    assert (root / "bibliography/references.bib").read_bytes() == before


def test_a_file_is_only_replaced_where_it_is_named(root: Path, capsys: Capture) -> None:
    assert bring(root, CARD) == 0
    assert bring(root, CARD) == 2
    assert "is there already" in capsys.readouterr().err
    target = root / "events/reed-release-2021-05.md"
    target.write_text(CARD, "utf-8")
    assert cli.main(["-C", str(root), "import", str(target), "-o", str(target)]) == 0
    assert target.read_text("utf-8").startswith("---\nevent_id: reed-release-2021-05\n")
    assert cli.main(["-C", str(root), "undo"]) == 0
    assert target.read_text("utf-8") == CARD


def test_a_folder_and_a_bibliography_may_be_named(root: Path) -> None:
    assert bring(root, CARD, "-o", str(root / "events/2021") + "/") == 0
    assert list(new_files(root)) == ["events/2021/reed-release-2021-05.md"]
    assert bring(root, PLAIN, "-o", "bibliography/more.bib") == 0
    assert "@online{okoye2021reeds," in (root / "bibliography/more.bib").read_text("utf-8")
    assert bring(root, PLAIN, "-o", "elsewhere.bib") in (0, 2)


def test_nothing_is_written_outside_of_the_book(root: Path, capsys: Capture) -> None:
    assert bring(root, CARD, "-o", str(root.parent / "out.md")) == 2
    assert not (root.parent / "out.md").exists()
    assert "not a source of this book" in capsys.readouterr().err
