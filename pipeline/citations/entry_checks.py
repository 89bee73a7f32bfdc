"""What makes a bibliography entry complete, and its values well-formed."""

import calendar
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipeline.bibliography import Entry, Field
from pipeline.citations import csl, latex
from pipeline.citations.persons import separated
from pipeline.expressions import expression
from pipeline.wording import listed, quoted

Fault = tuple[Field, str, str]  # the field, the message, the help

_MADE_BY = ("author", "editor", "organization", "institution", "publisher", "holder", "key")
_WHEN = ("year", "date", "issued", "urldate", "pubstate", "accessed")
_WHERE = ("url", "doi", "eprint", "howpublished", "isbn", "crossref", "xdata", "URL", "DOI")
_JOURNAL = ("journal", "journaltitle", "container-title", "shortjournal", *_WHERE)
_PUBLISHER = ("publisher", "organization", "institution", *_WHERE)
_SCHOOL = ("school", "institution", "publisher", *_WHERE)
_BODY = ("institution", "publisher", "organization", "author", *_WHERE)
_BOOK = ("booktitle", "maintitle", "container-title", *_WHERE)

REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "article": (_MADE_BY, _JOURNAL, _WHEN),
    "book": (_MADE_BY, _PUBLISHER, _WHEN),
    "inbook": (_MADE_BY, _PUBLISHER, _WHEN),
    "incollection": (_MADE_BY, _BOOK, _WHEN),
    "inproceedings": (_MADE_BY, _BOOK, _WHEN),
    "conference": (_MADE_BY, _BOOK, _WHEN),
    "phdthesis": (_MADE_BY, _SCHOOL, _WHEN),
    "mastersthesis": (_MADE_BY, _SCHOOL, _WHEN),
    "thesis": (_MADE_BY, _SCHOOL, _WHEN),
    "techreport": (_MADE_BY, _BODY, _WHEN),
    "report": (_MADE_BY, _BODY, _WHEN),
    "online": (_MADE_BY, _WHERE, _WHEN),
    "electronic": (_MADE_BY, _WHERE, _WHEN),
    "www": (_MADE_BY, _WHERE, _WHEN),
    "webpage": (_WHERE, _WHEN),
    "misc": (_WHEN,),
    "article-journal": (_MADE_BY, _JOURNAL, _WHEN),
    "paper-conference": (_MADE_BY, _BOOK, _WHEN),
    "chapter": (_MADE_BY, _BOOK, _WHEN),
}
_FREE = frozenset({"xdata", "set", "string", "preamble", "comment", "control"})


def missing(entry: Entry) -> list[str]:
    """The fields that the type of an entry asks for and that it has not; inherited ones count."""
    if entry.type in _FREE or entry.text("crossref") or entry.text("xdata"):
        return []
    wanted = (("title", "shorttitle", "booktitle", "maintitle"), *REQUIRED.get(entry.type, ()))
    return [names[0] for names in wanted if not any(entry.text(name).strip() for name in names)]


def malformed(entry: Entry) -> Iterator[Fault]:
    """The fields whose value cannot be what its name says."""
    for name, field in entry.fields.items():
        check = _CHECKS.get(name.lower() if entry.native is None else name)
        told = check(_plain(field, name)) if check and field.text.strip() else None
        if told:
            yield field, f"`{name}` {told[0]}", told[1]


def _plain(field: Field, name: str) -> str:
    text = field.text
    return text if name in ("author", "editor", "translator") else latex.verbatim(text)


Told = tuple[str, str] | None


def _year(text: str) -> Told:
    if re.fullmatch(r"-?\d{1,4}[?~]?", text, re.ASCII) or _date(text) is None:
        return None
    return f"is no year: {quoted(text)}", "write four digits, `2023`"


