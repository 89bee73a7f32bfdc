"""BibTeX and BibLaTeX entries as CSL JSON.

Titles keep the capitals that the author typed; what braces protect is marked, so that a style
that changes case leaves it alone.
"""

import re
from collections.abc import Callable
from typing import Any

from pipeline.citations import latex
from pipeline.citations.bibtex_values import MONTHS
from pipeline.citations.entry import Entry
from pipeline.citations.persons import people

_TYPES = {
    "article": "article-journal", "periodical": "article-journal",
    "suppperiodical": "article-journal",
    "book": "book", "mvbook": "book", "collection": "book", "mvcollection": "book",
    "proceedings": "book", "mvproceedings": "book", "reference": "book", "mvreference": "book",
    "manual": "book", "booklet": "pamphlet", "bookinbook": "chapter", "inbook": "chapter",
    "incollection": "chapter", "suppbook": "chapter", "suppcollection": "chapter",
    "inreference": "entry-encyclopedia", "inproceedings": "paper-conference",
    "conference": "paper-conference", "online": "webpage", "electronic": "webpage",
    "www": "webpage", "webpage": "webpage", "patent": "patent", "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis", "techreport": "report", "report": "report", "unpublished": "manuscript",
    "dataset": "dataset", "data": "dataset", "software": "software",
    "letter": "personal_communication",
    "movie": "motion_picture", "video": "motion_picture", "audio": "song", "music": "song",
    "artwork": "graphic", "image": "graphic", "legislation": "legislation", "legal": "legislation",
    "jurisdiction": "legal_case", "review": "review", "performance": "performance",
    "standard": "standard", "newspaper": "article-newspaper", "magazine": "article-magazine",
}  # fmt: skip
_GENRES = {
    "phdthesis": "PhD thesis", "mastersthesis": "Master’s thesis", "mathesis": "Master’s thesis",
    "bathesis": "Bachelor’s thesis", "candthesis": "Candidate thesis",
    "techreport": "technical report",
    "resreport": "research report", "patentus": "U.S. patent", "patentde": "German patent",
    "patenteu": "European patent", "patent": "patent", "software": "computer software",
    "datacd": "data CD", "audiocd": "audio CD",
}  # fmt: skip
_NAMES = {
    "author": "author", "editor": "editor", "translator": "translator",
    "bookauthor": "container-author", "director": "director", "holder": "holder",
    "introduction": "introduction", "commentator": "commentator",
}  # fmt: skip
_TEXTS = {
    "volume": "volume", "edition": "edition", "chapter": "chapter-number", "version": "version",
    "isbn": "ISBN", "issn": "ISSN", "pmid": "PMID", "pmcid": "PMCID", "abstract": "abstract",
    "keywords": "keyword", "annotation": "annote", "annote": "annote",
    "pagetotal": "number-of-pages",
    "volumes": "number-of-volumes", "pubstate": "status", "library": "call-number",
    "shortjournal": "container-title-short", "origpublisher": "original-publisher",
    "origlocation": "original-publisher-place", "part": "part-number",
}  # fmt: skip
_LANGUAGES = {
    "english": "en", "american": "en-US", "usenglish": "en-US", "british": "en-GB",
    "ukenglish": "en-GB", "australian": "en-AU", "canadian": "en-CA", "german": "de",
    "ngerman": "de", "austrian": "de-AT", "naustrian": "de-AT", "nswissgerman": "de-CH",
    "french": "fr", "francais": "fr", "canadien": "fr-CA", "acadian": "fr-CA", "italian": "it",
    "spanish": "es", "mexican": "es-MX", "portuguese": "pt", "brazilian": "pt-BR",
    "brazil": "pt-BR",
    "portuges": "pt", "dutch": "nl", "russian": "ru", "ukrainian": "uk", "polish": "pl",
    "czech": "cs", "slovak": "sk", "swedish": "sv", "danish": "da", "norwegian": "no",
    "nynorsk": "nn", "norsk": "nb", "finnish": "fi", "hungarian": "hu", "turkish": "tr",
    "greek": "el", "polutonikogreek": "el", "latin": "la", "hebrew": "he", "arabic": "ar",
    "persian": "fa", "hindi": "hi", "vietnamese": "vi", "thai": "th", "japanese": "ja",
    "korean": "ko", "chinese": "zh", "pinyin": "zh-Latn", "chinese-simplified": "zh-Hans",
    "chinese-traditional": "zh-Hant", "chinese-hans": "zh-Hans", "chinese-hant": "zh-Hant",
    "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant", "中文": "zh",
    "简体中文": "zh-Hans", "繁體中文": "zh-Hant", "英文": "en", "日文": "ja", "catalan": "ca",
    "croatian": "hr", "romanian": "ro", "bulgarian": "bg", "serbian": "sr", "slovene": "sl",
    "slovenian": "sl", "estonian": "et", "latvian": "lv", "lithuanian": "lt", "icelandic": "is",
    "irish": "ga", "welsh": "cy", "basque": "eu", "galician": "gl", "esperanto": "eo",
}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_ARXIV = re.compile(r"(?:arxiv\s*:\s*)?(.+?)\s*(?:\[([\w.-]+)\])?\s*", re.IGNORECASE | re.DOTALL)

