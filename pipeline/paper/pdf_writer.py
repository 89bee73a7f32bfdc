"""Writes a PDF file object by object; memory does not grow with what is written."""

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

PACK = 1000  # objects in an object stream
LEAF = 64  # entries in a leaf of a tree
WIDTHS = "1 5 2"
_ROW = struct.Struct(">xBBIH")  # of the cross-reference stream, with room for the filter's mark
ROW = _ROW.size
UP = b"\x02"  # PNG's filter that gives each byte less the one above
FREE, PLAIN, PACKED = 0, 1, 2


@dataclass(frozen=True)
class Pack:
    """An object stream, compressed: the number it is to have, its members, where bodies begin."""

    number: int
    members: tuple[int, ...]
    first: int
    data: bytes


def pack(number: int, objects: Sequence[tuple[int, bytes]]) -> Pack:
    """Objects that have no stream, put into an object stream."""
    index, position = [], 0
    for member, body in objects:
        index.append(f"{member} {position}")
        position += len(body) + 1
    head = " ".join(index).encode() + b"\n"
    data = zlib.compress(head + b"\n".join(body for _, body in objects), 9)
    return Pack(number, tuple(member for member, _ in objects), len(head), data)


class Writer:
    """A PDF file in the making; objects are written once, in any order."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.position = 0
        self.digest = hashlib.sha256()
        self.rows = bytearray(ROW)
        self.waiting: list[tuple[int, bytes]] = []
        self._write(b"%PDF-1.7\n%\xf0\x9f\x93\x96\n")

    def reserve(self, count: int = 1) -> int:
        """The first of `count` new object numbers."""
        first = len(self.rows) // ROW
        self.rows += bytes(ROW * count)
        return first

    def put(self, number: int, body: bytes) -> None:
        """An object without a stream."""
        self.waiting.append((number, body))
        if len(self.waiting) >= PACK:
            self._flush()

    def put_stream(self, number: int, head: bytes, data: bytes) -> None:
        """`head` is the inside of the dictionary, without the length."""
        self._row(number, PLAIN, self.position, 0)
        self._write(b"%d 0 obj\n<<%b /Length %d>>\nstream\n" % (number, head, len(data)))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")

    def put_pack(self, made: Pack) -> None:
        """Objects packed before."""
        for place, member in enumerate(made.members):
            self._row(member, PACKED, made.number, place)
        kind = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode"
        self.put_stream(made.number, kind % (len(made.members), made.first), made.data)

    def add(self, body: str) -> int:
        """A new object without a stream."""
        number = self.reserve()
        self.put(number, body.encode())
        return number

    def add_part(self, head: str, data: bytes | None) -> int:
        """A new dictionary, or a new stream."""
        if data is None:
            return self.add(f"<<{head}>>")
        number = self.reserve()
        self.put_stream(number, head.encode(), data)
        return number

    def add_names(self, values: Mapping[str, str]) -> int:
        """A tree of names, two levels deep; 0 where there are none."""
        pairs = sorted((_string_bytes(name), text(name), value) for name, value in values.items())
        leaves = []
        for start in range(0, len(pairs), LEAF):
            leaf = pairs[start : start + LEAF]
            names = " ".join(f"{name} {value}" for _, name, value in leaf)
            limits = f"/Limits [{leaf[0][1]} {leaf[-1][1]}]"
            leaves.append(self.add(f"<<{limits} /Names [{names}]>>"))
        return self.add(f"<</Kids [{references(leaves)}]>>") if leaves else 0

    def finish(self, trailer: str) -> None:
        """Write the cross-reference stream; the file's identifier is made of all before it."""
        self._flush()
        name = self.digest.hexdigest()[:32]
        start = self.position
        number = self.reserve()
        self._row(number, PLAIN, start, 0)
        size = len(self.rows) // ROW
        head = f"/Type /XRef /Size {size} /W [{WIDTHS}] /Filter /FlateDecode"
        head += f" /DecodeParms <</Predictor 12 /Columns {ROW - 1}>> {trailer}"
        head += f" /ID [<{name}> <{name}>]"
        # Rows are much alike: as differences they take an eighth of the bytes, and of the time.
        self.put_stream(number, head.encode(), zlib.compress(_differences(self.rows), 6))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _flush(self) -> None:
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            self.put_pack(pack(self.reserve(), waiting))

    def _row(self, number: int, kind: int, second: int, third: int) -> None:
        _ROW.pack_into(self.rows, number * ROW, kind, second >> 32, second & 0xFFFFFFFF, third)

    def _write(self, data: bytes) -> None:
        self.file.write(data)
        self.digest.update(data)
        self.position += len(data)


def _differences(rows: bytes | bytearray) -> bytes:
    """Each row less the one before it, byte by byte, as one sum over all bytes at once."""
    high = int.from_bytes(b"\x80" * len(rows))
    now = int.from_bytes(rows)
    before = now >> 8 * ROW
    less = ((now | high) - (before & ~high)) ^ (~(now ^ before) & high)  # no byte borrows
    marks = int.from_bytes((UP + bytes(ROW - 1)) * (len(rows) // ROW))
    return (less | marks).to_bytes(len(rows))


def references(numbers: Sequence[int]) -> str:
    """Objects, as the inside of an array."""
    return " ".join(f"{number} 0 R" for number in numbers)


def plain(value: float) -> str:
    """A number as PDF source."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def text(value: str) -> str:
    """A text string as PDF source."""
    if _is_plain(value):
        return "(" + re.sub(r"([\\()])", r"\\\1", value) + ")"
    return f"<feff{value.encode('utf-16-be', 'replace').hex()}>"


def _string_bytes(value: str) -> bytes:
    """The bytes of a text string, which order a tree of names."""
    if _is_plain(value):
        return value.encode()
    return b"\xfe\xff" + value.encode("utf-16-be", "replace")


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()