_DATE = expression(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?[?~%]?(?:T[\d:Z+.-]*)?", re.ASCII)


def _date(text: str) -> Told:
    ends = [end for end in re.split(r"\s*/\s*", text.strip()) if end not in ("", "..")]
    if 0 < len(ends) < 3 and all(_is_date(end) for end in ends):
        return None
    return f"is no date: {quoted(text)}", "write `2023`, `2023-02` or `2023-02-24`"


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if not match:
        return False
    year, month, day = (int(part) if part else None for part in match.groups())
    if month is None or year is None:
        return True
    if day is None:
        return 1 <= month <= 12 or 21 <= month <= 24
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(max(year, 1), month)[1]


def _url(text: str) -> Told:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https", "ftp") and "." in parts.netloc
    except ValueError:
        good = False
    if good and not re.search(r"\s", text):
        return None
    return f"is no address: {quoted(text)}", "write the whole address, `https://example.org/page`"


def _doi(text: str) -> Told:
    bare = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", text, flags=re.IGNORECASE)
    if re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/\S+", bare):
        return None
    return f"is no DOI: {quoted(text)}", "a DOI begins with `10.`: `10.1145/3442188.3445922`"


_PAGE = expression(r"\s*(?:pp?\.|pages?\b|第)|页|頁", re.IGNORECASE)


def _pages(text: str) -> Told:
    if _PAGE.search(text):
        return f"holds more than numbers: {quoted(text)}", "write `12--15`; the style adds the rest"
    for part in re.split(r"\s*[,;，；]\s*", text.strip()):
        ends = re.split(r"\s*(?:-+|–|—|~)\s*", part)
        if len(ends) > 1 and not all(ends):
            return f"is a range without an end: {quoted(text)}", "write `12--15`"
        if len(ends) == 2 and _reversed(*ends):
            return f"runs backwards: {quoted(text)}", f"did you mean `{ends[1]}--{ends[0]}`?"
    return None


def _reversed(first: str, last: str) -> bool:
    """Whether a range runs backwards; `387--92` is short for 392."""
    digits = first.isdecimal() and last.isdecimal() and len(first) < 10 and len(last) < 10
    return digits and len(last) >= len(first) and int(last) < int(first)


def _langid(text: str) -> Told:
    if csl.language(text):
        return None
    return f"is no language: {quoted(text)}", "write a BCP 47 tag, such as `zh-CN` or `en`"


_COMPOUND = frozenset(
    (
        "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 "
        "皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 "
        "亓官 司寇 巫马 公西 颛孙 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 "
        "东郭 南门 羊舌 微生 左丘 东门 西门 第五"
    ).split()
)
_HAN = expression(r"[\u3400-\u4dbf\u4e00-\u9fff·]+")
_SUFFIX = expression(r"(?:jr|sr|[ivx]+|esq|ph\.?\s*d)\.?", re.IGNORECASE)


def _names(text: str) -> Told:
    advice = "join names by `and`: `王芳 and 李明`, `Touvron, Hugo and Lavril, Thibaut`"
    if re.match(r"and\s", text.strip()) or re.search(
        r"\s(?:and\s+and|and)\s*$|\band\s+and\b", text
    ):
        return f"has an empty name: {quoted(text)}", advice
    for name in separated(text):
        if name.startswith("{") or "=" in name:
            continue
        if re.search(r"[，、；;&]", name.replace(r"\&", "")):
            return f"joins names by a mark: {quoted(name)}", advice
        if re.search(r"\bet\s+al\b|等(?:人)?$", name):
            return f"ends in words: {quoted(name)}", "write `and others`"
        if _several(name):
            return f"reads {quoted(name)} as one person", advice
    return None


def _several(name: str) -> bool:
    """Whether commas seem to part people, not the parts of one name."""
    parts = [part.strip() for part in re.sub(r"\{[^{}]*\}", "x", name).split(",")]
    if len(parts) == 2 and all(_HAN.fullmatch(part) for part in parts):
        family, given = parts
        return len(family) > 1 and len(given) > 1 and family not in _COMPOUND
    return len(parts) > 3 or (len(parts) == 3 and not _SUFFIX.fullmatch(parts[1]))


_CHECKS = {
    "year": _year, "date": _date, "urldate": _date, "origdate": _date, "eventdate": _date,
    "url": _url, "URL": _url, "doi": _doi, "DOI": _doi, "pages": _pages, "page": _pages,
    "langid": _langid, "author": _names, "editor": _names, "translator": _names,
}  # fmt: skip


def told(fields: list[str]) -> str:
    """`author and year` for a message."""
    return listed((f"`{name}`" for name in fields), "and")
