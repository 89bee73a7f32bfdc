"""One document → one clean HTML fragment, the same for every output.

A fragment depends on the document's text, the entries it cites and the citation style, on
nothing else of the book: it is cached by those. Identifiers and links are still the author's;
`linker` gives them their place in the book.
"""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from lxml import html as lxml_html
from lxml.html import HtmlElement

from pipeline import allowlist, bibliography, cache, callouts, pandoc, parser
from pipeline.bibliography import Entry
from pipeline.document import Document
from pipeline.markdown import foreign
from pipeline.process import Limits

VERSION = 9
_WIDTH = re.compile(r"width: *([\d.]+)%")
_WIDTHS = re.compile(r'<colgroup>\s*(?:<col style="width: *[\d.]+%" */>\s*)+</colgroup>\s*')
UNEQUAL = 1.5  # times: what an author means who writes dashes of other lengths
_BOX = re.compile(r"<input type=\"checkbox\"[^>]*>")


@dataclass(frozen=True)
class Fragment:
    """Clean HTML of a document; `failure` says why there is none."""

    html: str
    failure: str = ""

    def tree(self) -> HtmlElement:
        """A fresh tree under a `div`."""
        return parse(self.html)


def parse(text: str) -> HtmlElement:
    """A tree under a `div` from a piece of HTML."""
    return lxml_html.fragment_fromstring(text, create_parent="div")


@dataclass(frozen=True)
class Converter:
    """Converts the documents of one book.

    `order` lists citation keys whose numbers come first (numbering through the book);
    `schemes` the URL schemes a link may have. `work` is a folder for what pandoc reads. With
    `whole` the book has one list of references: sources are cited beside what they are of.
    """

    entries: Mapping[str, Entry]
    style: bytes
    language: str
    schemes: frozenset[str]
    store: cache.Store
    limits: Limits
    work: Path
    whole: bool = False

    def convert(
        self, document: Document, sources: tuple[str, ...] = (), order: tuple[str, ...] = ()
    ) -> Fragment:
        """The fragment of a document; `sources` are listed even where the text cites none."""
        text = foreign.adapted(parser.prepare(document.source, document.body))
        cited = tuple(dict.fromkeys(item.key for item in document.body.citations))
        unseen = tuple(key for key in sources if key in self.entries and key not in cited)
        if self.whole and unseen:
            text = f"{text}\n\n{_citing('.sources', unseen)}"
            cited, unseen = (*cited, *unseen), ()
        return self._fragment(document.path, text, cited, unseen, order)

    def references(self, keys: tuple[str, ...]) -> Fragment:
        """The list of all that a book cites, in the order of `keys` where the style numbers."""
        return self._fragment("the list of references", "", (), (), keys)

    def _fragment(
        self, what: str, text: str, cited: tuple[str, ...], unseen: tuple[str, ...],
        order: tuple[str, ...],
    ) -> Fragment:  # fmt: skip
        if order:
            text = f"{_citing('#citation-order', order)}\n{text}"
        keys = dict.fromkeys((*order, *cited, *unseen))
        items = tuple(bibliography.to_csl(self.entries[key]) for key in keys if key in self.entries)
        name = cache.key(
            "fragment", VERSION, text, repr(items), unseen, self.style, self.language,
            sorted(self.schemes), pandoc.version(),
        )  # fmt: skip
        if (data := self.store.get(name)) is not None:
            return Fragment(data.decode("utf-8"))
        try:
            raw = self._bilingual(text, items, unseen) if keys else self._plain(text)
        except pandoc.ConversionError as error:
            return Fragment("", f"{what}: {error}")
        result = allowlist.clean(_boxes(_columns(self._callouts(raw))), self.schemes)
        self.store.put(name, result.encode("utf-8"))
        return Fragment(result)

    def _callouts(self, raw: str) -> str:
        if not callouts.present(raw):
            return raw
        tree = parse(raw)
        callouts.shape(tree, self.language)
        return inner(tree)

    def _plain(self, text: str) -> str:
        return pandoc.convert(text, self.language, None, self.limits, self.work)

    def _bilingual(
        self,
        text: str,
        items: tuple[Mapping[str, Any], ...],
        unseen: tuple[str, ...],
    ) -> str:
        """CSL chooses 等 or et al. for a whole bibliography: convert twice, pick per entry."""
        citations = pandoc.Citations(items, self.style, unseen)
        chinese = {str(item["id"]) for item in items if is_chinese(item)}
        if not chinese:
            return pandoc.convert(text, "en-US", citations, self.limits, self.work)
        languages = ["zh-CN-u-co-pinyin", *(["en-US"] if len(chinese) < len(items) else [])]

        def one(language: str) -> str:
            return pandoc.convert(text, language, citations, self.limits, self.work)

        with ThreadPoolExecutor(len(languages)) as pool:
            first, *second = pool.map(one, languages)
        return _pick(first, second[0], chinese) if second else first


def _citing(name: str, keys: Iterable[str]) -> str:
    """A block that cites keys."""
    return f"::: {{{name}}}\n[{'; '.join(f'@{{{key}}}' for key in keys)}]\n:::\n"


def _columns(text: str) -> str:
    """Tables without widths of columns that are about equal: these only tell of a long line in the
    source, and columns are better as wide as what they hold."""
    return _WIDTHS.sub(_stated, text)


def _stated(columns: re.Match[str]) -> str:
    widths = [float(width) for width in _WIDTH.findall(columns[0])]
    return columns[0] if max(widths) >= UNEQUAL * min(widths) else ""


def _boxes(text: str) -> str:
    """The boxes of a task list as characters, which paper has as well."""
    return _BOX.sub(lambda match: "☑ " if "checked" in match[0] else "□ ", text)


def is_chinese(item: Mapping[str, Any]) -> bool:
    """Whether a CSL item is in Chinese: by its language, else by its title."""
    language = str(item.get("language", "")).lower()
    if language:
        return language.startswith("zh")
    return any("\u4e00" <= char <= "\u9fff" for char in str(item.get("title", "")))


def _pick(chinese: str, english: str, keys: set[str]) -> str:
    one, other = parse(chinese), parse(english)
    entries = {entry.get("id"): entry for entry in other.find_class("csl-entry")}
    for entry in one.find_class("csl-entry"):
        name = entry.get("id", "")
        if name.removeprefix("ref-") not in keys and name in entries:
            _swap(entry, entries[name])
    for cite, twin in zip(one.find_class("citation"), other.find_class("citation"), strict=True):
        if not keys & set(cite.get("data-cites", "").split()):
            _swap(cite, twin)
    return inner(one)


def _swap(old: HtmlElement, new: HtmlElement) -> None:
    new.tail = old.tail
    parent = old.getparent()
    if parent is not None:
        parent.replace(old, new)


def inner(element: HtmlElement) -> str:
    """The HTML between an element's tags."""
    children = (lxml_html.tostring(child, encoding="unicode") for child in element)
    return escape(element.text or "", quote=False) + "".join(children)
