"""Lists of references → bibliography entries: `**[key]** text`, `[1] text`, items, plain lines."""

import re
from collections.abc import Iterator

from pipeline.citations.reference_text import parsed
from pipeline.drafts import Desk, Draft, Note

NAME = "references"
HELP = "a list of references, `**[key]** …` or plain → .bib entries"
KINDS: tuple[str, ...] = ()

_KEYED = re.compile(r"\s*(?:[-*+]\s+)?\*\*\[(?P<key>[^\]\s]+)\]\*\*[:：]?\s*(?P<text>.*)")
_NUMBERED = re.compile(r"\s*(?:\[\d{1,4}\]|\d{1,4}[.)、])\s*(?P<text>\S.*)")
_ITEM = re.compile(r"\s*[-*+•]\s+(?P<text>\S.*)")
_TITLE = re.compile(r"\s*(?:#{1,6}\s|\*\*[^*]+\*\*[^a-z]*(?:\([^()]*\))?\s*[:：]?\s*$)")
_SHAPE = re.compile(
    r"[(（](?:1[5-9]|20)\d\d[a-z]?[,，)）]|\[[A-Z]{1,2}(?:/OL)?\]|https?://|\b10\.\d{4,9}/|arxiv",
    re.IGNORECASE,
)


def recognises(text: str) -> float:
    """The share of references among the lines; certain where they have keys."""
    found = list(_references(text))
    lines = sum(1 for line in text.splitlines() if line.strip() and not _TITLE.match(line))
    if text.startswith("---") or not found:
        return 0.0
    if sum(1 for _, key, _ in found if key) * 2 > len(found):
        return 0.95
    shaped = sum(1 for _, _, line in found if _SHAPE.search(line))
    return 0.85 * shaped / max(1, lines)


def convert(text: str, desk: Desk) -> Draft:
    """Every line an entry; headings and labels are listed."""
    notes: list[Note] = []
    taken = set()
    for number, key, reference in _references(text):
        taken.add(number)
        result = parsed(reference)
        given = desk.cite(result.entry, key)
        if key and given != key:
            notes.append(Note(number, f"`{key}` is in the bibliography as `{given}`, or is taken"))
        if not result.whole:
            notes.append(Note(number, f"@{given}: not all of it was understood, see `annotation`"))
    for number, line in enumerate(text.splitlines(), start=1):
        if number not in taken and _TITLE.match(line):
            notes.append(Note(number, f"left out, no reference: {line.strip()}"))
    return Draft("", notes=tuple(notes))


def _references(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, key or nothing, text) of each reference; an indented line continues the one above."""
    current: tuple[int, str, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if current and line.startswith(("  ", "\t")) and line.strip() and not _marked(line):
            current = (current[0], current[1], f"{current[2]} {line.strip()}")
            continue
        if current:
            yield current
        current = None
        if line.strip() and not (_TITLE.match(line) and not _KEYED.match(line)):
            key, reference = _split(line)
            current = (number, key, reference)
    if current:
        yield current


def _marked(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_KEYED, _NUMBERED, _ITEM))


def _split(line: str) -> tuple[str, str]:
    if match := _KEYED.match(line):
        return match["key"].removeprefix("@"), match["text"] or match["key"]
    match = _NUMBERED.match(line) or _ITEM.match(line)
    return "", (match["text"] if match else line).strip()
