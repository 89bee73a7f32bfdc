"""File names that every reader, server and archive takes: ASCII letters, digits and hyphens."""

import re
from collections.abc import Iterable

from pipeline.normal_form import normal_form

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\Z")
LENGTH = 60


class Namer:
    """Hands out names, each once; `taken` are gone already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def name(self, text: str) -> str:
        """A name made from a text."""
        base = ascii_name(text)
        name, count = base, 1
        while name in self._taken:
            count += 1
            name = f"{base}-{count}"
        self._taken.add(name)
        return name


def ascii_name(text: str) -> str:
    """A text in ASCII; Chinese by its pinyin: 注意力 → zhu-yi-li."""
    if not text.isascii():
        from pypinyin import lazy_pinyin

        text = "-".join(word.strip() for word in lazy_pinyin(text))
        text = normal_form("NFKD", text)
    plain = re.sub(r"[^a-z0-9]+", "-", text.encode("ascii", "ignore").decode().lower())
    name = plain[:LENGTH].strip("-") or "x"
    return f"x-{name}" if _RESERVED.match(name) else name
