"""The manuscript after resolution: every document in reading order, its links made good.

Rewritten by exact spans of our own parser, so all else is as the author wrote it. This is the
book between assembly and rendering: what to read when an output surprises.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from pipeline.book import Book, Piece, Unit, strip_number
from pipeline.document import Document, Link, scalars
from pipeline.linker import Linked
from pipeline.rendering import Artefact, Context
from pipeline.screen import media, rewriting
from pipeline.screen.media import Medium
from pipeline.source import Span
from pipeline.voice import Voice

NAME = "markdown"
HELP = "the manuscript after resolution, as Markdown"

FOLDER = "markdown"
PICTURES = "images"


@dataclass(frozen=True)
class _Place:
    """Where a piece goes, and what it is part of."""

    unit: Unit
    piece: Piece
    path: str


@dataclass(frozen=True)
class _Map:
    """What rewriting needs to know of the whole book."""

    context: Context
    places: Mapping[str, _Place]  # by the path of the source
    pictures: Mapping[str, Medium]
    labels: Mapping[str, str] = field(default_factory=dict)


def render(context: Context) -> Artefact:
    """Write the documents, their pictures, and an `index.md` that lists them."""
    suffix = context.book.slug.removeprefix(context.book.config.slug)
    staged = context.stage / f"{FOLDER}{suffix}"
    staged.mkdir()
    places = {place.piece.document.path: place for place in _places(context)}
    pictures = media.gather(context.linked.pictures, context.linked.pictures)
    known = _Map(context, places, pictures, _labels(context.linked))
    for place in places.values():
        source = place.piece.document.source
        text = rewriting.apply(source.text, _changes(place, known))
        target = staged / place.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.encode(text))
    for medium in dict.fromkeys(pictures.values()):
        target = staged / PICTURES / medium.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(medium.data)
    (staged / "index.md").write_bytes(_index(known).encode("utf-8", "surrogateescape"))
    return Artefact(staged, staged.name)


def _places(context: Context) -> Iterator[_Place]:
    units = [unit for unit in context.book.units if unit.pieces]
    width = max(2, len(str(len(units))))
    for number, unit in enumerate(units, 1):
        for piece in unit.pieces:
            name = f"{unit.slug}/{piece.slug}.md" if unit.kind == "entries" else f"{piece.slug}.md"
            yield _Place(unit, piece, f"{number:0{width}}-{name}")


def _labels(linked: Linked) -> dict[str, str]:
    """What a link without text prints, by anchor."""
    found = {
        entry.anchor: entry.text for piece in linked.pieces.values() for entry in piece.headings
    }
    found |= {entry.anchor: entry.number for entry in (*linked.figures, *linked.tables)}
    return found


def _index(known: _Map) -> str:
    book = known.context.book
    lines = [f"# {book.imprint.title}", ""]
    for place in known.places.values():
        unit, piece = place.unit, place.piece
        whole = unit.kind != "entries"
        title = f"{unit.number} {unit.title}".strip() if whole else piece.title
        lines.append(f"{'  ' * (unit.depth - 1)}- [{title}]({quote(place.path)})")
    return "\n".join(lines) + "\n"


# ---- changes ------------------------------------------------------------------------------


def _changes(place: _Place, known: _Map) -> Iterator[rewriting.Change]:
    document = place.piece.document
    yield from _title(place, known.context.book.voice)
    yield from _script(document, known.context.book.voice)
    yield from _front(document, known.context.book)
    for link in document.body.links:
        yield from _link(place, link, known)
    for image in document.body.links:
        name = image.attributes.identifier
        if image.image and name and (number := known.labels.get(f"{place.piece.slug}.{name}")):
            at = image.span.start + 2
            yield rewriting.Change(Span(at, at), f"{number} ")


def _title(place: _Place, voice: Voice) -> Iterator[rewriting.Change]:
    """The number that the book gives stands in the title, which is in the edition's language."""
    first = next(iter(place.piece.document.body.headings), None)
    unit = place.unit
    if first is None or first.level != 1:
        return
    if voice.only:
        title = place.piece.title if unit.kind == "entries" else f"{unit.number} {unit.title}"
        yield rewriting.Change(first.text_span, title.strip())
        return
    if unit.kind == "entries" or not unit.number:
        return
    if first.text.startswith(unit.number):
        return
    typed = place.piece.document.source.slice(first.text_span)
    yield rewriting.Change(first.text_span, f"{unit.number} {strip_number(typed)}")


def _script(document: Document, voice: Voice) -> Iterator[rewriting.Change]:
    """Prose in the edition's characters: what is no code, address, key or markup."""
    if voice.traditional is None:
        return
    hidden = [region.span for region in document.body.regions]
    for block in document.body.blocks:
        at = block.span.start
        inside = [span for span in hidden if block.span.start <= span.start < block.span.end]
        for span in (*inside, Span(block.span.end, block.span.end)):
            if span.start > at:
                typed = Span(at, span.start)
                yield rewriting.Change(typed, voice.text(document.source.slice(typed)))
            at = max(at, span.end)


def _front(document: Document, book: Book) -> Iterator[rewriting.Change]:
    """Front matter in the edition's characters, but what names a thing by its identifier."""
    if book.voice.traditional is None or document.front is None:
        return
    kinds = tuple(kind.name for kind in book.config.content)
    for scalar in (item for entry in document.front.entries for item in scalars(entry.value)):
        found = book.index.resolve(scalar.text, kinds)
        if not found.targets or found.how not in ("id", "stem"):
            yield rewriting.Change(scalar.span, book.voice.text(document.source.slice(scalar.span)))


def _link(place: _Place, link: Link, known: _Map) -> Iterator[rewriting.Change]:
    document = place.piece.document
    target = known.context.book.index.link_target(document, link.destination)
    if target.where == "external" or not link.certain:
        return
    if link.image:
        yield from _image(place, link, known, target.path)
        return
    if target.where == "anchor":
        there: _Place | None = place
    else:
        there = known.places.get(target.document.path) if target.document else None
    if there is None or (target.where not in ("anchor", "file")):
        yield from rewriting.unlink(document.source.text, link)
        return
    if target.where == "file":
        address = _address(place.path, there.path, target.fragment)
        yield rewriting.Change(link.destination_span, address)
    if not link.text.strip() and link.kind == "inline":
        at = link.span.start + 1
        yield rewriting.Change(Span(at, at), _text(there, target.fragment, known))


def _text(there: _Place, fragment: str, known: _Map) -> str:
    label = known.labels.get(f"{there.piece.slug}.{fragment}") if fragment else None
    return label or f"{there.unit.number} {there.piece.title}".strip()


def _image(place: _Place, link: Link, known: _Map, path: str) -> Iterator[rewriting.Change]:
    medium = known.pictures.get(path)
    if medium is not None:
        address = _address(place.path, f"{PICTURES}/{medium.name}", "")
        yield rewriting.Change(link.destination_span, address)
        return
    word = known.context.book.words["missing_image"]
    yield rewriting.Change(link.span, f"\\[{word}: {link.text}\\]")


def _address(start: str, target: str, fragment: str) -> str:
    path = posixpath.relpath(target, posixpath.dirname(start) or ".")
    return quote(path) + (f"#{quote(fragment)}" if fragment else "")
