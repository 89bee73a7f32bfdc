"""Citations in plain text: `(Touvron et al., 2023)`, `王芳等（2023）`, lists of references.

What a bibliography entry answers to can become `[@key]`; the rest is at least named.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pipeline.citations import locators
from pipeline.citations.works import Work, arxiv_of, bare_url, fold, normalized, works
from pipeline.document import Block, Document
from pipeline.expressions import expression
from pipeline.index import Index, fold as folded
from pipeline.markdown.flat import merged
from pipeline.source import Span


@dataclass(frozen=True, slots=True)
class Cited:
    """One work that a text names: the entries it may be, and how it reads in `[…]`."""

    span: Span
    text: str
    found: tuple[Work, ...]
    prefix: str = ""
    suffix: str = ""
    year_differs: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """Works named together; `span` is what `[@key]` would replace, `certain` if it may."""

    document: Document
    span: Span
    works: tuple[Cited, ...]
    reference: bool = False
    certain: bool = True

    @property
    def replacement(self) -> str | None:
        """`[@key; @other, p. 3]`, None where a work is not found or several answer."""
        if not self.certain or any(len(item.found) != 1 for item in self.works):
            return None
        cited = "; ".join(
            f"{item.prefix}@{item.found[0].entry.key}{item.suffix}" for item in self.works
        )
        return f"[{cited}]"


READS = ("entries", "names")


def mentions(document: Document, index: Index) -> tuple[Mention, ...]:
    """The textual citations of a document, if the book has a bibliography; they read `READS`."""
    return index.once(_Mentions).of(document)


class _Mentions:
    def __init__(self, index: Index) -> None:
        self._library = _Library(index) if index.has_bibliography else None
        self._known: dict[str, tuple[Mention, ...]] = {}

    def of(self, document: Document) -> tuple[Mention, ...]:
        if self._library is None:
            return ()
        if document.path not in self._known:
            found = _Scanner(document, self._library).mentions()
            self._known[document.path] = tuple(found)
        return self._known[document.path]


# ---- the library ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Authors:
    names: tuple[str, ...]
    others: bool
    joined: bool

    @property
    def strong(self) -> bool:
        """Whether the form alone shows that this cites: et al., or names joined by a word."""
        return self.others or self.joined


class _Library:
    """The works of the bibliography, by what a text may say of them; read when it does."""

    def __init__(self, index: Index) -> None:
        self.index = index

    @cached_property
    def by_name(self) -> dict[str, list[Work]]:
        """Works by the names of their first author."""
        found: dict[str, list[Work]] = defaultdict(list)
        for work in works(self.index):
            for name in work.authors[0].names if work.authors else ():
                found[name].append(work)
        return found

    @cached_property
    def by_id(self) -> dict[str, list[Work]]:
        """Works by what is theirs alone: identifiers and addresses."""
        found: dict[str, list[Work]] = defaultdict(list)
        for work in works(self.index):
            for name in {work.arxiv, work.doi, bare_url(work.url)} - {""}:
                found[name].append(work)
        return found

    @cached_property
    def titles(self) -> list[tuple[str, Work]]:
        """Titles that are long enough to be no mere words."""
        return [(work.title, work) for work in works(self.index) if _long(work.title)]

    def cited(self, authors: _Authors, year: int) -> tuple[tuple[Work, ...], bool]:
        """The works of some authors and year, else of a year beside it if it is but one."""
        known = [
            work
            for work in self.by_name.get(fold(authors.names[0]), ())
            if work.year is not None and _agree(authors, work)
        ]
        exact = [work for work in known if work.year == year]
        exact = [work for work in exact if _count_agrees(authors, work)] or exact
        if exact:
            return tuple(exact), False
        near = [work for work in known if work.year and abs(work.year - year) == 1]
        return (tuple(near), True) if len(near) == 1 and authors.strong else ((), False)

    def referred(self, text: str) -> tuple[Work, ...]:
        """The work that a line of a list of references names."""
        for name in _identifiers(text):
            if name in self.by_id:
                return tuple(self.by_id[name])
        plain = normalized(text)
        found = [work for title, work in self.titles if title in plain and _dated(work, text)]
        longest = max((len(work.title) for work in found), default=0)
        if found:
            return tuple(work for work in found if len(work.title) == longest)
        return self._by_author(text)

    def _by_author(self, text: str) -> tuple[Work, ...]:
        """The one work of the author that a line begins with and of the year that it names."""
        first = re.match(rf"(?:\[\d+\]\s*)?({_LATIN_NAME}|{_HAN_NAME})(?=\s*[.,，、(（])", text)
        year = re.search(r"[(（]((?:1[5-9]|20)\d\d)[a-z]?[)）]", text)
        if not first or not year:
            return ()
        found, _ = self.cited(_Authors((first[1],), False, False), int(year[1]))
        rest = re.split(r"[.。*]", text[year.end() :].lstrip(" .。,，:："), maxsplit=1)[0]
        title = normalized(rest)  # it may be shortened, and must not be another
        return tuple(work for work in found if len(title) > 3 and title in work.title)

    def is_thing(self, name: str) -> bool:
        """Whether a name is that of something in the book, and so no author."""
        kinds = ("organization", "concept", "event", "chapter", "part")
        return bool(self.index.resolve(name, kinds).targets)


def _long(title: str) -> bool:
    return len(title) >= (6 if re.search(r"[\u3400-\u9fff]", title) else 12)


def _agree(authors: _Authors, work: Work) -> bool:
    pairs = zip(authors.names, work.authors, strict=False)
    return all(fold(name) in person.names for name, person in pairs)


def _count_agrees(authors: _Authors, work: Work) -> bool:
    if authors.others:
        return len(work.authors) != 1
    return len(work.authors) == len(authors.names)


def _identifiers(text: str) -> Iterator[str]:
    if found := arxiv_of(text) if re.search(r"arxiv", text, re.IGNORECASE) else "":
        yield found
    for match in re.finditer(r"\b10\.\d{4,9}/[^\s)）\]>，。]+", text):
        yield match[0].rstrip(".,;").lower()
    for match in re.finditer(r"https?://[^\s)）\]>，。；]+", text):
        yield bare_url(match[0].rstrip(".,;"))


def _dated(work: Work, text: str) -> bool:
    """Whether a line names the year of a work, or one beside it, or no year at all."""
    years = {int(year) for year in re.findall(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)}
    return not years or work.year is None or any(abs(year - work.year) <= 1 for year in years)


# ---- the text -------------------------------------------------------------------------------

_PARTICLE = r"(?:(?:van|von|de|der|den|di|da|del|la|le|du|el|al|bin|ten|ter)\s+)*"
_WORD = r"[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ɏ0-9'’-]*"
_LATIN_NAME = rf"{_PARTICLE}{_WORD}(?:\s{_WORD}\.?){{0,3}}"
_HAN_NAME = r"[\u3400-\u9fff·]{2,8}"
_OTHERS = r"[*_]?(?:et\s+al\.?|and\s+others)[*_]?|等(?:人)?"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)(?P<letter>[a-z]?)"
_GROUP = expression(r"[(（](?P<inner>[^()（）\n]{4,400})[)）]")
_OPENED = expression(rf"[(（]\s*{_YEAR}")
_FOUR = expression(r"[12](?:(?<=1)[5-9]|(?<=2)0)(?=\d\d)")
_DATED = expression(r"[(（][^()（）\n]*(?:1[5-9]|20)\d\d")
_PIECE = expression(
    rf"\s*(?P<prefix>(?:(?:see(?:\s+also)?|cf\.|e\.g\.,?|参见|参阅|例如|见|如)\s*)?)"
    rf"(?P<authors>.{{2,200}}?)(?:\s*[,，]\s*|\s+|(?<=[等人.*_]))(?P<when>{_YEAR})"
    r"(?P<rest>\s*[,，:：].{1,80})?\s*"
)
_NARRATIVE = expression(
    rf"(?P<authors>{_LATIN_NAME}(?:(?:\s*,\s*|\s*,?\s+(?:and|&)\s+|\s*[和与]\s*){_LATIN_NAME})*"
    rf"(?:\s*,?\s*(?:{_OTHERS}))?|{_HAN_NAME}(?:[和与]{_HAN_NAME})?(?:等人?)?)"
    rf"\s*(?P<group>[(（]\s*{_YEAR}(?P<rest>\s*[,，:：][^()（）\n]{{1,80}})?\s*[)）])"
)
_JOIN = expression(r"\s*,?\s*(?:&|\band\b|[和与])\s*|\s*[,，、]\s*")
_CONJUNCTION = expression(r"&|\band\b|[和与]")
_TIMES = frozenset(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec spring summer autumn fall winter early late mid "
    "since until before after in by from the circa ca about around version chapter section "
    "figure table copyright updated accessed retrieved published fiscal q1 q2 q3 q4".split()
)
_TITLE = expression(
    r"参考文献|参考资料|参考来源|参考链接|引用文献|验证来源|资料来源|references|bibliography|"
    r"verification sources|works cited",
    re.IGNORECASE,
)
_LABEL = expression(r"(?:\*\*|__)(?P<text>[^*_\n]+)(?:\*\*|__)[^\n]{0,60}[:：]?\s*\Z")
_SHAPE = expression(
    r"\S.{2,400}?[(（](?:1[5-9]|20)\d\d[a-z]?[)）]\s*[.。,，:：]?\s*\S|\[[JMCDRNPSZ](?:/OL)?\]|"
    r"arxiv\s*:\s*\d{4}\.|\b10\.\d{4,9}/",
    re.IGNORECASE | re.DOTALL,
)


class _Scanner:
    def __init__(self, document: Document, library: _Library) -> None:
        self.document = document
        self.library = library
        self.text = document.source.text
        self.taken = [link.span for link in document.body.links if link.kind != "autolink"]
        self.taken += [citation.group for citation in document.body.citations]
        links = (link.span for link in document.body.links if link.kind != "autolink")
        hidden = (*(region.span for region in document.body.regions), *links)
        self.covered = merged((span.start, span.end) for span in hidden)

    @cached_property
    def masked(self) -> str:
        """The text with everything that is no prose covered, so that offsets hold."""
        characters = list(self.text)
        for start, end in self.covered:
            characters[start:end] = "\ufffc" * (end - start)
        return "".join(characters)

    def mentions(self) -> Iterator[Mention]:
        """Mentions in the prose and in lists of references, in reading order."""
        for block, listed in _with_references(self.document):
            if listed:
                if mention := self._reference(block):
                    yield mention
            elif self._years and block.kind != "heading" and self._dated(block.span):
                yield from self._prose(block)

    @cached_property
    def _years(self) -> list[int]:
        """Where the prose has years; few texts have so much as one."""
        found = _FOUR.finditer(self.text, self.document.body.span.start)
        return [match.start() for match in found if not self._is_covered(match.start())]

    def _is_covered(self, year: int) -> bool:
        before = bisect_left(self.covered, (year + 4,))
        return before > 0 and self.covered[before - 1][1] > year

    def _dated(self, block: Span) -> bool:
        """Whether there is a year in brackets."""
        first = bisect_left(self._years, block.start)
        if first == len(self._years) or self._years[first] + 4 > block.end:
            return False
        return bool(_DATED.search(self.masked, block.start, block.end))

    # ---- lists of references --------------------------------------------------------------

    def _reference(self, block: Block) -> Mention | None:
        text = self.document.source.slice(block.span)
        start = len(text) - len(text.lstrip())
        text = text.strip()
        span = Span(block.span.start + start, block.span.start + start + len(text))
        if not text or any(_overlap(span, other) for other in self.taken):
            return None
        found = self.library.referred(text)
        if not found and not _SHAPE.search(text):
            return None
        return Mention(self.document, span, (Cited(span, text, found),), reference=True)

    # ---- prose ----------------------------------------------------------------------------

    def _prose(self, block: Block) -> Iterator[Mention]:
        start, end = block.span.start, block.span.end
        seen: set[int] = set()
        narrated = _OPENED.search(self.masked, start, end)  # far cheaper than the authors before it
        for match in _NARRATIVE.finditer(self.masked, start, end) if narrated else ():
            mention = self._narrative(match)
            if mention:
                seen.add(match.start("group"))
                yield mention
        for match in _GROUP.finditer(self.masked, start, end):
            if match.start() not in seen and (mention := self._group(match)):
                yield mention

    def _narrative(self, match: re.Match[str]) -> Mention | None:
        authors = _authors(match["authors"])
        if authors is None:
            return None
        options = list(_shorter(authors))
        for option in options:
            found, differs = self.library.cited(option, int(match["year"]))
            person = bool(found) and bool(found[0].authors[0].given)
            if found and (option.strong or person):
                break
        else:
            latin = re.match(r"[^\u3400-\u9fff]+", authors.names[0])
            if not authors.others or not latin:
                return None
            option, found, differs = authors, (), False
        span = Span(*match.span("group"))
        start = match.start("authors") + match["authors"].find(option.names[0])
        whole = Span(start, span.end)
        cited = Cited(
            whole, self.text[start : span.end], found, "", _suffix(match["rest"]), differs
        )
        return Mention(self.document, span, (cited,), certain=self._apart(span))

    def _group(self, match: re.Match[str]) -> Mention | None:
        pieces = list(_split(match["inner"], match.start("inner")))
        cited = [self._piece(text, at) for text, at in pieces]
        kept = tuple(item for item in cited if item is not None)
        if not kept:
            return None
        span = Span(*match.span())
        certain = len(kept) == len(pieces) and self._apart(span)
        return Mention(self.document, span, kept, certain=certain)

    def _piece(self, text: str, at: int) -> Cited | None:
        match = _PIECE.fullmatch(text)
        authors = _authors(match["authors"]) if match else None
        if match is None or authors is None:
            return None
        found, differs = self.library.cited(authors, int(match["year"]))
        if not found and not (authors.strong or self._surname(authors, match)):
            return None
        span = Span(at + match.start("authors"), at + match.end("when"))
        prefix = f"{match['prefix'].strip()} " if match["prefix"].strip() else ""
        return Cited(span, match[0].strip(), found, prefix, _suffix(match["rest"]), differs)

    def _surname(self, authors: _Authors, match: re.Match[str]) -> bool:
        """Whether a lone name before a comma and a year reads as that of an author."""
        (name, *more) = authors.names
        plain = re.fullmatch(r"[A-ZÀ-Þ][a-zà-ÿ'’]+(?:-[A-ZÀ-Þ][a-zà-ÿ]+)?", name)
        comma = re.search(r"[,，]\s*$", match.string[: match.start("when")])
        return bool(plain and comma) and not more and not self.library.is_thing(name)

    def _apart(self, span: Span) -> bool:
        """Whether `[…]` at this place cannot be read as part of a link."""
        before, after = self.text[span.start - 1 : span.start], self.text[span.end : span.end + 1]
        return before not in ("]", "!", "\\", "[") and after not in ("(", "[", "{", ":", "]")


def _overlap(one: Span, two: Span) -> bool:
    return one.start < two.end and two.start < one.end


@lru_cache(maxsize=4096)  # many cards have the same headings
def _is_title(text: str) -> bool:
    """Whether a heading or a label names a list of references."""
    return _TITLE.search(text) is not None


def _with_references(document: Document) -> Iterator[tuple[Block, bool]]:
    """Blocks of the body, and whether each is a line of a list of references."""
    inside: str = ""
    for block in document.body.blocks:
        label = None
        if block.kind == "heading":
            inside = "heading" if _is_title(document.source.slice(block.span)) else ""
        elif block.kind == "paragraph":
            text = document.source.slice(block.span).strip()
            label = _LABEL.match(text) if text.startswith(("**", "__")) else None
            if label and _is_title(text):
                inside = inside or "label"
            elif label and inside == "label":
                inside = ""
        listed = bool(inside) and block.kind in ("item", "paragraph") and not label
        yield block, listed


def _split(text: str, start: int) -> Iterator[tuple[str, int]]:
    at = 0
    for part in re.split(r"([;；])", text):
        if part not in (";", "；"):
            yield part, start + at
        at += len(part)


def _authors(text: str) -> _Authors | None:
    """The names of `Touvron, Lavril & Lample`, None for what is no list of names."""
    text = text.strip(" *_\t\n")
    bare = re.sub(rf"[\s,，]*(?:{_OTHERS})\s*[,，]?\s*$", "", text)
    others = bare != text
    names = [name for name in _JOIN.split(bare.strip(" ,，*_")) if name]
    if not names or len(names) > 8:
        return None
    for name in names:
        latin = re.fullmatch(_LATIN_NAME, name) and folded(name.split()[0]) not in _TIMES
        if not latin and not re.fullmatch(_HAN_NAME, name):
            return None
    return _Authors(tuple(names), others, len(names) > 1 and bool(_CONJUNCTION.search(bare)))


def _shorter(authors: _Authors) -> Iterator[_Authors]:
    """Readings of a name that runs into the text before it: 据王芳等; In Touvron et al."""
    yield authors
    first, *more = authors.names
    if re.fullmatch(_HAN_NAME, first):
        for length in range(min(4, len(first) - 1), 1, -1):
            yield _Authors((first[-length:], *more), authors.others, authors.joined)
    else:
        words = first.split()
        for start in range(1, len(words)):
            yield _Authors((" ".join(words[start:]), *more), authors.others, authors.joined)


def _suffix(rest: str | None) -> str:
    """`, p. 3` from `，第3页`."""
    text = (rest or "").strip(" ,，:：\t\n")
    return f", {locators.latin(text) or text}" if text else ""
