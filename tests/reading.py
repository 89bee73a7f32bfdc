"""An independent reading of a manuscript: regular expressions, PyYAML and `os.path`, nothing else.

It knows how `manuscripts` writes and no more. Each answer is a set of (path, line, text).
"""

import calendar
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import yaml

Found = tuple[str, int, str]

NOT_TEXT = re.compile(
    r"^```.*?^```$|<!--.*?-->|`[^`\n]*`|^ {4,}\S[^\n]*|\\\[[^\n]*?\)|<https?:[^>]*>|\$[^$\n]*\$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\]\(([^()\s]+)\)")
KEY = re.compile(r"@([a-z]+\d{4})")
TEXTUAL = re.compile(r"([A-Z][a-z]+) et al\., (\d{4})")
EVENT_ONLY = {
    "enables": 1, "influences": 1, "response_to": -1, "enabled_by": -1, "influenced_by": -1,
    "parallel_to": 0,
}  # fmt: skip
DIRECTION = {**EVENT_ONLY, "triggers": 1}
REFERS = {
    "events": {
        "organization": ("organizations",),
        "technical_concepts": ("concepts",),
        "chapter_id": ("manuscript", "part"),
    },
    "manuscript": {
        "key_events": ("events",),
        "technical_concepts": ("concepts",),
        "key_organizations": ("organizations",),
    },
    "concepts": {"related_concepts": ("concepts",)},
    "organizations": {},
}
ID_FIELD = {"events": "event_id", "manuscript": "chapter_id", "concepts": "concept_id",
            "organizations": "organization_id"}  # fmt: skip


@dataclass
class Page:
    """A file: its kind (top folder), its fields, and its body with what is no text blanked."""

    path: str
    kind: str
    lines: list[str]
    fields: dict[str, yaml.Node]
    key_lines: dict[str, int]
    body: str

    @property
    def stem(self) -> str:
        return Path(self.path).stem

    def value(self, field: str) -> str:
        node = self.fields.get(field)
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def named(self, field: str) -> Iterator[tuple[int, str]]:
        """(line, text) of the scalars of a field."""
        yield from leaves(self.fields.get(field))

    def relations(self) -> Iterator[tuple[str, int, str]]:
        """(relation, line, target) of a card."""
        node = self.fields.get("causal_connections")
        for item in node.value if node else ():
            for key, value in item.value:
                for line, text in leaves(value):
                    yield key.value, line, text

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        for match in pattern.finditer(self.body):
            yield self.body.count("\n", 0, match.start()) + 1, match


