"""Files → a parsed project: configuration, documents, bibliography, inventory.

Nothing raises for what an author wrote in a document or a bibliography: failures are kept and
reported by rules. Only a missing or wrong `book.yaml` is a `UserError`.
"""

import contextlib
import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache as once, cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline import (
    bibliography,
    cache,
    config,
    content_schemas,
    discovery,
    fonts,
    front_matter,
    images,
    known_names,
    schema,
    state,
)
from pipeline.archive import Archive, Bounds, Entry
from pipeline.cache import Store, kept
from pipeline.config import Config, ContentType
from pipeline.content_schemas import ContentSchemas
from pipeline.document import Document, Mapping as FrontMatter, Nesting, Problem, Role
from pipeline.errors import UserError
from pipeline.fonts import Coverage
from pipeline.front_matter import LIMITS, Limits
from pipeline.history import History
from pipeline.markdown import mentions
from pipeline.source import Source, Span, stem as stem_of
from pipeline.stamps import Stamps
from pipeline.tree import Listing, Tree, Unreadable

if TYPE_CHECKING:
    from pipeline.probe import ProbeResult

FILE_BYTES = 8_000_000
UTF16 = (b"\xff\xfe", b"\xfe\xff")
SUFFIXES = (".md", ".markdown", ".qmd")
INDEX_STEMS = ("index", "_index", "README")


