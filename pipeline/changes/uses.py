"""Every place where a thing is named: an event, concept, chapter, citation key or anchor."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline import anchors, front_matter
from pipeline.document import Document, Link, Mapping, Node, Scalar, Sequence
from pipeline.errors import UserError
from pipeline.index import Index, Resolution, Target
from pipeline.nearness import Names
from pipeline.source import Source, Span
from pipeline.wording import listed, quoted

CITATION = "citation"
ANCHOR = "anchor"
_LENDERS = ("crossref", "xdata", "xref", "related", "entryset")
_LISTS_OF_CHAPTERS = ("order", "chapters")

How = Literal["id", "stem", "alias", "name", "path"]


@dataclass(frozen=True)
class Subject:
    """What is asked about; `target` is None for a citation key and an anchor."""

    kind: str
    identifier: str
    target: Target | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells two subjects apart."""
        return self.kind, self.identifier, self.target.path if self.target else ""


@dataclass(frozen=True)
class Use:
    """One place. `span` covers the characters of the name, `where` says what they stand in.

    `how` is the spelling that was used; `scalar` is set for a value of YAML.
    """

    source: Source
    span: Span
    where: str
    how: How
    scalar: Scalar | None = None
    definition: bool = False

    @property
    def sort_key(self) -> tuple[str, int, int]:
        """By path and place."""
        return self.source.path, self.span.start, self.span.end


# ---- what is meant --------------------------------------------------------------------------


def subject(index: Index, name: str, kind: str | None = None) -> Subject:
    """The thing of a name, an identifier before other spellings; `@key` is a citation key.

    Raises `UserError` where nothing or more than one thing has that name.
    """
    found = list({item.key: item for item in _subjects(index, name)}.values())
    if kind:
        found = [item for item in found if item.kind == kind]
    exact = [item for item in found if item.identifier == name.removeprefix("@")]
    found = exact or found
    if not found:
        raise _unknown(index, name, kind)
    if len(found) > 1:
        kinds = list(dict.fromkeys(item.kind for item in found))
        hint = f"say which with --kind, one of {listed(kinds)}"
        if len(kinds) == 1:
            hint = f"name one of {listed(sorted(item.identifier for item in found))}"
        raise UserError(f"{quoted(name)} names {len(found)} things", hint=hint)
    return found[0]


def kinds(index: Index) -> tuple[str, ...]:
    """The kinds of thing that can be named."""
    return (*(item.name for item in index.config.content), "part", CITATION, ANCHOR)


def _subjects(index: Index, name: str) -> Iterator[Subject]:
    if name.startswith("@"):
        if name[1:] in index.entries:
            yield Subject(CITATION, name[1:])
        return
    for kind in (*(item.name for item in index.config.content), "part"):
        for target in index.resolve(name, (kind,)).targets:
            yield Subject(kind, target.identifier, target)
    if name in index.entries:
        yield Subject(CITATION, name)
    boxes = {span for _, span, _ in _boxes(index)}
    for document in index.documents:
        for anchor in anchors.explicit(document):
            if anchor.identifier == name and anchor.span not in boxes:
                yield Subject(ANCHOR, name)


def _unknown(index: Index, name: str, kind: str | None) -> UserError:
    wanted = [kind] if kind else [item.name for item in index.config.content]
    known = [*index.candidates(wanted), *(() if kind not in (None, CITATION) else index.entries)]
    near = Names(known).nearest(name.removeprefix("@"))
    hint = f"did you mean {quoted(near)}?" if near else "`make-book check` lists what is there"
    return UserError(f"nothing in this book is called {quoted(name)}", hint=hint)


# ---- where it is used -----------------------------------------------------------------------


def of(index: Index, asked: Subject) -> list[Use]:
    """Every use of a thing, by path and place; its own definitions too."""
    if asked.kind == CITATION:
        found = _citations(index, asked.identifier)
    elif asked.kind == ANCHOR:
        found = _anchored(index, asked.identifier)
    else:
        assert asked.target
        found = _targeted(index, asked.target)
    unique = {(use.source.path, use.span): use for use in found}
    return sorted(unique.values(), key=lambda use: use.sort_key)


def _targeted(index: Index, target: Target) -> Iterator[Use]:
    yield from _definition(index, target)
    for reference in index.references:
        found = index.resolve(reference.scalar.text, reference.kinds)
        if _is(found, target):
            yield _scalar_use(reference.document, reference.scalar, reference.field, found.how)
    for link in index.causal_links:
        if _is(link.resolution, target):
            yield _scalar_use(link.document, link.target, link.name.text, link.resolution.how)
    yield from _box_uses(index, target)
    yield from _linked(index, target)
    yield from _configured(index, target)


def _is(found: Resolution, target: Target) -> bool:
    one = found.target
    return one is not None and (one.kind, one.path) == (target.kind, target.path)


def _scalar_use(document: Document, scalar: Scalar, where: str, how: How) -> Use:
    return Use(document.source, scalar.span, where, how, scalar)


def _definition(index: Index, target: Target) -> Iterator[Use]:
    kind = index.config.content_type(target.kind)
    if not target.document or not kind:
        return
    node = target.document.field(kind.id_field)
    if isinstance(node, Scalar) and node.text:
        yield Use(target.document.source, node.span, kind.id_field, "id", node, definition=True)
    else:
        yield Use(target.document.source, Span(0, 0), "file name", "stem", definition=True)


