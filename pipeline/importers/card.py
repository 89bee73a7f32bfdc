"""Event cards with bold lines for front matter → front matter: `**日期**：2023-02-24`."""

import re
from collections.abc import Iterator

from pipeline.citations.reference_text import parsed
from pipeline.drafts import PLACEHOLDER, Desk, Draft, Note, Value, halves
from pipeline.screen.short_names import ascii_name

NAME = "card"
HELP = "an event card with bold lines, `**日期**：…`, instead of front matter → front matter"
KINDS = ("event",)

_LINE = re.compile(
    r"\s*(?:[-*+]\s+)?(?:\*\*|__)(?P<label>[^*_:：]{1,40})[:：]?(?:\*\*|__)\s*"
    r"(?:[(（][^()（）]*[)）])?\s*[:：]?\s*(?P<value>\S.*?)\s*"
)
_LABELS = {
    "event_id": "事件id|事件编号|编号|event id|id",
    "date": "日期|发布日期|时间|发布时间|发生时间|date|release date",
    "organization": "组织|机构|公司|发布方|organization|organisation|company",
    "event_type": "类型|事件类型|event type|type|category|类别",
    "significance_level": "重要性|重要程度|级别|significance|significance level|importance",
    "verification_status": "验证状态|核实状态|可信度|verification status|verification|status",
    "tags": "标签|关键词|tags|keywords",
    "technical_concepts": "技术概念|相关概念|概念|technical concepts|concepts",
    "chapter_id": "章节|所属章节|chapter",
    "sources": "来源|参考|出处|sources|source",
    "title_en": "英文标题|英文名|english title",
}
_BY_LABEL = {label: field for field, labels in _LABELS.items() for label in labels.split("|")}
_LEVELS = {
    "critical": "critical|关键|里程碑|🔴|极高", "major": "major|重大|重要|🟠|高",
    "notable": "notable|值得关注|🟡|中", "minor": "minor|一般|⚪|低",
}  # fmt: skip
_STATES = {
    "highly_verified": "highly[ _]verified|高度验证|多方验证", "disputed": "disputed|存疑|有争议",
    "single_source": "single[ _]source|单一来源", "reported": "unverified|未验证|reported|据报道",
    "verified": "verified|已验证|已核实|验证",
}  # fmt: skip
_DATE = re.compile(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*日?)?)?月?")
_LISTS = ("tags", "technical_concepts")
_TITLE = re.compile(r"#\s+(?P<text>.*?)\s*#*\s*$")


def recognises(text: str) -> float:
    """High where bold lines before the first section give a date and one thing more."""
    if text.startswith("---\n"):
        return 0.0
    found = {field for _, field, _ in _labelled(text)}
    return 0.95 if "date" in found and len(found) > 1 else 0.7 if "date" in found else 0.0


def convert(text: str, desk: Desk) -> Draft:
    """The draft of a card."""
    card = _Card(text, desk)
    body = "\n".join(card.body)
    title = card.title or PLACEHOLDER
    chinese, english = halves(re.sub(r"\s*[(（]\d{4}[-\d]*[)）]$", "", title))
    values = card.values
    date = str(values.pop("date", PLACEHOLDER))
    name = str(values.pop("event_id", "")) or _identifier(english or chinese, date, desk.stem)
    first: tuple[tuple[str, Value], ...] = (
        ("event_id", name), ("date", date), ("title", chinese or english),
        ("title_en", values.pop("title_en", "") or (english if chinese else "")),
    )  # fmt: skip
    for field, value in first[:3]:
        if value == PLACEHOLDER:
            card.notes.append(Note(0, f"no `{field}` was found: write it for {PLACEHOLDER}"))
    order = [field for field in _LABELS if field in values]
    rest = tuple((field, values[field]) for field in order)
    notes = tuple(sorted(card.notes, key=lambda note: note.line))
    return Draft("event", name, (*first, *rest, ("status", "draft")), body, notes)


def _identifier(title: str, date: str, stem: str) -> str:
    month = "-".join(date.split("-")[:2]) if date != PLACEHOLDER else ""
    base = ascii_name(title) if title and title.isascii() else stem
    base = "-".join(ascii_name(base).split("-")[:4])
    return base if not month or base.endswith(month) else f"{base}-{month}"


def _labelled(text: str) -> Iterator[tuple[int, str, str]]:
    """(line from 0, field, value) of the labelled lines before the first section."""
    for at, line in enumerate(text.splitlines()):
        if re.match(r"#{2,6}\s", line):
            return
        match = _LINE.fullmatch(line)
        if match and (field := _BY_LABEL.get(match["label"].strip().lower())):
            yield at, field, match["value"]


class _Card:
    def __init__(self, text: str, desk: Desk) -> None:
        self.desk = desk
        self.notes: list[Note] = []
        self.values: dict[str, Value] = {}
        lines = text.splitlines()
        self.title = next((m["text"] for line in lines if (m := _TITLE.match(line))), "")
        read = {at for at, field, value in _labelled(text) if self._take(at + 1, field, value)}
        self.body = [line for at, line in enumerate(lines) if at not in read]
        self._unread(lines, read)

    def _take(self, at: int, field: str, value: str) -> bool:
        """Put a value into the front matter; False where it stays in the text."""
        if field in self.values:
            self.notes.append(Note(at, f"`{field}` is given twice, kept in the text: {value}"))
            return False
        found = self._value(field, value)
        if not found:
            self.notes.append(Note(at, f"no `{field}` was read, kept in the text: {value}"))
            return False
        self.values[field] = found
        return True

    def _value(self, field: str, value: str) -> Value:
        if field == "date":
            return _date(value)
        if field in ("significance_level", "verification_status"):
            return _choice(value, _LEVELS if field == "significance_level" else _STATES)
        if field == "sources":
            return self._sources(value)
        if field in _LISTS:
            names = tuple(re.sub(r"^[#`]+|`$", "", item.strip()) for item in _split(value))
            if field == "tags":
                return names
            return tuple(self.desk.identifier(name, "concept")[0] for name in names)
        if field == "organization" and len(names := tuple(map(str.strip, _split(value)))) > 1:
            return names
        return ascii_name(value).replace("-", "_") if field == "event_type" else value.strip("`")

    def _sources(self, value: str) -> Value:
        known = [item.strip(" @[]`") for item in _split(value)]
        if all(item in self.desk.index.entries for item in known):
            return tuple(known)
        return tuple(self.desk.cite(parsed(item).entry)
                     for item in re.split(r"\s*[;；]\s*", value) if item)  # fmt: skip

    def _unread(self, lines: list[str], read: set[int]) -> None:
        for at, line in enumerate(lines):
            if re.match(r"#{2,6}\s", line):
                return
            match = _LINE.fullmatch(line)
            if match and at not in read and match["label"].strip().lower() not in _BY_LABEL:
                self.notes.append(Note(at + 1, f"not read, kept in the text: {line.strip()}"))


def _split(text: str) -> list[str]:
    return [item for item in re.split(r"\s*[、,，;；]\s*", text.strip()) if item]


def _date(text: str) -> str:
    """A partial date, only where the text is one and nothing more."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return ""
    year, *rest = (part for part in match.groups() if part)
    return "-".join([year, *(f"{int(part):02}" for part in rest)])


def _choice(text: str, choices: dict[str, str]) -> str:
    return next((name for name, words in choices.items() if re.search(words, text, re.I)), "")
