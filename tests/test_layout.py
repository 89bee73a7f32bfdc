"""A small book laid out by WeasyPrint: in units, in one piece, and again after edits."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import books
import pikepdf
import pytest
from author import make_book

from pipeline import cache, fonts, layout
from pipeline.errors import UserError
from pipeline.layout import LayoutJob, LayoutResult, LayoutUnit
from pipeline.paper import papers, press, reaching, typesetter
from pipeline.paper.press import Press
from pipeline.paper.straight import Straight
from pipeline.process import Limits

THEMES = Path(layout.__file__).parent / "themes"
SHEETS = [(THEMES / name).read_text("utf-8") for name in ("structure.css", "classic.css")]
CSS = "\n".join([papers.faces_css(fonts.ROLES), *SHEETS, papers.css(papers.of("A5"))])
TEXT = "二〇一七年有了新的结构（Transformer），「注意力」由此成为核心：它让模型看见全部的词。"


def _chapter(number: int, paragraphs: int) -> LayoutUnit:
    other = number % 3 + 1
    body = [f'<h1 id="c{number}">第{number}章　开端</h1>', f'<h2 id="s{number}">一节</h2>']
    for index in range(paragraphs):
        note = f'<span class="footnote">注 {index}</span>' if index % 3 == 1 else ""
        link = f'见第 <a class="pageref" href="#s{other}"></a> 页。' if index % 4 == 2 else ""
        body.append(f"<p>{TEXT * (1 + index % 3)}{note}{link}</p>")
    body.append(
        '<table><thead><tr><th scope="col">模型</th><th>年</th></tr></thead>'
        "<tbody><tr><td>GPT</td><td>2018</td></tr></tbody></table>"
    )
    heads = ("书名", f"第{number}章")
    html = "".join(body)
    return LayoutUnit(f"c{number}", html, "arabic", "right", heads, "zh-Hans", "chapter")


def _contents() -> LayoutUnit:
    items = "".join(f'<li><a class="pageref" href="#c{n}">第{n}章</a></li>' for n in range(1, 4))
    html = f'<nav class="contents" role="doc-toc"><h1 id="toc">目录</h1><ul>{items}</ul></nav>'
    return LayoutUnit("toc", html, "roman", "right", ("书名", "目录"), "zh-Hans", "contents")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layout")


@pytest.fixture(scope="module")
def job(folder: Path) -> Iterator[LayoutJob]:
    conf = fonts.configure(folder / "fonts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FONTCONFIG_FILE", str(conf))
        yield LayoutJob(
            units=(_contents(), _chapter(1, 12), _chapter(2, 5), _chapter(3, 8)),
            css=CSS,
            base=folder,
            roots=(folder,),
            fonts_conf=conf,
            variant="pdf/ua-1",
            title="书名 (A Book)",
            authors=("某人", "Another"),
            lang="zh-Hans",
            identifier="urn:uuid:0",
        )


class Bench:
    """Lays a job out, and counts what was set anew."""

    def __init__(self, folder: Path) -> None:
        self.store = cache.Store(folder / "store")
        self.target = folder / "book.pdf"
        self.made: dict[str, int] = {}

    def __call__(self, job: LayoutJob) -> LayoutResult:
        self.made = {}
        return layout.lay_out(job, self.target, cache=self.store, workers=2, progress=self._count)

    def _count(self, what: str, done: int, total: int) -> None:
        if done:
            self.made[what] = self.made.get(what, 0) + 1


@pytest.fixture(scope="module")
def cold(job: LayoutJob, folder: Path) -> Bench:
    """The book, laid out from nothing."""
    made = Bench(folder)
    made(job)
    return made


@pytest.fixture
def bench(cold: Bench, tmp_path: Path) -> Bench:
    """A copy of what the cold build left."""
    shutil.copytree(cold.target.parent / "store", tmp_path / "store")
    shutil.copy(cold.target, tmp_path)
    return Bench(tmp_path)


def _words(path: Path) -> list[str]:
    made = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    return [
        line for line in made.stdout.decode().splitlines() if "<word" in line or "<page" in line
    ]


def _destinations(pdf: pikepdf.Pdf) -> dict[str, tuple[int, float, float]]:
    numbers = {page.objgen: index for index, page in enumerate(pdf.pages)}
    tree = pikepdf.NameTree(pdf.Root.Names.Dests)
    return {
        str(name): (numbers[at[0].objgen], round(float(at[2]), 2), round(float(at[3]), 2))
        for name, at in tree.items()
    }


def _links(pdf: pikepdf.Pdf) -> list[tuple[int, list[float], str, str]]:
    return [
        (
            index,
            [round(float(x), 2) for x in link.Rect],
            str(link.Dest),
            str(link.get("/Contents", "")),
        )
        for index, page in enumerate(pdf.pages)
        for link in page.get("/Annots", ())
    ]


def _outline(pdf: pikepdf.Pdf) -> list[tuple[str, int]]:
    numbers = {page.objgen: index for index, page in enumerate(pdf.pages)}

    def walk(node: pikepdf.Object, depth: int) -> Iterator[tuple[str, int]]:
        while node is not None:
            yield f"{depth} {node.Title}", numbers[node.Dest[0].objgen]
            if "/First" in node:
                yield from walk(node.First, depth + 1)
            node = node.get("/Next")

    return list(walk(pdf.Root.Outlines.First, 0))


def _structure(pdf: pikepdf.Pdf) -> list[str]:
    """The tree as lines; fails where the parent tree says otherwise."""
    numbers = {page.objgen: index for index, page in enumerate(pdf.pages)}
    parents = dict(pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
    lines = []

    def walk(node: pikepdf.Object, depth: int) -> None:
        page = numbers[node.Pg.objgen] if "/Pg" in node else -1
        lines.append(f"{depth} {node.S} {page} {node.get('/Lang', '')} {node.get('/Alt', '')}")
        for kid in node.get("/K", ()):
            if isinstance(kid, int):
                owner = parents[int(pdf.pages[page].obj.StructParents)][kid]
                assert owner.objgen == node.objgen
                lines.append(f"{depth} mcid {kid}")
            elif kid.get("/Type") == "/OBJR":
                assert parents[int(kid.Obj.StructParent)].objgen == node.objgen
                lines.append(f"{depth} link {kid.Obj.Dest}")
            else:
                assert kid.P.objgen == node.objgen
                walk(kid, depth + 1)

    walk(pdf.Root.StructTreeRoot.K[0], 0)
    return lines


@pytest.mark.parametrize("variant", [None, "pdf/ua-1"])
def test_the_joined_book_equals_the_book_set_in_one_piece(
    job: LayoutJob, bench: Bench, variant: str | None
) -> None:
    job = replace(job, variant=variant)
    result = bench(job)
    whole = bench.target.with_name("whole.pdf")
    reach = reaching.of(job, whole.parent)
    straight = Straight(job, bench.store, reach, lambda *_: None).write(whole)
    assert result.messages == straight.messages == ()
    assert (result.labels, result.anchors) == (straight.labels, straight.anchors)
    assert _words(bench.target) == _words(whole)
    with pikepdf.open(bench.target) as one, pikepdf.open(whole) as other:
        assert one.check_pdf_syntax() == []
        for part in (_outline, _links, _destinations, *([_structure] if variant else [])):
            assert part(one) == part(other)
        assert [page.label for page in one.pages] == list(result.labels)
    assert bench.target.stat().st_size < whole.stat().st_size * 1.1


def _drawn(path: Path) -> list[bytes]:
    """The pages as pictures of few dots."""
    folder = path.with_suffix("")
    folder.mkdir()
    command = ["pdftoppm", "-r", "40", "-gray", path, folder / "page"]
    subprocess.run(command, check=True)
    return [page.read_bytes() for page in sorted(folder.iterdir())]


def test_pictures_in_margin_boxes_stand_as_in_one_piece(
    job: LayoutJob, bench: Bench, folder: Path
) -> None:
    """An emoji in a title, and a logo by the page number."""
    from PIL import Image

    for name, colour in (("logo.png", (200, 0, 0, 128)), ("sign.jpg", (0, 0, 200))):
        Image.new("RGB" if len(colour) == 3 else "RGBA", (30, 20), colour).save(folder / name)
    css = (
        CSS + "@page :left { @bottom-center { content: url(logo.png) } }"
        "@page :right { @bottom-center { content: url(sign.jpg) } }"
    )
    units = [replace(unit, heads=("🚀 起飞", "")) for unit in (job.units[0], job.units[2])]
    job = replace(job, css=css, units=tuple(units), variant="pdf/a-2a")
    result = bench(job)
    again = bench.target.read_bytes()
    bench(job)
    assert bench.target.read_bytes() == again
    whole = bench.target.with_name("whole.pdf")
    reach = reaching.of(job, whole.parent)
    Straight(job, bench.store, reach, lambda *_: None).write(whole)
    assert not any("in one piece" in message.text for message in result.messages)
    assert _words(bench.target) == _words(whole)
    assert _drawn(bench.target) == _drawn(whole)
    with pikepdf.open(bench.target) as pdf:
        images = [x for x in pdf.objects if isinstance(x, pikepdf.Stream) and "/Width" in x]
        assert len(images) == 5, "each once: two images and an emoji, two of them with a mask"


def test_pages_are_numbered_and_named(job: LayoutJob, bench: Bench) -> None:
    result = bench(job)
    assert result.labels[:3] == ("i", "ii", "1")
    assert (result.anchors["toc"], result.anchors["c1"]) == ("i", "1")
    with pikepdf.open(bench.target) as pdf:
        text = subprocess.run(["pdftotext", bench.target, "-"], capture_output=True, check=True)
        pages = text.stdout.decode().split("\f")
        second = int(result.anchors["c2"]) + 1
        assert re.search(r"第2章[ .]+" + result.anchors["c2"], pages[0].replace("\n", ""))
        assert "书名" not in pages[second], "an opening page has no running head"
        assert "书名" in pages[3]
        assert str(pdf.docinfo.Title) == "书名 (A Book)"
        assert str(pdf.Root.Lang) == "zh-Hans"
        with pdf.open_metadata() as about:
            assert about["dc:creator"] == ["某人", "Another"]
            assert about["pdfuaid:part"] == "1"


def test_an_edit_costs_its_own_unit(job: LayoutJob, bench: Bench) -> None:
    changed = replace(job.units[2], html=job.units[2].html.replace("核心：", "中心：", 1))
    bench(replace(job, units=(*job.units[:2], changed, job.units[3])))
    assert bench.made == {"pages": 1, "join": 1}


def test_pages_that_shift_lay_out_nothing_else(job: LayoutJob, bench: Bench) -> None:
    before = bench(job)
    longer = replace(job.units[1], html=job.units[1].html + f"<p>{TEXT * 60}</p>")
    job = replace(job, units=(job.units[0], longer, *job.units[2:]))
    after = bench(job)
    assert bench.made["pages"] == 1
    assert int(after.anchors["c2"]) > int(before.anchors["c2"])
    shifted = bench.target.read_bytes()
    # The same book from nothing has the same bytes.
    bench.store = cache.Store(None)
    bench(job)
    assert bench.target.read_bytes() == shifted


def test_nothing_changed_sets_nothing(job: LayoutJob, cold: Bench, bench: Bench) -> None:
    bench(job)
    assert bench.made == {"join": 1}
    assert bench.target.read_bytes() == cold.target.read_bytes()


def test_a_damaged_cache_changes_nothing(job: LayoutJob, cold: Bench, bench: Bench) -> None:
    assert bench.store.folder
    for index, path in enumerate(sorted(bench.store.folder.glob("*/*"))):
        data = path.read_bytes()
        path.write_bytes((b"", data[: len(data) // 2], data[:-1] + b"?")[index % 3])
    bench(job)
    assert bench.target.read_bytes() == cold.target.read_bytes()


def test_a_style_that_crosses_chapters_is_set_in_one_piece(job: LayoutJob, bench: Bench) -> None:
    css = CSS + "\n.x::after { content: target-counter(attr(href), page) }"
    result = bench(replace(job, css=css, variant=None, units=job.units[2:]))
    assert "target-counter" in result.messages[-1].text
    assert result.anchors["c2"] == "1"


def test_another_weasyprint_sets_the_book_in_one_piece(
    job: LayoutJob, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetter.weasyprint, "__version__", "71.3")
    monkeypatch.setattr(press, "shared", Press())
    result = bench(replace(job, units=job.units[3:]))
    press.shared.stop()
    assert "71.3" in result.messages[-1].text
    assert "in one piece" in result.messages[-1].text
    assert any("GPT" in line for line in _words(bench.target))


def test_a_new_process_sets_a_book_in_one_piece(tmp_path: Path) -> None:
    files = {
        "book.yaml": "title: 森林\ncss: [own.css]\n",
        "own.css": ".x::after { content: target-counter(attr(href), page) }",
        "manuscript/one.md": "# 一章\n\n正文在这里。\n",
    }
    made = make_book(books.write(tmp_path, files), "build", "pdf")
    assert made.returncode == 0, made.stderr
    assert "the style uses target-counter" in made.stderr
    assert any("正文在这里" in line for line in _words(tmp_path / "build" / "森林.pdf"))


def test_what_cannot_be_shown_or_read_is_a_message(job: LayoutJob, bench: Bench) -> None:
    html = (
        "<h1>坏</h1><p>\U00013000</p><img src='file:///etc/hostname' alt='x'>"
        "<img src='http://localhost/x.png' alt='y'>"
    )
    bad = replace(job.units[1], html=html)
    messages = bench(replace(job, units=(bad,))).messages
    assert [message.character for message in messages if message.character] == ["\U00013000"]
    assert any("outside the book" in message.text for message in messages)
    assert any("only files" in message.text for message in messages)
    assert {message.unit for message in messages} == {"c1"}


@pytest.mark.parametrize(
    ("html", "limits", "reason"),
    [
        ("<div>" * 400 + "x", Limits(seconds=60), "nested too deeply"),
        (f"<p>{TEXT * 400}</p>", Limits(seconds=0.05), "longer than"),
    ],
)
def test_a_unit_that_fails_is_named(
    job: LayoutJob, bench: Bench, html: str, limits: Limits, reason: str
) -> None:
    bad = replace(job.units[2], html=html)
    with pytest.raises(UserError, match=f"“c2”.*{reason}"):
        bench(replace(job, units=(job.units[0], bad), limits=limits))
