"""Small books for the tests of the outputs, and how to build them in this process."""

import shutil
import struct
import zlib
from pathlib import Path

from pipeline import book as books, cache, index, linker, progress, project, rendering
from pipeline.rendering import Context, Options, Published

ROOT = Path(__file__).parent.parent
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 40 20" onload="alert(1)"><style>@import url(http://x.example/a.css);
 rect { fill: url(http://x.example/f); animation: spin 1s }</style>
<script>alert(1)</script><rect id="a" width="40" height="20" fill="#cde"/>
<a xlink:href="http://x.example/"><text x="2" y="12">图</text></a>
<image xlink:href="file:///etc/passwd"/><foreignObject><p>no</p></foreignObject></svg>
"""

ONE = """\
---
chapter_number: 1
title: 河流的源头
title_en: The Source of the River
---
# 第1章 河流的源头

## 小结 (Summary)

第一章的正文，带一个脚注[^1]，又引一次[^n]。见[第二章的小结](two.md#小结-summary)和[第二章](two.md)。

The river begins in the hills above the village, and nobody knows exactly where it does.

死链接[无处可去](nowhere.md)与[外面](<https://example.org/a b?x=1&y=2>)。
**“着重”**与*强调*、*emphasis*。

![一张图](../figures/map.svg){#fig-map}

如[](#fig-map)与[](#tbl-rain)。公式$\\frac{1}{2}$与

$$ E = mc^2 $$

| 年 | 雨量 |
|----|-----:|
| 2020 | 12 |

: 雨量 {#tbl-rain}

[^1]: 第一章的注。
[^n]: 第一章的另一注，*有强调*。

    第二段。
"""

TWO = """\
---
chapter_number: 2
title: 河流的尽头
title_en: The End of the River
key_events: [flood-2020]
---
# 第2章 河流的尽头

## 小结 (Summary)

第二章的正文，带同名的脚注[^1]。回到[源头](one.md)，见[洪水](../../events/flood.md)与[三角洲](../../concepts/delta.md)。

![同一张图](../figures/map.svg)

::: {.event #flood-2020}
那一年发生了洪水。
:::

```python
print("注意")
```

[^1]: 第二章的注。
"""

FLOOD = """\
---
event_id: flood-2020
date: 2020-07-01
title: 大洪水
title_en: The Great Flood
significance_level: critical
causal_connections:
  - demonstrates: [delta]
---
# 大洪水 (2020-07-01)

## 事件概述 (Event Overview)

2020年7月，河水漫过了堤岸，整个三角洲都被淹没了好几天[^1]。

见[第2章](../manuscript/01-water/two.md)。

[^1]: 卡片的注。
"""

DELTA = """\
---
concept_id: delta
name: 三角洲
name_en: Delta
---
# 三角洲

河流入海的地方，泥沙沉积而成的平原，叫做三角洲，是人烟稠密的地方。
"""


def twins(root: Path, **config: str) -> Path:
    """Two chapters that share labels and headings, a card and a concept."""
    given = {"title": "河流", "title_en": "The River", "authors": "[甲, 乙]", "slug": "river"}
    lines = "".join(f"{key}: {value}\n" for key, value in (given | config).items())
    _write(root / "book.yaml", lines)
    _write(root / "manuscript/00-front/preface.md", "# 前言\n\n写在前面。\n")
    _write(root / "manuscript/01-water/index.md", "---\ntitle: 水\ntitle_en: Water\n---\n# 水\n")
    _write(root / "manuscript/01-water/one.md", ONE)
    _write(root / "manuscript/01-water/two.md", TWO)
    _write(root / "manuscript/figures/map.svg", SVG)
    _write(root / "manuscript/figures/unused.svg", SVG)
    _write(root / "events/flood.md", FLOOD)
    _write(root / "concepts/delta.md", DELTA)
    return root


ODD = """\
# <b>标题</b> & "引号" 😀

<div id="a b"><li>孤儿条目</li><dd>孤儿定义</dd></div>
<span><div>块在短语里</div></span>
<p>段落<ul><li>列表</li>散落的文字<p>散落的段落</p></ul></p>
<img src="gone.png" width="50%"><img src="figures/map.svg" width="50%" height="3cm">
<img src="figures/spin.gif" alt="">
<ol type="Z" start="x"><li id="twice">一</li><li id="twice">二</li></ol>
<td>表外单元格</td><table><caption>题</caption><tr>
<td colspan="0" rowspan="x" scope="q">格</td></tr></table>
<a href="http://exa mple.org/ä%zz">坏地址</a> <a href="javascript:alert(1)">脚本</a>
<a href="https://[bad/">坏主机</a> <a href="//example.org/x">无协议</a> <a href="http:///">空</a>
<time datetime="昨天">昨天</time> <bdo>方向</bdo> <rt>注音</rt> <ruby>汉<rt>hàn</rt></ruby>
<span lang="not a tag" dir="up" role="banner" data-epub-type="cover" data-@x="1">属性</span>
<dl><dd>先定义</dd><dt>后术语</dt></dl> <details><p>没有摘要</p></details>
<figure><figcaption>无图</figcaption></figure> <summary>孤儿摘要</summary>
<math><mfrac><mn>1</mn></mfrac></math> <math><msup><mi>x</mi><mn>2</mn></msup></math>
<h2><p>标题里的段落</p></h2> <mi>野生</mi> <section role="doc-chapter"><hr></section>

控制字符\x01与\x7f、\ufdd0和\u2028。[@unknown]

## 重复 {#same}

## 重复 {#same}

## 小结

## 小结

- [ ] 待办
- [x] 完成

Term
:   Definition

> 引文

[内部](#same) [没有](#nothing) [空]() [](odd.md)

``` {.python #code .numberLines}
def f(): return "<&>"
```

| a | b |
|---|---|
|   | $x_i$ |
"""


def odd(root: Path) -> Path:
    """What authors and strangers may write."""
    _write(root / "book.yaml", 'title: "奇怪的 <书> & \\"引号\\""\nauthors: ["<甲>"]\n')
    _write(root / "manuscript/奇怪的章节 名.md", ODD)
    _write(root / "manuscript/con.md", "无标题的文件。\n")
    _write(root / "manuscript/empty.md", "")
    _write(root / "manuscript/figures/map.svg", SVG)
    path = root / "manuscript/figures/spin.gif"
    path.write_bytes(moving_gif())
    return root


ENGLISH_CONFIG = """\
title: The River
language: en
authors: [A. Writer]
slug: river
"""

ENGLISH = """\
---
chapter_number: 1
title: The Source
---
# The Source

A river.[^1] ![](a.png)

## Hills

Hills are high.

[^1]: A note.
"""


def english(root: Path) -> Path:
    """A book in English only, of one chapter."""
    _write(root / "book.yaml", ENGLISH_CONFIG)
    _write(root / "manuscript/one.md", ENGLISH)
    (root / "manuscript/a.png").write_bytes(png())
    return root


def sample(root: Path) -> Path:
    """A copy of the sample book."""
    for name in "book.yaml manuscript events concepts organizations bibliography schemas".split():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    return root


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def png() -> bytes:
    """A grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\x00\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def moving_gif() -> bytes:
    """A GIF of two frames that repeats."""
    head = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    frame = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return head + loop + frame * 2 + b"\x3b"


def build(root: Path, *outputs: str) -> list[Published]:
    """Build outputs without the command line and without a cache."""
    built = index.build(project.load(root))
    with progress.of(quiet=True) as display:
        return list(rendering.build(built, Options(outputs=outputs), cache.Store(None), display))


def context(root: Path, stage: Path, page_of: dict[str, str]) -> Context:
    """A renderer's context for the first edition."""
    built = index.build(project.load(root))
    book = books.assemble(built, built.config.editions[0])
    store = cache.Store(None)
    with progress.of(quiet=True) as display:
        linked = linker.link(book, rendering.convert(book, store, 2, display, stage))
        return Context(book, linked, stage, store, 2, display, page_of)
