"""Unicode's normal forms of any text, in a time that grows with its length.

Putting the marks upon one letter in order takes the square of their number: a megabyte of them
takes half an hour.
"""

import re
import unicodedata
from typing import Literal

_SIZE = 1000
# A piece ends where a letter without marks begins, if there is one.
_PIECE = re.compile(rf"(?s:.{{1,{_SIZE}}})(?=[ -~\u3400-\u9fff]|\Z)|(?s:.{{1,{_SIZE}}})")


def normal_form(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """A normal form; of marks upon one letter some hundred are put in order."""
    if len(text) <= _SIZE:
        return unicodedata.normalize(form, text)
    return _PIECE.sub(lambda piece: unicodedata.normalize(form, piece[0]), text)
