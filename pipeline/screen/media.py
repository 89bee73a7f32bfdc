"""The pictures of a book for its e-book and its site: each once, safe, simply named."""

import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline import images, safe_svg
from pipeline.screen import short_names

SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
}


@dataclass(frozen=True)
class Medium:
    """A file beside the text: name within its folder, media type, content."""

    name: str
    media_type: str
    data: bytes

    @property
    def may_move(self) -> bool:
        """Whether the picture may be animated."""
        marks = {"image/png": b"acTL", "image/webp": b"ANIM", "image/gif": b"NETSCAPE2.0"}
        mark = marks.get(self.media_type)
        return mark is not None and mark in self.data


def gather(pictures: Mapping[str, images.Picture], used: Iterable[str]) -> dict[str, Medium]:
    """The media for the picture paths in use; equal content shares a file."""
    namer = short_names.Namer()
    by_content: dict[bytes, Medium] = {}
    result: dict[str, Medium] = {}
    for path in dict.fromkeys(used):
        picture = pictures.get(path)
        data = _content(picture) if picture else None
        if picture is None or data is None:
            continue
        digest = hashlib.sha256(data).digest()
        if digest not in by_content:
            stem = posixpath.splitext(posixpath.basename(path))[0]
            name = namer.name(stem) + SUFFIXES[picture.media_type]
            by_content[digest] = Medium(name, picture.media_type, data)
        result[path] = by_content[digest]
    return result


def _content(picture: images.Picture) -> bytes | None:
    try:
        data = picture.path.read_bytes()
    except OSError:
        return None
    return safe_svg.sanitize(data) if picture.media_type == "image/svg+xml" else data
