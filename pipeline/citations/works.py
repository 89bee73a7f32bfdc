"""What identifies the work behind a bibliography entry, in forms that compare."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipeline import bibliography
from pipeline.bibliography import Entry
from pipeline.expressions import expression
from pipeline.index import Index
from pipeline.normal_form import normal_form

_ARXIV = expression(
    r"(?:arxiv\s*[:./]\s*|arxiv\.org/(?:abs|pdf)/|\babs/|^)"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?(?!\d)",
    re.IGNORECASE,
)
_ARXIV_FIELDS = ("eprint", "doi", "url", "journal", "note", "howpublished", "number", "volume")
_TAG = expression(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Person:
    """A name: `family` and `given`, or `family` alone for a body. All folded."""

    family: str
    given: str = ""

    @property
    def names(self) -> set[str]:
        """What a text may call the person by: the family name; of a Han name also the whole."""
        return {self.family, self.family + self.given, f"{self.given} {self.family}".strip()}


@dataclass(frozen=True, slots=True)
class Work:
    """An entry with its comparable facts; empty strings and None where it says nothing."""

    entry: Entry
    title: str
    authors: tuple[Person, ...]
    year: int | None
    doi: str
    arxiv: str
    url: str


def works(index: Index) -> tuple[Work, ...]:
    """The work of every entry, the first of each key, in order."""
    return index.once(_Works).found


class _Works:
    def __init__(self, index: Index) -> None:
        self.found = tuple(work(entry) for entry in index.entries.values())


def work(entry: Entry) -> Work:
    """The facts of one entry."""
    record = bibliography.to_csl(entry)
    return Work(
        entry,
        normalized(_text(record.get("title"))),
        tuple(_people(record.get("author") or record.get("editor"))),
        _year(record.get("issued")),
        _text(record.get("DOI")).strip().lower(),
        _arxiv(entry, record),
        _text(record.get("URL")).strip(),
    )


def normalized(title: str) -> str:
    """A title without what spellings differ in: case, marks, spaces, tags."""
    folded = normal_form("NFKC", _TAG.sub("", title)).casefold()
    return "".join(char for char in folded if char.isalnum())


def fold(name: str) -> str:
    """A name without case, accents and points."""
    plain = normal_form("NFKD", name.casefold())
    kept = (char for char in plain if not unicodedata.combining(char) and char not in ".{}")
    return " ".join("".join(kept).replace("’", "'").split())


def arxiv_of(text: str) -> str:
    """The arXiv identifier in a text, without its version."""
    match = _ARXIV.search(text)
    return match["id"].lower() if match else ""


def bare_url(url: str) -> str:
    """A URL in a form that compares: no scheme, `www.`, query, fragment, final slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" if host else ""


def _arxiv(entry: Entry, record: dict[str, Any]) -> str:
    texts: Iterable[str] = (entry.text(name) for name in _ARXIV_FIELDS)
    more = (_text(record.get(name)) for name in ("URL", "DOI", "note", "number"))
    for text in (*texts, *more):
        bare = re.match(r"\d{4}\.\d{4,5}(?:v\d+)?$", text.strip())
        if bare and text not in (entry.text("eprint"), _text(record.get("number"))):
            continue  # digits alone say arXiv in these two fields only
        if found := arxiv_of(text.strip()):
            return found
    return ""


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _people(names: object) -> Iterable[Person]:
    for name in names if isinstance(names, list) else ():
        if not isinstance(name, dict):
            continue
        family = _text(name.get("family")) or _text(name.get("literal"))
        if family and family != "others":
            yield Person(fold(family), fold(_text(name.get("given"))))


def _year(issued: object) -> int | None:
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    year = first[0] if isinstance(first, list) and first else None
    text = _text(year)
    return int(text) if re.fullmatch(r"-?\d{1,4}", text, re.ASCII) else None
