"""Text from authors as it may be printed: nothing in it that a terminal or a build server obeys.

The command line prints through `Guarded` streams, so that whatever is printed is harmless. Who
prints colours or commands of a build server on purpose asks for the stream below, `raw`, and
sends each value through `clean` or `as_json` first.
"""

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

LONGEST = 1000  # characters of a message
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINER = "\u200d"  # joins emoji
_ANYWHERE = re.compile(r"##(?=\w*\[)")  # Azure, GitHub, TeamCity
_AT_START = re.compile(r"^(\s*):(?=:)", re.MULTILINE)  # GitHub
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SERVERS = ("CI", "TF_BUILD", "TEAMCITY_VERSION", "JENKINS_URL", "BUILD_ID")


def clean(text: str) -> str:
    """A value on one line, cut where it is very long."""
    return _started("".join(map(visible, cut(text))))


def cut(text: str) -> str:
    """The beginning of a text that is very long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def visible(char: str) -> str:
    """A character as it may be printed: controls as pictures, the invisible by number."""
    code = ord(char)
    if code < 0x20:
        return " " if char == "\t" else chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if hidden(char):
        return f"<{code - 0xDC00:02X}>" if 0xDC80 <= code <= 0xDCFF else f"<U+{code:04X}>"
    return char


def hidden(char: str) -> bool:
    """Whether a character is not seen, or changes how others are."""
    return unicodedata.category(char) in _HIDDEN and char != _JOINER


def harmless(text: str) -> str:
    """Lines as they may be printed; line ends and tabs stay."""
    if not all(part.isprintable() for part in text.split("\n")):
        text = "".join(char if char in "\n\t" else visible(char) for char in text)
    return _started(text)


def disarmed(text: str) -> str:
    """Text without the marks that begin a command of a build server anywhere in a line."""
    return _ANYWHERE.sub("#\u266f", text)


def _started(text: str) -> str:
    """The same for text that begins a line, where there are more such marks."""
    return _AT_START.sub("\\1\u2236", disarmed(text))


def printable(text: str) -> str:
    """Text that any UTF-8 stream accepts: lone surrogates become U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def in_xml(text: str) -> str:
    """Text that XML can hold: controls and what is no character become U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)


def as_json(record: object, indent: int | None = None) -> str:
    """JSON that says the same and is harmless: what is hidden is escaped."""
    text = printable(json.dumps(record, ensure_ascii=False, indent=indent))
    if not all(part.isprintable() for part in text.split("\n")):
        text = "".join(json.dumps(c)[1:-1] if hidden(c) and c != "\n" else c for c in text)
    return _ANYWHERE.sub(r"\\u0023#", text)


# ---- streams --------------------------------------------------------------------------------


class Guarded:
    """A stream of text on which everything is made harmless."""

    def __init__(self, stream: TextIO) -> None:
        self.raw = stream

    def write(self, text: str) -> int:
        """Write lines, or parts of them."""
        self.raw.write(harmless(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


def raw(stream: TextIO) -> TextIO:
    """The stream below a guarded one, for text that is harmless already."""
    return stream.raw if isinstance(stream, Guarded) else stream


@contextmanager
def guarded() -> Iterator[None]:
    """Print through guarded streams only."""
    import sys

    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (Guarded(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def is_read_by_a_server(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a build server reads what is printed."""
    return any(environment.get(name) for name in _SERVERS)
