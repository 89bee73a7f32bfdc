"""A reference as people write it, `Okoye, A. (2021). Title. *Journal*. https://…`, as an entry.

What is recognised becomes a field; where words are left over, the whole text is kept as well, in
`annotation`, and the entry says so.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.citations.entry_text import NewEntry
from pipeline.citations.works import arxiv_of

_URL = re.compile(r"<?(?P<url>https?://[^\s<>）】，。；]+[^\s<>）】，。；.,;:!?'\"*])>?")
_DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(?P<doi>10\.\d{4,9}/[^\s，。；）]+)", re.I
)
_ARXIV = re.compile(
    r"(?:https?://arxiv\.org/(?:abs|pdf)/|arXiv:\s*)(?P<id>[\w.-]+(?:/\d{7})?)", re.I
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_APA = re.compile(
    rf"(?P<authors>[^()（）]{{2,600}}?)\s*[.,，]?\s*[(（](?P<year>{_YEAR})[a-z]?"
    r"(?:[,，]\s*(?P<when>[^()（）]{1,20}))?[)）]\s*[.,，。:：]?\s*"
    r"(?P<title>[^\n]+?)(?:[.。](?=\s|$|\*|_)(?P<rest>.*))?",
    re.DOTALL,
)
_GBT = re.compile(
    r"(?P<authors>[^\[\]]{2,400}?)[.．。]\s*(?P<title>[^\[\]]{2,300})"
    r"\[(?P<mark>[A-Z]{1,2})(?:/OL)?\]\s*[.．。,，]?\s*(?P<rest>.*)",
    re.DOTALL,
)
_TITLED = re.compile(
    r"(?:(?P<who>[^\"“”《》:：]{2,80})[:：,，]\s*)?[\"“《](?P<title>[^\"”》]{3,300})[\"”》]\s*"
    r"[.,，。]?\s*(?P<rest>.*)",
    re.DOTALL,
)
_DATED = re.compile(rf"[(（]?(?P<date>{_YEAR}(?:-\d\d(?:-\d\d)?)?)[)）]?")
_NAME = re.compile(
    r"(?P<family>[^,，&]+?),\s*(?P<given>(?:[A-Z]\.[\s-]?)+)\s*(?:,|&|$)\s*(?:&\s*)?"
)
_OTHERS = re.compile(r"[,，]?\s*(?:\bet\s+al\.?|\band\s+others|等人?)\s*[.]?\s*$", re.IGNORECASE)
_MARKS = {
    "M": "book", "J": "article", "C": "inproceedings", "D": "thesis", "R": "report",
    "P": "patent", "S": "standard", "N": "article", "EB": "online", "DB": "online",
}  # fmt: skip
_SMALL = frozenset(
    "and et al retrieved from doi arxiv org available at in the https http 等 等人".split()
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An entry without a key, and whether every word of the text is in one of its fields."""

    entry: NewEntry
    whole: bool


def parsed(text: str) -> Parsed:
    """The entry that a reference stands for."""
    text = " ".join(text.split()).strip()
    fields: dict[str, str] = {}
    rest = _addresses(text, fields).strip(" .,，。")
    kind = _by_shape(rest, fields) or ("online" if fields.get("url") else "misc")
    if kind == "misc" and "eprint" in fields:
        kind = "online"
    fields = {
        name: " ".join((value if name == "author" else _unmarked(value)).split())
        for name, value in fields.items()
        if value
    }
    if not fields.get("title"):
        fields["title"] = _unmarked(rest) or fields.get("url", "") or text
    whole = not _left(text, fields)
    if not whole:
        fields["annotation"] = text
    return Parsed(NewEntry(kind, tuple(fields.items())), whole)


def _unmarked(text: str) -> str:
    return re.sub(r"(?<![\w*])[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}(?![\w*])", "", text).strip(" .,，。")


def _addresses(text: str, fields: dict[str, str]) -> str:
    """Take DOI, arXiv number and URL out of a text."""
    if match := _ARXIV.search(text):
        number = arxiv_of(match[0])
        if number:
            fields |= {"eprint": number, "eprinttype": "arxiv",
                       "url": f"https://arxiv.org/abs/{number}"}  # fmt: skip
            text = text.replace(match[0], " ")
    if match := _DOI.search(text):
        fields["doi"] = match["doi"].rstrip(".,;)")
        text = text.replace(match[0], " ", 1)
    for match in _URL.finditer(text):
        if "url" not in fields:
            fields["url"] = match["url"]
            text = text.replace(match[0], " ", 1)
    return re.sub(r"(?:Retrieved from|Available at|arXiv preprint)\s*[:：]?\s*$", "",
                  text.strip(), flags=re.IGNORECASE)  # fmt: skip