Record = dict[str, Any]


def convert(entry: Entry) -> Record:
    """An entry as CSL JSON; what is not there is left out."""
    record: Record = {"id": entry.key, "type": kind(entry)}
    for step in (_names, _titles, _numbers, _publisher, _dates, _texts, _links, _notes, _extras):
        step(entry, record)
    return {name: value for name, value in record.items() if value not in ("", [], {})}


def kind(entry: Entry) -> str:
    """The CSL type of an entry."""
    if entry.type in ("article", "suppperiodical"):
        subtype = entry.text("entrysubtype").lower()
        if subtype in ("newspaper", "magazine"):
            return f"article-{subtype}"
    if entry.type == "unpublished" and entry.text("eventtitle"):
        return "speech"
    found = _TYPES.get(entry.type)
    if found:
        return found
    if _archive(entry) and not entry.text("howpublished"):
        return "article"
    return "webpage" if entry.text("url") or _published_at(entry) else "document"


def language(text: str) -> str:
    """A BCP 47 tag for `langid`: a tag, or one of babel's names; empty if it is neither."""
    name = latex.plain(text).strip()
    known = _LANGUAGES.get(name.lower())
    if known:
        return known
    if not _TAG.fullmatch(name) or (len(name) == 3 and name.lower() not in ("yue", "cmn", "lzh")):
        return ""
    first, *rest = re.split("[-_]", name)
    return "-".join([first.lower(), *map(_subtag, rest)])


def _subtag(tag: str) -> str:
    if len(tag) == 2:
        return tag.upper()
    return tag.title() if len(tag) == 4 and tag.isalpha() else tag.lower()


# ---- steps ---------------------------------------------------------------------------------


def _names(entry: Entry, record: Record) -> None:
    prefix = "useprefix=true" in entry.text("options").replace(" ", "")
    for name, given in _NAMES.items():
        text = entry.text(name)
        if text and name == "holder":
            record.setdefault("author", people(text))
        elif text:
            record[given] = people(text, prefix=prefix)


def _titles(entry: Entry, record: Record) -> None:
    title = _joined(entry, "title", "subtitle")
    addon = latex.marked(entry.text("titleaddon"))
    record["title"] = f"{title}. {addon}" if title and addon else title
    record["title-short"] = latex.marked(entry.text("shorttitle"), protect=True)
    container = _joined(entry, "booktitle", "booksubtitle")
    journal = latex.marked(entry.text("journaltitle", "journal"), protect=True)
    whole = _joined(entry, "maintitle", "mainsubtitle")
    if entry.type in ("mvbook", "book", "collection", "proceedings", "reference") and whole:
        record["volume-title"], record["title"] = record["title"], whole
    record["container-title"] = (
        container or journal or ("" if record.get("volume-title") else whole)
    )
    record["collection-title"] = latex.marked(entry.text("series"), protect=True)
    event = latex.marked(entry.text("eventtitle"), protect=True)
    record["event-title"] = record["event"] = event
    record["event-place"] = latex.marked(entry.text("venue"))


