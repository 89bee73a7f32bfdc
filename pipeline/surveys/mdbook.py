"""An mdBook: `book.toml` and the chapters of `SUMMARY.md`."""

import posixpath
import re
import tomllib
from typing import Any

from pipeline.surveys.folder import Folder, Found, Outline, place

FILE = "book.toml"
_CHAPTER = re.compile(r"(?P<item>\s*[-*+]\s+)?\[(?P<title>(?:\\.|[^\]\\])*)\]\((?P<path>[^()]*)\)")


def survey(folder: Folder) -> Found | None:
    """The book of a folder that has a `book.toml` and a summary, else None."""
    if FILE not in folder.files:
        return None
    book = _book(folder.text(FILE))
    source = posixpath.normpath(str(book.get("src", "src")))
    summary = posixpath.normpath(posixpath.join(source, "SUMMARY.md"))
    outline = _outline(folder, summary)
    if not outline.listed:
        return None
    found = Found(said=["an mdBook: book.toml and SUMMARY.md stay as they are"])
    title = str(book.get("title") or folder.root.resolve().name)
    found.set("title", title, f"that of {FILE}" if book.get("title") else "the folder's name")
    authors = book.get("authors")
    found.set("authors", [str(name) for name in authors] if isinstance(authors, list) else [])
    found.set("language", str(book.get("language", "en")), f"that of {FILE}, else English")
    found.set("description", str(book.get("description", "")))
    place(found, outline, folder, summary)
    found.said += outline.left_out
    return found


def _book(text: str) -> dict[str, Any]:
    try:
        book = tomllib.loads(text).get("book", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return book if isinstance(book, dict) else {}


def _outline(folder: Folder, summary: str) -> Outline:
    """Chapters without a bullet stand before and after those with one."""
    outline = Outline()
    for line in folder.text(summary).splitlines():
        match = _CHAPTER.match(line)
        if match is None:
            continue
        path = match["path"].strip().strip("<>").replace("%20", " ")
        full = posixpath.normpath(posixpath.join(posixpath.dirname(summary), path))
        if full not in folder.markdown:
            reason = f"no file {path}" if path else "a chapter still to be written"
            outline.left_out.append(f"left out: {match['title']} ({reason})")
        elif full not in outline.listed:
            unlisted = outline.back if outline.body else outline.front
            (outline.body if match["item"] else unlisted).append(full)
    return outline
