"""Traditional and Simplified characters: those that can be of one script only."""

import re
from collections.abc import Iterator
from functools import cache

from pipeline.language import HAN

# Standard in mainland China too, in some word or name, although OpenCC converts them.
_BOTH = frozenset(
    "吒夥徵拚捱摺於榘菸薹袷醣麴麽乾藉瞭著昇陞喆堃甯淼犇邨氾迺祕甪谿噘皙勠龢甦讎脩扞鉅鍾閤剋"
)
_CODE_PAGES = {"hans": "gb2312", "hant": "big5"}
_CONVERSIONS = {"hans": "t2s", "hant": "s2t"}


def of(tag: str) -> str:
    """`hans` or `hant` for a Chinese BCP 47 tag, else an empty string."""
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] != "zh":
        return ""
    return "hant" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "hans"


def outside(text: str, code_page: str) -> set[str]:
    """The characters of a text that an old code page lacks."""
    kept = text.encode(code_page, "replace").decode(code_page)
    if kept == text:
        return set()
    return {text[match.start()] for match in re.finditer(r"\?", kept)} - {"?"}


def suspects(text: str, script: str) -> bool:
    """Whether a text may have characters of the other script."""
    odd = any(_is_odd(char, script) for char in outside(text, _CODE_PAGES[script]))
    return odd or (script == "hans" and "後" in text)


def foreign(text: str, script: str) -> Iterator[tuple[int, str, str]]:
    """(offset, characters, what they are in `script`) for each run that is of the other one."""
    if not suspects(text, script):
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
        char.encode(_CODE_PAGES[script])
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