def _by_shape(text: str, fields: dict[str, str]) -> str:
    """Fill the fields of the first shape that fits; the entry's type, empty for none."""
    if match := _GBT.fullmatch(text):
        return _gbt(match, fields)
    if match := _APA.fullmatch(text):
        fields |= {"author": authors(match["authors"]), "title": match["title"]}
        fields["date"] = match["year"]
        container = re.sub(r"\bRetrieved from\s*$", "", match["rest"] or "", flags=re.IGNORECASE)
        return _container(container.strip(" ."), fields)
    if match := _TITLED.match(text):
        fields["title"] = match["title"]
        fields["author"] = f"{{{match['who'].strip()}}}" if match["who"] else ""
        if dated := _DATED.search(match["rest"]):
            fields["date"] = dated["date"]
        return "online" if "url" in fields else "misc"
    if dated := re.search(rf"[(（](?P<date>{_YEAR}(?:-\d\d(?:-\d\d)?)?)[)）]\s*$", text):
        fields |= {"date": dated["date"], "title": text[: dated.start()]}
    return ""


def _container(text: str, fields: dict[str, str]) -> str:
    said = "eprint" in fields and re.fullmatch(r"\W*arxiv preprint\W*", text, re.IGNORECASE)
    if not text or said:
        return "online" if "url" in fields else "misc"
    issue = re.fullmatch(
        r"(?P<name>.+?)[,，]\s*\*?(?P<volume>\d+)\*?(?:\((?P<number>[\d-]+)\))?"
        r"(?:[,，:：]\s*(?P<pages>\d+\s*[-–—]+\s*\d+))?",
        text,
    )
    if issue:
        fields |= {"journaltitle": issue["name"], "volume": issue["volume"]}
        fields["number"] = issue["number"] or ""
        fields["pages"] = re.sub(r"\s*[-–—]+\s*", "--", issue["pages"] or "")
        return "article"
    if re.search(r"proceedings|conference|会议", text, re.IGNORECASE):
        fields["booktitle"] = text
        return "inproceedings"
    fields["howpublished"] = text
    return "online" if "url" in fields else "misc"


def _gbt(match: re.Match[str], fields: dict[str, str]) -> str:
    """`北京: 出版社, 2015`, `学报, 2020, 3(2): 1-9` after the mark of GB/T 7714."""
    kind = _MARKS.get(match["mark"], "misc")
    fields |= {"author": authors(match["authors"]), "title": match["title"]}
    rest = match["rest"].strip(" .。")
    dated = re.search(rf"(?P<date>{_YEAR}(?:-\d\d(?:-\d\d)?)?)", rest)
    if not dated:
        return kind
    fields["date"] = dated["date"]
    before, after = rest[: dated.start()].strip(" ,，.([（"), rest[dated.end() :]
    numbers = re.match(r"\s*[,，]?\s*(\d+)?(?:\((\d+)\))?(?:\s*[:：]\s*([\d\s-]+))?", after)
    if kind == "article":
        fields["journaltitle"] = before
        if numbers:
            fields["volume"], fields["number"] = numbers[1] or "", numbers[2] or ""
            fields["pages"] = re.sub(r"\s*-+\s*", "--", (numbers[3] or "").strip())
        return kind
    place, colon, publisher = re.split(r"([:：])", before, maxsplit=1) if re.search(
        "[:：]", before) else ("", "", before)  # fmt: skip
    name = "institution" if kind in ("report", "thesis") else "publisher"
    fields |= {"location": place.strip(), name: publisher.strip()} if colon else {name: before}
    return kind


def authors(text: str) -> str:
    """Names as BibTeX has them, from `Okoye, A., Li, W., & Cruz, M.`, `王芳, 李明等`."""
    text = text.strip(" ,，*")
    bare = _OTHERS.sub("", text)
    more = ["others"] if bare != text else []
    bare = bare.replace("...", ",").replace("…", ",")
    bare = re.sub(r"(?:,\s*){2,}(?:&\s*)?", ", ", bare).strip(" ,&")
    bare = f"{bare}." if re.search(r"\b[A-Z]$", bare) else bare
    return " and ".join([*_names(bare), *more])


def _names(text: str) -> list[str]:
    found = list(_NAME.finditer(text))
    if found and sum(len(match[0]) for match in found) == len(text):
        return [f"{match['family'].strip()}, {match['given'].strip()}" for match in found]
    if re.search(r"[\u3400-\u9fff]", text):
        return [_whole(name) for name in re.split(r"\s*[、,，;；]\s*|\s+(?:and|&)\s+|[和与]", text)
                if name]  # fmt: skip
    parts = [part for part in re.split(r"\s*;\s*|\s*,?\s+(?:and|&)\s+|,\s+", text) if part]
    if len(parts) > 1 and all(len(part.split()) > 1 for part in parts):
        return parts
    if re.fullmatch(r"[^,]+,\s*[^,]+", text):
        return [text]
    return [f"{{{text}}}"] if text else []


def _whole(name: str) -> str:
    """A Han name stays whole: which part is the family is not ours to guess."""
    return f"{{{name}}}" if re.search(r"\s", name) or len(name) > 4 else name


def _left(text: str, fields: dict[str, str]) -> list[str]:
    """Words of a reference that none of the fields has."""
    have = set(re.findall(r"[^\W_]+", " ".join(fields.values()).casefold()))
    text = re.sub(r"\[[A-Z]{1,2}(?:/OL)?\]", " ", text)
    return [
        word
        for word in re.findall(r"[^\W_]+", text.casefold())
        if word not in have and word not in _SMALL
    ]


def host(url: str) -> str:
    """The host of an address without `www.`."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
