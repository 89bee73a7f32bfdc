"""Who cites which entry, and new entries at their place in the book's bibliography."""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline import bibliography, project
from pipeline.citations import entry_text
from pipeline.citations.entry_text import NewEntry
from pipeline.errors import UserError
from pipeline.index import Index
from pipeline.source import Source

SUFFIXES = (".bib", ".bibtex")
DEFAULT = "bibliography/references.bib"


def citations(index: Index) -> Counter[str]:
    """How many places cite each key: citations in texts, and `sources` in front matter."""
    counts: Counter[str] = Counter()
    for document in index.documents:
        counts.update(citation.key for citation in document.body.citations)
        counts.update(scalar.text for scalar in index.source_scalars(document))
    return counts


def placed(
    index: Index, new: Sequence[NewEntry], wanted: str = ""
) -> tuple[str, bytes | None, bytes]:
    """(path, bytes before, bytes after) of a .bib file with new entries at their place.

    That is the file `wanted`, else the book's first; one is begun where there is none. Raises
    `UserError` where the book would not read it.
    """
    known = [item for item in index.project.bibliography_sources if item.path.endswith(SUFFIXES)]
    known = [item for item in known if not wanted or item.path == wanted]
    if not known:
        text = "\n\n".join(map(entry_text.written, new)) + "\n"
        return _fresh(index, wanted), None, text.encode("utf-8", "replace")
    source = known[0]
    return source.path, source.data, source.encode(_with_entries(source, new))


def _fresh(index: Index, wanted: str) -> str:
    patterns = index.project.config.bibliography
    plain = [item for item in patterns if not re.search(r"[*?\[]", item)]
    usual = (DEFAULT, *(item for item in plain if item.endswith(SUFFIXES)))
    for path in (wanted,) if wanted else usual:
        if path not in index.project.listing.files and any(
            project.matches(path, pattern) for pattern in patterns
        ):
            return path
    raise UserError(
        f"the book does not read {wanted}" if wanted else "the book has no .bib file to write to",
        hint=f"let `bibliography:` in book.yaml name one, {DEFAULT}",
    )


def _with_entries(source: Source, new: Sequence[NewEntry]) -> str:
    """A .bib file's text with more entries, each at its place; everything else stays."""
    text, gap = source.text, source.newline * 2
    known, _ = bibliography.read(source)
    keys = [entry.key for entry in known]
    order: list[int | str] = [_line_start(text, entry.span.start) for entry in known]
    for entry in new:
        at = entry_text.place(keys, entry.key)
        keys.insert(at, entry.key)
        order.insert(at, entry_text.written(entry, source.newline))
    pieces: list[str] = []
    waiting: list[str] = []
    position = 0
    for item in order:
        if isinstance(item, str):
            waiting.append(item)
        else:
            pieces += (text[position:item], *(f"{written}{gap}" for written in waiting))
            position, waiting = item, []
    if not waiting:
        return "".join((*pieces, text[position:]))
    kept = "".join((*pieces, text[position:])).rstrip()
    return gap.join((*filter(None, [kept]), *waiting)) + source.newline


def _line_start(text: str, at: int) -> int:
    """Where an entry's line begins, with the comment lines right above it."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    if text[start:at].strip():
        return at
    while match := re.search(r"(?:^|(?<=[\r\n]))[ \t]*%[^\r\n]*(?:\r\n|\r|\n)\Z", text[:start]):
        start = match.start()
    return start
