"""Regular expressions of strangers: they understand `\\p{Han}` and cannot hang."""

import re
from collections.abc import Callable
from functools import cache

SECONDS = 0.5

# Anchored, no groups, no choices, one repetition without end at most: linear in any engine.
_ATOM = r"(?:\[\^?(?:[\w .-]|\\[dsw])+\]|[\w -]|\\[dsw.])"
_SIMPLE = re.compile(rf"\^(?:{_ATOM}(?:\{{\d{{1,2}}\}})?)*(?:{_ATOM}[*+])?\$?")


@cache
def finder(pattern: str) -> Callable[[str], bool]:
    """Whether a pattern is found in a text.

    Raises ValueError for what is no pattern; the function raises TimeoutError.
    """
    if _SIMPLE.fullmatch(pattern):
        simple = re.compile(pattern)
        return lambda text: simple.search(text) is not None
    import regex  # 10 ms to import, and most schemas need none of it

    try:
        compiled = regex.compile(pattern, regex.V0)
    except (regex.error, RecursionError, OverflowError, re.error) as error:
        raise ValueError(str(error)) from None
    return lambda text: compiled.search(text, timeout=SECONDS) is not None