def _joined(entry: Entry, title: str, subtitle: str) -> str:
    first = latex.marked(entry.text(title), protect=True)
    second = latex.marked(entry.text(subtitle), protect=True)
    if not first or not second:
        return first or second
    return (
        f"{first} {second}"
        if first.endswith((":", "?", "!", "：", "？", "！"))
        else f"{first}: {second}"
    )


def _numbers(entry: Entry, record: Record) -> None:
    number = latex.marked(entry.text("number"))
    issue = latex.marked(entry.text("issue"))
    if record["type"].startswith("article-") or entry.type in ("periodical",):
        record["issue"] = ", ".join(filter(None, (number, issue)))
    elif entry.text("series") and record["type"] in ("book", "chapter", "paper-conference"):
        record["collection-number"] = number
    else:
        record["number"] = number
    record["page"] = _range(entry.text("pages") or entry.text("eid"))


def _range(text: str) -> str:
    return re.sub(r"\s*[-–—]+\s*", "-", latex.plain(text))


def _publisher(entry: Entry, record: Record) -> None:
    texts = (latex.marked(entry.text(name))
             for name in ("publisher", "institution", "organization", "school"))  # fmt: skip
    given = list(dict.fromkeys(filter(None, texts)))
    if not given and not _published_at(entry):
        given = [latex.marked(entry.text("howpublished"))]
    record["publisher"] = "; ".join(re.sub(r"\s+and\s+", "; ", text) for text in given)
    record["publisher-place"] = latex.marked(entry.text("location", "address"))


def _texts(entry: Entry, record: Record) -> None:
    for name, given in _TEXTS.items():
        record.setdefault(given, latex.marked(entry.text(name)))
    kind_ = latex.plain(entry.text("type"))
    genre = _GENRES.get(kind_.lower(), latex.marked(entry.text("type")))
    record["genre"] = genre or (
        _GENRES[entry.type] if record["type"] == "thesis" and entry.type in _GENRES else ""
    )
    record["language"] = next(
        filter(
            None, (language(entry.text(name)) for name in ("langid", "hyphenation", "language"))
        ),
        "",
    )


def _published_at(entry: Entry) -> str:
    """The address in `howpublished`, if it holds one."""
    match = re.search(r"https?://[^\s{}]+", entry.text("howpublished"))
    return match[0].rstrip(".,;") if match else ""


def _archive(entry: Entry) -> str:
    """The arXiv identifier of an entry."""
    where = entry.text("eprinttype", "archiveprefix").lower()
    if entry.text("eprint") and (
        where == "arxiv" or re.match(r"arxiv:", entry.text("eprint"), re.I)
    ):
        match = _ARXIV.fullmatch(latex.plain(entry.text("eprint")))
        return match[1] if match else ""
    return ""


_ARCHIVES: dict[str, Callable[[str], str]] = {
    "jstor": lambda text: f"https://www.jstor.org/stable/{text}",
    "pubmed": lambda text: f"https://www.ncbi.nlm.nih.gov/pubmed/{text}",
    "pmc": lambda text: f"https://www.ncbi.nlm.nih.gov/pmc/articles/{text}",
    "googlebooks": lambda text: f"https://books.google.com?id={text}",
    "hdl": lambda text: f"https://hdl.handle.net/{text}",
}


