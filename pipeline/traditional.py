"""Traditional Chinese from Simplified, by OpenCC and the book's own table of exceptions."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from lxml.html import HtmlElement

_SHOWN = ("alt", "title", "aria-label")


class Traditional:
    """Converts text; a word of `exceptions` becomes what the table says and nothing else."""

    def __init__(self, standard: str, exceptions: Mapping[str, str]) -> None:
        self.standard = standard
        self.exceptions = dict(exceptions)

    @cached_property
    def _opencc(self) -> Any:
        from opencc import OpenCC

        return OpenCC(self.standard)

    @cached_property
    def _words(self) -> re.Pattern[str] | None:
        longest_first = sorted(self.exceptions, key=lambda word: (-len(word), word))
        return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, simplified: str) -> str:
        """The text in Traditional characters."""
        if self._words is None:
            return str(self._opencc.convert(simplified))
        parts, place = [], 0
        for match in self._words.finditer(simplified):
            parts += [self._opencc.convert(simplified[place : match.start()])]
            parts += [self.exceptions[match[0]]]
            place = match.end()
        return "".join([*parts, self._opencc.convert(simplified[place:])])

    def tree(self, root: HtmlElement) -> None:
        """Convert what a reader sees of a tree; code, addresses and identifiers stay."""
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            if element.text and element.tag not in ("code", "pre", "annotation"):
                element.text = self.text(element.text)
            if element.tail:
                element.tail = self.text(element.tail)
            for name in _SHOWN:
                if value := element.get(name):
                    element.set(name, self.text(value))
            if element.get("lang", "").lower() in ("zh", "zh-hans", "zh-cn"):
                element.set("lang", "zh-Hant")
