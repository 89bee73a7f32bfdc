"""*Did you mean* over many names: `wording.did_you_mean` behind a filter that loses nothing."""

import re
from collections import defaultdict
from collections.abc import Iterable

from pipeline import wording

_NONZERO = re.compile(r"[^\D0]")
_MOST = 4  # the edits that `wording.did_you_mean` allows at most


class Names:
    """Names to choose from; each question is answered once.

    Names with other digits are never near. One edit changes at most two of the letters and six of
    the letter pairs that a word has, so names whose sets differ in more cannot be near either.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._alike: dict[tuple[str, int], list[tuple[int, str, str]]] = defaultdict(list)
        self._signed: dict[tuple[str, int], list[tuple[int, int, int, str]]] = {}
        self._known: dict[str, str | None] = {}
        for position, name in enumerate(dict.fromkeys(names)):
            folded = wording.fold(name)
            self._alike[_digits(folded), len(folded)].append((position, folded, name))

    def nearest(self, word: str) -> str | None:
        """The name nearest to a misspelt word, None where none is near."""
        if word not in self._known:
            self._known[word] = self._nearest(word)
        return self._known[word]

    def _nearest(self, word: str) -> str | None:
        folded = wording.fold(word)
        letters, pairs = _signature(folded)
        digits = _digits(folded)
        edits = max(1, min(len(folded) // 3, _MOST))
        near = [
            (position, name)
            for length in range(len(folded) - edits, len(folded) + edits + 1)
            for position, other, others, name in self._of(digits, length)
            if (letters ^ other).bit_count() <= 2 * edits
            and (pairs ^ others).bit_count() <= 6 * edits
        ]
        return wording.did_you_mean(word, (name for _, name in sorted(near)))

    def _of(self, digits: str, length: int) -> list[tuple[int, int, int, str]]:
        """The names of some digits and a length, signed when they are asked for."""
        group = digits, length
        if group not in self._signed:
            alike = self._alike.get(group, ())
            self._signed[group] = [
                (position, *_signature(folded), name) for position, folded, name in alike
            ]
        return self._signed[group]


def _digits(word: str) -> str:
    return "".join(sorted(_NONZERO.findall(word)))


def _signature(word: str) -> tuple[int, int]:
    letters = pairs = 0
    before = 0
    for char in word:
        code = ord(char)
        letters |= 1 << code % 61
        pairs |= 1 << (before * 31 + code) % 251
        before = code
    return letters, pairs
