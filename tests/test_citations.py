"""Citations as a reader finds them: styles, numbering, languages, order and formats of sources."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import books
import pytest
from lxml import etree

BIB = """\
@article{wang, author={王芳 and 李明 and 赵静 and 孙伟}, title={河岸的研究}, journal={水利学报},
  year={2020}, volume={3}, number={2}, pages={1--9}, langid={zh-CN}}
@article{okoye, author={Okoye, Ada and Li, Wei and Cruz, Maria and Abe, Ken}, title={Reeds},
  journal={Journal of Banks}, year={2021}, volume={7}, pages={10--19}, langid={en}}
@book{bao, author={鲍照}, title={芜城}, publisher={河大出版社}, year={2018}, langid={zh-CN}}
@book{zhou, author={周敦}, title={爱莲}, publisher={河大出版社}, year={2019}, langid={zh-CN}}
"""
ONE = "# 开端\n\n先有芦苇[@okoye, p. 12]，后有河岸[@wang]。\n"
TWO = "# 后来\n\n又见河岸[@wang]，再有爱莲[@zhou]与芜城[@bao]。\n"
CSL_JSON = """[{"id": "okoye", "type": "article-journal", "title": "Reeds", "language": "en",
 "author": [{"family": "Okoye", "given": "Ada"}, {"family": "Li", "given": "Wei"},
  {"family": "Cruz", "given": "Maria"}, {"family": "Abe", "given": "Ken"}],
 "container-title": "Journal of Banks", "issued": {"date-parts": [[2021]]}}]"""
CSL_YAML = """\
references:
- id: wang
  type: article-journal
  title: 河岸的研究
  language: zh-CN
  author:
  - {family: 王, given: 芳}
  - {family: 李, given: 明}
  - {family: 赵, given: 静}
  - {family: 孙, given: 伟}
  container-title: 水利学报
  issued: {date-parts: [[2020]]}
