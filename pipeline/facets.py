"""What a rule may read beside one document and `book.yaml`, each with a digest that tells changes.

A rule names them: `READS` for what it looks at document by document, `BOOK_READS` for the whole.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from pipeline import book
from pipeline.document import Facts
from pipeline.index import Index

Parts = Iterable[object]


def digest(index: Index, names: Iterable[str]) -> str:
    """A digest of some facets together."""
    return " ".join(f"{name}:{index.once(FACETS[name])}" for name in sorted(names))


def _facet(parts: Callable[[Index], Parts]) -> Callable[[Index], str]:
    def of(index: Index) -> str:
        text = "\n".join(map(str, parts(index))).encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    return of


def _told(index: Index, told: Callable[[Facts], bytes]) -> Iterator[object]:
    for document in index.documents:
        facts = document.reading.facts
        yield told(facts).hex() if facts else f"{document.path} {document.source.digest}"


def _problems(index: Index) -> Parts:
    return [(source.path, repr(problem)) for source, problem in index.project.problems]


def _listing(index: Index) -> Parts:
    found = index.project.listing
    return (*sorted(found.files), "folders", *sorted(found.folders),
            "escapes", *sorted(found.escapes), "special", *sorted(found.special))  # fmt: skip


def _entries(index: Index) -> Parts:
    sources = index.project.bibliography_sources
    return (*((item.path, item.digest) for item in sources), *_problems(index))


def _history(index: Index) -> Parts:
    project = index.project
    return (*sorted(project.renames.items()), "former", *sorted(project.former))


FACETS: dict[str, Callable[[Index], str]] = {
    # what documents are called: identifiers, titles, aliases; files that cannot be read
    "names": _facet(lambda index: (*_told(index, lambda facts: facts.names), *_problems(index))),
    # all front matter, and with it all names
    "fronts": _facet(lambda index: (*_told(index, lambda facts: facts.front), *_problems(index))),
    # the fragments that lead into each document
    "anchors": _facet(lambda index: _told(index, lambda facts: facts.anchors)),
    # the identifiers that authors wrote into the text, with their places
    "marks": _facet(lambda index: _told(index, lambda facts: facts.marks)),
    # which files there are
    "listing": _facet(_listing),
    # which documents some edition has
    "editions": _facet(lambda index: sorted(book.listed(index))),
    # the bibliography
    "entries": _facet(_entries),
    # where git knows files to have been
    "history": _facet(_history),
}