def leaves(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.line + 2, node.value
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from leaves(item)


def blanked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def read(root: Path, path: str) -> Page:
    text = (root / path).read_text("utf-8")
    fields: dict[str, yaml.Node] = {}
    key_lines: dict[str, int] = {}
    front = re.match(r"---\n(.*?)^---\n", text, re.S | re.M)
    if front:
        for key, value in yaml.compose(front[1]).value:
            fields[key.value] = value
            key_lines[key.value] = key.start_mark.line + 2
        text = re.sub(r"[^\n]", " ", front[0]) + text[front.end() :]
    body = NOT_TEXT.sub(blanked, text)
    return Page(path, path.split("/")[0], text.split("\n"), fields, key_lines, body)


class Reading:
    """What is wrong with a manuscript."""

    def __init__(self, root: Path) -> None:
        self.root = root
        paths = sorted(item.relative_to(root).as_posix() for item in root.rglob("*.md"))
        self.pages = [read(root, path) for path in paths]
        self.keys = set(re.findall(r"@misc\{(\w+),", (root / "bibliography/works.bib").read_text()))
        works = (root / "bibliography/works.bib").read_text()
        self.works = set(re.findall(r"author = \{(\w+),.*?year = \{(\d+)\}", works, re.S))
        self.names: dict[str, dict[str, tuple[str, Page | None]]] = {"part": {}}
        for page in self.pages:
            self._name(page)

    def _name(self, page: Page) -> None:
        known = self.names.setdefault(page.kind, {})
        spellings = [(page.stem, "stem")]
        spellings += [(text, "alias") for _, text in page.named("aliases")]
        spellings += [(page.value(field), "name") for field in ("name", "title")]
        identifier = page.value(ID_FIELD[page.kind]) or page.stem
        for spelling, how in [(identifier, "id"), *spellings]:
            known.setdefault(spelling, (how, page))
        if page.kind == "manuscript":
            self.names["part"][page.path.split("/")[1]] = ("id", None)

    def _references(self) -> Iterator[tuple[Page, int, str, tuple[str, ...]]]:
        for page in self.pages:
            for field, kinds in REFERS[page.kind].items():
                for line, text in page.named(field):
                    yield page, line, text, kinds
            for relation, line, text in page.relations():
                if relation in EVENT_ONLY:
                    yield page, line, text, ("events", "concepts")

    def _how(self, text: str, kinds: tuple[str, ...]) -> tuple[str, Page | None] | None:
        found = (self.names[kind].get(text) for kind in kinds)
        return next((item for item in found if item), None)

    def broken_links(self) -> set[Found]:
        result = set()
        for page in self.pages:
            folder = self.root / page.path.rpartition("/")[0]
            for line, match in page.matches(LINK):
                target = unquote(match[1])
                if "://" not in target and not Path(os.path.normpath(folder / target)).exists():
                    result.add((page.path, line, match[1]))
        return result

    def unresolved(self) -> set[Found]:
        """Fields and causal relations that name what is not there."""
        return {
            (page.path, line, text)
            for page, line, text, kinds in self._references()
            if not self._how(text, kinds)
        }

    def indirect(self) -> set[Found]:
        """By stem or alias what has an id."""
        result = set()
        for page, line, text, kinds in self._references():
            found = self._how(text, kinds)
            if found and found[0] in ("stem", "alias"):
                result.add((page.path, line, text))
        for page in self.pages:
            for relation, line, text in page.relations():
                found = self._how(text, ("events",))
                if relation == "triggers" and found and found[0] == "stem":
                    result.add((page.path, line, text))
        return result

    def wrong_kind(self) -> set[Found]:
        """Relations between events that name a concept."""
        return {
            (page.path, line, text)
            for page in self.pages
            for relation, line, text in page.relations()
            if relation in EVENT_ONLY and text in self.names["concepts"]
        }

    def against_time(self) -> set[Found]:
        """Relations whose direction certainly contradicts the dates."""
        result = set()
        for page in self.pages:
            for relation, line, text in page.relations():
                found = self._how(text, ("events",))
                if not found or not found[1] or not found[1].value("date"):
                    continue
                (begin, end), (other, until) = (
                    days(page.value("date")),
                    days(found[1].value("date")),
                )
                wrong = {1: until < begin, -1: other > end, 0: False}[DIRECTION[relation]]
                if wrong:
                    result.add((page.path, line, text))
        return result

    def outside_period(self) -> set[Found]:
        """Key events that certainly lie outside their chapter's years."""
        result = set()
        for page in self.pages:
            for line, text in page.named("key_events"):
                found = self._how(text, ("events",))
                if found and found[1] and found[1].value("date"):
                    first, last = page.value("period").split("-")
                    begin, end = days(found[1].value("date"))
                    if end < days(first)[0] or begin > days(last)[1]:
                        result.add((page.path, line, text))
        return result

    def unresolved_citations(self) -> set[Found]:
        """Keys, in text and in `sources`, that no bibliography has."""
        result = set()
        for page in self.pages:
            result |= {(page.path, line, text) for line, text in page.named("sources")}
            result |= {(page.path, line, match[1]) for line, match in page.matches(KEY)}
        return {item for item in result if item[2] not in self.keys}

    def textual_citations(self, *, matched: bool) -> set[Found]:
        """Author and year in plain text, with or without an entry."""
        return {
            (page.path, line, match[0])
            for page in self.pages
            for line, match in page.matches(TEXTUAL)
            if (match.groups() in self.works) is matched
        }

    def misnumbered(self) -> set[Found]:
        """Headings with another number than the front matter."""
        result = set()
        for page in self.pages:
            for line, match in page.matches(re.compile(r"^# Chapter (\d+)", re.M)):
                if match[1] != page.value("chapter_number"):
                    result.add((page.path, line, match[1]))
        return result

    def misdated(self) -> set[Found]:
        """Cards whose heading certainly says another date than the front matter."""
        result = set()
        for page in self.pages:
            for line, match in page.matches(re.compile(r"^# .*\(([\d-]+)\)$", re.M)):
                date = page.value("date")
                if date and not (match[1].startswith(date) or date.startswith(match[1])):
                    result.add((page.path, line, match[1]))
        return result

    def miscounted_anecdotes(self) -> set[Found]:
        result = set()
        for page in self.pages:
            count = len(re.findall(r"^#+ 💡 轶事", page.body, re.M))
            for line, text in page.named("anecdote_count"):
                if int(text) != count:
                    result.add((page.path, line, text))
        return result

    def guessed_counts(self) -> set[Found]:
        """Word counts that are nowhere near: none of the guesses is."""
        return {(p.path, line, text) for p in self.pages for line, text in p.named("word_count")}

    def misnamed_keys(self) -> set[Found]:
        key = "chapter_title"
        return {(p.path, p.key_lines[key], key) for p in self.pages if key in p.fields}

    def without_front_matter(self) -> set[Found]:
        return {(page.path, 1, page.lines[0]) for page in self.pages if not page.fields}


def days(date: str) -> tuple[str, str]:
    """The first and the last day of a partial date."""
    year, month = int(date[:4]), int(date[5:7] or 0)
    last = calendar.monthrange(year, month or 12)[1]
    return f"{date}-01-01"[:10] if not month else f"{date}-01"[:10], (
        date if len(date) == 10 else f"{year}-{month or 12:02}-{last}"
    )
