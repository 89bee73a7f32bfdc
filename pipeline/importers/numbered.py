"""Articles with numbered sources → chapter or concept: `[1][2]` in the text, `[1] https://…` below.

The numbers become citations, the list becomes bibliography entries, and the first heading the
title.
"""

import re
from collections.abc import Iterator

from pipeline.citations.entry_text import NewEntry
from pipeline.citations.reference_text import parsed
from pipeline.drafts import PLACEHOLDER, Desk, Draft, Note, Value, bilingual, halves, online, spaced
from pipeline.screen.short_names import ascii_name

NAME = "numbered"
HELP = "an article with numbered sources → chapter or concept with citations"
KINDS = ("chapter", "concept", "organization")

_SOURCE = re.compile(r"\s{0,3}\[(?P<number>\d{1,4})\]:?\s+(?P<text>\S.*)")
_RUN = re.compile(r"(?:\[\d{1,4}(?:\s*[-–,，]\s*\d{1,4})*\](?![(:\[])|\[\d{1,4}\](?=\[\d))+")
_CODE = re.compile(r"(`+)(?:.*?)\1")
_HEADING = re.compile(r"(?P<marks>#{1,6})\s+(?P<text>.*?)\s*#*\s*$")
_BARE = re.compile(r"https?://\S+")


def recognises(text: str) -> float:
    """High where numbers in the text lead to a list of numbered sources."""
    if text.startswith("---\n"):
        return 0.0
    lines = text.splitlines()
    numbers = {match["number"] for line in lines if (match := _SOURCE.match(line))}
    prose = "\n".join(line for line in lines if not _SOURCE.match(line))
    used = set(re.findall(r"\[(\d{1,4})\]", prose))
    return 0.9 if numbers & used and len(numbers) > 1 else 0.6 if numbers & used else 0.0


def convert(text: str, desk: Desk) -> Draft:
    """The draft of an article."""
    article = _Article(text, desk)
    body = spaced(list(article.body()))
    title = article.title or PLACEHOLDER
    kind = desk.kind or KINDS[0]
    fields = _fields(kind, title, desk, tuple(article.keys.values()))
    notes = [*article.notes]
    if not article.title:
        notes.append(Note(0, "the text has no title: write it for 待补"))
    unused = [key for number, key in article.keys.items() if number not in article.used]
    if unused:
        count = len(dict.fromkeys(unused))
        notes.append(Note(0, f"{count} of the sources are cited nowhere in the text; kept in .bib"))
    stem = ascii_name(halves(title)[1] or title) if article.title else desk.stem
    return Draft(kind, stem, fields, f"# {title}\n\n{body}", tuple(notes))


def _fields(
    kind: str, title: str, desk: Desk, keys: tuple[str, ...]
) -> tuple[tuple[str, Value], ...]:
    chinese, english = halves(title)
    name = chinese or english
    if kind == "chapter":
        return (("title", name), ("title_en", english), ("status", "draft"))
    sources: tuple[tuple[str, Value], ...] = (
        (("sources", tuple(dict.fromkeys(keys))),) if kind == "concept" else ()
    )
    return (
        (f"{kind}_id", ascii_name(english or chinese)), ("name", name), ("name_en", english),
        *sources, ("status", "draft"),
    )  # fmt: skip


class _Article:
    def __init__(self, text: str, desk: Desk) -> None:
        self.lines = text.splitlines()
        self.notes: list[Note] = []
        self.used: set[int] = set()
        self.title = ""
        self.keys = dict(self._sources(desk))
        levels = [len(match["marks"]) for line in self.lines if (match := _HEADING.match(line))]
        self.shift = min(levels, default=1) - 1

    def _sources(self, desk: Desk) -> Iterator[tuple[int, str]]:
        seen: dict[int, str] = {}
        for at, line in enumerate(self.lines, start=1):
            match = _SOURCE.match(line)
            if not match:
                continue
            number, said = int(match["number"]), match["text"].strip()
            if seen.get(number, said) != said:
                self.notes.append(Note(at, f"[{number}] is given twice; the first counts: {said}"))
                desk.cite(self._entry(at, said))
                continue
            seen[number] = said
            yield number, desk.cite(self._entry(at, said))

    def _entry(self, at: int, said: str) -> NewEntry:
        if _BARE.fullmatch(said):
            self.notes.append(Note(at, f"the source has no title: {said}"))
            return online("", said)
        result = parsed(said)
        if not result.whole:
            self.notes.append(Note(at, f"not all of it was understood, see `annotation`: {said}"))
        return result.entry

    def body(self) -> Iterator[str]:
        """The lines of the body, with citations."""
        fenced = False
        for at, line in enumerate(self.lines, start=1):
            if re.match(r"\s*(```|~~~)", line):
                fenced = not fenced
            elif not fenced:
                if _SOURCE.match(line):
                    continue
                if heading := _HEADING.match(line):
                    line = self._heading(heading)
                    if not line:
                        continue
                line = self._cited(at, line)
            yield line

    def _heading(self, match: re.Match[str]) -> str:
        text = re.sub(r"^(\*\*|__)(.*)\1$", r"\2", match["text"])
        level = len(match["marks"]) - self.shift
        if level == 1 and not self.title:
            self.title = bilingual(text)
            return ""
        return f"{'#' * max(level, 2)} {text}"

    def _cited(self, at: int, line: str) -> str:
        pieces, start = [], 0
        for code in _CODE.finditer(line):
            pieces += [self._prose(at, line[start : code.start()]), code[0]]
            start = code.end()
        return "".join([*pieces, self._prose(at, line[start:])])

    def _prose(self, at: int, text: str) -> str:
        return _RUN.sub(lambda match: self._citation(at, match), text)

    def _citation(self, at: int, match: re.Match[str]) -> str:
        numbers = [number for part in re.findall(r"\[([^\]]*)\]", match[0])
                   for number in _numbers(part)]  # fmt: skip
        unknown = [number for number in numbers if number not in self.keys]
        if unknown:
            self.notes.append(Note(at, f"{match[0]} leads to no source; left as it is"))
            return match[0]
        self.used.update(numbers)
        keys = dict.fromkeys(self.keys[number] for number in numbers)
        return f"[{'; '.join(f'@{key}' for key in keys)}]"


def _numbers(text: str) -> Iterator[int]:
    """`1, 3-5` → 1 3 4 5."""
    for part in re.split(r"[,，]", text):
        ends = [int(end) for end in re.split(r"[-–]", part)]
        yield from range(ends[0], min(ends[-1], ends[0] + 200) + 1)
