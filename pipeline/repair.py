"""Where a dead link was meant to lead: candidates by evidence, best first, and the new text.

The evidence: git saw the file move; the number of `../` is wrong; the end of the path is that of
one file alone; one file has that name; a title, alias or near name. Nothing here reads the disk.
"""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from pipeline import anchors
from pipeline.diagnostics import Applicability, Edit, Fix
from pipeline.document import Document, Link
from pipeline.index import SCHEME, Index, LinkTarget, fold
from pipeline.nearness import Names
from pipeline.project import INDEX_STEMS, SUFFIXES
from pipeline.wording import quoted

READS = ("anchors", "history", "listing", "names")
KINDS = ("chapter", "part", "event", "concept", "organization")


@dataclass(frozen=True, slots=True)
class Repair:
    """A path from the project's root that a link may mean, why, and whether that is certain."""

    path: str
    evidence: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Dead:
    """A link that leads nowhere, what it may mean, and whether it is written outside the root."""

    document: Document
    link: Link
    target: LinkTarget
    repair: Repair | None
    outside: bool


class Repairs:
    """Finds repairs for the links of one index; of the book it reads what `READS` names."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.listing = index.project.listing
        self.renames = index.project.renames
        self._dead: dict[str, tuple[Dead, ...]] = {}

    def dead(self, document: Document) -> tuple[Dead, ...]:
        """Dead links, each destination once: missing files, and paths out of the project."""
        if document.path not in self._dead:
            self._dead[document.path] = tuple(self._found(document))
        return self._dead[document.path]

    def _found(self, document: Document) -> Iterator[Dead]:
        seen: set[int] = set()
        for _, link, target in self.index.links_of(document):
            place = link.destination_span.start
            if target.where not in ("missing", "outside") or place in seen:
                continue
            seen.add(place)
            outside = target.where == "outside" and not self._rooted(link)
            if not outside and target.path.startswith("/"):
                target = LinkTarget("missing", tail_of(link), target.fragment)
            if outside:
                repair = self._inside(document, link, target)
            else:
                repair = self.repair(document, link, target)
            yield Dead(document, link, target, repair, outside)

    def _rooted(self, link: Link) -> bool:
        """Whether a path from `/` begins in a folder of the project, so that `/` is its root."""
        first = tail_of(link).split("/")[0]
        return link.destination.startswith("/") and first in self.listing.folders

    def _inside(self, document: Document, link: Link, target: LinkTarget) -> Repair | None:
        """A link out of the project whose target is inside: only its depth can be wrong."""
        if SCHEME.match(link.destination) or link.destination.startswith("/"):
            return None
        return None if self._escapes(target.path) else self._by_depth(document, link, target)

    def _escapes(self, path: str) -> bool:
        return any(path == item or path.startswith(f"{item}/") for item in self.listing.escapes)

    # ---- evidence -------------------------------------------------------------------------

    def repair(self, document: Document, link: Link, target: LinkTarget) -> Repair | None:
        """The first certain evidence for where a missing target is, else the first guess."""
        found = [
            item
            for item in self._evidence(document, link, target)
            if item and item.path != document.path
        ]
        return next((item for item in found if item.safe), found[0] if found else None)

    def _evidence(
        self, document: Document, link: Link, target: LinkTarget
    ) -> Iterator[Repair | None]:
        yield self._by_rename(document, link, target)
        yield self._by_depth(document, link, target)
        yield self._by_end(link, target)
        yield self._by_suffix(target)
        yield from self._by_name(link, target)

    def _exists(self, path: str) -> bool:
        return path in self.listing.files or path in self.listing.folders

    def other_case(self, path: str) -> str | None:
        """The one path that differs from `path` in case or Unicode form only."""
        found = self._folded.get(fold(path), ())
        return found[0] if len(found) == 1 and found[0] != path else None

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        result: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.listing.files | self.listing.folders):
            result[fold(path)].append(path)
        return result

    def _by_rename(self, document: Document, link: Link, target: LinkTarget) -> Repair | None:
        if found := self._renamed(target.path):
            return Repair(found, f"git saw it move to {quoted(found)}", safe=True)
        for before in self._earlier.get(document.path, ()):
            path = posixpath.normpath(
                posixpath.join(posixpath.dirname(before), raw_path(link).lstrip("/"))
            )
            if found := path if self._exists(path) else self._renamed(path):
                return Repair(
                    found, f"git saw this document move here from {quoted(before)}", safe=True
                )
        return None

    def _renamed(self, path: str) -> str | None:
        found = self.renames.get(path) or self._renamed_folders.get(path)
        return found if found and self._exists(found) else None

    @cached_property
    def _earlier(self) -> dict[str, list[str]]:
        result: dict[str, list[str]] = defaultdict(list)
        for old, new in sorted(self.renames.items()):
            result[new].append(old)
        return result

    @cached_property
    def _renamed_folders(self) -> dict[str, str]:
        """Folders whose files all moved to one other folder."""
        moved: dict[str, set[str]] = defaultdict(set)
        for old, new in self.renames.items():
            while "/" in old and "/" in new and posixpath.basename(old) == posixpath.basename(new):
                old, new = posixpath.dirname(old), posixpath.dirname(new)
                if old == new:
                    break
                moved[old].add(new)
        return {old: min(new) for old, new in moved.items() if len(new) == 1}

    def _by_depth(self, document: Document, link: Link, target: LinkTarget) -> Repair | None:
        """The same path with another number of `../` before it."""
        tail = tail_of(link)
        if not tail:
            return None
        found = [path for path in _climbing(document.path, tail) if self._exists(path)]
        safe = "/" in tail
        if not found and safe:
            found = self._ending(tail)
            safe = target.path not in self.index.project.former
        if len(found) != 1:
            return None
        evidence = f"the depth is wrong, {quoted(found[0])} exists"
        return Repair(found[0], evidence, safe)

    def _ending(self, tail: str) -> list[str]:
        name = fold(posixpath.basename(tail))
        paths = self._by_file_name.get(name, ())
        return [path for path in paths if path.endswith(f"/{tail}")]

    @cached_property
    def _by_file_name(self) -> dict[str, list[str]]:
        result: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.listing.files | self.listing.folders):
            result[fold(posixpath.basename(path))].append(path)
        return result

    def _by_end(self, link: Link, target: LinkTarget) -> Repair | None:
        """The one file that shares the last two parts or more; a guess, for a folder differs."""
        parts = tail_of(link).split("/")
        for start in range(1, len(parts) - 1):
            tail = "/".join(parts[start:])
            found = self._ending(tail)
            if len(found) == 1:
                safe = self._certain(target, posixpath.basename(found[0]))
                return Repair(found[0], f"{quoted(found[0])} alone ends in {quoted(tail)}", safe)
            if found:
                return None
        return None

    def _by_suffix(self, target: LinkTarget) -> Repair | None:
        found = next((path for path in _with_suffixes(target.path) if self._exists(path)), None)
        return Repair(found, f"{quoted(found)} exists", safe=False) if found else None

    def _by_name(self, link: Link, target: LinkTarget) -> Iterator[Repair | None]:
        """One file or document of that name, else of a near one."""
        name = posixpath.basename(tail_of(link))
        stem, suffix = posixpath.splitext(name)
        if not stem:
            return
        if link.image or (suffix and suffix not in SUFFIXES):
            yield self._by_file(name, target)
            yield self._by_nearness(name)
        else:
            yield self._by_stem(stem, target)
            yield self._by_alias(stem)
            yield self._by_nearness(name if suffix else f"{name}{SUFFIXES[0]}")

    def _by_file(self, name: str, target: LinkTarget) -> Repair | None:
        found = [path for path in self._by_file_name.get(fold(name), ()) if self._is_file(path)]
        if len(found) == 1:
            safe = self._certain(target, name) and posixpath.basename(found[0]) == name
            return Repair(found[0], f"{quoted(found[0])} is the only file of that name", safe)
        return None

    def _is_file(self, path: str) -> bool:
        return path in self.listing.files

    def _by_stem(self, stem: str, target: LinkTarget) -> Repair | None:
        paths = self._documents_by_name.get(fold(stem), ())
        if len(paths) != 1:
            return None
        (path,) = paths
        same = fold(posixpath.splitext(posixpath.basename(path))[0]) == fold(stem)
        what = "name" if same else "identifier"
        evidence = f"{quoted(path)} is the only document of that {what}"
        return Repair(path, evidence, self._certain(target, stem))

    def _certain(self, target: LinkTarget, name: str) -> bool:
        """A name alone is enough, but not of an index, nor where another file once was."""
        stem = posixpath.splitext(name)[0].lower()
        indexes = {item.lower() for item in INDEX_STEMS}
        return stem not in indexes and target.path not in self.index.project.former

    @cached_property
    def _documents_by_name(self) -> dict[str, set[str]]:
        result: dict[str, set[str]] = defaultdict(set)
        for path in self.listing.files:
            stem, suffix = posixpath.splitext(posixpath.basename(path))
            if suffix in SUFFIXES:
                result[fold(stem)].add(path)
        for target in self.index.targets:
            if target.document:
                result[fold(target.identifier)].add(target.document.path)
        return result

    def _by_alias(self, stem: str) -> Repair | None:
        for name in (stem, stem.replace("-", " "), stem.replace("_", " ")):
            found = self.index.resolve(name, KINDS)
            if found.target and found.target.document:
                kind = "name" if found.how == "name" else "alias"
                evidence = f"{quoted(name)} is the {kind} of {quoted(found.target.document.path)}"
                return Repair(found.target.document.path, evidence, safe=False)
        return None

    def _by_nearness(self, name: str) -> Repair | None:
        near = self._file_names.nearest(name)
        if near is None or posixpath.splitext(near)[1] != posixpath.splitext(name)[1]:
            return None
        found = [path for path in self._by_file_name[fold(near)] if self._is_file(path)]
        if len(found) != 1:
            return None
        return Repair(found[0], f"{quoted(found[0])} has nearly that name", safe=False)

    @cached_property
    def _file_names(self) -> Names:
        return Names(sorted({posixpath.basename(path) for path in self.listing.files}))


def _climbing(path: str, tail: str) -> Iterator[str]:
    """`tail` in the folder of `path` and in each folder above it."""
    while path:
        path = posixpath.dirname(path)
        yield f"{path}/{tail}" if path else tail


def _with_suffixes(path: str) -> list[str]:
    return [path + suffix for suffix in SUFFIXES]


# ---- the new text ---------------------------------------------------------------------------


def raw_path(link: Link) -> str:
    """The path of a destination, decoded, without query and fragment."""
    return unquote(re.split(r"[?#]", link.destination, maxsplit=1)[0]).replace("\\", "/")


def tail_of(link: Link) -> str:
    """The path of a destination without what leads up to it: no `../`, no `./`, no `/`."""
    path = posixpath.normpath(raw_path(link).lstrip("/"))
    return "" if path in (".", "..") else re.sub(r"^(\.\./)+(\.\.$)?", "", path)


def repoint(document: Document, link: Link, path: str) -> Edit | None:
    """Write another path into a link; query, fragment and the author's style stay.

    None where the construct is not certain, or is written in a way that we do not rewrite.
    """
    typed = document.source.slice(link.destination_span)
    if not link.certain or "&#" in typed or re.search(r"[\r\n]", typed):
        return None
    old = re.split(r"\\?[?#]", typed, maxsplit=1)[0]
    start = link.destination_span.start
    return Edit(document.path, start, start + len(old), _written(document, old, path))


def _written(document: Document, old: str, path: str) -> str:
    if old.startswith("/"):
        new = f"/{path}"
    else:
        new = posixpath.relpath(path, posixpath.dirname(document.path) or ".")
        if old.startswith("./") and not new.startswith("../"):
            new = f"./{new}"
    if old.endswith("/") and "." not in posixpath.basename(new):
        new += "/"
    if re.search(r"%[89A-Fa-f][0-9A-Fa-f]", old):
        return quote(new, safe="/~!$',;=@:+", errors="surrogateescape")
    new = re.sub(r"[\s%#?<>()\\\"'|`*\[\]]", _percent, new)
    return re.sub(r"&(?=[#\w]+;)", "%26", new)


def _percent(match: re.Match[str]) -> str:
    return quote(match[0], safe="")


def fix(index: Index, document: Document, link: Link, repair: Repair) -> Fix | None:
    """The fix of a link; safe only if the whole link then leads somewhere."""
    edit = repoint(document, link, repair.path)
    if edit is None:
        return None
    fragment = unquote(link.destination.partition("#")[2])
    target = index.project.by_path.get(repair.path)
    lands = not fragment or (target is not None and fragment in anchors.names(target))
    safe = repair.safe and lands
    return Fix((edit,), Applicability.SAFE if safe else Applicability.UNSAFE)
