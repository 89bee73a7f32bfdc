"""Drafts from foreign text: front matter, body, sources, and notes for the editor.

An importer converts; this module holds what all of them need. Nothing here touches the disk.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from pipeline.changes import edits
from pipeline.citations import entry_text, reference_text
from pipeline.citations.entry_text import NewEntry
from pipeline.citations.works import arxiv_of, bare_url, normalized, works
from pipeline.index import Index
from pipeline.screen.short_names import ascii_name

PLACEHOLDER = "待补"  # stands where a required field could not be read
Value = str | tuple[str, ...]

_BULLET = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)、])\s+\S")
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[-/](\d\d)(?:[-/](\d\d))?(?=[/-]|$)")
_HAN = re.compile("[\u3400-\u9fff]")
_FENCE = re.compile(r"\s*(```+|~~~+)")


@dataclass(frozen=True, slots=True)
class Note:
    """What an editor has to look at, with the line of the original (from 1, 0 for none)."""

    line: int
    message: str


@dataclass(frozen=True)
class Draft:
    """A document to be written: content type, file stem, front matter and body.

    A draft without a `kind` is a list of sources only.
    """

    kind: str
    stem: str = ""
    fields: tuple[tuple[str, Value], ...] = ()
    body: str = ""
    notes: tuple[Note, ...] = ()

    def text(self) -> str:
        """The file: front matter, a blank line, the body."""
        lines = (f"{name}: {_written(value)}\n" for name, value in self.fields if value)
        return f"---\n{''.join(lines)}---\n\n{self.body.strip()}\n"


def _written(value: Value) -> str:
    if isinstance(value, str):
        return edits.written(_one_line(value))
    return f"[{', '.join(edits.written(_one_line(item)) for item in value)}]"


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


@dataclass
class Desk:
    """What an importer works at: the book, the name of the file, the kind that is wanted.

    `kind` is empty where the importer may choose. Sources get a key by `cite`, once each.
    """

    index: Index
    stem: str
    kind: str = ""
    new: list[NewEntry] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)

    @property
    def chinese(self) -> bool:
        """Whether the book's language is Chinese."""
        return self.index.project.config.language.lower().startswith("zh")

    def cite(self, entry: NewEntry, key: str = "") -> str:
        """The key of a source: of the entry that the bibliography has, else of a new one."""
        names = list(_identities(entry))
        known = next((self._known[name] for name in names if name in self._known), "")
        known = known or next((self._keys[name] for name in names if name in self._keys), "")
        if known:
            return known
        taken = {*self.index.entries, *(item.key for item in self.new)}
        if key and entry_text.is_key(key):
            key = entry_text.unique(key, taken)
        else:
            key = self._key(entry, taken)
        self.new.append(NewEntry(entry.type, entry.fields, key))
        self._keys |= dict.fromkeys(names, key)
        return key

    def _key(self, entry: NewEntry, taken: set[str]) -> str:
        who = entry.text("author") or entry.text("organization") or entry.text("institution")
        year = entry.text("date") or entry.text("year")
        title = entry.text("title")
        if title.startswith(f"{PLACEHOLDER} "):
            who, title = _site(entry.text("url"))
        return entry_text.key(who, year, title, taken)

    @property
    def _known(self) -> dict[str, str]:
        return self.index.once(_Known).keys

    def identifier(self, name: str, kind: str) -> tuple[str, bool]:
        """The id that a name leads to, and whether the book has it; else one made of the name."""
        target = self.index.resolve(name, (kind,)).target
        return (target.identifier, True) if target else (ascii_name(name), False)


def online(title: str, url: str) -> NewEntry:
    """The entry of a web page; without a title it says visibly that one is wanted."""
    site = reference_text.host(url)
    tail = _tail(url)
    dated = _URL_DATE.search(url)
    fields = (
        ("title", title or f"{PLACEHOLDER} {site}{f'/…/{tail}'[:60] if tail else ''}"),
        ("organization", site),
        ("date", "-".join(part for part in dated.groups() if part) if dated else ""),
        ("url", url),
    )
    return NewEntry("online", tuple(pair for pair in fields if pair[1]))


def _tail(url: str) -> str:
    """The last part of an address, to tell pages of one site apart."""
    try:
        path = unquote(urlsplit(url).path).rstrip("/")
    except ValueError:
        return ""
    return path.rsplit("/", 1)[-1]


