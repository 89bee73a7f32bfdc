"""A full-text index for a static site that finds Chinese words, loaded piece by piece as scripts.

Han text is indexed by pairs of neighbouring characters, other text by words. The index says which
pages have a token; it is cut into shards by a token's first character, so that a search loads a
few kilobytes. The texts of the pages found are loaded then, to check the phrase and to show where.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from pipeline import language
from pipeline.normal_form import normal_form
from pipeline.screen.site import Page

SHARD = 24_000  # characters
END = "\u00b7"  # follows the last character of a run of Han
_HAN = language.HAN.pattern
_TOKEN = re.compile(f"({_HAN}+)|((?:(?!{_HAN})[^\\W_])+)")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_SKIPPED = frozenset({"annotation", "script", "style", "nav", "svg"})


@dataclass(frozen=True)
class Section:
    """The text below a heading; `anchor` is empty at the top of a page."""

    anchor: str
    heading: str
    text: str


def sections(tree: HtmlElement) -> tuple[Section, ...]:
    """The text of a page, cut at its headings."""
    cutter = _Cutter()
    cutter.walk(tree)
    return tuple(cutter.finish())


class _Cutter:
    def __init__(self) -> None:
        self.parts: list[tuple[str, list[str], list[str]]] = [("", [], [])]

    def walk(self, element: HtmlElement) -> None:
        """Visit without recursion: pages may be deep."""
        heading: HtmlElement | None = None
        skipping: HtmlElement | None = None
        for event, node in etree.iterwalk(element, events=("start", "end")):
            if event == "start" and skipping is None:
                if _is_skipped(node):
                    skipping = node
                    continue
                if node.tag in _HEADINGS:
                    heading = node
                    self.parts.append((node.get("id") or "", [], []))
                gap = " " if node.get("class") == "heading-en" else ""
                self._add(gap + (node.text or ""), in_heading=heading is not None)
            elif event == "end":
                skipping = None if skipping is node else skipping
                heading = None if heading is node else heading
                if skipping is None and node is not element:
                    self._add(_gap(node) + (node.tail or ""), in_heading=heading is not None)

    def _add(self, text: str | None, *, in_heading: bool) -> None:
        if text:
            _, heading, body = self.parts[-1]
            (heading if in_heading else body).append(text)

    def finish(self) -> Iterator[Section]:
        for anchor, heading, text in self.parts:
            section = Section(anchor, _flat(heading), _flat(text))
            if section.heading or section.text:
                yield section


def _is_skipped(node: HtmlElement) -> bool:
    classes = (node.get("class") or "").split()
    return node.tag in _SKIPPED or bool({"footnote-ref", "footnote-back", "citation"} & {*classes})


def _gap(node: HtmlElement) -> str:
    return "" if node.tag in ("a", "em", "strong", "code", "span", "sup", "sub", "b", "i") else " "


def _flat(parts: Iterable[str]) -> str:
    return " ".join("".join(parts).split())


def tokens(text: str) -> Iterator[str]:
    """The tokens of a text: pairs of Han, a Han that ends a run with `END`, words in lower case."""
    for run, word in _TOKEN.findall(normal_form("NFKC", text).lower()):
        if word:
            yield word
        for place in range(len(run)):
            yield run[place : place + 2] if place + 1 < len(run) else run[place] + END


def files(found: Iterable[Page], language_tag: str) -> Iterator[tuple[str, str]]:
    """(name, script) of the index: the table of pages, the shards, the texts."""
    pages = [(page, sections(page.tree)) for page in found if _has_text(page)]
    texts = [(page, parts) for page, parts in pages if parts]
    postings: dict[str, dict[int, None]] = {}
    for number, (page, parts) in enumerate(texts):
        for part in parts:
            for token in tokens(f"{page.title} {part.heading} {part.text}"):
                postings.setdefault(token, {})[number] = None
    shards = _shards(postings)
    table = {
        "language": language_tag,
        "shards": len(shards),
        "pages": [[page.file, page.title] for page, _ in texts],
    }
    yield "pages.js", f"makeBook.pages({_json(table)});\n"
    for number, words in enumerate(shards):
        yield f"w{number}.js", f"makeBook.words({number},{_json(words)});\n"
    for number, (_, parts) in enumerate(texts):
        rows = [[part.anchor, part.heading, part.text] for part in parts]
        yield f"t{number}.js", f"makeBook.texts({number},{_json(rows)});\n"


def _has_text(page: Page) -> bool:
    """Lists of what stands elsewhere are not searched."""
    if page.unit is None or page.unit.kind in ("timeline", "copyright"):
        return False
    return page.unit.kind != "entries" or page.is_entry


def _shards(postings: Mapping[str, Mapping[int, None]]) -> list[dict[str, str]]:
    """By first character: what follows it and in which pages, `rest:page,page;…` in base 36."""
    by_first: dict[str, list[str]] = {}
    size = 0
    for token in sorted(postings):
        row = f"{token[1:]}:{','.join(_deltas(postings[token]))}"
        by_first.setdefault(token[0], []).append(row)
        size += len(row) + 1
    count = max(1, -(-size // SHARD))
    shards: list[dict[str, str]] = [{} for _ in range(count)]
    for first, rows in by_first.items():
        shards[ord(first) % count][first] = ";".join(rows)
    return shards


def _deltas(numbers: Iterable[int]) -> Iterator[str]:
    before = 0
    for number in numbers:
        yield _base36(number - before)
        before = number


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    result = digits[number % 36]
    while number := number // 36:
        result = digits[number % 36] + result
    return result


def _json(value: object) -> str:
    """JSON that may stand in a script."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
