"""What a folder already holds, read as a book: its kinds of documents, its title, their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.changes.edits import written
from pipeline.surveys import mdbook, plain, quarto
from pipeline.surveys.folder import Folder
from pipeline.tree import Tree

WIDTH = 90  # columns of a list that stays on its line


@dataclass(frozen=True)
class Survey:
    """What was found: `settings` for book.yaml, and what was assumed in words."""

    settings: dict[str, object]
    assumptions: tuple[str, ...]
    empty: bool


def survey(root: Path) -> Survey:
    """Look at a folder; only Markdown, and configurations of mdBook and Quarto, are read."""
    folder = Folder(root, tuple(sorted(Tree(root).listing().files)))
    found = mdbook.survey(folder) or quarto.survey(folder) or plain.survey(folder)
    return Survey(found.settings, tuple(found.said), not plain.documents(folder))


def to_yaml(settings: dict[str, object], indent: str = "") -> Iterator[str]:
    """The lines of `book.yaml`: mappings as blocks, lists on one line where they fit."""
    for key, value in settings.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from to_yaml(value, f"{indent}  ")
        elif isinstance(value, list):
            items = [written(str(item)) for item in value]
            line = f"{indent}{key}: [{', '.join(items)}]"
            yield line if len(line) <= WIDTH else f"{indent}{key}:"
            yield from (f"{indent}  - {item}" for item in items if len(line) > WIDTH)
        else:
            yield f"{indent}{key}: {written(str(value))}"