class _Library(msgspec.Struct, array_like=True):
    """What a bibliography file holds, and what of it could not be read."""

    entries: tuple[bibliography.Entry, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Project:
    """A parsed book project.

    `renames` maps paths that git knows to have moved to where they are now, `former` has the
    paths where it knows a file to have been; `probes` has what asking outside addresses gave
    (`--online` only); `schemas` has the JSON Schema of each content type.
    """

    root: Path
    config: Config
    config_source: Source
    listing: Listing
    documents: tuple[Document, ...]
    entries: tuple[bibliography.Entry, ...]
    bibliography_sources: tuple[Source, ...]
    problems: tuple[tuple[Source, Problem], ...]
    schemas: ContentSchemas
    store: Store
    archive: Archive
    renames: Mapping[str, str] = field(default_factory=dict)
    former: Set[str] = frozenset()
    probes: "Mapping[str, ProbeResult]" = field(default_factory=dict)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every file that was read, by path."""
        documents = {document.path: document.source for document in self.documents}
        others = (self.config_source, *self.bibliography_sources)
        return documents | {source.path: source for source in others}

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The fonts that the pages name: ours, or those that the book names for them."""
        roles = fonts.roles(self.config.setting("fonts", default={}), self.config.language)
        return tuple(dict.fromkeys(family for names in roles.values() for family in names))

    @cached_property
    def coverage(self) -> Coverage | None:
        """The code points that these fonts have, read when asked for; None without any font."""
        return fonts.coverage(self.families, state.store(self.root))

    def picture_fault(self, path: str) -> str:
        """Why the book cannot show the picture at a path; empty where it can."""
        found = images.examine(self.root, path, self.config.limit)
        return found if isinstance(found, str) else ""

    @cached_property
    def by_path(self) -> dict[str, Document]:
        """Documents by path."""
        return {document.path: document for document in self.documents}


def known_types() -> tuple[ContentType, ...]:
    """The content types that ship with the tool."""
    return tuple(module.TYPE for module in discovery.members("content_types"))


def load(
    root: Path, overlay: Mapping[str, bytes | None] | None = None, store: Store | None = None
) -> Project:
    """Read everything below `root`, but what `store` has of it already.

    Raises `UserError` for a wrong configuration.
    """
    store = store or Store(None)
    tree = Tree(root, overlay or {})
    source, settings = load_config(tree, store)
    listing = tree.listing()
    loader = _Loader(tree, settings, listing, store)
    entries, sources = loader.bibliography()
    documents = tuple(loader.documents(mentions.names(entry.key for entry in entries)))
    loader.stamps.save()
    history = History(root, store)
    return Project(
        root,
        settings,
        source,
        listing,
        documents,
        entries,
        sources,
        (*loader.problems, *loader.closed()),
        content_schemas.read(tree, listing.files, settings),
        store,
        loader.archive,
        renames=history.renames,
        former=history.former,
    )


def load_config(tree: Tree, store: Store | None = None) -> tuple[Source, Config]:
    """Read `book.yaml`. Raises `UserError` with line, column and a suggestion."""
    store = store or Store(None)
    try:
        source = Source(config.FILE, tree.read(config.FILE, FILE_BYTES))
        if source.data.startswith(UTF16):
            raise Unreadable("it is UTF-16, not UTF-8")
    except Unreadable as error:
        raise UserError(
            f"cannot read {tree.root / config.FILE}: {error}",
            hint="write it as a small UTF-8 file; `make-book init` shows how",
        ) from error
    name = cache.key("book.yaml", cache.tool(), source.digest)
    record = kept(store, name, dict[str, Any])
    if record is None:
        record = _record(source)
        with contextlib.suppress(UnicodeEncodeError, OverflowError):
            store.put(name, msgspec.msgpack.encode(record))
    return source, config.from_record(record, known_types())


def _record(source: Source) -> dict[str, Any]:
    """What `book.yaml` says, if it is as its schema has it."""
    node, problems = front_matter.compose(source, Span(0, len(source.text)))
    if problems:
        raise known_names.error(source, problems[0].span, problems[0].message, problems[0].help)
    if not isinstance(node, FrontMatter):
        raise known_names.error(source, Span(0, 0), "the file must hold `key: value` lines", "")
    known_names.check(source, node, (kind.key for kind in known_types()))
    rules = schema.default("book.schema.json")
    found = list(schema.validator(rules).violations(node, source))
    found += schema.unknown_keys(rules, node)
    if found:
        worst = min(found, key=lambda item: item.span)
        raise known_names.error(source, worst.span, worst.message, worst.help)
    record = front_matter.typed(node, rules)
    assert isinstance(record, dict)
    return record


class _Loader:
    """Reads the files of one project and collects what could not be read."""

    def __init__(self, tree: Tree, settings: Config, listing: Listing, store: Store) -> None:
        self.archive = Archive(store)
        self.stamps = Stamps(tree.root, store)
        self.store = store
        self.tree = tree
        self.settings = settings
        self.listing = listing
        self.limit = int(settings.limit("file_bytes"))
        self.bounds = _bounds(settings)
        self.problems: list[tuple[Source, Problem]] = []

    def documents(self, names: frozenset[str]) -> Iterator[Document]:
        """The documents; `names` are keys of entries that would else be names of places."""
        taken: set[str] = set()
        listing = self.listing
        odd = listing.special | listing.escapes | listing.folders
        candidates = sorted(
            listing.files | {path for path in odd if path.lower().endswith(SUFFIXES)}
        )
        for kind in sorted(self.settings.content, key=lambda item: -len(item.path)):
            for path in candidates:
                if path in taken or not belongs(path, kind):
                    continue
                taken.add(path)
                if document := self._document(path, kind, names):
                    yield document

    def closed(self) -> Iterator[tuple[Source, Problem]]:
        """Folders that nobody may look into, where the book may have something."""
        paths = (*(kind.path for kind in self.settings.content), *self.settings.bibliography)
        bases = [f"{glob_base(path)}/".lstrip("/") for path in paths]
        for folder in sorted(self.listing.special & self.listing.folders):
            if any(_meet(f"{folder}/", base) for base in bases):
                problem = Problem(
                    "FM008", Span(0, 0), "cannot be read: this folder cannot be looked into",
                    "mend its permissions, or move it out of the book",
                )  # fmt: skip
                yield Source(folder, b""), problem

    def _document(self, path: str, kind: ContentType, names: frozenset[str]) -> Document | None:
        role = role_of(path, kind, self.settings)
        source = self._read(path)
        if source is None or role is None or self._overlong(source):
            return None
        about = (kind.name, role, kind.id_field)
        entry = Entry(self.archive, source, self.bounds, names, about)
        return Document(source, kind.name, role, entry)

    def _read(self, path: str) -> Source | None:
        try:
            if path in self.listing.escapes:
                raise Unreadable("a symbolic link that leaves the project")
            if path in self.listing.special or path in self.listing.folders:
                raise Unreadable("a folder or special file, or a link to one")
            return self.tree.source(path, self.limit, self.stamps)
        except Unreadable as error:
            empty = Source(path, b"")
            help_ = "replace it by a plain UTF-8 file, or remove it (limits.file_bytes)"
            problem = Problem("FM008", Span(0, 0), f"cannot be read: {error}", help_)
            self.problems.append((empty, problem))
            return None

    def _overlong(self, source: Source) -> bool:
        """Whether a line is longer than the limit; it is kept as a problem."""
        limit = int(self.settings.limit("line_characters"))
        if source.size <= limit:
            return False
        ends = (*source.line_starts[1:], len(source.text))
        pairs = zip(source.line_starts, ends, strict=True)
        start, size = next(((at, end - at) for at, end in pairs if end - at > limit), (0, 0))
        if size:
            said = f"cannot be read: a line of {size:,} characters, {limit:,} are allowed"
            problem = Problem(
                "FM008", Span(start, start + 1), f"{said} (limits.line_characters)",
                "break the line: a paragraph may be of several lines",
            )  # fmt: skip
            self.problems.append((source, problem))
        return bool(size)

    def bibliography(self) -> tuple[tuple[bibliography.Entry, ...], tuple[Source, ...]]:
        entries: list[bibliography.Entry] = []
        sources: list[Source] = []
        for path in sorted(self.listing.files):
            if not any(matches(path, pattern) for pattern in self.settings.bibliography):
                continue
            if not path.endswith(bibliography.EXTENSIONS):
                continue
            if source := self._read(path):
                found = self._library(source)
                entries += found.entries
                sources.append(source)
                self.problems += ((source, problem) for problem in found.problems)
        return tuple(entries), tuple(sources)

    def _library(self, source: Source) -> _Library:
        """The entries of a bibliography, read once for the same bytes."""
        name = cache.key("bibliography", cache.tool(), source.path, source.digest)
        if found := kept(self.store, name, _Library):
            return found
        read = _Library(*bibliography.read(source))
        with contextlib.suppress(UnicodeEncodeError, OverflowError, TypeError):
            self.store.put(name, msgspec.msgpack.encode(read))
        return read


def _bounds(settings: Config) -> Bounds:
    """What a book sets for its documents, else the defaults."""
    sizes = {name: getattr(LIMITS, name) for name in ("size", "depth", "nodes", "scalar")}
    given = {
        name: settings.setting("limits", f"yaml_{name}", default=size)
        for name, size in sizes.items()
    }
    depths = (int(settings.limit(f"{kind}_depth")) for kind in ("block", "bracket"))
    return Bounds(Limits(**given, settings=True), Nesting(*depths))


def parse(source: Source, kind: str, role: Role) -> Document:
    """One Markdown file by itself."""
    return Document(source, kind, role, Entry(Archive(Store(None)), source, Bounds(), None, kind))


def belongs(path: str, kind: ContentType) -> bool:
    """Whether a path matches a content type's folder and pattern."""
    base = glob_base(kind.path)
    if base and not path.startswith(f"{base}/"):
        return False
    pattern = kind.path if base != kind.path else f"{kind.path}/{kind.pattern}"
    if not path.lower().endswith(SUFFIXES) or not matches(path, pattern):
        return False
    return not in_paths(path, (posixpath.join(base, name) for name in kind.exclude))


@once
def glob_base(path: str) -> str:
    """The part of a path before its first wildcard."""
    parts = []
    for part in path.split("/"):
        if any(mark in part for mark in "*?["):
            break
        parts.append(part)
    return "/".join(parts)


def matches(path: str, pattern: str) -> bool:
    """Glob with `**` for any number of folders, on POSIX paths."""
    return _glob(pattern.strip("/")).fullmatch(path) is not None


@once
def _glob(pattern: str) -> re.Pattern[str]:
    runs = [""]  # of folders between two `**`
    for part in pattern.split("/"):
        if part != "**":
            runs[-1] += fnmatch.translate(part)[4:-3].replace(".*", "[^/]*") + "/"
        elif runs[-1] or len(runs) == 1:
            runs.append("")
    first, *between = runs
    last = between.pop() if between else None
    # The nearest place of a run is as good as any: without a way back no pattern takes for ever.
    joined = first + "".join(f"(?>(?:[^/]+/)*?{run})" for run in between)
    joined += "" if last is None else f"(?:[^/]+/)*{last}"
    return re.compile(joined[:-1] if joined.endswith("/") else joined + "[^/]+", re.DOTALL)


def _meet(one: str, two: str) -> bool:
    """Whether a folder is another, or in it, or the other way round."""
    return one.startswith(two) or two.startswith(one)


def role_of(path: str, kind: ContentType, settings: Config) -> Role | None:
    """The role of a document by its place; None for a file that is no part of the book."""
    stem = stem_of(path)
    if kind.place != "body":
        return None if stem in INDEX_STEMS else "entry"
    inner = PurePosixPath(path).relative_to(glob_base(kind.path)).parts
    if _stands(inner, settings.front):
        return "front"
    if _stands(inner, settings.back):
        return "back"
    if stem in INDEX_STEMS and path not in settings.order:
        return "part" if len(inner) > 1 and stem != "README" else None
    return "chapter"


def _stands(inner: tuple[str, ...], patterns: Iterable[str]) -> bool:
    """Whether globs name the first folder of a path below the manuscript, or all of the path."""
    return any(
        fnmatch.fnmatchcase(inner[0], pattern) or matches("/".join(inner), pattern)
        for pattern in patterns
    )


def in_paths(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path matches one of some globs, or lies in one of some folders."""
    return any(
        matches(path, pattern) or path == pattern or path.startswith(pattern.rstrip("/") + "/")
        for pattern in patterns
    )
