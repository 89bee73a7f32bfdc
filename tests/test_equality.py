"""A book on a random walk of edits: kept, damaged or dropped, the cache never shows in the PDF."""

import multiprocessing
import random
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import books
import pytest

from pipeline import cli

WORDS = "春夏秋冬山水花木风霜雨雪日月星辰"
BOOK = """\
title: {title}
css: [style.css]
editions: {{book: {{outputs: [pdf], pdf_variant: {variant}}}}}
"""
VARIANTS = ("none", "pdf/ua-1")
CHAPTER = """\
---
chapter_number: {number}
title: {name}之章
---

# 第{number}章 {name}之章

## {name}的由来

{text}见[前情](../events/oak.md)，第[](second.md){{.page}}页[@alder2001]。[年轮]{{.index}}[^1]

## 小结

{more}

[^1]: {name}的注。
"""
CARD = """\
---
event_id: {name}
date: {date}
title: {name}栽下
sources: [birch2002]
---

# {name}栽下 ({date})

**🟠 重大事件** | **Major Event**

{text}
"""
WORKS = """\
@book{{alder2001, author = {{赤杨}}, title = {{{title}}}, year = {{2001}}, publisher = {{林}},
  langid = {{zh-CN}}}}
@book{{birch2002, author = {{Birch, B.}}, title = {{On Birches}}, year = {{{year}}},
  publisher = {{Wood}}}}
"""


class Author:
    """Writes a book and goes on changing it; all is drawn from a seed."""

    def __init__(self, root: Path, seed: str, variant: str) -> None:
        self.root = root
        self.draw = random.Random(seed)
        self.variant = variant
        self.count = 0
        books.write(root, {"style.css": "", "events/oak.md": "", "events/elm.md": ""})
        for number, stem in enumerate(("first", "second", "third"), start=1):
            self._write(f"manuscript/{stem}.md", self._chapter(number))
        self._write("events/oak.md", self._card("oak", "1999-03"))
        self._write("events/elm.md", self._card("elm", "2003"))
        self.bibliography()
        self.title()

    def step(self) -> str:
        """One edit, of any kind; its name."""
        kind = self.draw.choice(
            (self.word, self.word, self.heading, self.chapter, self.longer, self.reorder,
             self.card, self.style, self.bibliography, self.title)
        )  # fmt: skip
        kind()
        return kind.__name__

    def word(self) -> None:
        path = self._any()
        text = path.read_text("utf-8")
        place = self.draw.choice([at for at, char in enumerate(text) if char in WORDS])
        path.write_text(text[:place] + self.draw.choice(WORDS) + text[place + 1 :], "utf-8")

    def heading(self) -> None:
        path = self._any()
        self._write(path, path.read_text("utf-8").replace("## ", f"## {self._text(1, 4)} · ", 1))

    def chapter(self) -> None:
        """A new chapter, or the last new one goes."""
        new = sorted((self.root / "manuscript").glob("new-*.md"))
        if new and self.draw.random() < 0.5:
            new[-1].unlink()
        else:
            self._write(f"manuscript/new-{len(new)}.md", self._chapter(len(new) + 4))

    def longer(self) -> None:
        """A page or more, so that all later pages move."""
        path = self._any()
        self._write(path, path.read_text("utf-8") + f"\n\n{self._text(500, 900)}\n")

    def reorder(self) -> None:
        """Two chapters change places."""
        one, other = self.draw.sample(sorted((self.root / "manuscript").glob("*.md")), 2)
        data = one.read_bytes()
        self._write(one, other.read_text("utf-8"))
        other.write_bytes(data)

    def card(self) -> None:
        """A card moves to another folder and to another date."""
        path = self.draw.choice(sorted((self.root / "events").rglob("elm.md")))
        path.unlink()
        year = self.draw.randint(1990, 2010)
        self._write(f"events/{year}/elm.md", self._card("elm", str(year)))

    def style(self) -> None:
        size = self.draw.randint(0, 4)
        self._write("style.css", f"h2 {{ margin-top: {size}em }} p {{ orphans: {size + 1} }}\n")

    def bibliography(self) -> None:
        year = self.draw.randint(1950, 2020)
        self._write("bibliography/works.bib", WORKS.format(title=self._text(3, 9), year=year))

    def title(self) -> None:
        self._write("book.yaml", BOOK.format(title=self._text(2, 8), variant=self.variant))

    def _any(self) -> Path:
        return self.draw.choice(sorted((self.root / "manuscript").glob("*.md")))

    def _write(self, path: Path | str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def _text(self, least: int, most: int) -> str:
        return "".join(self.draw.choices(WORDS, k=self.draw.randint(least, most)))

    def _chapter(self, number: int) -> str:
        name, text, more = self._text(2, 3), self._text(200, 600), self._text(20, 400)
        return CHAPTER.format(number=number, name=name, text=text, more=more)

    def _card(self, name: str, date: str) -> str:
        return CARD.format(name=name, date=date, text=self._text(30, 90))

    def spoil(self) -> str:
        """Leave the cache as it is, damage some of it, drop some of it, or drop it all."""
        kept = sorted((self.root / ".make-book/cache").glob("*/*"))
        some = self.draw.sample(kept, len(kept) // 3)
        fate = self.draw.choice(("kept", "kept", "damaged", "thinned", "dropped"))
        if fate == "dropped":
            shutil.rmtree(self.root / ".make-book")
        for path in some if fate in ("damaged", "thinned") else ():
            data = path.read_bytes()
            path.write_bytes(self.draw.choice((b"", data[: len(data) // 2], data[:-1] + b"?")))
            if fate == "thinned":
                path.unlink()
        return fate


def _build(root: Path, *words: str) -> bytes:
    assert cli.main(["-C", str(root), "build", "pdf", "-q", *words]) == 0
    (made,) = (root / "build").glob("*.pdf")
    data = made.read_bytes()
    made.unlink()
    return data


def _walk(root: Path, seed: str, variant: str, edits: int, every: int) -> None:
    """Edit and build; each so many edits, a build from nothing must have the same bytes."""
    author = Author(root, seed, variant)
    _build(root)
    told = []
    for number in range(1, edits + 1):
        fate, edit = author.spoil(), author.step()
        told.append(f"{fate}, {edit}")
        data = _build(root, f"-j{1 + number % 2}")
        if number % every == 0:
            assert data == _build(root, "--no-cache", f"-j{2 - number % 2}"), told


def _apart(*arguments: Any) -> None:
    """Walk in a process of its own: one that has opened other fonts sets other lines."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(_walk, *arguments).result()


def test_ten_edits(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    _apart(tmp_path, str(request.config.option.seed), VARIANTS[1], 10, 5)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("variant", VARIANTS)
def test_fifty_edits(tmp_path: Path, seed: int, variant: str) -> None:
    _apart(tmp_path, f"walk {seed}", variant, 10, 1)
