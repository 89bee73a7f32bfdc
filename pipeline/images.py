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
    found = examine(root, path)
    return found if isinstance(found, Picture) else None


def examine(root: Path, path: str) -> Picture | str:
    """The picture at a path below the root, or why it cannot be shown, in words."""
    file = root / path
    try:
        if file.stat().st_size > BYTES:
            return f"it is larger than {BYTES:,} bytes"
        data = file.read_bytes()
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    kind = _media_type(data)
    if not kind:
        return "it is no PNG, JPEG, GIF, WebP or SVG, or it is damaged"
    if kind in _RASTER and _pixels(data, kind) > PIXELS:
        return f"it has more than {PIXELS:,} pixels"
    return Picture(file, kind)


_RASTER = ("image/png", "image/jpeg", "image/gif")


def _media_type(data: bytes) -> str:
    for magic, end, kind in (
        (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82", "image/png"),
        (b"\xff\xd8\xff", b"\xff\xd9", "image/jpeg"),
        (b"GIF8", b"\x3b", "image/gif"),
    ):
        if data.startswith(magic):
            return kind if end in data[-64:] and len(data) > 26 else ""
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
