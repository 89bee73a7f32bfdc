"""A Quarto book: the chapters, names and bibliography of `_quarto.yml`."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline import front_matter
from pipeline.records.formats import date_fault
from pipeline.records.typed import typed
from pipeline.source import Source, Span
from pipeline.surveys.folder import Folder, Found, Outline, place

FILES = ("_quarto.yml", "_quarto.yaml")
STYLE = "chicago-author-date"  # Quarto's own
_REFERENCES = re.compile(
    r"(?:---\n.*?\n---\n)?\s*(?:#[^\n]*\s+)?:::+\s*\{#refs[^}]*\}\s*:::+\s*", re.DOTALL
)


def survey(folder: Folder) -> Found | None:
    """The book of a folder that has one in its `_quarto.yml`, else None."""
    name = next((name for name in FILES if name in folder.files), "")
    record = _record(folder.text(name)) if name else {}
    book = record.get("book")
    if not isinstance(book, dict):
        return None
    outline = _outline(folder, book)
    if not outline.listed:
        return None
    found = Found(said=[f"a Quarto book: {name} stays as it is"])
    title = _text(book.get("title"))
    found.set("title", title or folder.root.resolve().name, f"that of {name}" if title else "")
    found.set("subtitle", _text(book.get("subtitle")))
    found.set("authors", list(_names(book.get("author", record.get("author")))))
    language = _text(record.get("lang") or book.get("lang")) or "en"
    found.set("language", language, f"that of {name}, else English")
    date = _text(book.get("date"))
    found.set("date", "" if not date or date_fault(date) else date)
    found.set("description", _text(book.get("description")))
    place(found, outline, folder, name)
    _sources(found, folder, record, book)
    found.said += outline.left_out
    return found


def _record(text: str) -> dict[str, Any]:
    source = Source(FILES[0], text.encode())
    node, _ = front_matter.compose(source, Span(0, len(source.text)))
    record = typed(node, True) if node else {}
    return record if isinstance(record, dict) else {}


def _outline(folder: Folder, book: dict[str, Any]) -> Outline:
    outline = Outline()
    for key, chosen in (("chapters", outline.body), ("appendices", outline.back)):
        for path in _chapters(book.get(key)):
            if path not in folder.markdown:
                if path.rpartition(".")[2] in ("qmd", "md", "ipynb", "Rmd", "rmd"):
                    outline.left_out.append(f"left out: {path} (no Markdown of that name)")
                else:
                    outline.left_out.append(f"left out: the part's name {path!r}")
            elif _REFERENCES.fullmatch(folder.text(path)):
                outline.left_out.append(f"left out: {path} (each chapter gets its references)")
            elif path not in outline.listed:
                (outline.front if path.startswith("index.") else chosen).append(path)
    return outline


def _chapters(value: object) -> Iterator[str]:
    """The files of a list of chapters, and of the parts in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _chapters(item)
    elif isinstance(value, dict):
        for key in ("part", "href", "file", "chapters"):
            yield from _chapters(value.get(key))


def _names(value: object) -> Iterator[str]:
    """The names of authors: a text, a mapping with a `name`, or a list of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        parts = (_text(value.get(key)) for key in ("given", "family"))
        joined = " ".join(part for part in parts if part)
        yield from [joined] if joined else _names(value.get("name"))


def _sources(found: Found, folder: Folder, record: dict[str, Any], book: dict[str, Any]) -> None:
    given = record.get("bibliography", book.get("bibliography"))
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    paths = [str(path) for path in listed if str(path) in folder.files]
    found.set("bibliography", paths[0] if len(paths) == 1 else paths, ", ".join(paths))
    csl = _text(record.get("csl") or book.get("csl"))
    if csl in folder.files:
        found.set("citations", {"csl": csl}, f"printed as {csl} says")
    elif paths and not str(found.settings["language"]).startswith("zh"):
        found.set("citations", {"style": STYLE}, f"printed in the style {STYLE}, as Quarto does")


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