def _site(url: str) -> tuple[str, str]:
    """(who, what) of an address, for a key: the name of the site, a word or number of the page."""
    host = reference_text.host(url).split(".")
    names = [part for part in host[:-1] if part not in ("com", "co", "org", "net", "edu", "gov")]
    tail = re.sub(r"\.\w{1,5}$", "", _tail(url))
    word = re.search(r"[^\W\d_]{3,}", _URL_DATE.sub("", f"/{tail}"))
    number = re.search(r"\d{2,}(?=\D*$)", tail)
    what = word[0] if word else "" if _URL_DATE.search(url) or not number else number[0][-8:]
    who = names[-1] if names else host[0]
    return f"{{{who}}}", what or (host[0] if host[0] not in (who, "www") else "")


class _Known:
    """The keys of the bibliography by DOI, arXiv number and address."""

    def __init__(self, index: Index) -> None:
        self.keys: dict[str, str] = {}
        for work in works(index):
            first = work.authors[0].family if work.authors else ""
            names = (f"doi:{work.doi}", f"arxiv:{work.arxiv}", f"url:{bare_url(work.url)}",
                     f"title:{work.title}:{work.year}:{normalized(first)}")  # fmt: skip
            for name in names:
                if not name.endswith(":") and "::" not in name:
                    self.keys.setdefault(name, work.entry.key)


def _identities(entry: NewEntry) -> Iterator[str]:
    if doi := entry.text("doi").lower():
        yield f"doi:{doi}"
    if arxiv := arxiv_of(entry.text("eprint")):
        yield f"arxiv:{arxiv}"
    if url := entry.text("url"):
        plain = bare_url(url)
        if "?" not in url and plain:
            yield f"url:{plain}"
        yield f"address:{url}"
    author = re.split(r"\s+and\s+|,", entry.text("author"))[0].strip("{} ")
    year = (entry.text("date") or entry.text("year"))[:4]
    if author and year:
        yield f"title:{normalized(entry.text('title'))}:{year}:{normalized(author)}"


# ---- lines ----------------------------------------------------------------------------------


def kind_of(line: str) -> str:
    """What a line is, by itself: blank, item, table, heading, fence, indented or text."""
    if not line.strip():
        return "blank"
    if _FENCE.match(line):
        return "fence"
    if line.lstrip().startswith("|"):
        return "table"
    if re.match(r"#{1,6}\s", line):
        return "heading"
    if _BULLET.match(line):
        return "item"
    return "indented" if re.match(r"(?: {2,}|\t)\S", line) else "text"


def spaced(lines: Sequence[str]) -> str:
    """Lines of text as Markdown blocks: a blank line where one kind follows another.

    Each line of prose becomes a paragraph, as such texts mean it.
    """
    result: list[str] = []
    before, fenced = "blank", False
    for line in lines:
        kind = kind_of(line)
        if kind == before == "blank" and not fenced:
            continue
        joined = fenced or (kind == before and kind in ("item", "table", "fence"))
        joined = joined or (kind == "indented" and before in ("item", "indented"))
        if kind != "blank" and before != "blank" and not joined:
            result.append("")
        if kind == "fence":
            fenced = not fenced
        result.append(line.rstrip())
        before = kind
    return "\n".join(result)


def comment(text: str) -> str:
    """A line that could not be read, kept where it was and printed nowhere."""
    return f"<!-- import: {text.replace('--', '- -').replace('>', '›').strip()} -->"


def has_han(text: str) -> bool:
    """Whether a text has a Han character."""
    return _HAN.search(text) is not None


def halves(text: str) -> tuple[str, str]:
    """(Chinese, English) of `背景 | Background` or `背景 (Background)`; the other half empty."""
    parts = [part.strip() for part in re.split(r"\s[|｜/]\s|\s*[|｜]\s*", text.strip(), maxsplit=1)]
    if len(parts) == 2 and has_han(parts[0]) != has_han(parts[1]):
        return (parts[0], parts[1]) if has_han(parts[0]) else (parts[1], parts[0])
    match = re.fullmatch(r"(?P<zh>.+?)\s*[(（](?P<en>[^()（）]+)[)）]", text.strip())
    if match and has_han(match["zh"]) and not has_han(match["en"]):
        return match["zh"], match["en"]
    return (text.strip(), "") if has_han(text) else ("", text.strip())


def bilingual(text: str) -> str:
    """A heading as the book writes it: `背景 (Background)`."""
    chinese, english = halves(text)
    return f"{chinese} ({english})" if chinese and english else chinese or english