"""
BIBLATEX = """\
@online{zhou, author = {family=周, given=敦}, title = {爱莲}, date = {2019-05-06},
  url = {https://example.org/lotus}, urldate = {2024-01-02}, langid = {zh-CN}}
"""
HOUSE = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>House</title><id>http://example.org/house</id><updated>2024-01-01T00:00:00+00:00</updated></info>
<citation><layout prefix="«" suffix="»" delimiter=" + "><text variable="title"/></layout></citation>
<bibliography><layout suffix=" — house"><text variable="title"/></layout></bibliography></style>
"""


def built(root: Path, files: dict[str, str], settings: str = "") -> dict[str, str]:
    """The text of each XHTML file of a book's EPUB, by the first heading."""
    config = f"title: 河书\nlanguage: zh-Hans\nidentifier: urn:x-test:1\n{settings}"
    books.write(root, {"book.yaml": config, **files})
    command = [sys.executable, "-m", "pipeline", "-C", str(root), "build", "epub"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = (root / "build").glob("*.epub")
    pages = {}
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if name.endswith(".xhtml"):
                page = etree.fromstring(book.read(name))
                head = page.find(".//{*}h1")
                if head is not None:
                    pages[_text(head)] = _text(page)
    return pages


def _text(element: etree._Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def _page(pages: dict[str, str], title: str) -> str:
    return next(text for head, text in pages.items() if title in head)


CHAPTERS = {"manuscript/01-one.md": ONE, "manuscript/02-two.md": TWO}


def test_numbers_begin_anew_in_each_chapter(tmp_path: Path) -> None:
    pages = built(tmp_path, {"bibliography/a.bib": BIB, **CHAPTERS})
    one, two = _page(pages, "开端"), _page(pages, "后来")
    assert re.search(r"先有芦苇\[1\]12，后有河岸\[2\]", one)
    assert re.search(r"河岸\[1\]，再有爱莲\[2\]与芜城\[3\]", two)
    assert "[1] OKOYE A, LI W, CRUZ M, et al. Reeds" in one
    assert re.search(r"\[2\] 王芳, ?李明, ?赵静, ?等\. 河岸的研究", one)


def test_numbers_run_through_the_book(tmp_path: Path) -> None:
    pages = built(tmp_path, {"bibliography/a.bib": BIB, **CHAPTERS}, "citations: {scope: book}\n")
    one, two = _page(pages, "开端"), _page(pages, "后来")
    assert "[1]12，后有河岸[2]" in one
    assert "又见河岸[2]，再有爱莲[3]与芜城[4]" in two
    every = " ".join(pages.values())
    for number, title in ((1, "Reeds"), (2, "河岸的研究"), (3, "爱莲"), (4, "芜城")):
        assert set(re.findall(rf"\[(\d)\] [^\[]*{title}", every)) == {str(number)}


def test_the_book_has_one_list_of_references(tmp_path: Path) -> None:
    """Cards cite their sources beside the text; every number leads into the list at the end."""
    card = (
        "---\nevent_id: e\ndate: 2020\ntitle: 涨水\nsources: [okoye, bao]\n---\n# 涨水\n\n水涨。\n"
    )
    files = {"bibliography/a.bib": BIB, **CHAPTERS, "events/e.md": card}
    pages = built(tmp_path, files, "citations: {scope: book}\n")
    listed = _page(pages, "参考文献")
    assert re.findall(r"\[(\d)\] (\S+)", listed) == [
        ("1", "OKOYE"), ("2", "王芳,"), ("3", "周敦."), ("4", "鲍照."),
    ]  # fmt: skip
    others = [text for title, text in pages.items() if "参考文献" not in title]
    assert not any("OKOYE" in text for text in others)
    assert re.search(r"来源 ?\[1,4\]", _page(pages, "事件"))
    (path,) = (tmp_path / "build").glob("*.epub")
    with zipfile.ZipFile(path) as book:
        names = [name for name in book.namelist() if name.endswith(".xhtml")]
        text = {name: book.read(name).decode() for name in names}
    home = next(name for name, page in text.items() if 'id="references.ref-wang"' in page)
    assert f'href="{home.rpartition("/")[2]}#references.ref-wang"' in "".join(text.values())


def test_a_style_by_name_sorts_the_one_list(tmp_path: Path) -> None:
    settings = "citations: {scope: book, style: gb-t-7714-2015-author-date}\n"
    pages = built(tmp_path, {"bibliography/a.bib": BIB, **CHAPTERS}, settings)
    listed = _page(pages, "参考文献")
    places = [listed.index(name) for name in ("鲍照", "王芳", "周敦")]
    assert places == sorted(places)


def test_author_and_date_with_others_by_language_and_pinyin(tmp_path: Path) -> None:
    style = "citations: {style: gb-t-7714-2015-author-date}\n"
    pages = built(tmp_path, {"bibliography/a.bib": BIB, **CHAPTERS}, style)
    one, two = _page(pages, "开端"), _page(pages, "后来")
    assert re.search(r"先有芦苇[（(]Okoye et al\.,? ?2021", one, re.IGNORECASE)
    assert re.search(r"后有河岸[（(]王芳 ?等, ?2020", one)
    listed = [two.rindex(name) for name in ("鲍照", "王芳", "周敦")]
    assert listed == sorted(listed)
    assert "et al" in one.split("河岸")[-2] or "et al" in one
    assert "王芳, et al" not in one
    assert "OKOYE A, LI W, CRUZ M, 等" not in one


@pytest.mark.parametrize(
    ("style", "cited", "printed"),
    [
        ("numeric", "[@okoye, pp. 12-13]", "甲[1]12-13。"),
        ("numeric", "[@okoye, p. 3; @wang]", "甲[1]3[2]。"),
        ("numeric", "[@okoye; @wang, chap. 2]", "甲[1,2]章 2。"),
        ("author-date", "[@bao, p. 3]", "甲(鲍照, 2018)3。"),
        ("author-date", "[@bao, p. 3; @zhou]", "甲(鲍照, 2018: 3; 周敦, 2019)。"),
    ],
)
def test_places_in_a_work_are_printed(tmp_path: Path, style: str, cited: str, printed: str) -> None:
    text = f"# 开端\n\n甲{cited}。\n"
    settings = f"citations: {{style: gb-t-7714-2015-{style}}}\n"
    pages = built(tmp_path, {"bibliography/a.bib": BIB, "manuscript/01-one.md": text}, settings)
    assert printed in _page(pages, "开端")


def test_a_style_of_the_book(tmp_path: Path) -> None:
    files = {"bibliography/a.bib": BIB, "bibliography/house.csl": HOUSE, **CHAPTERS}
    pages = built(tmp_path, files, "citations: {csl: bibliography/house.csl}\n")
    assert "先有芦苇«Reeds»，后有河岸«河岸的研究»" in _page(pages, "开端")
    assert "爱莲 — house" in _page(pages, "后来")


@pytest.mark.parametrize("style", ["../outside.csl", "/etc/outside.csl", "../../outside"])
def test_a_style_from_outside_is_refused(tmp_path: Path, style: str) -> None:
    (tmp_path / "outside.csl").write_text(HOUSE, "utf-8")
    root = tmp_path / "book"
    config = f"title: 河书\ncitations: {{style: {style}}}\n"
    books.write(root, {"book.yaml": config, "bibliography/a.bib": BIB, **CHAPTERS})
    command = [sys.executable, "-m", "pipeline", "-C", str(root), "build", "epub"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "style" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_format_of_sources_at_once(tmp_path: Path) -> None:
    files = {
        "bibliography/a.json": CSL_JSON, "bibliography/b.yaml": CSL_YAML,
        "bibliography/c.bib": BIBLATEX,
        "bibliography/d.bib": "@book{bao, author={鲍照}, title={芜城}, year=2018, langid={zh-CN}}",
    }  # fmt: skip
    pages = built(tmp_path, {**files, **CHAPTERS})
    one, two = _page(pages, "开端"), _page(pages, "后来")
    assert "OKOYE A, LI W, CRUZ M, et al. Reeds" in one
    assert re.search(r"王芳, ?李明, ?赵静, ?等\. 河岸的研究", one)
    assert "周敦. 爱莲" in two
    assert "https://example.org/lotus" in two
    assert "[?" not in one + two


def test_an_unknown_key_is_visible_and_takes_no_number(tmp_path: Path) -> None:
    text = "# 开端\n\n甲[@nobody]，乙[@okoye; @nobody2]，丙[@wang]。\n"
    pages = built(tmp_path, {"bibliography/a.bib": BIB, "manuscript/01-one.md": text})
    one = _page(pages, "开端")
    assert "甲[?nobody]，" in one
    assert "[?nobody2]" in one
    assert "丙[2]" in one


def test_a_narrative_citation_keeps_its_author(tmp_path: Path) -> None:
    text = "# 开端\n\n@okoye 说芦苇，@wang [p. 3]说河岸。\n"
    style = "citations: {style: gb-t-7714-2015-author-date}\n"
    pages = built(tmp_path, {"bibliography/a.bib": BIB, "manuscript/01-one.md": text}, style)
    one = _page(pages, "开端")
    assert re.search(r"Okoye et al\. [（(]2021[)）] ?说芦苇", one, re.IGNORECASE)
    assert re.search(r"王芳 ?等 ?[（(]2020", one)


def test_sources_of_a_card_are_listed_though_not_cited(tmp_path: Path) -> None:
    card = "---\nevent_id: reed-2021\ndate: 2021-05-12\ntitle: 芦苇\nsources: [zhou]\n---\n\n文。\n"
    pages = built(tmp_path, {"bibliography/a.bib": BIB, "events/reed.md": card, **CHAPTERS})
    assert any("爱莲" in text and "芦苇" in text for text in pages.values())


def test_a_second_build_numbers_the_same(tmp_path: Path) -> None:
    settings = "citations: {scope: book}\n"
    first = built(tmp_path, {"bibliography/a.bib": BIB, **CHAPTERS}, settings)
    shutil.rmtree(tmp_path / "build")
    assert built(tmp_path, {}, settings) == first
    turned = ONE.replace("[@okoye, p. 12]", "[@bao]")
    changed = built(tmp_path, {"manuscript/01-one.md": turned}, settings)
    assert "与芜城[1]" in _page(changed, "后来")


def test_an_unknown_key_is_seen_without_any_bibliography(tmp_path: Path) -> None:
    pages = built(tmp_path, {"manuscript/01-one.md": "# 开端\n\n甲[@nobody]。\n"})
    assert "甲[?nobody]。" in _page(pages, "开端")
