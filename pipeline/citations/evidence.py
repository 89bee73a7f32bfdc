"""Who stands behind a bibliography entry: its authors and its host."""

import re
from collections.abc import Iterable
from itertools import combinations
from urllib.parse import urlsplit

from pipeline.citations.entry import Entry
from pipeline.normal_form import normal_form

_NAMES = ("author", "editor", "organization", "institution", "publisher")


def authors(entry: Entry) -> frozenset[str]:
    """The names behind an entry, folded; `Touvron, Hugo` and `Hugo Touvron` are one."""
    if entry.native is not None:
        names = entry.native.get("author") or entry.native.get("editor") or ()
        found = [_csl_name(name) for name in names] if isinstance(names, list) else []
        return frozenset(filter(None, found)) or _folded([str(entry.native.get("publisher", ""))])
    text = entry.text(*_NAMES)
    return _folded(re.split(r"\s+and\s+", text))


def _csl_name(name: object) -> str:
    if not isinstance(name, dict):
        return ""
    parts = (name.get("literal"), name.get("given"), name.get("family"))
    return _key(" ".join(str(part) for part in parts if part))


def _folded(names: Iterable[str]) -> frozenset[str]:
    keys = (_key(name) for name in names)
    return frozenset(key for key in keys if key and key != "others")


def _key(name: str) -> str:
    family, comma, given = name.partition(",")
    plain = normal_form("NFKC", f"{given} {family}" if comma else name)
    return " ".join(re.sub(r"[{}\\.~]", " ", plain).casefold().split())


def host(entry: Entry) -> str:
    """Where an entry is published: the host of its address, else its DOI's registrant."""
    native = {key.lower(): str(value) for key, value in (entry.native or {}).items()}
    url = entry.text("url") or native.get("url", "")
    try:
        found = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        found = ""
    doi = entry.text("doi") or native.get("doi", "")
    if doi and found in ("", "doi.org", "dx.doi.org"):
        return re.sub(r"^(?:https?://)?(?:dx\.)?doi\.org/", "", doi).partition("/")[0]
    return found or ("arxiv.org" if entry.text("eprint") else "")


def independent(entries: Iterable[Entry]) -> bool:
    """Whether two of some entries have no author and no host in common."""
    known = [(authors(entry), host(entry)) for entry in entries]
    return any(
        not (one[0] & two[0]) and (one[1] != two[1] or not one[1])
        for one, two in combinations(known, 2)
    )
