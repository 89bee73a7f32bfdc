"""Bibliographies: BibTeX, BibLaTeX, CSL JSON and CSL YAML as entries with exact places."""

from typing import Any

from pipeline.citations.entry import Entry, Field
from pipeline.document import Problem
from pipeline.source import Source

__all__ = ["EXTENSIONS", "Entry", "Field", "read", "to_csl"]

EXTENSIONS = (".bib", ".bibtex", ".json", ".yaml", ".yml")


def read(source: Source) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The entries of a file in order, duplicates included, and what could not be read (CT005)."""
    if source.path.endswith((".bib", ".bibtex")):
        from pipeline.citations import bibtex  # a bibliography is read once, then kept

        return bibtex.read(source)
    from pipeline.citations import csl_files

    return csl_files.read(source)


def to_csl(entry: Entry) -> dict[str, Any]:
    """An entry as CSL JSON."""
    from pipeline.citations import csl

    return dict(entry.native) if entry.native is not None else csl.convert(entry)
