"""Regular expressions that are compiled when they are first used.

A range of Han characters takes two milliseconds to compile in Python 3.11, and a check of one
edited file uses few of those that all rules have.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any, cast


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, as late as can be; not for the functions of `re` to take."""
    return cast("re.Pattern[str]", _Late(pattern, flags))


def matches(
    sign: re.Pattern[str], whole: re.Pattern[str], text: str, at: int = 0, end: int = sys.maxsize
) -> Iterator[re.Match[str]]:
    """The matches of a pattern, looked for where its first sign stands, which a search finds."""
    while first := sign.search(text, at, end):
        match = whole.match(text, first.start(), end)
        at = match.end() if match else first.end()
        if match:
            yield match


class _Late:
    def __init__(self, pattern: str, flags: int) -> None:
        self._told = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """A method of the compiled expression, found here without detour from then on."""
        if name.startswith("__"):  # as of an object that is not made yet
            raise AttributeError(name)
        found = getattr(re.compile(*self._told), name)  # of the same pattern once, as `re` keeps it
        setattr(self, name, found)
        return found
