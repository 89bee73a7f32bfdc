"""What a DOI, an arXiv number or an address leads to, as a new bibliography entry.

A DOI is asked for CSL JSON at doi.org, else at Crossref; arXiv by its export API; a page says its
title, authors and date in meta tags. All of it is text from strangers: it is decoded, cut to size
and escaped, never run.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

from lxml import etree, html as lxml_html

from pipeline.citations import fetching
from pipeline.citations.entry_text import NewEntry
from pipeline.citations.fetching import Ask, Page
from pipeline.citations.works import arxiv_of
from pipeline.errors import UserError

CSL = "application/vnd.citationstyles.csl+json"
FIELD = 2000  # characters of one field
NAMES = 200
_DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(?P<doi>10\.\d{4,9}/\S+)", re.IGNORECASE
)
_ARXIV = re.compile(
    r"(?:https?://(?:export\.|www\.)?arxiv\.org/(?:abs|pdf)/|arxiv:\s*)?"
    r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.IGNORECASE,
)
_TYPES = {
    "article-journal": "article", "journal-article": "article", "article-magazine": "article",
    "article-newspaper": "article", "paper-conference": "inproceedings",
    "proceedings-article": "inproceedings", "book": "book", "monograph": "book",
    "edited-book": "book", "chapter": "incollection", "book-chapter": "incollection",
    "report": "report", "thesis": "thesis", "dissertation": "thesis", "dataset": "dataset",
    "software": "software", "webpage": "online", "post-weblog": "online",
    "posted-content": "online", "article": "online",
}  # fmt: skip
Fields = list[tuple[str, str]]


def found(name: str, today: date, ask: Ask | None = None) -> NewEntry:
    """The entry of a DOI, an arXiv number or an address. Raises `UserError`."""
    name = name.strip()
    if _ARXIV.fullmatch(name):
        return _by_arxiv(arxiv_of(name), ask)
    if match := _DOI.fullmatch(name):
        doi = match["doi"].rstrip(".,;")
        if doi.lower().startswith("10.48550/arxiv."):
            return _by_arxiv(doi[len("10.48550/arxiv.") :], ask)
        return _by_doi(doi, ask)
    if urlsplit(name).scheme in ("http", "https") and urlsplit(name).netloc:
        return _by_page(name, today, ask)
    raise UserError(
        f"{name}: neither a DOI nor an arXiv number nor an address",
        hint="write 10.1000/182, arXiv:1706.03762 or https://…",
    )


def _one_line(value: object) -> str:
    """A text of theirs: no tags, no entities, no controls, not too long."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    text = unescape(re.sub(r"<[^<>]{0,200}>", "", text[: FIELD * 2]))
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:FIELD]


# ---- DOI ------------------------------------------------------------------------------------


def _by_doi(doi: str, ask: Ask | None) -> NewEntry:
    path = quote(doi, safe="/:;().-_")
    record: object
    try:
        record = _json(fetching.get(f"https://doi.org/{path}", CSL, ask))
    except UserError:
        page = fetching.get(f"https://api.crossref.org/works/{path}", "application/json", ask)
        record = _json(page).get("message")
    if not isinstance(record, dict) or not record.get("title"):
        raise UserError(f"nothing is known of the DOI {doi}", hint="look it up at doi.org")
    return from_csl({**record, "DOI": doi})


