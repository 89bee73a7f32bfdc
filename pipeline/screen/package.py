"""EPUB 3.3 packaging: metadata and items in, a zip out; equal input gives equal bytes."""

import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.book import Book
from pipeline.screen import markup
from pipeline.units import template

FOLDER = "EPUB"
MIMETYPE = b"application/epub+zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
UNDATED = "2000-01-01T00:00:00Z"
CONTAINER = b"""<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/content.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""


@dataclass(frozen=True)
class Item:
    """A file of the publication; `linear` is None outside the reading order."""

    identifier: str
    href: str
    media_type: str
    data: bytes
    properties: tuple[str, ...] = ()
    linear: bool | None = None


@dataclass(frozen=True)
class Metadata:
    """What the package says about the book."""

    identifier: str
    title: str
    language: str
    modified: str
    title_en: str = ""
    subtitle: str = ""
    languages: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    publisher: str = ""
    date: str = ""
    description: str = ""
    rights: str = ""
    page_source: str = ""
    accessibility: tuple[tuple[str, str], ...] = ()


def describe(
    book: Book, environment: Mapping[str, str], *, other_languages: Sequence[str] = (),
    page_list: bool = False, accessibility: Sequence[tuple[str, str]] = (),
) -> Metadata:  # fmt: skip
    """The metadata of an edition; `environment` may hold SOURCE_DATE_EPOCH."""
    said = book.imprint
    isbn = re.sub(r"[^0-9Xx]", "", said.isbn)
    page_source = f"urn:isbn:{isbn}" if isbn else f"{said.title} (PDF)"
    return Metadata(
        identifier=identifier(book),
        title=said.title,
        language=book.language,
        modified=modified(said.date, environment),
        title_en=said.title_en,
        subtitle=said.subtitle,
        languages=(book.language, *other_languages),
        authors=said.authors,
        publisher=said.publisher,
        date=said.date,
        description=said.description,
        rights=said.rights,
        page_source=page_source if page_list else "",
        accessibility=tuple(accessibility),
    )


def identifier(book: Book) -> str:
    """The book's identifier for its first edition, for each other one a UUID made from it."""
    base = book.config.identifier
    if book.edition.name == book.config.editions[0].name:
        return base
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{base}/{book.edition.name}')}"


def modified(date: str, environment: Mapping[str, str]) -> str:
    """SOURCE_DATE_EPOCH, else the book's date, else a fixed day: never the clock."""
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal() and epoch.isascii() and len(epoch) < 12:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if match := re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", date):
        return f"{match[1]}-{match[2] or '01'}-{match[3] or '01'}T00:00:00Z"
    return UNDATED


def write(path: Path, metadata: Metadata, items: Sequence[Item]) -> None:
    """Write the publication; the order of items in the reading order is that given."""
    opf = template("content.opf").render(meta=metadata, items=items)
    with zipfile.ZipFile(path, "w") as archive:
        _add(archive, "mimetype", MIMETYPE, zipfile.ZIP_STORED)
        _add(archive, "META-INF/container.xml", CONTAINER)
        _add(archive, f"{FOLDER}/content.opf", markup.text(opf).encode("utf-8"))
        for item in items:
            _add(archive, f"{FOLDER}/{item.href}", item.data)


def _add(
    archive: zipfile.ZipFile, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED
) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = method
    info.external_attr = 0o644 << 16
    info.create_system = 3
    archive.writestr(info, data, compresslevel=9)