def _links(entry: Entry, record: Record) -> None:
    doi = latex.verbatim(entry.text("doi"))
    record["DOI"] = re.sub(
        r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", doi, flags=re.IGNORECASE
    )
    url = latex.verbatim(entry.text("url")) or _published_at(entry)
    eprint = latex.verbatim(entry.text("eprint"))
    other = _ARCHIVES.get(entry.text("eprinttype", "archiveprefix").lower())
    if not url and _archive(entry):
        url = f"https://arxiv.org/abs/{_archive(entry)}"
    elif not url and eprint and other:
        url = other(eprint)
    record["URL"] = url


def _notes(entry: Entry, record: Record) -> None:
    notes = [latex.marked(entry.text(name)) for name in ("note", "addendum")]
    if _archive(entry):
        group = latex.plain(entry.text("eprintclass", "primaryclass"))
        notes.append(f"arXiv:{_archive(entry)}" + (f" [{group}]" if group else ""))
    record["note"] = ". ".join(note.rstrip(".") for note in notes if note)


def _extras(entry: Entry, record: Record) -> None:
    editor = entry.text("editortype").lower()
    role = {"compiler": "compiler", "director": "director", "organizer": "organizer"}.get(editor)
    if role and "editor" in record:
        record[role] = record.pop("editor")


# ---- dates ---------------------------------------------------------------------------------


def _dates(entry: Entry, record: Record) -> None:
    record["issued"] = _date(entry.text("date")) or _year(entry)
    record["original-date"] = _date(entry.text("origdate", "origyear"))
    record["event-date"] = _date(entry.text("eventdate"))
    record["accessed"] = _date(entry.text("urldate", "lastchecked", "lastaccessed"))


_ISO = re.compile(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([?~%]?)(?:T[\d:Z+.-]*)?", re.ASCII)


def _date(text: str) -> Record:
    """An ISO 8601-2 date or range as CSL has it."""
    text = text.strip(" {}")
    if not text:
        return {}
    ends = [end for end in re.split(r"\s*/\s*", text) if end not in ("", "..")]
    found = [_ISO.fullmatch(end) for end in ends]
    if not found or len(found) > 2 or not all(found):
        return {"literal": latex.plain(text)}
    parts = [_date_parts(match) for match in found if match]
    record: Record = {"date-parts": parts}
    season = next((part.pop() - 20 for part in parts if len(part) == 2 and 20 < part[1] < 25), None)
    if season:
        record["season"] = season
    if any(match and match[4] for match in found):
        record["circa"] = True
    return record


def _date_parts(match: re.Match[str]) -> list[int]:
    parts = [int(part) for part in match.groups()[:3] if part]
    if parts[0] <= 0:
        parts[0] -= 1
    return parts


def _year(entry: Entry) -> Record:
    """`year`, `month` and `day`; what is no number stays as written."""
    text = entry.text("year").strip(" {}")
    match = re.fullmatch(r"(-?\d{1,4})([?~]?)", text, re.ASCII)
    if not match:
        return _date(text) if text else {}
    parts = [int(match[1])]
    month = _month(latex.plain(entry.text("month")))
    if month:
        parts.append(month)
        day = latex.plain(entry.text("day")) or _day(entry.text("month"))
        if day.isdecimal() and 1 <= int(day[:3]) <= 31:
            parts.append(int(day))
    record: Record = {"date-parts": [parts]}
    return {**record, "circa": True} if match[2] else record


def _month(text: str) -> int | None:
    name = text.strip().lower().rstrip("月.")
    if name.isdecimal() and 1 <= int(name[:3]) <= 12:
        return int(name)
    word = re.search(r"[a-z]{3,}", name)
    return MONTHS.index(word[0][:3]) + 1 if word and word[0][:3] in MONTHS else None


def _day(month: str) -> str:
    """The day in `"10~" # feb` or `February 10`."""
    match = re.search(r"(?<!\d)\d{1,2}(?!\d)", month) if re.search("[A-Za-z]", month) else None
    return match[0] if match else ""
