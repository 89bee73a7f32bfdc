"""A folder of Markdown of no other tool: kinds by their front matter, chapters by what is left."""

import posixpath
import re
from collections import Counter

from pipeline import discovery, project
from pipeline.citations import reflist
from pipeline.document import Document
from pipeline.order import declared
from pipeline.source import Source
from pipeline.surveys.folder import NOT_A_BOOK, Folder, Found, below, common, within

_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_HAN = re.compile("[\u4e00-\u9fff]")
_AUTHORS = re.compile(r"^[\s>*_-]*(?:作\s*者|authors?|by)[*_]*\s*[:：][*_]*\s*(?P<names>.+?)\s*$",
                      re.IGNORECASE | re.MULTILINE)  # fmt: skip
_BETWEEN = re.compile(r"\s*(?:[、,，;；&]|\band\b)\s*")
_FRONT = re.compile(
    r"[\d\W_]*(?:序|序言|自序|前言|题记|致谢|preface|foreword|dedication|acknowledg\w+)\W*",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"[\d\W_]*(?:后记|跋|附录.*|索引|afterword|appendi.*|colophon|contributors)\W*", re.IGNORECASE
)
LEAST = 0.5  # what the reader of reference lists must be sure of


def survey(folder: Folder) -> Found:
    """What is there, by front matter, headings and names of files."""
    parsed = [
        project.parse(Source(path, folder.text(path).encode()), "", "entry")
        for path in documents(folder)
    ]
    found = Found()
    _title(found, folder)
    _language(found, parsed)
    _content(found, folder, parsed)
    _bibliography(found, folder)
    return found


def documents(folder: Folder) -> list[str]:
    """The Markdown that may be a book's: no README, licence and the like."""
    names = ((posixpath.splitext(posixpath.basename(path))[0], path) for path in folder.markdown)
    return [path for name, path in names if name.lower() not in NOT_A_BOOK]


def _title(found: Found, folder: Folder) -> None:
    names = (name for name in ("README.md", "readme.md", "index.md") if name in folder.files)
    name = next(names, "")
    text = folder.text(name) if name else ""
    if match := _HEADING.search(text):
        found.set("title", match[1], f"the first heading of {name}")
    else:
        plain = folder.root.resolve().name.replace("-", " ").replace("_", " ").strip()
        found.set("title", plain or "Untitled", "the name of the folder")
    if match := _AUTHORS.search(text):
        found.set("authors", _BETWEEN.split(match["names"].strip("*_ ")), f"those of {name}")


def _language(found: Found, documents: list[Document]) -> None:
    counts = Counter(bool(_HAN.search(item.source.text)) for item in documents)
    if counts and counts[True] < counts[False]:
        found.set("language", "en", "English, most files have no Chinese")


# ---- content --------------------------------------------------------------------------------


def _content(found: Found, folder: Folder, documents: list[Document]) -> None:
    """The folder of each content type, by the identifier fields in front matter."""
    content: dict[str, object] = {}
    taken: set[str] = set()
    for kind in project.known_types():
        own = [item.path for item in documents if item.field(kind.id_field)]
        if own and kind.place != "body":
            base = common(own)
            taken.update(item.path for item in documents if within(item.path, base))
            _place(found, content, kind.key, kind.path, base, len(own))
    chapters = [item for item in documents if item.path not in taken]
    if chapters:
        base = common([item.path for item in chapters])
        _place(found, content, "chapters", "manuscript", base, len(chapters))
    found.set("content", content)
    _chapters(found, folder, chapters)


def _place(
    found: Found, content: dict[str, object], key: str, usual: str, base: str, count: int
) -> None:
    found.said.append(f"{key}: {count} file{'s' * (count != 1)} in {base or '.'}/")
    if not within(f"{base}/x", usual):
        content[key] = {"path": base or "."}


def _chapters(found: Found, folder: Folder, chapters: list[Document]) -> None:
    """What stands before and after them, whether they are counted, lists of references."""
    base = common([item.path for item in chapters]) if chapters else ""
    base = "manuscript" if within(f"{base}/x", "manuscript") else base
    lists = [item for item in chapters if _is_list(folder, item)]
    back = [item for item in chapters if item in lists or _named(item, _BACK)]
    front = [item for item in chapters if item not in back and _named(item, _FRONT)]
    parts = {
        name: [usual, *(below(item.path, base) for item in items)]
        for name, usual, items in (("front", "00-*", front), ("back", "99-*", back))
        if items
    }
    named = ", ".join(item.path for item in (*front, *back))
    found.set("parts", parts, f"by their names: {named}")
    body = [item for item in chapters if item not in (*front, *back)]
    if body and not any(map(declared, body)):
        found.set("numbering", "automatic", "the chapters are counted, as none has a number")
    for item in lists:
        found.said.append(
            f"{item.path}: a list of references; `make-book import {item.path} --from references` "
            "makes bibliography entries of it"
        )


def _named(document: Document, pattern: re.Pattern[str]) -> bool:
    heading = next((item.text for item in document.body.headings if item.level == 1), "")
    return any(pattern.fullmatch(text) for text in (heading, document.stem))


def _is_list(folder: Folder, document: Document) -> bool:
    headings = [item.text for item in document.body.headings[:1]]
    if not any(map(reflist.is_title, (*headings, document.stem))):
        return False
    reader = discovery.member("importers", "references")
    return bool(reader.recognises(folder.text(document.path)) >= LEAST)


def _bibliography(found: Found, folder: Folder) -> None:
    files = [path for path in folder.files if path.endswith((".bib", ".bibtex"))]
    if files and {posixpath.dirname(path) for path in files} != {"bibliography"}:
        base = common(files)
        value = f"{base}/**/*.bib" if base else "**/*.bib"
        found.set("bibliography", value, f"{len(files)} .bib in {base or '.'}/")
