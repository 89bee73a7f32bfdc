"""What a heading says: its number, and its title beside the English half."""

import re
from dataclasses import dataclass

from pipeline.expressions import expression
from pipeline.normal_form import normal_form

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_DIGITS |= {char: value for value, char in enumerate("〇壹贰叁肆伍陆柒捌玖")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100}
_HAN_NUMBER = "".join((*_DIGITS, *_UNITS))
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_WORDS = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split(),
        1,
    )
}
_PREFIX = expression(
    rf"\s*(?:第\s*(?P<han>[0-9]{{1,6}}|[{_HAN_NUMBER}]{{1,9}})\s*[章回讲課课]"
    r"|chapter\s+(?P<english>[0-9]{1,6}|[ivxlc]{1,9}\b|[a-z]{3,9}\b)"
    r"|(?P<bare>[0-9]{1,4})\s*[.．、](?![0-9]))"
    r"(?P<gap>[\s:：.．、,，—–|｜-]*)",
    re.IGNORECASE,
)
_LONG = 500  # characters of a heading that is not taken apart
_HALVES = expression(r"(?P<main>.*?)\s*[(（](?P<other>[^()（）]*)[)）]\s*")
_QUOTES = str.maketrans("“”„«»『』「」‘’", '"""""""""' + "''")
_LABEL = expression(r"[\W_]*(?:[0-9]+(?:\.[0-9]+)*[.．、]?\s+|[一二三四五六七八九十]+[、.．])?")


@dataclass(frozen=True)
class Numbered:
    """The number in a heading's prefix, where it stands in the text, and where the title begins."""

    number: int | None
    start: int
    end: int
    title: int


def numbered(text: str) -> Numbered:
    """The prefix `第8章`, `Chapter 8:` or `8.` of a heading; number None where there is none."""
    match = _PREFIX.match(text)
    group = match.lastgroup and next(
        name for name in ("han", "english", "bare") if match[name] is not None
    ) if match else None  # fmt: skip
    if match is None or group is None:
        return Numbered(None, 0, 0, len(text) - len(text.lstrip()))
    number = value(match[group])
    if number is None:
        return Numbered(None, 0, 0, len(text) - len(text.lstrip()))
    return Numbered(number, *match.span(group), match.end())


def value(text: str) -> int | None:
    """The value of a numeral: `8`, `八`, `十二`, `VIII`, `eight`; None if it is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    folded = text.casefold()
    if folded in _WORDS:
        return _WORDS[folded]
    if all(char in _ROMAN for char in folded):
        return _roman(folded)
    return _han(text)


def _roman(text: str) -> int:
    values = [_ROMAN[char] for char in text]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-here if here < after else here for here, after in pairs)


def _han(text: str) -> int | None:
    if not all(char in _DIGITS or char in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def halves(text: str) -> tuple[str, ...]:
    """`小结 (Summary)` and its two halves; the text alone where it has none."""
    match = _HALVES.fullmatch(text) if len(text) < _LONG else None
    return (text, match["main"], match["other"]) if match else (text,)


def folded(text: str) -> str:
    """A title for comparing: no case, width, space, quotation style or markup."""
    plain = normal_form("NFKC", text).translate(_QUOTES).casefold()
    return re.sub(r"[\s*_`\u2014\u2013\ufe0f-]+", "", plain)


def named(text: str, title: str) -> bool:
    """Whether a heading or label is called `title`: whole or by one half, numbers aside."""
    wanted = folded(title)
    plain = text[match.end() :] if (match := _LABEL.match(text)) else text
    return any(folded(half) == wanted for whole in (text, plain) for half in halves(whole))
