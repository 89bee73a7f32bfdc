"""The whole path by the command line: what an author types and what comes out."""

import json
import posixpath
import re
import subprocess
import zipfile
from pathlib import Path

import books
import pikepdf
import pytest
import shelf
from author import make_book
from lxml import etree


def pdf_text(path: Path, *options: str) -> str:
    """The text of a PDF in reading order."""
    words = ["pdftotext", *options, "-enc", "UTF-8", str(path), "-"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def squeezed(text: str) -> str:
    """Text without white space: typeset lines break and stretch anywhere."""
    return re.sub(r"\s+", "", text)


def epub_text(path: Path) -> str:
    """The XHTML of an EPUB, in reading order."""
    with zipfile.ZipFile(path) as book:
        package = next(name for name in book.namelist() if name.endswith(".opf"))
        opf = etree.fromstring(book.read(package))
        items = {item.get("id"): item.get("href") for item in opf.iter("{*}item")}
        spine = (items[item.get("idref")] for item in opf.iter("{*}itemref"))
        names = [posixpath.join(posixpath.dirname(package), name or "") for name in spine]
        return "\n".join(book.read(name).decode("utf-8") for name in names)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unprepared folder after `init` and `build`."""
    root = books.pair(tmp_path_factory.mktemp("pair"))
    before = {path: path.read_bytes() for path in root.rglob("*.md")}
    begun = make_book(root, "init")
    assert begun.returncode == 0, begun.stderr
    built = make_book(root, "build", "pdf", "epub", "html", "markdown")
    assert built.returncode == 0, built.stderr
    assert {path: path.read_bytes() for path in before} == before
    return root


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two chapters with the same labels and headings, built."""
    root = books.twins(tmp_path_factory.mktemp("twins"))
    built = make_book(root, "build", "pdf", "epub", "html")
    assert built.returncode == 0, built.stderr
    return root


def test_init_writes_nothing_but_the_configuration(tmp_path: Path) -> None:
    root = books.pair(tmp_path)
    known = set(root.rglob("*"))
    make_book(root, "init")
    new = {path for path in set(root.rglob("*")) - known if ".make-book" not in path.parts}
    assert new == {root / "book.yaml", root / "baseline.json"}


def test_lists_and_tables_right_after_a_bold_line(pair: Path) -> None:
    html = epub_text(next((pair / "build").glob("*.epub")))
    assert len(re.findall(r"<table", html)) == 2
    assert "<li>开放</li>" in html
    assert re.search(r"<li><strong>Willow-S</strong>", html)


def test_columns_are_as_wide_as_what_they_hold_where_the_author_says_nothing(
    tmp_path: Path,
) -> None:
    long = "| 一 | " + "很长的一格" * 20 + " |\n"
    text = f"# 章\n\n| 甲 | 乙 |\n|---|:---|\n{long}\n\n| 丙 | 丁 |\n|--|------|\n{long}"
    root = books.write(tmp_path, {"book.yaml": "title: 书\n", "manuscript/one.md": text})
    built = make_book(root, "build", "epub")
    assert built.returncode == 0, built.stderr
    html = epub_text(next((root / "build").glob("*.epub")))
    assert len(re.findall(r"<table", html)) == 2
    assert re.findall(r'<col style="width: ?(\d+)%', html) == ["25", "75"]


def test_emphasis_beside_han_and_emoji(pair: Path) -> None:
    assert '<strong>"开放才有进步"</strong>' in epub_text(next((pair / "build").glob("*.epub")))
    text = pdf_text(next((pair / "build").glob("*.pdf")))
    assert "😀" in text
    assert "🔴" in text


def test_no_font_but_those_named(pair: Path) -> None:
    words = ["pdffonts", str(next((pair / "build").glob("*.pdf")))]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[
        2:
    ]
    assert lines
    for line in lines:
        assert re.search(r"SC|Emoji|Libertine|JetBrains", line), line
        assert re.search(r"\byes +(yes|no) +yes\b", line), f"not embedded: {line}"


def test_every_dead_link_is_reported_and_printed_as_text(pair: Path) -> None:
    found = json.loads(make_book(pair, "check", "--format", "json").stdout)["diagnostics"]
    links = [item for item in found if item["code"] == "LK001"]
    lines = books.CARD.splitlines()
    assert len(links) == 9
    for item in links:
        at = lines[item["line"] - 1][item["column"] - 1 : item["end_column"] - 1]
        assert at.endswith(".md")
        assert lines[item["line"] - 1][item["column"] - 2] == "("
    wrong_depth = next(item for item in links if "../../../manuscript" in item["message"])
    assert "manuscript/02-forest/willow.md" in wrong_depth["help"]
    html = epub_text(next((pair / "build").glob("*.epub")))
    assert ">Sparse training</span>" in html
    assert "sparse-training.md" not in html


def test_same_notes_and_headings_stay_apart(twins: Path) -> None:
    notes = ["第一章的第一个注", "第一章的第二个注", "第二章的第一个注", "第二章的第二个注"]
    texts = {
        "pdf": squeezed(pdf_text(twins / "build" / "森林.pdf")),
        "epub": epub_text(twins / "build" / "森林.epub"),
        "html": "".join(
            p.read_text("utf-8") for p in sorted((twins / "build/html").rglob("*.html"))
        ),
    }
    for form, text in texts.items():
        for note in notes:
            assert text.count(note) == 1, (form, note)


def test_links_across_chapters_reach_their_own_heading(twins: Path) -> None:
    with zipfile.ZipFile(twins / "build" / "森林.epub") as book:
        pages = {n: book.read(n).decode() for n in book.namelist() if n.endswith(".xhtml")}
    opening = next(text for text in pages.values() if "第一章引出" in text)
    target, anchor = re.search(r'href="([^"#]*)#([^"]*)">小结</a>', opening).groups()  # type: ignore[union-attr]
    page = next(text for name, text in pages.items() if name.endswith(target))
    assert f'id="{anchor}"' in page
    assert "第二章到此结束" in page


def test_every_link_and_bookmark_of_the_pdf_resolves(twins: Path) -> None:
    with pikepdf.open(twins / "build" / "森林.pdf") as pdf:
        names = pdf.Root.Names.Dests
        known = set(_names(names))
        links = [a for page in pdf.pages for a in page.get("/Annots", ()) if a.Subtype == "/Link"]
        inner = [str(_destination(link)) for link in links if _destination(link) is not None]
        assert inner
        assert set(inner) <= known
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
    assert any("开端" in title for title in titles)


def _names(tree: pikepdf.Object) -> list[str]:
    own = [str(name) for name in list(tree.get("/Names", ()))[::2]]
    return own + [name for kid in tree.get("/Kids", ()) for name in _names(kid)]


def _destination(link: pikepdf.Object) -> pikepdf.Object | None:
    if "/Dest" in link:
        return link.Dest
    return link.A.D if link.A.S == "/GoTo" else None


def test_contents_and_pages_agree(twins: Path) -> None:
    pages = pdf_text(twins / "build" / "森林.pdf", "-layout").split("\f")
    contents = next(page for page in pages if "目录" in page)
    for title, words in (("开端", "第一章引出"), ("森林的边缘", "没有人注意一间")):
        entry = next(line for line in contents.splitlines() if title in line)
        number = re.search(r"(\d+)$", entry.strip())
        assert number, entry
        page = next(squeezed(page) for page in pages if words in squeezed(page))
        assert page.endswith(number[1])


@pytest.mark.parametrize(("depth", "named"), [(1, False), (2, True)])
def test_the_contents_may_name_chapters_alone(tmp_path: Path, depth: int, named: bool) -> None:
    root = books.twins(tmp_path)
    (root / "book.yaml").write_text(f"title: 森林\ncontents_depth: {depth}\n", "utf-8")
    sheets = shelf.context(root, tmp_path, {}).sheets
    contents = next(sheet.html for sheet in sheets if sheet.unit.kind == "contents")
    assert "开端" in contents
    assert ("小结" in contents) == named


def test_a_link_asks_for_its_page(twins: Path) -> None:
    pages = [squeezed(page) for page in pdf_text(twins / "build" / "森林.pdf").split("\f")]
    told = re.search(r"并见林边（第(\d+)页）", "".join(pages))
    assert told
    assert next(page for page in pages if "没有人注意一间" in page).endswith(told[1])
    assert "第" + told[1] + "页" not in epub_text(twins / "build" / "森林.epub")


def test_one_chapter_keeps_its_number(twins: Path) -> None:
    whole = (twins / "build" / "森林.epub").read_bytes()
    built = make_book(twins, "build", "epub", "--chapter", "2")
    assert built.returncode == 0
    assert "第2章" in epub_text(twins / "build" / "森林-willow.epub")
    assert (twins / "build" / "森林.epub").read_bytes() == whole
    missing = make_book(twins, "build", "--chapter", "9")
    assert missing.returncode == 2
    assert "no chapter '9'" in missing.stderr


def test_strict_refuses_and_leaves_the_last_good_output(twins: Path) -> None:
    before = (twins / "build" / "森林.epub").read_bytes()
    refused = make_book(twins, "build", "epub", "--strict")
    assert refused.returncode == 1
    assert "nothing was built" in refused.stderr
    assert (twins / "build" / "森林.epub").read_bytes() == before


def test_another_layout_by_configuration(tmp_path: Path) -> None:
    root = books.write(
        tmp_path,
        {
            "book.yaml": "title: 异处\ncontent:\n"
            '  events: {path: "assets/timelines/events/**"}\n'
            "  concepts: {path: assets/concepts}\n"
            "  organizations: {path: research/organizations}\n"
            'parts: {front: ["00-frontmatter"], back: ["99-backmatter"]}\n',
            "assets/timelines/events/deep/er/w.md": books.CARD,
            "assets/concepts/sparse.md": "---\nconcept_id: sparse-training\nname: 稀疏训练\n---\n\n"
            "# 稀疏训练\n\n只训练一部分。\n",
            "research/organizations/lab.md": "---\norganization_id: lab\nname: 河畔实验室\n"
            "name_en: Riverside Lab\n---\n\n# 河畔实验室\n\n在河边。\n",
            "manuscript/00-frontmatter/preface.md": "# 序\n\n没有前置数据的序。\n",
            "manuscript/02-forest/willow.md": books.CHAPTER,
            "manuscript/99-backmatter/thanks.md": "谢谢大家。\n",
        },
    )
    built = make_book(root, "build", "epub")
    assert built.returncode == 0, built.stderr
    text = epub_text(root / "build" / "异处.epub")
    order = [
        text.index(word) for word in ("没有前置数据的序", "没有人注意", "谢谢大家", "只训练一部分")
    ]
    assert order == sorted(order)
    assert "在河边" in text
    codes = json.loads(make_book(root, "check", "--format", "json").stdout)["diagnostics"]
    assert not [d for d in codes if d["code"] == "FM001"]


@pytest.mark.parametrize(
    ("files", "words", "code"),
    [
        ({}, "no book.yaml", 2),
        ({"book.yaml": "title: 空\n"}, "the book is empty", 2),
        ({"book.yaml": "titel: 错\nmanuscript/x: 1\n"}, "book.yaml:1:1", 2),
        ({"book.yaml": "title: 好\npapre: A5\n"}, "did you mean `paper`", 2),
        ({"book.yaml": "title: [\n"}, "book.yaml:", 2),
        ({"book.yaml": "title: 好\nrules: {LK01: off}\n"}, "book.yaml:2:9: no rule", 2),
        ({"book.yaml": "title: 好\ncontent: {chaptres: {}}\n"}, "did you mean `chapters`", 2),
    ],
)
def test_bad_configuration_is_one_message(
    tmp_path: Path, files: dict[str, str], words: str, code: int
) -> None:
    root = books.write(tmp_path, files)
    result = make_book(root, "build", "epub")
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not (root / "build").exists()


def test_bad_content_is_reported_and_the_rest_is_built(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    (root / "manuscript" / "folder.md").mkdir()
    books.write(root, {"bibliography/broken.bib": "@book{a, title = {未完\n"})
    result = make_book(root, "build", "epub")
    assert result.returncode == 0, result.stderr
    found = make_book(root, "check", "--format", "json")
    assert found.returncode == 1
    codes = {(item["code"], item["path"]) for item in json.loads(found.stdout)["diagnostics"]}
    assert ("FM008", "manuscript/folder.md") in codes
    assert ("CT005", "bibliography/broken.bib") in codes
    assert "第一章引出" in epub_text(root / "build" / "森林.epub")


def test_clean_removes_outputs_only(tmp_path: Path) -> None:
    root = books.twins(tmp_path)
    make_book(root, "build", "markdown")
    assert (root / "build").is_dir()
    assert make_book(root, "clean").returncode == 0
    assert not (root / "build").exists()
    assert (root / "manuscript" / "opening.md").read_text("utf-8") == books.OTHER


NO_FONTS = """\
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{cache}</cachedir></fontconfig>
"""
NO_SUBSETTER = """\
import ctypes

_load = ctypes.CDLL


class CDLL(_load):
    def __init__(self, name, *words, **named):
        if "subset" in str(name):
            raise OSError(f"{name}: cannot open shared object file")
        super().__init__(name, *words, **named)


ctypes.CDLL = CDLL
"""


def test_without_fonts_one_message_and_the_last_good_output(twins: Path, tmp_path: Path) -> None:
    before = (twins / "build" / "森林.pdf").read_bytes()
    conf = tmp_path / "fonts.conf"
    conf.write_text(NO_FONTS.format(cache=tmp_path / "cache"), "utf-8")
    result = make_book(twins, "build", "pdf", FONTCONFIG_FILE=str(conf))
    assert result.returncode == 2
    assert re.search(r"the font .* is not installed\n  help: apt install fonts-", result.stderr)
    assert (twins / "build" / "森林.pdf").read_bytes() == before


def test_without_the_subsetter_one_message(tmp_path: Path) -> None:
    root = books.twins(tmp_path / "book")
    books.write(tmp_path, {"stub/sitecustomize.py": NO_SUBSETTER})
    result = make_book(root, "build", "pdf", PYTHONPATH=str(tmp_path / "stub"))
    assert result.returncode == 2
    assert "libharfbuzz-subset" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list((root / "build").glob("*.pdf"))
