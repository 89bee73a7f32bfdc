"""Traditional and Simplified characters: those that can be of one script only."""

import re
from collections.abc import Iterator, Set
from functools import cache

from pipeline.language import HAN

# Standard in mainland China too, in some word or name, although OpenCC converts them.
_BOTH = frozenset(
    "吒夥徵拚捱摺於榘菸薹袷醣麴麽乾藉瞭著昇陞喆堃甯淼犇邨氾迺祕甪谿噘皙勠龢甦讎脩扞鉅鍾閤剋"
)
_ENCODINGS = {"hans": "gb2312", "hant": "big5"}
_CONVERSIONS = {"hans": "t2s", "hant": "s2t"}


def of(tag: str) -> str:
    """`hans` or `hant` for a Chinese BCP 47 tag, else an empty string."""
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] != "zh":
        return ""
    return "hant" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "hans"


def suspects(characters: Set[str], script: str) -> bool:
    """Whether one of some characters may be of the other script."""
    known = _plain.setdefault(script, set())
    for char in characters - known:
        if _is_odd(char, script):
            return True
        known.add(char)
    return False


_plain: dict[str, set[str]] = {}  # characters that were seen before and are of the script


def foreign(text: str, script: str) -> Iterator[tuple[int, str, str]]:
    """(offset, characters, what they are in `script`) for each run that is of the other one."""
    if not suspects(set(text), script):
        return
    converted = _convert(text, script)
    if len(converted) != len(text):
        converted = "".join(_convert(char, script)[:1] or char for char in text)
    pattern = "".join(
        "x" if one != two and _is_odd(one, script) else " "
        for one, two in zip(text, converted, strict=True)
    )
    for match in re.finditer("x+", pattern):
        yield match.start(), text[slice(*match.span())], converted[slice(*match.span())]


@cache
def _is_odd(char: str, script: str) -> bool:
    """Whether a character is surely not of a script, so far as its old code page tells."""
    if not HAN.match(char) or char in _BOTH:
        return False
    if char == "後":
        return script == "hans"
    try:
        char.encode(_ENCODINGS[script])
    except UnicodeEncodeError:
        return True
    return False


def _convert(text: str, script: str) -> str:
    encodable = text.encode("utf-8", "replace").decode("utf-8")  # bad bytes stay in their place
    converted: str = _converter(script).convert(encodable)
    return converted


@cache
def _converter(script: str):  # type: ignore[no-untyped-def]
    import opencc

    return opencc.OpenCC(_CONVERSIONS[script])
