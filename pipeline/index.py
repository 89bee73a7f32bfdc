"""All identifiers, references and the causal graph of a project. Never touches the disk."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

from msgspec import Struct

from pipeline.bibliography import Entry
from pipeline.config import Relation
from pipeline.document import Document, Link, Mapping, Node, Scalar, Sequence, scalars
from pipeline.normal_form import normal_form
from pipeline.project import INDEX_STEMS, Project, glob_base

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
ALLOWED_SCHEMES = frozenset({"http", "https", "mailto", "tel", "doi"})

T = TypeVar("T")


def fold(name: str) -> str:
    """Case and Unicode form folded, for comparing names."""
    return normal_form("NFKC", name).casefold()


class Target(Struct, frozen=True):
    """What an identifier stands for; a part is a folder and has a document only by its index."""

    kind: str
    identifier: str
    document: Document | None
    path: str
    title: str


How = Literal["id", "stem", "alias", "name"]
HOWS: tuple[How, ...] = ("id", "stem", "alias", "name")


class Resolution(Struct, frozen=True):
    """The targets a name stands for: none, one, or several if it is ambiguous."""

    targets: tuple[Target, ...]
    how: How = "id"

    @property
    def target(self) -> Target | None:
        """The one target, None if there is none or it is not certain."""
        return self.targets[0] if len(self.targets) == 1 else None


class Reference(Struct, frozen=True):
    """An identifier in a front matter field, and the kinds of thing it may name."""

    document: Document
    field: str
    scalar: Scalar
    kinds: tuple[str, ...]


class CausalLink(Struct, frozen=True):
    """One relation of an event card: `relation` is None for a kind nobody defined."""

    document: Document
    name: Scalar
    relation: Relation | None
    target: Scalar
    resolution: Resolution


Where = Literal["file", "anchor", "external", "missing", "outside", "forbidden", "empty"]


class LinkTarget(Struct, frozen=True):
    """Where a link points: `path` from the root, `fragment` decoded, `document` if it is one."""

    where: Where
    path: str = ""
    fragment: str = ""
    document: Document | None = None


class Index:
    """Look-ups over one project; everything is computed once, when first asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.config = project.config
        self._once: dict[object, Any] = {}
        self._names: dict[How, dict[str, dict[str, list[Target]]]] = {}
        self._of: dict[tuple[object, str], Any] = {}
        self._resolved: dict[tuple[str, tuple[str, ...]], Resolution] = {}

    def once(self, make: Callable[["Index"], T]) -> T:
        """What a function makes of this index, made once; for what several rules share."""
        if make not in self._once:
            self._once[make] = make(self)
        found: T = self._once[make]
        return found

    def of(self, document: Document, make: Callable[[Document, "Index"], T]) -> T:
        """What a function makes of a document, made once."""
        asked = make, document.path
        if asked not in self._of:
            self._of[asked] = make(document, self)
        found: T = self._of[asked]
        return found

    # ---- documents ------------------------------------------------------------------------

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents, by path."""
        return tuple(sorted(self.project.documents, key=lambda item: item.path))

    @cached_property
    def _of_kind(self) -> dict[str, tuple[Document, ...]]:
        result: dict[str, list[Document]] = {}
        for document in self.documents:
            if document.role in ("chapter", "entry"):
                result.setdefault(document.kind, []).append(document)
        return {kind: tuple(found) for kind, found in result.items()}

    def of_kind(self, kind: str) -> tuple[Document, ...]:
        """The chapters or entries of a content type, by path."""
        return self._of_kind.get(kind, ())

    # ---- identifiers ----------------------------------------------------------------------

    def identifier(self, document: Document) -> str:
        """The identifier of a document: its id field, else its file stem."""
        kind = self.config.content_type(document.kind)
        return (document.text(kind.id_field) if kind else "") or document.stem

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Everything that can be named: documents by kind, and the parts of the book."""
        found = [
            Target(item.kind, self.identifier(item), item, item.path, item.title)
            for item in self.documents
            if item.role in ("chapter", "entry")
        ]
        return (*found, *self._parts())

    def _parts(self) -> Iterator[Target]:
        body = next((kind for kind in self.config.content if kind.place == "body"), None)
        base = glob_base(body.path) if body else ""
        folders: dict[str, Document | None] = {}
        for document in self.documents:
            folder = posixpath.dirname(document.path)
            if document.role == "chapter" and folder != base:
                folders.setdefault(folder, None)
            elif document.role == "part":
                folders[folder] = document
        for folder, index in sorted(folders.items()):
            name = posixpath.basename(folder)
            yield Target("part", name, index, folder, index.title if index else name)

    def _named(self, asked: How) -> dict[str, dict[str, list[Target]]]:
        """kind → name → targets, names folded but for ids; most names are found by the first."""
        if asked not in self._names:
            result: dict[str, dict[str, list[Target]]] = {}
            for target in self.targets:
                for name in _spelt(target, asked):
                    named = result.setdefault(target.kind, {})
                    known = named.setdefault(name if asked == "id" else fold(name), [])
                    if target not in known:
                        known.append(target)
            self._names[asked] = result
        return self._names[asked]

    def resolve(self, name: str, kinds: Iterable[str]) -> Resolution:
        """What a name stands for: an id, a file stem, an alias or a display name, in that order."""
        asked = name, tuple(kinds)
        if asked not in self._resolved:
            self._resolved[asked] = self._resolve(*asked)
        return self._resolved[asked]

    def _resolve(self, name: str, kinds: tuple[str, ...]) -> Resolution:
        for how in HOWS:
            found: list[Target] = []
            for kind in kinds:
                spelling = name if how == "id" else fold(name)
                found += self._named(how).get(kind, {}).get(spelling, [])
            if found:
                return Resolution(tuple(found), how)
        return Resolution(())

    def candidates(self, kinds: Iterable[str]) -> dict[str, Target]:
        """Every spelling that would resolve to something of these kinds."""
        result: dict[str, Target] = {}
        for target in self.targets:
            if target.kind in kinds:
                for how in HOWS:
                    for name in _spelt(target, how):
                        result.setdefault(name, target)
        return result

    # ---- references -----------------------------------------------------------------------

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Front matter fields that name things, as the schemas' `x-refers-to` says."""
        return tuple(item for document in self.documents for item in self.references_of(document))

    def references_of(self, document: Document) -> tuple[Reference, ...]:
        """The references of one document."""
        return self.of(document, _references)

    @cached_property
    def reference_fields(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """The fields of each content type that name things, and the kinds that they may name."""
        result: dict[str, dict[str, tuple[str, ...]]] = {}
        for kind, field, names in self.project.schemas.references():
            result.setdefault(kind, {})[field] = names
        return result

    def has_targets(self, kinds: Iterable[str]) -> bool:
        """Whether the book has files of any of these kinds; a field is unchecked where not."""
        return any(self.of_kind(kind) for kind in kinds if kind != "part")

    # ---- causality ------------------------------------------------------------------------

    @cached_property
    def causal_links(self) -> tuple[CausalLink, ...]:
        """Every relation of every card, in reading order."""
        cards = self.of_kind("event")
        return tuple(link for document in cards for link in self.causal_links_of(document))

    def causal_links_of(self, document: Document) -> tuple[CausalLink, ...]:
        """The relations of one document; none where it is no card."""
        if document.kind != "event" or document.role != "entry":
            return ()
        return self.of(document, _causal_links)

    # ---- bibliography ---------------------------------------------------------------------

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Bibliography entries by key; the first of a key counts."""
        result: dict[str, Entry] = {}
        for entry in self.project.entries:
            result.setdefault(entry.key, entry)
        return result

    @cached_property
    def has_bibliography(self) -> bool:
        """Whether the book has a bibliography at all."""
        return bool(self.project.bibliography_sources)

    def source_scalars(self, document: Document) -> tuple[Scalar, ...]:
        """The citation keys in the front matter of a document."""
        fields = self.reference_fields.get(document.kind, {})
        keys = [field for field, kinds in fields.items() if "source" in kinds]
        return tuple(item for key in keys for item in scalars(document.field(key)))

    # ---- links ----------------------------------------------------------------------------

    def link_target(self, document: Document, destination: str) -> LinkTarget:
        """Where a destination in a document points."""
        if not destination:
            return LinkTarget("empty")
        if match := SCHEME.match(destination):
            return self._scheme(match[0][:-1].lower())
        if destination.startswith("//"):
            return LinkTarget("external")
        raw, _, fragment = destination.partition("#")
        fragment = unquote(fragment)
        raw = unquote(raw.partition("?")[0])
        if not raw:
            return LinkTarget("anchor", document.path, fragment, document)
        return self._path(document, raw, fragment)

    def _scheme(self, scheme: str) -> LinkTarget:
        if scheme == "file" or len(scheme) == 1:  # a drive letter
            return LinkTarget("outside")
        allowed = ALLOWED_SCHEMES | set(self.config.setting("allow", "schemes", default=()))
        return LinkTarget("external" if scheme in allowed else "forbidden")

    def _path(self, document: Document, raw: str, fragment: str) -> LinkTarget:
        base = "" if raw.startswith("/") else posixpath.dirname(document.path)
        path = posixpath.normpath(posixpath.join(base, raw.lstrip("/")))
        listing = self.project.listing
        if path == ".." or path.startswith("../") or self._escapes(path):
            return LinkTarget("outside", path, fragment)
        if path in listing.files:
            return LinkTarget("file", path, fragment, self.project.by_path.get(path))
        if path in listing.folders or path == ".":
            return LinkTarget("file", path, fragment, self._index_of(path))
        if raw.startswith("/"):
            return LinkTarget("outside", raw, fragment)
        return LinkTarget("missing", path, fragment)

    def _escapes(self, path: str) -> bool:
        escapes = self.project.listing.escapes
        return any(path == item or path.startswith(item + "/") for item in escapes)

    def _index_of(self, folder: str) -> Document | None:
        names = (posixpath.join(folder, f"{stem}.md") for stem in INDEX_STEMS)
        found = (self.project.by_path.get(name) for name in names)
        return next((document for document in found if document), None)

    def links(self) -> Iterator[tuple[Document, Link, LinkTarget]]:
        """Every link and image of every document with where it points."""
        return iter(self._links)

    @cached_property
    def _links(self) -> tuple[tuple[Document, Link, LinkTarget], ...]:
        return tuple(found for document in self.documents for found in self.links_of(document))

    def links_of(self, document: Document) -> tuple[tuple[Document, Link, LinkTarget], ...]:
        """The links and images of one document with where they point."""
        return self.of(document, _links)


def build(project: Project) -> Index:
    """The index of a project."""
    return Index(project)


def _references(document: Document, index: Index) -> tuple[Reference, ...]:
    return tuple(
        Reference(document, field, scalar, kinds)
        for field, kinds in index.reference_fields.get(document.kind, {}).items()
        if "source" not in kinds
        for scalar in scalars(document.field(field))
        if scalar.text
    )


def _causal_links(document: Document, index: Index) -> tuple[CausalLink, ...]:
    found: list[CausalLink] = []
    for name, target in relations(document.field("causal_connections")):
        relation = index.config.relations.get(name.text)
        kinds = relation.targets if relation else ("event",)
        named = tuple(kind for kind in kinds if kind != "trend")
        resolution = index.resolve(target.text, named)
        found.append(CausalLink(document, name, relation, target, resolution))
    return tuple(found)


def _links(document: Document, index: Index) -> tuple[tuple[Document, Link, LinkTarget], ...]:
    return tuple(
        (document, link, index.link_target(document, link.destination))
        for link in document.body.links
    )


def _spelt(target: Target, how: How) -> Iterable[str]:
    """What a target is called, in one of the ways; a part has an identifier alone."""
    if how == "id":
        return (target.identifier,)
    document = target.document
    if target.kind == "part" or document is None:
        return ()
    if how == "stem":
        return (document.stem,)
    if how == "alias":
        return document.texts("aliases")
    return filter(None, map(document.text, ("name", "name_en", "title", "title_en")))


def relations(node: Node | None) -> Iterator[tuple[Scalar, Scalar]]:
    """(relation, target) pairs of `causal_connections`: a mapping or a list of mappings."""
    if isinstance(node, Mapping):
        for entry in node.entries:
            for target in scalars(entry.value):
                yield entry.key, target
    elif isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Mapping):
                yield from relations(item)
