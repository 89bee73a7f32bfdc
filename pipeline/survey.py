"""What a folder already holds, read as a book: where its kinds of documents are, its title."""

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import project
from pipeline.document import Document
from pipeline.project import known_types
from pipeline.source import Source
from pipeline.tree import Tree, Unreadable

_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_HAN = re.compile("[\u4e00-\u9fff]")
NOT_A_BOOK = frozenset({"readme", "license", "changelog", "contributing", "security", "todo"})


@dataclass(frozen=True)
class Survey:
    """What was found: `settings` for book.yaml, and what was assumed in words."""

    settings: dict[str, object]
    assumptions: tuple[str, ...]
    empty: bool


def survey(root: Path) -> Survey:
    """Look at a folder; only Markdown and bibliographies are read."""
    return _Survey(root).result()


class _Survey:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.tree = Tree(root)
        self.files = sorted(self.tree.listing().files)
        self.markdown = [path for path in self.files if path.endswith(project.SUFFIXES)]
        self.assumptions: list[str] = []

    def result(self) -> Survey:
        documents = [item for path in self.markdown if (item := self._parse(path))]
        content, kinds = self._content(documents)
        settings: dict[str, object] = {"title": self._title(documents)}
        if language := self._language(documents):
            settings["language"] = language
        if content:
            settings["content"] = content
        if bibliography := self._bibliography():
            settings["bibliography"] = bibliography
        return Survey(settings, tuple(self.assumptions), not kinds)

    def _parse(self, path: str) -> Document | None:
        if posixpath.splitext(posixpath.basename(path))[0].lower() in NOT_A_BOOK:
            return None
        try:
            source = Source(path, self.tree.read(path, project.FILE_BYTES))
        except Unreadable:
            return None
        return project.parse(source, "", "entry")

    def _content(self, documents: list[Document]) -> tuple[dict[str, object], int]:
        """The folder of each content type, by the identifier fields in front matter."""
        content: dict[str, object] = {}
        taken: set[str] = set()
        for kind in known_types():
            if kind.place == "body":
                continue
            found = [item.path for item in documents if item.field(kind.id_field)]
            if found:
                folder = _common(found)
                taken.update(path for path in self.markdown if _within(path, folder))
                self._place(content, kind.key, kind.path, folder, len(found))
        rest = [item.path for item in documents if item.path not in taken]
        if rest:
            folder = _common(rest)
            self._place(content, "chapters", "manuscript", folder, len(rest))
        return content, len(documents)

    def _place(
        self, content: dict[str, object], key: str, usual: str, folder: str, count: int
    ) -> None:
        self.assumptions.append(f"{key}: {count} file{'s' * (count != 1)} in {folder or '.'}/")
        if folder.partition("/")[0] == usual and _within(folder + "/x", usual):
            return
        content[key] = {"path": folder or "."}

    def _title(self, documents: Iterable[Document]) -> str:
        for name in ("README.md", "readme.md", "index.md"):
            if name in self.files:
                text = self.tree.read(name, project.FILE_BYTES).decode("utf-8", "replace")
                if match := _HEADING.search(text):
                    self.assumptions.append(f"title: the first heading of {name}")
                    return match[1]
        self.assumptions.append("title: the name of the folder")
        return self.root.resolve().name.replace("-", " ").replace("_", " ") or "Untitled"

    def _language(self, documents: Iterable[Document]) -> str:
        counts = Counter(bool(_HAN.search(item.source.text)) for item in documents)
        if not counts or counts[True] >= counts[False]:
            return ""
        self.assumptions.append("language: English, most files have no Chinese")
        return "en"

    def _bibliography(self) -> str:
        found = [path for path in self.files if path.endswith((".bib", ".bibtex"))]
        folders = {posixpath.dirname(path) for path in found}
        if not found or folders == {"bibliography"}:
            return ""
        folder = _common(found)
        self.assumptions.append(f"bibliography: {len(found)} .bib in {folder or '.'}/")
        return f"{folder}/**/*.bib" if folder else "*.bib"


def _common(paths: list[str]) -> str:
    folders = [posixpath.dirname(path) for path in paths]
    first = folders[0].split("/")
    common: list[str] = []
    for place, part in enumerate(first):
        if all(folder.split("/")[place : place + 1] == [part] for folder in folders):
            common.append(part)
        else:
            break
    return "/".join(common)


def _within(path: str, folder: str) -> bool:
    return not folder or path.startswith(folder + "/")


def to_yaml(settings: dict[str, object]) -> Iterator[str]:
    """`book.yaml` lines; JSON scalars are YAML scalars."""
    for key, value in settings.items():
        if isinstance(value, dict):
            yield f"{key}:"
            for name, inner in value.items():
                yield f"  {name}: {json.dumps(inner, ensure_ascii=False)}"
        else:
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"
