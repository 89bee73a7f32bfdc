"""Byte-faithful text: offsets, lines, columns.

Offsets count code points of the decoded file; a byte order mark is no character and CRLF is two.
Bytes that are not UTF-8 are kept as lone surrogates (`surrogateescape`), so that positions stay
exact and nothing is lost; `Source.bad_bytes` tells where they are.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property

from msgspec import Struct

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\r|\n")
_SURROGATE = re.compile("[\ud800-\udfff]+")


class Span(Struct, frozen=True, order=True, array_like=True, gc=False):
    """A half-open range of code points, `start <= end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies within this span."""
        return self.start <= other.start and other.end <= self.end

    def shift(self, offset: int) -> "Span":
        """The same span, `offset` code points later."""
        return Span(self.start + offset, self.end + offset)


class Source:
    """One file: POSIX path from the project's root, and bytes, which may be read when asked for.

    Whoever gives a function for the bytes knows their SHA-256 already, and how many there are.
    """

    def __init__(
        self, path: str, data: bytes | Callable[[], bytes], digest: str = "", size: int = 0
    ) -> None:
        self.path = path
        self.size = len(data) if isinstance(data, bytes) else size
        self._data = data
        self._digest = digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and (self.path, self.digest) == (other.path, other.digest)

    def __hash__(self) -> int:
        return hash((self.path, self.digest))

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    @cached_property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self._data if isinstance(self._data, bytes) else self._data()

    @cached_property
    def bom(self) -> bool:
        """Whether the file begins with a UTF-8 byte order mark."""
        return self.data.startswith(BOM)

    @cached_property
    def text(self) -> str:
        """The decoded file without its byte order mark."""
        data = self.data[len(BOM) :] if self.bom else self.data
        return data.decode("utf-8", "surrogateescape")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, hexadecimal."""
        return self._digest or hashlib.sha256(self.data).hexdigest()

    @cached_property
    def bad_bytes(self) -> tuple[Span, ...]:
        """Where the file is not UTF-8."""
        return tuple(Span(*match.span()) for match in _SURROGATE.finditer(self.text))

    @cached_property
    def newline(self) -> str:
        """The line ending of the first line, `\\n` if there is none."""
        match = _LINE_END.search(self.text)
        return match[0] if match else "\n"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column) of an offset, both from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line ending."""
        starts = self.line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """The characters of a span."""
        return self.text[span.start : span.end]

    def encode(self, text: str) -> bytes:
        """Bytes of an edited text, with this file's byte order mark."""
        return (BOM if self.bom else b"") + text.encode("utf-8", "surrogateescape")

    @property
    def stem(self) -> str:
        """File name without its extension."""
        return stem(self.path)


def stem(path: str) -> str:
    """The name of a file without its extension; pathlib would take ten times as long."""
    name = path.rpartition("/")[2]
    before, _, after = name.rpartition(".")
    return before if before and after else name
