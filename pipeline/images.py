"""Pictures a book may show: of a known type, whole, and within the limits of bytes and pixels."""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Limit = Callable[[str], float]
"""The limits of a book by name: `image_bytes`, `image_pixels`."""

_SVG_SIZE = re.compile(rb"<svg\b[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown: absolute path, media type."""

    path: Path
    media_type: str


def vet(root: Path, path: str, limit: Limit) -> Picture | None:
    """The picture at a path below the root, None if it must not or cannot be shown."""
    found = examine(root, path, limit)
    return found if isinstance(found, Picture) else None


def examine(root: Path, path: str, limit: Limit) -> Picture | str:
    """The picture at a path below the root, or why it cannot be shown, in words."""
    file = root / path
    try:
        if file.stat().st_size > limit("image_bytes"):
            return f"it is larger than {limit('image_bytes'):,.0f} bytes (limits.image_bytes)"
        data = file.read_bytes()
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    kind = _media_type(data)
    if not kind:
        return "it is no PNG, JPEG, GIF, WebP or SVG, or it is damaged"
    if kind in _RASTER and _pixels(data, kind) > limit("image_pixels"):
        return f"it has more than {limit('image_pixels'):,.0f} pixels (limits.image_pixels)"
    if kind == "image/svg+xml":
        from pipeline import svg_faults  # most books have other pictures

        if fault := svg_faults.fault(data):
            return fault
    return Picture(file, kind)


_RASTER = ("image/png", "image/jpeg", "image/gif", "image/webp")


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
    elif kind == "image/webp":
        width, height = _webp_size(data)
    else:
        width, height = _jpeg_size(data)
    return int(width * height)


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        wide, high = data[24:27], data[27:30]
        return 1 + int.from_bytes(wide, "little"), 1 + int.from_bytes(high, "little")
    if kind == b"VP8L":
        both = int.from_bytes(data[21:25], "little")
        return 1 + (both & 0x3FFF), 1 + (both >> 14 & 0x3FFF)
    wide, high = data[26:28], data[28:30]
    return int.from_bytes(wide, "little") & 0x3FFF, int.from_bytes(high, "little") & 0x3FFF


def _jpeg_size(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], struct.unpack(">H", data[place + 2 : place + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return 0, 0
