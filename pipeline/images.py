"""Pictures a book may show: of a known type, whole, and within the limit of pixels."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

BYTES = 30_000_000
PIXELS = 60_000_000
_SVG_SIZE = re.compile(rb"<svg\b[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown: absolute path, media type."""

    path: Path
    media_type: str


def vet(root: Path, path: str) -> Picture | None:
    """The picture at a path below the root, None if it must not or cannot be shown."""
    file = root / path
    try:
        if file.stat().st_size > BYTES:
            return None
        data = file.read_bytes()
    except OSError:
        return None
    media_type = _media_type(data)
    return Picture(file, media_type) if media_type else None


def _media_type(data: bytes) -> str:
    for magic, end, kind in (
        (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82", "image/png"),
        (b"\xff\xd8\xff", b"\xff\xd9", "image/jpeg"),
        (b"GIF8", b"\x3b", "image/gif"),
    ):
        if data.startswith(magic):
            whole = end in data[-64:]
            return kind if whole and _pixels(data, kind) <= PIXELS else ""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp" if len(data) >= struct.unpack("<I", data[4:8])[0] + 8 else ""
    return "image/svg+xml" if _SVG_SIZE.search(data[:100_000]) else ""


def _pixels(data: bytes, kind: str) -> int:
    if kind == "image/png":
        width, height = struct.unpack(">II", data[16:24])
    elif kind == "image/gif":
        width, height = struct.unpack("<HH", data[6:10])
    else:
        width, height = _jpeg_size(data)
    return int(width * height)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], struct.unpack(">H", data[place + 2 : place + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return 0, 0
