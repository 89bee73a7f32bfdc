"""BibTeX files in order: the same entries, fields, comments and macros, evenly laid out.

Only what is read without doubt is laid out again; an entry with a comment between its fields, or
with an error, stays as it was typed, and so does everything between entries.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.citations import bibtex, entry_text
from pipeline.citations.entry import Entry
from pipeline.source import Source, Span

_HEAD = re.compile(r"@\s*(?P<kind>[A-Za-z][\w-]*)\s*(?P<open>[{(])\s*(?P<key>[^\s,{}()=\"#%']+)\s*")
_FIELD = re.compile(r"[\s,]*(?P<name>[^\s=,{}()\"#%'@]+)\s*=\s*")
_END = re.compile(r"[\s,]*(?P<close>[})])")
_WORD = re.compile(r"[^\s=,{}()\"#%'@]+")
_JOIN = re.compile(r"\s*#\s*")
_QUOTED = re.compile(r"\"(?P<inner>[^\"{}\\]*)\"")
_PARENTS = ("crossref", "xdata", "xref")


@dataclass(frozen=True, slots=True)
class Tidied:
    """The new text of a file, and the entries that stay as they are, with the reason."""

    text: str
    left: tuple[tuple[Entry, str], ...] = ()


def tidy(source: Source, *, sort: bool = False) -> Tidied:
    """A BibTeX file tidied; with `sort`, entries by key between the comments that divide them."""
    entries, problems = bibtex.read(source)
    spans = [problem.span for problem in problems]
    texts: list[str] = []
    left: list[tuple[Entry, str]] = []
    for entry in entries:
        raw = source.slice(entry.span)
        damaged = any(_meet(entry.span, span) for span in spans)
        new = None if damaged else _entry(raw, source.newline)
        if new is None:
            left.append((entry, "it has errors" if damaged else "it has a comment inside"))
        texts.append(raw if new is None else new)
    gaps = list(_gaps(source, entries))
    if sort:
        entries, texts = _sorted(entries, texts, gaps)
    return Tidied(_whole(texts, gaps, source.newline), tuple(left))


def _meet(one: Span, two: Span) -> bool:
    return one.start < two.end and two.start < one.end


def _gaps(source: Source, entries: Sequence[Entry]) -> Iterator[str]:
    """What stands before, between and after the entries."""
    start = 0
    for entry in entries:
        yield source.text[start : entry.span.start]
        start = entry.span.end
    yield source.text[start:]


def _whole(texts: Sequence[str], gaps: Sequence[str], newline: str) -> str:
    if not texts:
        return "".join(gaps)
    pieces = ["" if not gaps[0].strip() else gaps[0]]
    for text, gap in zip(texts, gaps[1:], strict=True):
        blank = not gap.strip()
        pieces += [text, newline * 2 if blank else gap]
    if not gaps[-1].strip():
        pieces[-1] = newline
    return "".join(pieces)


def _sorted(
    entries: Sequence[Entry], texts: Sequence[str], gaps: Sequence[str]
) -> tuple[tuple[Entry, ...], list[str]]:
    """Entries by key within each run that only blanks divide; parents stay behind children."""
    parents = {
        name.strip().casefold()
        for entry in entries
        for field in _PARENTS
        for name in entry.text(field).split(",")
        if name.strip()
    }
    order: list[int] = []
    start = 0
    for end in range(1, len(entries) + 1):
        if end == len(entries) or gaps[end].strip():
            order += sorted(range(start, end), key=lambda at: _sort_key(entries[at], parents))
            start = end
    return tuple(entries[at] for at in order), [texts[at] for at in order]


def _sort_key(entry: Entry, parents: set[str]) -> tuple[bool, str, str]:
    folded = entry.key.casefold()
    return folded in parents, folded, entry.key


# ---- one entry ------------------------------------------------------------------------------


def _entry(raw: str, newline: str) -> str | None:
    """An entry laid out, None where it is not read without doubt."""
    head = _HEAD.match(raw)
    if not head:
        return None
    fields: list[tuple[str, str]] = []
    at = head.end()
    while match := _FIELD.match(raw, at):
        if fields and "," not in match[0][: match.start("name") - match.start()]:
            return None
        value, at = _value(raw, match.end())
        if value is None:
            return None
        fields.append((match["name"], value))
    end = _END.match(raw, at)
    if not end or end.end() != len(raw) or (head["open"] == "{") != (end["close"] == "}"):
        return None
    ordered = sorted(fields, key=lambda pair: entry_text.rank(pair[0]))
    return entry_text.laid_out(head["kind"].lower(), head["key"], ordered, newline)


def _value(raw: str, at: int) -> tuple[str | None, int]:
    """A written value, its parts joined by ` # `, and where it ends."""
    parts: list[str] = []
    while True:
        end = _part_end(raw, at)
        if end is None:
            return None, at
        parts.append(raw[at:end])
        join = _JOIN.match(raw, end)
        if not join:
            return _laid(parts), end
        at = join.end()


def _laid(parts: list[str]) -> str:
    if len(parts) > 1:
        return " # ".join(parts)
    (part,) = parts
    quoted = _QUOTED.fullmatch(part)
    if quoted:
        part = f"{{{quoted['inner']}}}"
    elif part.isascii() and part.isdigit():
        part = f"{{{part}}}"
    if re.search(r"\n[ \t]*\r?\n|\\\s", part) or not part.startswith("{"):
        return part  # paragraphs, and what a backslash protects, stay as they are
    return re.sub(r"\s*[\r\n]\s*", " ", part)


def _part_end(raw: str, at: int) -> int | None:
    mark = raw[at : at + 1]
    if mark not in ("{", '"'):
        word = _WORD.match(raw, at)
        return word.end() if word else None
    depth = 0
    for match in re.finditer(r"\\.|[{}\"]", raw[at:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        closed = match[0] == "}" and not depth if mark == "{" else _closes(match, depth)
        if closed:
            return at + match.end()
    return None


def _closes(match: re.Match[str], depth: int) -> bool:
    return match[0] == '"' and match.start() > 0 and depth == 0
