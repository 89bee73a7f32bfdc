"""Names of people and bodies in BibTeX, as CSL has them. `pybtex` tells their parts."""

import re
import unicodedata

from pipeline.citations import latex

Name = dict[str, str]

BRACES = 2_000  # in a list of names; `pybtex` takes quadratic time

_EXTENDED = re.compile(r"\s*(family|given|prefix|suffix|useprefix|[a-z]+-i)\s*=\s*")


def people(text: str, *, prefix: bool = False) -> list[Name]:
    """The names of a list joined by `and`; `prefix` counts *von* as part of the family name."""
    return [found for name in separated(text) if (found := _name(name, prefix))]


def separated(text: str) -> list[str]:
    """The names of a list, as written."""
    if text.count("{") > BRACES:
        return [text]
    from pybtex.bibtex.utils import split_name_list

    names: list[str] = split_name_list(f" {text} ")
    return [name for name in names if name not in ("", "and")]


def _name(text: str, prefix: bool) -> Name | None:
    if text == "others":
        return {"literal": "others"}
    if _braced(text) or text.count("{") > BRACES:
        literal = latex.plain(text)
        return {"literal": literal} if literal else None
    if _EXTENDED.match(text):
        return _extended(text)
    words = re.split(r"[\s~]+", text)
    if len(words) == 2 and all(map(_han, words)):
        text = ", ".join(words)  # the family name comes first
    return _person(text, prefix)


def _person(text: str, prefix: bool) -> Name | None:
    from pybtex import errors
    from pybtex.bibtex.exceptions import BibTeXError
    from pybtex.database import Person

    try:
        with errors.capture():  # of more than three parts, the last are the given name
            person = Person(text)
    except (BibTeXError, RecursionError):
        return {"literal": latex.plain(text)} if latex.plain(text) else None
    given = person.first_names + person.middle_names
    return _record(given, person.prelast_names, person.last_names, person.lineage_names, prefix)


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


def _han(word: str) -> bool:
    return all("CJK" in unicodedata.name(char, "") or char == "·" for char in word)


def _extended(text: str) -> Name | None:
    """BibLaTeX's `family=…, given=…, prefix=…`, which `pybtex` does not know."""
    from pybtex.bibtex.utils import split_tex_string

    values: dict[str, str] = {}
    for part in split_tex_string(text, ","):
        match = _EXTENDED.match(part)
        if match:
            values[match[1]] = part[match.end() :]
    von = [values["prefix"]] if "prefix" in values else []
    words = ([values[name]] if name in values else [] for name in ("given", "family", "suffix"))
    given, family, suffix = words
    return _record(given, von, family, suffix, values.get("useprefix") == "true")
