"""Where a line of Chinese may stretch, which marks lose their blank half, whose face they have.

A line is filled by one spacing, added between Han characters, at spaces, by half on each side where
Han meets Latin, and by a quarter in an address, which may break anywhere. Pango adds letter spacing
as a half before and a half after each character, but not at the ends of a text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

HAN = (
    "\u2e80-\u2fdf\u3001-\u30ff\u3105-\u312f\u3190-\u31bf\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
)
QUOTES = "‘’“”"
OPENING = "「『（〔［｛〈《【〖“‘"
CLOSING = "」』）〕］｝〉》】〗”’、，。．：；！？"
BLANK_AFTER = "」』）〕］｝〉》】〗”’、，。．：；"
SPACES = " \u00a0"

_LETTER = "0-9A-Za-z\u00b2\u00b3\u00b9\u00c0-\u024f\u0370-\u03ff"
# Between letters ’ is an apostrophe and · a sign of multiplication.
_WITHIN_WORD = f"(?<=[{_LETTER}])[’·](?=[{_LETTER}])"
_SHARED = re.compile(f"(?:(?!{_WITHIN_WORD})[“”‘’—…·\u2460-\u2473])+")
_HAN_RUN = re.compile(f"[{HAN}]+")
_CHINESE_RUN = re.compile(f"(?:(?!{_WITHIN_WORD})[{HAN}{QUOTES}])+")
_ADDRESS_RUN = re.compile("(?:[\x21-\x7e]\u200b){3,}[\x21-\x7e]")
LATIN_WORD = re.compile("[A-Z\u00c0-\u00de]?[a-z\u00df-\u00ff]{5,}(?![A-Za-z0-9_/@])")
_SPACE = re.compile(f"[{SPACES}]")
_TRIMMED = re.compile(f"[{BLANK_AFTER}](?=[{OPENING}{CLOSING}·\u3000])|(?<=[{OPENING}])[{OPENING}]")


class Span(NamedTuple):
    """Characters `start` to `end` get `share` of the spacing each."""

    start: int
    end: int
    share: float


def is_chinese(lang: str | None) -> bool:
    """Whether quotation marks of this language are as wide as a Han character."""
    return (lang or "").lower().split("-")[0] in ("zh", "ja")


def spans(text: str, chinese: bool) -> Iterator[Span]:
    """All that stretches in a text; shares are those of Pango, halves on each side."""
    for run in (_CHINESE_RUN if chinese else _HAN_RUN).finditer(text):
        yield Span(run.start(), run.end(), 1.0)
    for run in _ADDRESS_RUN.finditer(text):
        # Each place is counted twice: what lets it break is a character.
        yield Span(run.start(), run.end(), 0.125)
    for space in _SPACE.finditer(text):
        place = space.start()
        beside = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
        share = 1.0 - 0.5 * sum(_stretches(character, chinese) for character in beside)
        # At the ends of a text Pango gives only half.
        ends = place in (0, len(text) - 1)
        yield Span(place, place + 1, share * (2 if ends else 1))


def weight(text: str, chinese: bool) -> float:
    """How many times the spacing is added within a text."""
    if text == " ":
        # WeasyPrint sets a lone space together with a character of no width.
        return 1.0
    total = 0.0
    for start, end, share in spans(text, chinese):
        halves = 2 * (end - start) - (start == 0) - (end == len(text))
        total += share * halves / 2
    return total


def joined(left: str, right: str, left_chinese: bool, right_chinese: bool) -> bool:
    """Whether the seam of two texts stretches as a place between two Han characters does."""
    return bool(left and right) and (
        _stretches(left[-1], left_chinese) and _stretches(right[0], right_chinese)
    )


def has_gap(text: str) -> bool:
    """Whether two characters of a text that stretches stand side by side."""
    return any(match.end() - match.start() > 1 for match in _CHINESE_RUN.finditer(text))


def trimmed(text: str) -> Iterator[tuple[int, int]]:
    """Spans of marks that lose their blank half beside another mark."""
    return (match.span() for match in _TRIMMED.finditer(text))


def shared(text: str) -> Iterator[tuple[int, int]]:
    """Spans of marks that both scripts have, which Chinese text takes from its own face."""
    return (match.span() for match in _SHARED.finditer(text))


def may_tighten(text: str) -> bool:
    """Whether a line may have been broken after a mark that lost its blank half there.

    At the end of the line the mark has it again, and the line is half an em too long.
    """
    return text[-1:] in BLANK_AFTER if text else False


def _stretches(character: str, chinese: bool) -> bool:
    return bool((_CHINESE_RUN if chinese else _HAN_RUN).match(character))
