"""Wiki pages without Markdown marks → concept or organization: title, sections, tables.

A line that stands alone is a heading; `Relationships` gives related ids, `Sources` the sources.
"""

import re
from collections.abc import Iterator

from pipeline import drafts
from pipeline.citations.reference_text import parsed
from pipeline.drafts import PLACEHOLDER, Desk, Draft, Note, Value, halves, has_han
from pipeline.screen.short_names import ascii_name

NAME = "wiki"
HELP = "a wiki page: title, tables, Relationships, Sources → concept or organization"
KINDS = ("concept", "organization")

_UI = frozenset(
    "appearance|contents|hide|edit|view history|talk|tools|read|main menu|search|目录|编辑|隐藏|"
    "外观|查看历史|讨论|工具|阅读|跳转到内容|jump to content".split("|")
)
_FIRST = frozenset(("overview", "概述", "概览", "简介", "summary", "definition", "定义"))
_SECTIONS = _FIRST | frozenset(
    "relationships|open questions|sources|references|why it matters|see also|timeline|notes|"
    "model timeline|benchmark scores|architecture notes|关系|开放问题|来源|参考资料|为什么重要|"
    "相关|时间线|注释".split("|")
)
_RELATED = frozenset(("relationships", "关系", "related", "see also", "相关"))
_SOURCES = frozenset(("sources", "references", "来源", "参考资料", "参考文献"))
_PAIR = re.compile(r"\s*(?:[-*+•]\s+)?(?P<label>[^:：]{1,40})[:：]\s*(?P<names>\S.*)")
_CONCEPTS = re.compile(r"概念|模型|技术|concept|model|technolog|topic|主题", re.IGNORECASE)


def recognises(text: str) -> float:
    """High where known section names stand alone on their lines, without marks."""
    lines = [line.strip().lower() for line in text.splitlines()]
    if text.startswith("---\n") or any(re.match(r"#{1,6}\s", line) for line in lines):
        return 0.0
    return {0: 0.0, 1: 0.3, 2: 0.8}.get(len(_SECTIONS & set(lines)), 0.95)


def convert(text: str, desk: Desk) -> Draft:
    """The draft of a page."""
    page = _Page(text, desk)
    body = drafts.spaced(list(page.body()))
    kind = desk.kind or KINDS[0]
    if not page.title:
        page.notes.append(Note(0, f"the page has no title: write it for {PLACEHOLDER}"))
    title = page.title or PLACEHOLDER
    chinese, english = halves(title)
    related = tuple(dict.fromkeys(page.related))
    name = ascii_name(english or chinese) if page.title else desk.stem
    known: tuple[tuple[str, Value], ...] = (
        (f"{kind}_id", name), ("name", chinese or english), ("name_en", english),
    )  # fmt: skip
    more: tuple[tuple[str, Value], ...] = (
        ("related_concepts" if kind == "concept" else "x-related", related),
        ("sources" if kind == "concept" else "x-sources", tuple(dict.fromkeys(page.keys))),
        ("status", "draft"),
    )
    notes = tuple(sorted(page.notes, key=lambda note: note.line))
    return Draft(kind, name, (*known, *more), f"# {title}\n\n{body}", notes)


class _Page:
    def __init__(self, text: str, desk: Desk) -> None:
        self.lines = text.splitlines()
        self.desk = desk
        self.notes: list[Note] = []
        self.title = ""
        self.related: list[str] = []
        self.keys: list[str] = []

    def body(self) -> Iterator[str]:
        """The lines of the body; what has become front matter is left out."""
        section = ""
        for at, line in enumerate(self.lines, start=1):
            plain = line.strip()
            if not section and not self.title and plain.lower() in _UI:
                self.notes.append(Note(at, f"not read: {plain}"))
                yield drafts.comment(plain)
            elif not section and not self.title and plain and self._is_title(at - 1):
                self.title = plain
            elif self._is_heading(at - 1):
                section = plain.lower()
                if section not in _SOURCES:
                    yield f"## {plain}"
            elif section in _SOURCES and plain:
                self._source(at, plain)
            else:
                if section in _RELATED and plain:
                    self._relate(at, plain)
                yield line

    def _is_title(self, at: int) -> bool:
        """Whether the page begins here: a short line before the first section."""
        return len(self.lines[at]) <= 80 and self.lines[at].strip().lower() not in _SECTIONS

    def _is_heading(self, at: int) -> bool:
        line = self.lines[at].strip()
        if line.lower() in _SECTIONS:
            return True
        if drafts.kind_of(self.lines[at]) != "text" or len(line) > 60:
            return False
        outside = re.sub(r"[(（][^()（）]*[)）]", "", line)
        if re.search(r"[。.!！?？；;，,:：、]", outside) or not re.match(r"[\w\"“《]", line):
            return False
        below = next((item for item in self.lines[at + 1 :] if item.strip()), "")
        return bool(below) and (has_han(line) or outside[:1].isupper() or outside[:1].isdigit())

    def _source(self, at: int, line: str) -> None:
        result = parsed(re.sub(r"^(?:[-*+•]|\[\d+\]|\d+[.)])\s+", "", line))
        self.keys.append(self.desk.cite(result.entry))
        if not result.whole:
            self.notes.append(Note(at, f"not all of it was understood, see `annotation`: {line}"))

    def _relate(self, at: int, line: str) -> None:
        match = _PAIR.match(line)
        if not match:
            self.notes.append(Note(at, f"no `label: names`, kept in the text: {line}"))
            return
        names = [item.strip(" .。") for item in re.split(r"[、,，;；]", match["names"])]
        concepts = _CONCEPTS.search(match["label"]) is not None
        for name in filter(None, names):
            if concepts or self.desk.identifier(name, "concept")[1]:
                found, known = self.desk.identifier(name, "concept")
                self.related.append(found)
                if not known:
                    self.notes.append(Note(at, f"no concept page yet: {name} ({found})"))
            elif not self.desk.identifier(name, "organization")[1]:
                self.notes.append(Note(at, f"no page yet, kept in the text: {name}"))
