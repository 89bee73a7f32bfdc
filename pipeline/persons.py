"""Names of people and bodies in BibTeX, as CSL has them."""

import re
import unicodedata
from collections.abc import Iterator

from pipeline import latex

Name = dict[str, str]

_PIECE = re.compile(r"\\.|[{}]|,|[\s~]+", re.DOTALL)
_EXTENDED = re.compile(r"\s*(family|given|prefix|suffix|useprefix|[a-z]+-i)\s*=\s*")


def people(text: str, *, prefix: bool = False) -> list[Name]:
    """The names of a list joined by `and`; `prefix` counts *von* as part of the family name."""
    return [found for name in separated(text) if (found := _name(name, prefix))]


def separated(text: str) -> list[str]:
    """The names of a list, as written."""
    names: list[str] = []
    start = 0
    for word, first, end in _words(text):
        if word == "and":
            names.append(text[start:first].strip())
            start = end
    names.append(text[start:].strip())
    return [name for name in names if name]


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word outside braces, with its bounds."""
    depth = start = 0
    for match in _PIECE.finditer(text):
        mark = match[0]
        if mark in "{}":
            depth = max(0, depth + (1 if mark == "{" else -1))
        elif not depth and (mark[0].isspace() or mark[0] == "~"):
            if match.start() > start:
                yield text[start : match.start()], start, match.start()
            start = match.end()
    if start < len(text):
        yield text[start:], start, len(text)


def _parts(text: str) -> list[str]:
    """The parts between commas outside braces."""
    parts: list[str] = []
    depth = start = 0
    for match in _PIECE.finditer(text):
        if match[0] in "{}":
            depth = max(0, depth + (1 if match[0] == "{" else -1))
        elif match[0] == "," and not depth:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    return [*parts, text[start:].strip()]


def _name(text: str, prefix: bool) -> Name | None:
    if text == "others":
        return {"literal": "others"}
    if _braced(text):
        literal = latex.plain(text)
        return {"literal": literal} if literal else None
    parts = _parts(text)
    if all(_EXTENDED.match(part) for part in parts):
        return _extended(parts)
    words = [[word for word, _, _ in _words(part)] for part in parts]
    if len(words) == 1:
        von, family, given, suffix = *_undivided(words[0]), []
    else:
        von, family = _divided(words[0])
        given, suffix = words[-1], words[1] if len(words) > 2 else []
    return _record(given, von, family, suffix, prefix)


def _record(
    given: list[str], von: list[str], family: list[str], suffix: list[str], prefix: bool
) -> Name | None:
    particle = "non-dropping-particle" if prefix else "dropping-particle"
    pairs = (("family", family), (particle, von), ("given", given), ("suffix", suffix))
    found = {name: latex.plain(" ".join(words)) for name, words in pairs if words}
    found = {name: value for name, value in found.items() if value}
    if found and "family" not in found:
        return {"literal": " ".join(found.values())}
    return found or None


def _braced(text: str) -> bool:
    if not text.startswith("{") or text.startswith("{\\"):
        return False
    depth = 0
    for match in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end() == len(text)
    return False


def _undivided(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """(von, family, given) of `First von Last`; of `姓 名` for Han names."""
    if len(words) == 2 and all(map(_han, words)):
        return [], words[:1], words[1:]
    small = [i for i, word in enumerate(words[:-1]) if _is_small(word)]
    if not small:
        return [], words[-1:], words[:-1]
    first, last = small[0], small[-1] + 1
    return words[first:last], words[last:], words[:first]


def _divided(words: list[str]) -> tuple[list[str], list[str]]:
    """(von, family) of `von Last`."""
    small = [i for i, word in enumerate(words[:-1]) if _is_small(word)]
    last = small[-1] + 1 if small and small[0] == 0 else 0
    return words[:last], words[last:]


def _is_small(word: str) -> bool:
    """Whether a word begins with a small letter, braces aside."""
    if word.startswith("{") and not word.startswith("{\\"):
        return False
    text = latex.plain(word)
    letter = next((char for char in text if char.isalpha()), "")
    return letter.islower() and letter.upper() != letter


def _han(word: str) -> bool:
    return all("CJK" in unicodedata.name(char, "") or char == "·" for char in word)


def _extended(parts: list[str]) -> Name | None:
    """BibLaTeX's `family=…, given=…, prefix=…`."""
    values: dict[str, str] = {}
    for part in parts:
        match = _EXTENDED.match(part)
        if match:
            values[match[1]] = part[match.end() :]
    von = [values["prefix"]] if "prefix" in values else []
    words = ([values[name]] if name in values else [] for name in ("given", "family", "suffix"))
    given, family, suffix = words
    return _record(given, von, family, suffix, values.get("useprefix") == "true")
