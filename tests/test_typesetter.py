"""Lines of Chinese, measured in the PDF: flush, without holes, no mark where none may stand."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
import weasyprint

from pipeline import cache, fonts, layout
from pipeline.layout import LayoutJob, LayoutUnit
from pipeline.paper import typesetter

SIZE = 10.0
WIDTH = 250.0
LEADING = 16.0
CSS = f"""
@page {{ size: 300pt 400pt; margin: 25pt }}
html {{ font: {SIZE}pt/{LEADING}pt "Noto Serif CJK SC" }}
body {{ margin: 0; text-align: justify }}
p {{ margin: 0 0 {LEADING}pt }}
"""
HAN = (
    "模型的历史并不长，却改变了人们写作、编程与检索的方式；研究者提出了新的结构，「注意力」（它的核心）"
    "由此成为主角：「看见全部的词，」他说。「再决定。」于是，一切都不同了！是吗？也许——也许不是……"
)
MIXED = (
    "它在 2023 年发布的 LLaMA 中被广泛使用，参数从 7B 到 65B 不等，训练数据约 1.4 万亿词元"
    "（Touvron 等人），而 GPT-4 的细节没有公开；“开放”一词的含义因此被反复讨论。"
)
NOT_FIRST = "，。、；：！？）」』”’》…—"
NOT_LAST = "（「『“‘《"


@dataclass(frozen=True)
class Line:
    """A line as it is drawn: its text, its right edge in points, and how far down it is."""

    text: str
    right: float
    bottom: float


def _full_lines(path: Path) -> list[Line]:
    """All lines but the last of each paragraph and each page."""
    made = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    result: list[Line] = []
    for page in made.stdout.decode().split("<page ")[1:]:
        lines: dict[int, Line] = {}
        for right, bottom, text in re.findall(r'xMax="(.*?)" yMax="(.*?)">(.*?)</word>', page):
            line = lines.get(round(float(bottom)), Line("", 0, float(bottom)))
            edge = max(line.right, float(right))
            lines[round(float(bottom))] = Line(line.text + text, edge, line.bottom)
        ordered = sorted(lines.values(), key=lambda line: line.bottom)
        pairs = itertools.pairwise(ordered)
        result += [line for line, below in pairs if below.bottom - line.bottom < 1.5 * LEADING]
    assert len(result) > 60
    return result


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    conf = fonts.configure(tmp_path / "fonts")
    monkeypatch.setenv("FONTCONFIG_FILE", str(conf))

    def lay_out(html: str, lang: str = "zh-Hans", variant: str | None = None) -> Path:
        unit = LayoutUnit("u", html, "arabic", "right", ("", ""), lang, "chapter")
        job = LayoutJob(
            *((unit,), CSS, tmp_path, (tmp_path,), conf, variant),
            *("t", ("a",), "zh-Hans", "urn:x", True),
        )
        target = tmp_path / "t.pdf"
        layout.lay_out(job, target, cache=cache.Store(None), workers=1, progress=lambda *_: None)
        return target

    yield lay_out


def test_this_weasyprint_is_known() -> None:
    assert typesetter.supported() is None


def test_another_weasyprint_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter.weasyprint, "__version__", "71.3")
    assert "71.3" in (typesetter.supported() or "")


@pytest.mark.parametrize(
    "text",
    [HAN, MIXED, f"“{HAN}”", re.sub("，", "，<em>言</em>", HAN)],
    ids=["han", "mixed", "quoted", "spans"],
)
def test_full_lines_end_at_the_edge(pages, text: str) -> None:  # type: ignore[no-untyped-def]
    shifted = "".join(f"<p>{'字' * shift}{text * 4}</p>" for shift in range(12))
    lines = _full_lines(pages(shifted))
    assert [line for line in lines if abs(line.right - 25 - WIDTH) > 0.1 * SIZE] == []


def test_lines_begin_and_end_as_they_may(pages) -> None:  # type: ignore[no-untyped-def]
    lines = _full_lines(pages("".join(f"<p>{'字' * n}{HAN * 4}</p>" for n in range(12))))
    assert [line for line in lines if line.text[0] in NOT_FIRST or line.text[-1] in NOT_LAST] == []


def test_languages_notes_code_and_link_texts_are_tagged(pages) -> None:  # type: ignore[no-untyped-def]
    html = (
        '<p>字<span lang="en">word</span><code>x</code><span class="footnote">note</span>'
        '<a href="#q">link text</a></p><p id="q"><img class="math" alt="a over b" '
        "src='data:,'></p>"
    )
    with pikepdf.open(pages(html, variant="pdf/ua-1")) as pdf:
        found = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary)]
        kinds = {str(item.S): item for item in found if item.get("/Type") == "/StructElem"}
        assert {"/Note", "/Code", "/Link", "/P"} <= kinds.keys()
        assert "en" in {str(item.get("/Lang")) for item in found}
        assert [str(item.Contents) for item in found if "/Contents" in item and "/Rect" in item][
            -1
        ] == "link text"
        names = pikepdf.NameTree(pdf.Root.StructTreeRoot.IDTree)
        assert "u-note-1" in names


def _spaces(path: Path) -> int:
    """Spaces between Han in the text that a reader of the PDF takes from it."""
    made = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    return len(re.findall("[\u3000-\u9fff\uff00-\uffef] +[\u3000-\u9fff]", made.stdout.decode()))


def test_no_more_spaces_between_han_than_in_a_ragged_page(pages, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    html = "".join(f"<p>{'字' * shift}{(HAN + MIXED) * 3}</p>" for shift in range(12))
    made = pages(html)
    ragged = CSS.replace("justify", "start")
    weasyprint.HTML(string=f'<html lang="zh-Hans">{html}').write_pdf(
        tmp_path / "ragged.pdf", stylesheets=[weasyprint.CSS(string=ragged)]
    )
    assert _spaces(made) <= _spaces(tmp_path / "ragged.pdf")