def _boxes(index: Index) -> Iterator[tuple[Document, Span, str]]:
    """(document, place, identifier) of every event box that names something."""
    for document in index.documents:
        for div in document.body.divs:
            span = div.attributes.identifier_span
            if "event" in div.attributes.classes and span:
                yield document, span, div.attributes.identifier


def _box_uses(index: Index, target: Target) -> Iterator[Use]:
    """Event boxes of an event, and the links that lead to them."""
    if target.kind != "event":
        return
    names: dict[str, How] = {}
    homes: dict[str, set[str]] = {}
    for document, span, name in _boxes(index):
        found = index.resolve(name, ("event",))
        if _is(found, target):
            yield Use(document.source, span, "event box", found.how)
            names[name] = found.how
            homes.setdefault(name, set()).add(document.path)
    for document, link, fragment in _fragments(index, names):
        where = index.link_target(document, link.destination)
        inside = where.path in homes[fragment]
        if inside or (where.where == "anchor" and not _has_own(document, fragment)):
            yield _fragment_use(document, link, fragment, names[fragment])


def _has_own(document: Document, fragment: str) -> bool:
    return fragment in anchors.names(document)


def _fragments(index: Index, names: Iterable[str]) -> Iterator[tuple[Document, Link, str]]:
    """Links whose fragment is one of some names, each destination once."""
    wanted = set(names)
    if not wanted:
        return
    seen: set[tuple[str, int]] = set()
    for document, link, target in index.links():
        place = (document.path, link.destination_span.start)
        if target.fragment in wanted and place not in seen:
            seen.add(place)
            yield document, link, target.fragment


def _fragment_use(document: Document, link: Link, fragment: str, how: How) -> Use:
    span = link.destination_span
    typed = document.source.slice(span)
    at = typed.find(f"#{fragment}")
    if at < 0 or at + 1 + len(fragment) != len(typed) or not link.certain:
        return Use(document.source, span, "link, spelt in another way", how)
    return Use(document.source, Span(span.start + at + 1, span.end), "link", how)


def _linked(index: Index, target: Target) -> Iterator[Use]:
    seen: set[tuple[str, int]] = set()
    for document, link, where in index.links():
        place = (document.path, link.destination_span.start)
        same = where.where == "file" and where.document and where.document is target.document
        if same and place not in seen:
            seen.add(place)
            kind = "image" if link.image else "link"
            yield Use(document.source, link.destination_span, kind, "path")


def _configured(index: Index, target: Target) -> Iterator[Use]:
    """Where `book.yaml` lists a chapter by its file."""
    source = index.project.config_source
    stem = target.document.stem if target.document else ""
    for key, scalar in values(source):
        if key in _LISTS_OF_CHAPTERS and target.kind in ("chapter", "part"):
            if scalar.text.rstrip("/") == target.path:
                yield Use(source, scalar.span, key, "path", scalar)
            elif scalar.text == stem and target.kind == "chapter":
                yield Use(source, scalar.span, key, "stem", scalar)


def values(source: Source) -> list[tuple[str, Scalar]]:
    """Every scalar value of a YAML file with the key that it, or the list it is in, belongs to."""
    node, _ = front_matter.compose(source, Span(0, len(source.text)))
    return list(_values("", node)) if node else []


def _values(key: str, node: Node) -> Iterator[tuple[str, Scalar]]:
    if isinstance(node, Scalar):
        yield key, node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _values(key, item)
    elif isinstance(node, Mapping):
        for entry in node.entries:
            yield from _values(entry.key.text, entry.value)


# ---- citation keys and anchors ----------------------------------------------------------------


def _citations(index: Index, key: str) -> Iterator[Use]:
    sources = {source.path: source for source in index.project.bibliography_sources}
    for entry in index.project.entries:
        source = sources[entry.path]
        if entry.key == key:
            span = _within(source, entry.key_span, key)
            yield Use(source, span, "bibliography", "id", definition=True)
        for name in _LENDERS:
            if field := entry.fields.get(name):
                yield from _listed_keys(source, field.span, name, key)
    for document in index.documents:
        for scalar in index.source_scalars(document):
            if scalar.text.removeprefix("@") == key:
                yield _scalar_use(document, scalar, "sources", "id")
        for citation in document.body.citations:
            if citation.key == key:
                span = _within(document.source, citation.span, key)
                yield Use(document.source, span, "citation", "id")


def _within(source: Source, span: Span, name: str) -> Span:
    """The place of a name in what was typed: without `@`, braces or quotes."""
    at = source.slice(span).rfind(name)
    return Span(span.start + at, span.start + at + len(name)) if at >= 0 else span


def _listed_keys(source: Source, span: Span, where: str, key: str) -> Iterator[Use]:
    pattern = rf"(?<![^\s,{{\"]){re.escape(key)}(?![^\s,}}\"])"
    for match in re.finditer(pattern, source.slice(span)):
        yield Use(source, Span(*match.span()).shift(span.start), where, "id")


def _anchored(index: Index, name: str) -> Iterator[Use]:
    homes = set()
    for document in index.documents:
        for anchor in anchors.explicit(document):
            if anchor.identifier == name:
                homes.add(document.path)
                span = _within(document.source, anchor.span, name)
                yield Use(document.source, span, "anchor", "id", definition=True)
    for document, link, fragment in _fragments(index, (name,)):
        target = index.link_target(document, link.destination)
        if target.path in homes or target.where == "anchor":
            yield _fragment_use(document, link, fragment, "id")