def _json(page: Page) -> dict[str, Any]:
    try:
        record = json.loads(page.body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise UserError(f"{page.url}: no record came", hint="try later")
    return record


def from_csl(record: Mapping[str, Any]) -> NewEntry:
    """An entry from CSL JSON as registries send it: lists where CSL has texts, too."""
    kind = _TYPES.get(_one_line(_first(record.get("type"))), "misc")
    container = _one_line(_first(record.get("container-title")))
    where = {"article": "journaltitle", "inproceedings": "booktitle", "incollection": "booktitle"}
    publisher = "institution" if kind in ("report", "thesis") else "publisher"
    fields: Fields = [
        ("author", names(record.get("author"))),
        ("editor", "" if record.get("author") else names(record.get("editor"))),
        ("title", _one_line(_first(record.get("title")))),
        (where.get(kind, "series"), container),
        (publisher, "" if kind == "article" else _one_line(record.get("publisher"))),
        ("volume", _one_line(record.get("volume"))),
        ("number", _one_line(record.get("issue") or record.get("number"))),
        ("pages", re.sub(r"\s*[-–—]+\s*", "--", _one_line(record.get("page")))),
        ("date", _issued(record)),
        ("doi", _one_line(record.get("DOI"))),
        ("isbn", _one_line(_first(record.get("ISBN")))),
        ("url", "" if record.get("DOI") else _one_line(record.get("URL"))),
        ("langid", _language(record.get("language"))),
    ]
    return NewEntry(kind, tuple((name, text) for name, text in fields if text))


def _first(value: object) -> object:
    return (value[0] if value else "") if isinstance(value, list) else value


def _issued(record: Mapping[str, Any]) -> str:
    for name in ("issued", "published", "published-print", "published-online", "created"):
        value = record.get(name)
        parts = value.get("date-parts") if isinstance(value, dict) else None
        first = parts[0] if isinstance(parts, list) and parts else None
        if isinstance(first, list) and first and all(isinstance(part, int) for part in first[:3]):
            return "-".join(f"{part:02}" for part in first[:3])
    return ""


def names(people: object) -> str:
    """CSL names as BibTeX writes them; bodies in braces."""
    result = []
    for person in people[:NAMES] if isinstance(people, list) else ():
        if not isinstance(person, dict):
            continue
        family, given = _one_line(person.get("family")), _one_line(person.get("given"))
        body = _one_line(person.get("literal") or person.get("name"))
        if family:
            result.append(_person(family, given))
        elif body or given:
            result.append(f"{{{_bare(body or given)}}}")
    return " and ".join(result)


def _person(family: str, given: str) -> str:
    family, given = _bare(family), _bare(given)
    if given and re.fullmatch(r"[\u3400-\u9fff·]+", family + given):
        return f"{{{family}{given}}}" if len(family) > 2 else f"{family}, {given}"
    return f"{family}, {given}" if given else f"{{{family}}}"


def _bare(text: str) -> str:
    """A name without what would end it: braces, and `and` between its words."""
    return re.sub(r"\s+and\s+", " {and} ", re.sub(r"[{}\\]", "", text))


def _language(value: object) -> str:
    text = _one_line(value)
    return text if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", text) else ""


# ---- arXiv ----------------------------------------------------------------------------------

_ATOM = "{http://www.w3.org/2005/Atom}"


def _by_arxiv(number: str, ask: Ask | None) -> NewEntry:
    url = f"https://export.arxiv.org/api/query?id_list={quote(number, safe='/.')}&max_results=1"
    page = fetching.get(url, "application/atom+xml", ask)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        feed = etree.fromstring(page.body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UserError(f"{page.url}: no record came", hint="try later") from error
    entry = feed.find(f"{_ATOM}entry")
    title = _one_line(entry.findtext(f"{_ATOM}title")) if entry is not None else ""
    if entry is None or not title or title == "Error":
        raise UserError(f"arXiv has no {number}", hint="look the number up at arxiv.org")
    people = [_one_line(item.findtext(f"{_ATOM}name")) for item in entry.iter(f"{_ATOM}author")]
    primary = entry.find("{http://arxiv.org/schemas/atom}primary_category")
    published = _iso(_one_line(entry.findtext(f"{_ATOM}published")))
    fields: Fields = [
        ("author", _latin_names(people)),
        ("title", title),
        ("date", published),
        ("eprint", number),
        ("eprinttype", "arxiv"),
        ("eprintclass", _one_line(primary.get("term")) if primary is not None else ""),
        ("doi", _one_line(entry.findtext("{http://arxiv.org/schemas/atom}doi"))),
        ("url", f"https://arxiv.org/abs/{number}"),
        ("langid", "en"),
    ]
    return NewEntry("online", tuple((name, text) for name, text in fields if text))


def _latin_names(people: Iterable[str]) -> str:
    """`Given Family` names as `Family, Given`; one word is a body."""
    result = []
    for person in list(people)[:NAMES]:
        if "," in person:
            family, given = (part.strip() for part in person.split(",", 1))
        else:
            family, given = _divided(person.split() or [""])
        if family:
            result.append(_person(family, given))
    return " and ".join(result)


def _divided(words: list[str]) -> tuple[str, str]:
    """(family, given): the last word, with the small words before it."""
    at = len(words) - 1
    while at > 1 and words[at - 1].islower():
        at -= 1
    return " ".join(words[at:]), " ".join(words[:at])


# ---- pages ----------------------------------------------------------------------------------

_TITLES = ("citation_title", "dc.title", "og:title", "twitter:title")
_AUTHORS = ("citation_author", "dc.creator", "article:author", "author", "og:author")
_DATES = (
    "citation_publication_date", "citation_date", "article:published_time", "dc.date",
    "datepublished", "date", "pubdate", "publish-date", "og:release_date",
)  # fmt: skip


def _by_page(url: str, today: date, ask: Ask | None) -> NewEntry:
    page = fetching.get(url, "text/html,application/xhtml+xml", ask)
    if "html" not in page.kind.lower():
        raise UserError(
            f"{url} is no web page but {page.kind or 'something unnamed'}",
            hint="write the entry by hand, or name the page that links to it",
        )
    return from_page(page, url, today)


def from_page(page: Page, url: str, today: date) -> NewEntry:
    """An entry from a page's meta tags and title."""
    tree = _tree(page)
    meta = _meta(tree)
    title = next((meta[name][0] for name in _TITLES if name in meta), "") or _title(tree)
    if not title:
        raise UserError(f"{url}: the page does not say its title", hint="write the entry by hand")
    written = next((meta[name] for name in _AUTHORS if name in meta), [])
    people = [name for name in written if not re.match(r"https?:|@|www\.", name)]
    site = (meta.get("og:site_name") or meta.get("citation_publisher") or [""])[0]
    dates = (iso for name in _DATES for text in meta.get(name, ()) if (iso := _iso(text)))
    fields: Fields = [
        ("author", _latin_names(people) if people else f"{{{_bare(site)}}}" if site else ""),
        ("title", title),
        ("organization", site if people else ""),
        ("date", next(dates, "") or _time(tree)),
        ("doi", (meta.get("citation_doi") or [""])[0].removeprefix("doi:")),
        ("url", url),
        ("urldate", today.isoformat()),
        ("langid", _language(tree.get("lang")) if tree is not None else ""),
    ]
    return NewEntry("online", tuple((name, text) for name, text in fields if text))


def _tree(page: Page) -> Any:
    charset = re.search(r"charset=[\"']?([\w-]+)", page.kind, re.IGNORECASE)
    inside = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", page.body[:4096], re.IGNORECASE)
    name = charset[1] if charset else inside[1].decode() if inside else "utf-8"
    try:
        text = page.body.decode(name, "replace")
    except LookupError:
        text = page.body.decode("utf-8", "replace")
    text = re.sub(r"^\s*<\?xml[^>]*>", "", text)
    try:
        return lxml_html.document_fromstring(text)
    except (etree.ParserError, ValueError):
        return lxml_html.document_fromstring("<html></html>")


def _meta(tree: Any) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name = (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").lower()
        text = _one_line(tag.get("content"))
        if name and text and len(result.get(name, ())) < NAMES:
            result.setdefault(name, []).append(text)
    return result


def _title(tree: Any) -> str:
    heads = (_one_line(item.text_content()) for item in (*tree.iter("title"), *tree.iter("h1")))
    return next(filter(None, heads), "")


def _time(tree: Any) -> str:
    return next((iso for tag in tree.iter("time") if (iso := _iso(tag.get("datetime") or ""))), "")


def _iso(text: str) -> str:
    """The date that a text begins with: `2023-02-24`, `2023-02`, `2023`."""
    match = re.match(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)", text.strip())
    if not match:
        return ""
    year, *rest = (part for part in match.groups() if part)
    return "-".join([year, *(f"{int(part):02}" for part in rest)])
