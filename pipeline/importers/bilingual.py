"""Bilingual articles → chapter: headings `一、背景 | Background`, blocks after `English`, `中文`.

Headings become `背景 (Background)`; what is not in the book's language stands in `::: {lang=…}`.
"""

import re
from collections.abc import Iterator

from pipeline.drafts import (
    PLACEHOLDER,
    Desk,
    Draft,
    Note,
    Value,
    bilingual,
    halves,
    has_han,
    kind_of,
    spaced,
)
from pipeline.screen.short_names import ascii_name

NAME = "bilingual"
HELP = "an article in two languages, `一、背景 | Background` → chapter"
KINDS = ("chapter",)

_PART = re.compile(
    r"(?:[一二三四五六七八九十百]+[、.．]|第[一二三四五六七八九十百\d]+[章节部]\s*)\s*\S"
)
_SUB = re.compile(r"\d{1,2}(?P<deep>(?:\.\d{1,2})+)\.?\s+\S")
_LANGUAGES = {
    "english": "en",
    "英文": "en",
    "英语": "en",
    "中文": "zh",
    "chinese": "zh",
    "汉语": "zh",
}
_INLINE = re.compile(r"(?P<name>English|英文|中文|Chinese)\s*[:：]\s*(?P<text>\S.*)", re.IGNORECASE)
_LISTING = re.compile(r"\d{1,4}\s*\|\s*(?P<code>.*?)\s*\|\s*$")


def recognises(text: str) -> float:
    """High where headings have two halves and the languages stand alone on their lines."""
    if text.startswith("---\n"):
        return 0.0
    lines = [line.strip() for line in text.splitlines()]
    headings = sum(1 for line in lines if _level(line) and all(halves(_bare(line))))
    blocks = sum(1 for line in lines if _bare(line).lower() in _LANGUAGES)
    if headings > 1 and blocks > 1:
        return 0.95
    return 0.5 if headings > 2 or blocks > 3 else 0.0


def convert(text: str, desk: Desk) -> Draft:
    """The draft of an article."""
    article = _Article(text, desk)
    body = spaced(list(article.body()))
    chinese, english = halves(article.title)
    if not article.title:
        article.notes.append(Note(0, f"the text has no title: write it for {PLACEHOLDER}"))
    title = chinese or english or PLACEHOLDER
    fields: tuple[tuple[str, Value], ...] = (
        ("title", title), ("title_en", english if chinese else ""), ("status", "draft"),
    )  # fmt: skip
    stem = ascii_name(english or chinese) if article.title else desk.stem
    return Draft("chapter", stem, fields, f"# {bilingual(article.title) or PLACEHOLDER}\n\n{body}",
                 tuple(article.notes))  # fmt: skip


def _bare(line: str) -> str:
    """A line without heading marks and bold."""
    return re.sub(r"^#{1,6}\s+|\*\*|__", "", line).strip(" :：")


def _level(line: str) -> int:
    """The heading level of a line, 0 for none."""
    bare = _bare(line)
    if bare.lower() in _LANGUAGES or kind_of(line) in ("table", "blank"):
        return 0
    if (match := _SUB.match(bare)) and len(bare) < 100:
        return 2 + match["deep"].count(".")
    if _PART.match(bare) and len(bare) < 100 and not re.search(r"[。；;!！]", bare):
        return 2
    marks = re.match(r"(#{1,6})\s", line)
    return len(marks[1]) if marks else 0


class _Article:
    def __init__(self, text: str, desk: Desk) -> None:
        self.lines = text.splitlines()
        self.notes: list[Note] = []
        self.title = ""
        self.own = "zh" if desk.chinese else "en"
        self.open = False

    def body(self) -> Iterator[str]:
        """The lines of the body; each block of the other language in a div."""
        start = self._read_title()
        for at, line in enumerate(self.lines[start:], start=start + 1):
            bare = _bare(line)
            if language := _LANGUAGES.get(bare.lower()):
                yield from self._switch(language)
            elif level := _level(line.strip()):
                yield from self._switch("")
                yield f"{'#' * max(level, 2)} {self._heading(bare)}"
            elif match := _INLINE.fullmatch(line.strip()):
                yield from self._switch(_LANGUAGES[match["name"].lower()])
                yield match["text"]
                yield from self._switch("")
            elif match := _LISTING.fullmatch(line.strip()):
                self.notes.append(Note(at, f"the rest of a code listing, kept: {match['code']}"))
                yield from ("", "```text", match["code"], "```", "")
            else:
                yield line
        yield from self._switch("")

    def _switch(self, language: str) -> Iterator[str]:
        """Close the open div, and open one where the language is not the book's own."""
        if self.open:
            yield from ("", ":::", "")
        self.open = bool(language) and language != self.own
        if self.open:
            yield from ("", f"::: {{lang={language}}}", "")

    def _heading(self, bare: str) -> str:
        """`2.1 模型 (Models)`: the number stays before both halves."""
        match = re.match(
            r"(?P<number>\d[\d.]*\s+|[一二三四五六七八九十百]+[、.．]\s*)?(?P<text>.*)", bare
        )
        assert match
        return f"{match['number'] or ''}{bilingual(match['text'])}"

    def _read_title(self) -> int:
        """Take the title: the first lines before the first section; where the body begins."""
        taken = 0
        for at, line in enumerate(self.lines):
            bare = _bare(line)
            if not bare:
                continue
            if (_level(line.strip()) > 1 or bare.lower() in _LANGUAGES or len(bare) > 160
                    or kind_of(line) not in ("text", "heading")):  # fmt: skip
                break
            if self.title and not self._same_title(bare):
                break
            if all(halves(bare)) or not self.title:
                self.title = bare
            taken = at + 1
        return taken

    def _same_title(self, bare: str) -> bool:
        """Whether a second line says the title again, in both languages or in the other."""
        folded = _folded(self.title)
        return _folded(halves(bare)[0]) == folded or _folded(bare) == folded or (
            all(halves(bare)) and has_han(self.title) and folded in _folded(bare)
        )  # fmt: skip


def _folded(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()
