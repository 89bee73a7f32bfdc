"""Places in a book are the same in PDF, e-book and web site, and its pages are marked truly."""

import re
import subprocess
from pathlib import Path

import pikepdf
import pytest
import shelf
from books import write
from lxml import html as lxml_html
from test_epub import TYPE, Publication, messages

CONFIG = """\
title: 河流
slug: river
paper: A5
editions: {only: {page_list: true, outputs: [pdf, epub, html]}}
"""
LINE = "这一段讲的是河流的第{0}个弯，水在这里慢下来，沙在这里停下来，人也在这里住下来。" * 3


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book whose second chapter has pages without a heading or another anchor of an author's."""
    shelf.twins(root := tmp_path_factory.mktemp("river"))
    text = "\n\n".join(LINE.format(number) for number in range(1, 41))
    files = {
        "book.yaml": CONFIG,
        "manuscript/01-water/long.md": f"---\nchapter_number: 3\ntitle: 弯\n---\n# 弯\n\n{text}\n",
    }
    shelf.build(write(root, files), "pdf", "epub", "html")
    return root


def named(tree: pikepdf.Object) -> set[str]:
    """The names in a tree of names."""
    own = {str(name) for name in list(tree.get("/Names", []))[::2]}
    return own.union(*(named(kid) for kid in tree.get("/Kids", [])))


def test_anchors_are_the_same_in_all_outputs(river: Path) -> None:
    book = Publication(river / "build/river.epub")
    with pikepdf.open(river / "build/river.pdf") as pdf:
        paper = named(pdf.Root.Names.Dests)
    web = {
        str(name)
        for path in (river / "build/html").glob("*.html")
        for name in lxml_html.parse(str(path)).xpath("//@id")
    }
    tags = ("section", "article", "h2", "h3", "figure", "table")
    places = {
        str(item.get("id"))
        for name, page in book.pages.items()
        if name != "EPUB/nav.xhtml"
        for tag in tags
        for item in page.iter(f"{{*}}{tag}")
        if item.get("id") and "footnotes" not in str(item.get("class"))
    }
    assert {"one", "one.小结-summary", "one.fig-map", "one.tbl-rain", "event-flood-2020"} <= places
    assert places - paper == set()
    assert places - web == set()


def test_every_page_of_the_text_is_marked_where_it_begins(river: Path) -> None:
    book = Publication(river / "build/river.epub")
    (*_, listed) = book.pages["EPUB/nav.xhtml"].iter("{*}nav")
    labels = [str(link.text) for link in listed.iter("{*}a")]
    labels = labels[labels.index("1") :]  # before are pages of contents, which an e-book has not
    with pikepdf.open(river / "build/river.pdf") as pdf:
        first = next(i for i, page in enumerate(pdf.pages) if page.label == labels[0])
        last = next(i for i, page in enumerate(pdf.pages) if page.label == labels[-1])
        between = {page.label: i + 1 for i, page in enumerate(pdf.pages) if first <= i <= last}
    shown = {label: printed(river / "build/river.pdf", number) for label, number in between.items()}
    assert labels == [label for label, text in shown.items() if text], "blank pages have no mark"
    marks = [
        (str(mark.get("aria-label")), "".join(map(str, mark.getparent().itertext())))
        for mark in book.pages["EPUB/long.xhtml"].iter("{*}span")
        if mark.get(TYPE) == "pagebreak"
    ]
    assert len(marks) > 3
    for label, text in marks[1:]:
        assert re.sub(r"\s", "", text)[:12] in shown[label]
    assert "pageBreakMarkers" in book.meta("schema:accessibilityFeature")
    assert messages(river / "build/river.epub") == []


def printed(path: Path, number: int) -> str:
    """The text of a page between its running head and its folio."""
    command = ["pdftotext", "-f", str(number), "-l", str(number), str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"\s", "", text)


def test_an_e_book_alone_has_its_pages_too(river: Path) -> None:
    both = Publication(river / "build/river.epub").files
    done = shelf.build(river, "epub")
    assert [item.path.suffix for item in done] == [".epub"]
    assert Publication(done[0].path).files == both


def test_names_of_blocks_do_not_reach_readers(river: Path) -> None:
    for page in Publication(river / "build/river.epub").files.values():
        assert b".block-" not in page
