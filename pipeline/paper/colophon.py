"""The colophon names the faces that print the book: those that have its characters first."""

import html as entities
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from pipeline import cache, fonts
from pipeline.paper import printed

PLACE = '<p class="made-with"></p>'
_TAG = re.compile(r"<[^>]*>")
_PARTS = {
    "mono": re.compile(r"<(code|pre|kbd|samp)\b.*?</\1>", re.DOTALL),
    "sans": re.compile(r"<(h[1-6])\b.*?</\1>", re.DOTALL),
}
Faces = Mapping[str, Sequence[str]]


def name_faces(
    html: str, book: Iterable[str], faces: Faces, words: Mapping[str, str], store: cache.Store
) -> str:
    """The colophon with the families that print the book's units, in words."""
    if PLACE not in html:
        return html
    comma, both = ("，", "与") if words["made_with"].endswith("。") else (", ", " and ")
    clauses = [
        words[f"face_{use}"].format(both.join(names))
        for use, names in _kept(shown(book), faces, store).items()
        if names
    ]
    text = entities.escape(printed.gapped(words["made_with"].format(comma.join(clauses))))
    return html.replace(PLACE, PLACE.replace("><", f">{text}<"))


def shown(book: Iterable[str]) -> dict[str, set[str]]:
    """The characters that a book's HTML prints as text, in headings and as code."""
    result: dict[str, set[str]] = {"text": set(), "sans": set(), "mono": set()}
    for html in book:
        rest = html
        for use, pattern in _PARTS.items():
            for match in pattern.finditer(rest):
                result[use].update(_text(match[0]))
            rest = pattern.sub("", rest)
        result["text"].update(_text(rest))
    return result


def _text(html: str) -> str:
    return entities.unescape(_TAG.sub("", html))


def _kept(
    characters: Mapping[str, set[str]], faces: Faces, store: cache.Store
) -> dict[str, list[str]]:
    """The families of each use, found once for the same characters."""
    listed = [(use, "".join(sorted(some))) for use, some in characters.items()]
    name = cache.key("faces used", listed, sorted(faces.items()))
    if (data := store.get(name)) is not None:
        kept: dict[str, list[str]] = json.loads(data)
        return kept
    found = used(characters, faces, fonts.maps(sum(map(tuple, faces.values()), ()), store))
    store.put(name, json.dumps(found).encode())
    return found


def used(
    characters: Mapping[str, set[str]], faces: Faces, maps: Mapping[str, frozenset[int]]
) -> dict[str, list[str]]:
    """The families that are the first of their stack to have a character of a use."""
    stacks = {
        "text": (*faces["latin"], *faces["han"]),
        "sans": tuple(faces["sans"]),
        "mono": tuple(faces["mono"]),
    }
    result: dict[str, list[str]] = {}
    left: set[int] = set()
    for use, some in characters.items():
        points = {ord(char) for char in some if not char.isspace()}
        result[use] = _take(points, stacks[use], maps)
        left |= points
    return result | {"emoji": _take(left, faces["emoji"], maps)}


def _take(
    points: set[int], families: Sequence[str], maps: Mapping[str, frozenset[int]]
) -> list[str]:
    """The families that print some of these code points, which are taken out."""
    names = []
    for family in families:
        if points & maps[family]:
            names.append(family)
            points -= maps[family]
    return names
