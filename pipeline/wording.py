"""Words for messages: quoting what authors wrote, listing choices, *did you mean*."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.normal_form import normal_form

LIMIT = 60
_DIGITS = re.compile(r"\D+")
_LETTERS = re.compile(r"\d+")


def shown(value: object, limit: int = LIMIT) -> str:
    """A value as it may stand in a message: one line, cut to `limit`, controls escaped."""
    text = value if isinstance(value, str) else _plain(value)
    cut = text[: limit + 1]
    safe = cut if cut.isprintable() else "".join(map(_visible, cut))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def quoted(value: object, limit: int = LIMIT) -> str:
    """A value between backticks, safe to print."""
    return f"`{shown(value, limit)}`"


def listed(words: Iterable[object], last: str = "or", limit: int = 8) -> str:
    """`a, b or c`; what exceeds `limit` is counted."""
    names = [shown(word) for word in words]
    if len(names) > limit:
        names = [*names[: limit - 1], f"{len(names) - limit + 1} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to a misspelt word, None where none is near.

    Case and Unicode form do not count; the number of edits allowed grows with the length. A tie
    goes to the candidate that begins like the word, then to the first given.
    """
    folded = fold(word)
    best: tuple[int, bool, int] | None = None
    found = None
    for position, candidate in enumerate(candidates):
        other = fold(candidate)
        allowed = _allowed(folded, other)
        if abs(len(other) - len(folded)) > allowed:
            continue
        distance = edit_distance(folded, other, allowed)
        if distance > allowed or not _same_number(folded, other):
            continue
        rank = (distance, other[:1] != folded[:1], position)
        if best is None or rank < best:
            best, found = rank, candidate
    return found


def _numbers(word: str) -> list[int]:
    return [
        int(digits)
        for digits in _DIGITS.split(word)
        if digits.isascii() and len(digits) < 20 and digits
    ]


def _same_number(one: str, two: str) -> bool:
    """Numbers tell things apart: `gpt-3` is not a misspelt `gpt-4`, `2023-20` may be `2023-02`."""
    if _numbers(one) == _numbers(two):
        return True
    first, second = (_DIGITS.sub("", word) for word in (one, two))
    same_letters = _LETTERS.sub("", one) == _LETTERS.sub("", two)
    return same_letters and len(first) == len(second) and sorted(first) == sorted(second)


def fold(word: str) -> str:
    """A word without what spelling variants differ in: case, Unicode form, `-`, `_`, space."""
    text = normal_form("NFKC", word).casefold()
    return text.replace("-", "_").replace(" ", "_")


def edit_distance(one: str, two: str, limit: int) -> int:
    """Optimal string alignment distance: inserts, deletions, changes, adjacent swaps.

    Gives up with `limit + 1` as soon as the distance must exceed `limit`.
    """
    before: Sequence[int] = ()
    row: Sequence[int] = range(len(two) + 1)
    for i, char in enumerate(one, 1):
        following = [i]
        for j, other in enumerate(two, 1):
            cost = min(row[j] + 1, following[-1] + 1, row[j - 1] + (char != other))
            if i > 1 and j > 1 and char == two[j - 2] and one[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) > limit:
            return limit + 1
        before, row = row, following
    return row[-1]


def _allowed(one: str, two: str) -> int:
    length = min(len(one), len(two))
    if length < 3:
        return 0 if length < 2 else 1
    return 1 if length < 5 else min(length // 3, 4)


def _plain(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > 10**LIMIT:
        return "a very long number"
    return str(value)


def _visible(char: str) -> str:
    if char == "\n":
        return "⏎"
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn"):
        return f"\\u{{{ord(char):x}}}"
    return char
