"""Heading identifiers as pandoc and as GitHub make them.

Pandoc: `auto_identifiers` of the Markdown reader; GitHub: the anchors of rendered pages. Both
number repeated identifiers within one file.
"""

import re
import unicodedata
from functools import lru_cache

_PANDOC_DROPS = re.compile(r"[^\w\s.-]+")
_GITHUB_KEEPS = frozenset("-_ ")
FALLBACK = "section"


@lru_cache(maxsize=4096)  # many cards have the same headings
def pandoc_slug(text: str) -> str:
    """Pandoc's automatic identifier of a heading's visible text, before numbering."""
    words = _PANDOC_DROPS.sub("", text.lower()).split()
    slug = "-".join(words)
    start = next((at for at, char in enumerate(slug) if char.isalpha()), len(slug))
    return slug[start:]


@lru_cache(maxsize=4096)
def github_slug(text: str) -> str:
    """GitHub's anchor of a heading's visible text, before numbering."""
    kept = (char for char in text.strip().lower() if _github_keeps(char))
    return "".join(kept).replace(" ", "-")


def _github_keeps(char: str) -> bool:
    return char in _GITHUB_KEEPS or unicodedata.category(char)[0] in "LMN" or char == "\u203f"


class Slugs:
    """Hands out the identifiers of one file, each once."""

    def __init__(self) -> None:
        self._pandoc: set[str] = set()
        self._pandoc_next: dict[str, int] = {}
        self._github: dict[str, int] = {}

    def pandoc(self, text: str, explicit: str = "") -> str:
        """The identifier of the next heading; an explicit one is taken as it is."""
        if explicit:
            self._pandoc.add(explicit)
            return explicit
        base = pandoc_slug(text) or FALLBACK
        slug, number = base, self._pandoc_next.get(base, 1)
        while slug in self._pandoc:
            slug, number = f"{base}-{number}", number + 1
        self._pandoc_next[base] = number
        self._pandoc.add(slug)
        return slug

    def github(self, text: str) -> str:
        """GitHub's anchor of the next heading."""
        base = slug = github_slug(text)
        number = self._github.get(base, 0)
        while slug in self._github:
            number += 1
            slug = f"{base}-{number}"
        self._github[base] = number
        self._github[slug] = self._github.get(slug, 0)
        return slug
