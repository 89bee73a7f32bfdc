"""Repositories that authors have before make-book comes: an mdBook, a Quarto book, bare Chinese."""

from pathlib import Path

import books
from PIL import Image

MDBOOK = {
    "book.toml": """\
[book]
title = "The Harbour Guide"
authors = ["Ada Quill", "Ben Stone"]
language = "en"
description = "How the harbour works."

[output.html]
git-repository-url = "https://example.org/harbour"
""",
    "src/SUMMARY.md": """\
# Summary

[Introduction](README.md)

# User Guide

- [Mooring a boat](guide/mooring.md)
    - [Knots](guide/knots.md)
- [Tides](guide/tides.md)
- [Lighthouses]()

---

# Reference

- [Commands](cli/README.md)

[Contributors](contributors.md)
""",
    "src/README.md": "# Introduction\n\nStart with [mooring](guide/mooring.md#first-steps).\n\n"
    "{{#include ../NOTE.txt}}\n",
    "src/guide/mooring.md": """\
# Mooring a boat

{{#title Mooring}}

## First steps

> [!NOTE]
> Slack water is best.

<div class="warning">

Never moor at [low tide](tides.md).

</div>

```rust,editable,no_run
# fn hidden() {}
println!("moor");
```

{{#playground ../../examples/moor.rs editable}}

Press <kbd>Ctrl</kbd>. The height is \\\\( h = 2 \\\\).
""",
    "src/guide/knots.md": "# Knots\n\nA knot[^1].\n\n[^1]: See [tides](tides.md).\n",
    "src/guide/tides.md": "# Tides\n\nBack to [knots](./knots.md) and [nowhere](gone.md).\n",
    "src/cli/README.md": "# Commands\n\nAll commands.\n",
    "src/contributors.md": "# Contributors\n\n- Ada\n",
    "src/unlisted.md": "# A secret\n\nNot in the summary.\n",
    "NOTE.txt": "A note.\n",
}

QUARTO = {
    "_quarto.yml": """\
project:
  type: book
  output-dir: _book
book:
  title: "Tides and Currents"
  subtitle: "A Field Book"
  author:
    - name: Ana Rivers
      affiliation: Coast Lab
    - "Bo Waters"
  date: "2025-03-01"
  chapters:
    - index.qmd
    - intro.qmd
    - part: "Measuring"
      chapters:
        - waves.qmd
        - gauges.qmd
    - references.qmd
  appendices:
    - tools.qmd
bibliography: references.bib
lang: en
format:
  html:
    theme: cosmo
""",
    "references.bib": "@book{knuth84,\n  author = {Knuth, Donald E.},\n"
    "  title = {Literate Programming},\n  year = {1984},\n  publisher = {Stanford}\n}\n",
    "index.qmd": "# Preface {.unnumbered}\n\nThis is a book. See @sec-intro.\n",
    "intro.qmd": """\
# Introduction {#sec-intro}

As @knuth84 shows. See @fig-wave, @tbl-heights, @eq-wave or [Section @sec-waves].

::: {.callout-note}
## Mind the tide
Water rises.
:::

::: {.callout-warning title="Careful" collapse="true"}
Rocks.
:::
""",
    "waves.qmd": """\
---
title: "Waves"
format: html
---

## Shape {#sec-waves}

![A wave](images/wave.png){#fig-wave width=50%}

| place | height |
|-------|-------:|
| north | 2 |

: Heights {#tbl-heights}

$$
y = x
$$ {#eq-wave}

```{python}
#| label: fig-plot
#| echo: false
import math

# not a heading
print(math.pi)
```

```{r, include=FALSE}
setup()
```

{{< include _shared.qmd >}}

{{< pagebreak >}}
""",
    "_shared.qmd": "Shared *text*.\n",
    "gauges.qmd": "# Gauges {#sec-gauges}\n\nSee @fig-plot and @fig-wave.\n",
    "references.qmd": "# References {.unnumbered}\n\n::: {#refs}\n:::\n",
    "tools.qmd": "# Tools\n\nA tool.\n",
    "README.md": "# Tides\n\nA repository.\n",
}

CHINESE = {
    "README.md": "# 活字之路\n\n作者：李明、王芳\n",
    "正文/01-开端.md": "# 第一章 开端\n\n活字印刷始于北宋[1]。沈括有记载[2]。\n\n## 工匠\n\n"
    "毕昇，布衣。见[第二章](02-流传.md)。\n",
    "正文/02-流传.md": "# 第二章 流传\n\n朝鲜的金属活字[2]。回到[第一章](01-开端.md),再看。\n",
    "正文/10-尾声.md": "# 第十章 尾声\n\n说完了。\n",
    "参考文献.md": "# 参考文献\n\n[1] 沈括. 梦溪笔谈[M]. 北京: 中华书局, 1957.\n"
    "[2] 张秀民. 中国印刷史[M]. 上海: 上海人民出版社, 1989.\n",
}


def mdbook(root: Path) -> Path:
    """An mdBook of five chapters, with the markup that only mdBook knows."""
    return books.write(root, MDBOOK)


def quarto(root: Path) -> Path:
    """A Quarto book with parts, callouts, references to places and code that would run."""
    books.write(root, QUARTO)
    (root / "images").mkdir()
    Image.new("RGB", (300, 200), "steelblue").save(root / "images/wave.png")
    return root


def chinese(root: Path) -> Path:
    """Chinese Markdown in a folder, its references a list of their own."""
    return books.write(root, CHINESE)
