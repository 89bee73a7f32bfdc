"""Bibliography entries as BibTeX text: how a tidy entry looks, keys for new ones, their place."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.screen.short_names import ascii_name

WIDTH = 13  # columns that field names take, so that the equals signs stand in line
ORDER = (
    "author", "editor", "translator", "title", "subtitle", "titleaddon", "shorttitle", "journal",
    "journaltitle", "booktitle", "maintitle", "eventtitle", "series", "publisher", "institution",
    "organization", "school", "howpublished", "type", "version", "edition", "volume", "number",
    "issue", "pages", "chapter", "address", "location", "year", "month", "day", "date", "doi",
    "isbn", "issn", "eprint", "eprinttype", "archiveprefix", "eprintclass", "primaryclass", "url",
    "urldate", "note", "abstract", "keywords", "crossref", "langid", "language",
)  # fmt: skip
_RANKS = {name: place for place, name in enumerate(ORDER)}
_VERBATIM = frozenset(("url", "doi", "eprint"))
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_SMALL = frozenset(
    "a an and are as at by can do does for from how in into is it its of on or that the their "
    "this to toward towards via what when where which why with your you are not all".split()
)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written: fields in plain text, names in BibTeX's `Family, Given and …`."""

    type: str
    fields: tuple[tuple[str, str], ...]
    key: str = ""

    def text(self, name: str) -> str:
        """A field's text, empty where there is none."""
        return dict(self.fields).get(name, "")


def rank(name: str) -> int:
    """Where a field stands in a tidy entry; what is not known comes last."""
    return _RANKS.get(name.lower(), len(_RANKS))


def laid_out(kind: str, key: str, fields: Iterable[tuple[str, str]], newline: str) -> str:
    """An entry from field names and written values, delimiters included."""
    lines = [f"  {name:<{WIDTH}} = {value}" for name, value in fields]
    return f",{newline}".join([f"@{kind}{{{key}", *lines]) + f"{newline}}}"


def written(entry: NewEntry, newline: str = "\n") -> str:
    """A new entry, well formed whatever its fields hold."""
    fields = sorted(entry.fields, key=lambda pair: rank(pair[0]))
    values = ((name, f"{{{escaped(name, text)}}}") for name, text in fields if text.strip())
    return laid_out(entry.type, entry.key, values, newline)


def escaped(name: str, text: str) -> str:
    """A text as the value of a field: on one line, nothing in it a command or a brace."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if name in _VERBATIM:
        return quote(text, safe="/:;,?&=+$@!~*'()%#[]-._<>") if not _plain(text) else text
    if name in ("author", "editor", "translator"):
        return re.sub(r"[\\$&%#_^~]", lambda match: _SPECIAL[match[0]], _balanced(text))
    return re.sub(r"[\\{}$&%#_^~]", lambda match: _SPECIAL[match[0]], text)


def _plain(text: str) -> bool:
    return not re.search(r"[\s{}\\\"]", text)


def _balanced(text: str) -> str:
    """Names may hold braces, which mark bodies; without a partner they are dropped."""
    depth = 0
    for char in text:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            break
    return text if depth == 0 else re.sub(r"[{}]", "", text)


# ---- keys -----------------------------------------------------------------------------------


def key(author: str, year: str, title: str, taken: Collection[str]) -> str:
    """A key `author2023word` that is not taken; Han names and titles by their pinyin."""
    first = re.split(r"\s+and\s+", author.strip())[0]
    family = first.strip("{}") if first.startswith("{") else first.split(",")[0]
    if "," not in first and not first.startswith("{") and first.isascii():
        family = (first.split() or [""])[-1]
    start = _joined(family, 24) + re.sub(r"\D", "", year)[:4]
    base = start + "".join(_words(title)[: 1 if start else 3])
    longer = start + "".join(_words(title, numbers=True)[:2])
    if base in taken and longer != base and longer not in taken:
        return longer
    return unique(base or "source", taken)


def is_key(text: str) -> bool:
    """Whether a text may be a citation key, in BibTeX and after `@`."""
    return re.fullmatch(r"\w[\w.:+/-]*(?<![.:+/-])", text) is not None


def unique(base: str, taken: Collection[str]) -> str:
    """A key, with a letter or a number added where it is taken."""
    if base not in taken:
        return base
    letters = (f"{base}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    found = next((name for name in letters if name not in taken), "")
    count = 2
    while not found:
        found = f"{base}-{count}" if f"{base}-{count}" not in taken else ""
        count += 1
    return found


def _joined(text: str, limit: int) -> str:
    return ascii_name(text).replace("-", "")[:limit] if re.search(r"\w", text) else ""


def _words(title: str, *, numbers: bool = False) -> list[str]:
    """The words of a title that say something; of Han characters the first two."""
    start = re.match(r"[\W_]*([\u3400-\u9fff]{2})", title)
    if start:
        return [_joined(start[1], 16)]
    words = (_joined(word, 16) for word in re.split(r"[^\w’']+", title))
    return [
        word
        for word in words
        if word not in _SMALL and (len(word) > 1 or (numbers and word.isdigit()))
    ]


# ---- the place ------------------------------------------------------------------------------


def place(keys: Sequence[str], new: str) -> int:
    """The entry before which a new one belongs: by key in a sorted file, else at the end."""
    folded = [name.casefold() for name in keys]
    if len(folded) > 1 and folded == sorted(folded):
        return sum(name <= new.casefold() for name in folded)
    return len(keys)
