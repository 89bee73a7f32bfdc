"""Text as XML has it. What Python offers for this imports a web client."""

import html
import re

_NONE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = str.maketrans({"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


def cleaned(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _NONE.sub("", text)


def escape(text: str) -> str:
    """A text between tags."""
    return html.escape(text, quote=False)


def quoteattr(text: str) -> str:
    """The value of an attribute, in its quotes."""
    return f'"{html.escape(text).translate(_SPACES)}"'
