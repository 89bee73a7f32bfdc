"""Traditional Chinese from Simplified, by OpenCC and the book's own table of exceptions."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import language
from pipeline.errors import UserError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SHOWN = ("alt", "title", "aria-label", "data-term")
_VERBATIM = frozenset({"code", "pre", "kbd", "samp", "annotation", "script", "style"})


class Traditional:
    """Converts text; a word of `exceptions` becomes what the table says and nothing else.

    `standard` is a configuration of OpenCC: `s2tw` for Taiwan, `s2hk` for Hong Kong; those that
    end in `p`, such as `s2twp`, change words as well.
    """

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

    def tree(self, element: "HtmlElement") -> None:
        """Convert what a reader sees of a tree; code, addresses and other languages stay."""
        if not isinstance(element.tag, str) or element.tag in _VERBATIM or _is_other(element):
            return
        if element.text:
            element.text = self.text(element.text)
        for name in _SHOWN:
            if value := element.get(name):
                element.set(name, self.text(value))
        for child in element:
            self.tree(child)
            if child.tail:
                child.tail = self.text(child.tail)


def _is_other(element: "HtmlElement") -> bool:
    """Whether an element is declared to be in what is not Simplified Chinese."""
    tag = element.get("lang") or "zh"
    return not language.is_chinese(tag) or language.is_traditional(tag)


def standard_of(tag: str) -> str:
    """The configuration of OpenCC for a BCP 47 tag; without a region, that of Taiwan."""
    return "s2hk" if {"hk", "mo"} & set(tag.lower().split("-")) else "s2tw"


def read(root: Path, path: str) -> dict[str, str]:
    """A table of exceptions as OpenCC has them: a line `simplified<tab>traditional` for each.

    Raises `UserError` for a file that is not in the book's folder, or a line of another form.
    """
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        raise UserError(
            f"book.yaml: no table {path} in the book's folder",
            hint="mend the edition's `exceptions:`",
        )
    table: dict[str, str] = {}
    lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        simplified, tab, traditional = line.partition("\t")
        if not simplified.strip() or not tab:
            raise UserError(
                f"{path}:{number}: no pair", hint="write the word, a tab, and what it becomes"
            )
        table[simplified.strip()] = traditional.strip()
    return table
