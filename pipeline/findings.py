"""What the rules find, document by document: kept by all that they read, else asked anew.

Rules that read nothing but the document get an index of this document alone, so that they cannot
know more than they say. Many documents are shared out to several processes.
"""

import contextlib
import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from types import ModuleType

import msgspec
from msgspec import Struct

from pipeline import cache, facets
from pipeline.archive import Entry, Row
from pipeline.cache import kept
from pipeline.config import RuleSetting
from pipeline.diagnostics import Diagnostic, Finding, Severity, diagnose
from pipeline.document import Document
from pipeline.index import Index
from pipeline.progress import Progress
from pipeline.project import in_paths
from pipeline.tree import Listing

MOST = 10_000  # findings of a rule in a file
FEW = 24  # documents that are not worth a process
LEAST_AT_ONCE, MOST_AT_ONCE = 8, 64  # documents that are looked at together
SECONDS = 3600.0  # that a share may take

_encode = msgspec.msgpack.Encoder().encode


class Found(Struct, array_like=True, omit_defaults=True):
    """What some rules found in one document, and by code what others collected there."""

    diagnostics: tuple[Diagnostic, ...] = ()
    collected: dict[str, tuple[str, ...]] = {}


class _Table(Struct, array_like=True):
    """What was found, by the key of the document; `known` are the keys of all that were read."""

    known: set[bytes]
    found: dict[bytes, Found]


class _Answer(Struct, array_like=True):
    """Of one document: its row for the archive if it is new, and what some groups found."""

    row: Row | None
    found: dict[int, Found]


class Group:
    """Rules that read the same facets."""

    def __init__(self, rules: Sequence[ModuleType], reads: Collection[str]) -> None:
        self.rules = rules
        self.reads = reads
        self._checks = [(rule, rule.check) for rule in rules if hasattr(rule, "check")]
        self._collects = [(str(rule.CODE), rule.collect) for rule in rules if collects(rule)]
        self.known: set[bytes] = set()
        self.found: dict[bytes, Found] = {}
        self._name = ""
        self._changed = False

    def load(self, index: Index) -> None:
        """Take what is kept for these rules, and for what they read as it is now."""
        if index.project.store.folder is None:
            return
        codes = tuple(str(rule.CODE) for rule in self.rules)
        reads = facets.digest(index, self.reads)
        self._name = cache.key("found", _base(index), codes, reads)
        table = kept(index.project.store, self._name, _Table)
        if table:
            self.known, self.found = table.known, table.found

    def learn(self, key: bytes, found: Found) -> None:
        """Take what was found in a document."""
        self.known.add(key)
        if found != _NOTHING:
            self.found[key] = found
        self._changed = True

    def save(self, index: Index, current: Set[bytes]) -> None:
        """Keep what is known of the documents that there are, and of as many others."""
        if not self._changed or not self._name:
            return
        if len(self.known) > 2 * len(current):
            self.known &= current
            self.found = {key: self.found[key] for key in self.known & self.found.keys()}
        with contextlib.suppress(UnicodeEncodeError):  # text of files that are no UTF-8
            index.project.store.put(self._name, _encode(_Table(self.known, self.found)))

    def look(self, seen: Sequence[tuple[Document, Index]]) -> list[Found]:
        """Run the rules over documents, each with what it may know of the book.

        One rule after another, so that a processor's cache holds the code of one: a fifth less
        time than one document after another.
        """
        diagnostics: list[list[Diagnostic]] = [[] for _ in seen]
        collected: list[dict[str, tuple[str, ...]]] = [{} for _ in seen]
        for rule, check in self._checks:
            for (document, index), told in zip(seen, diagnostics, strict=True):
                findings = iter(check(document, index))
                if first := next(findings, None):  # of most rules there is none
                    found = chain((first,), islice(findings, MOST - 1))
                    told += diagnosed(rule, index, limited(found))
        for code, collect in self._collects:
            for (document, index), texts in zip(seen, collected, strict=True):
                if some := tuple(sorted(collect(document, index))):
                    texts[code] = some
        pairs = zip(diagnostics, collected, strict=True)
        return [Found(tuple(told), texts) for told, texts in pairs]


_NOTHING = Found()


def of_documents(
    index: Index, rules: Iterable[ModuleType], jobs: int, progress: Callable[[], Progress]
) -> Iterator[tuple[str, Found]]:
    """What the rules found in documents, by path; of those with nothing, nothing."""
    rules = tuple(rules)
    groups = _groups(rules)
    free = [group for group in groups if not group.reads]
    bound = [group for group in groups if group.reads]
    keyed = [(_entry(document).key, document) for document in index.documents]
    current = {key for key, _ in keyed}
    archive = index.project.archive
    for some, whole in ((free, False), (bound, True)):
        for group in some:
            group.load(index)
        look = partial(_look, index, some, whole=whole)
        unread: set[bytes] = set() if whole else current - archive.facts.keys()
        unknown = unread.union(*(current - group.known for group in some))
        missing = [document for key, document in keyed if key in unknown] if unknown else []
        beside = partial(_keep_book, index, rules) if whole else None
        for document, answer in _answers(missing, look, jobs, progress, beside):
            if answer.row:
                archive.learn(answer.row)
            for number, found in answer.found.items():
                some[number].learn(_entry(document).key, found)
        archive.save(current)
        for group in some:
            group.save(index, current)
    told: set[bytes] = set().union(*(group.found for group in groups))
    for key, document in keyed:
        if key in told:
            yield from ((document.path, group.found[key]) for group in groups if key in group.found)


def _groups(rules: Iterable[ModuleType]) -> list[Group]:
    found: dict[tuple[str, ...], list[ModuleType]] = {(): []}
    for rule in rules:
        if hasattr(rule, "check") or hasattr(rule, "collect"):
            found.setdefault(tuple(sorted(getattr(rule, "READS", ()))), []).append(rule)
    return [Group(some, reads) for reads, some in found.items()]


def _entry(document: Document) -> Entry:
    assert isinstance(document.reading, Entry)
    return document.reading


def _look(
    index: Index, groups: list[Group], documents: Sequence[Document], *, whole: bool
) -> list[_Answer]:
    """Read documents, and run over each the rules of which nothing is known."""
    found: list[dict[int, Found]] = [{} for _ in documents]
    seen = [(item, index if whole else _alone(index, item)) for item in documents]
    for number, group in enumerate(groups):
        wanted = [at for at, item in enumerate(documents) if _entry(item).key not in group.known]
        for at, some in zip(wanted, group.look([seen[at] for at in wanted]), strict=True):
            found[at][number] = some
    rows = [None if whole else _row(item, index) for item in documents]
    return [_Answer(row, some) for row, some in zip(rows, found, strict=True)]


def _row(document: Document, index: Index) -> Row | None:
    """What to keep of a document that was not read before."""
    entry = _entry(document)
    kind = index.config.content_type(document.kind)
    return None if entry.facts else entry.row(document, kind.id_field if kind else "")


def _alone(index: Index, document: Document) -> Index:
    """The index of one document: `book.yaml`, the schemas, and nothing else of the book."""
    nothing = Listing(frozenset(), frozenset())
    return Index(
        replace(
            index.project, documents=(document,), listing=nothing, entries=(), problems=(),
            bibliography_sources=(), renames={}, former=frozenset(), probes={},
        )
    )  # fmt: skip


# ---- processes -----------------------------------------------------------------------------


def _answers(
    documents: list[Document],
    look: Callable[[Sequence[Document]], list[_Answer]],
    jobs: int,
    progress: Callable[[], Progress],
    beside: Callable[[], bytes] | None = None,
) -> Iterator[tuple[Document, _Answer]]:
    """What a look at each document gave; `beside` is done meanwhile where there are processes."""
    if len(documents) <= FEW or jobs < 2:
        for at in range(0, len(documents), MOST_AT_ONCE):
            some = documents[at : at + MOST_AT_ONCE]
            yield from zip(some, look(some), strict=True)
        return
    from pipeline.paper import workers
    from pipeline.process import Limits

    documents = list(documents)
    typical = [documents.pop(len(documents) // 2)]
    yield typical[0], look(typical)[0]  # here, for the processes to inherit what every one needs
    count = min(workers.TURNS - 1, len(documents) // LEAST_AT_ONCE + 1)
    batches = [documents[at::count] for at in range(count)]
    works: list[Callable[[], bytes]] = [beside or bytes]
    works += (partial(_told, batch, look) for batch in batches)
    left = dict(enumerate(batches, 1))
    done = 0
    with progress() as display:
        for number, data in workers.in_turns(works, jobs, Limits(SECONDS)):
            if batch := left.pop(number, None):
                told = msgspec.msgpack.decode(data, type=list[_Answer | None])
                for document, found in zip(batch, told, strict=True):
                    yield document, found or look([document])[0]
                done += len(batch)
                display.step("checking", done, len(documents))
    # What a process could not do or tell is done here, where it can fail aloud.
    yield from ((item, look([item])[0]) for batch in left.values() for item in batch)


def _told(
    documents: Sequence[Document], look: Callable[[Sequence[Document]], list[_Answer]]
) -> bytes:
    gc.disable()  # this process is gone before it would pay
    return _encode([_plain(answer) for answer in look(documents)])


def _plain(answer: _Answer) -> msgspec.Raw | None:
    """An answer as bytes; None where it has text of a file that is no UTF-8."""
    try:
        return msgspec.Raw(_encode(answer))
    except UnicodeEncodeError:
        return None


# ---- the whole book ------------------------------------------------------------------------


def _keep_book(index: Index, rules: Iterable[ModuleType]) -> bytes:
    """Have what rules find in the whole book kept, so far as they need no document for it."""
    for rule in rules:
        if hasattr(rule, "prepare"):
            rule.prepare(index)
        if hasattr(rule, "check_book") and not collects(rule) and _book_name(rule, index, {}):
            of_book(rule, index, {})
    return b""


def of_book(
    rule: ModuleType, index: Index, collected: Mapping[str, tuple[str, ...]]
) -> tuple[Diagnostic, ...]:
    """What a rule finds in the whole book; kept if it says what it reads."""
    name = _book_name(rule, index, collected)
    if name:
        known = kept(index.project.store, name, tuple[Diagnostic, ...])
        if known is not None:
            return known
    findings = rule.check_book(index, collected) if collects(rule) else rule.check_book(index)
    found = tuple(diagnosed(rule, index, limited(findings)))
    with contextlib.suppress(UnicodeEncodeError):
        if name:
            index.project.store.put(name, _encode(found))
    return found


def _book_name(rule: ModuleType, index: Index, collected: Mapping[str, tuple[str, ...]]) -> str:
    """Under what the findings of a rule in the whole book are kept; empty where they are not."""
    reads = getattr(rule, "BOOK_READS", None)
    if reads is None or not index.project.store.folder:
        return ""
    told = hashlib.blake2b(repr(sorted(collected.items())).encode("utf-8", "surrogateescape"))
    of = (str(rule.CODE), facets.digest(index, reads), told.digest())
    return cache.key("found in the book", _base(index), *of)


def collects(rule: ModuleType) -> bool:
    """Whether a rule collects something of each document for its look at the whole."""
    return hasattr(rule, "collect")


def limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings up to the limit of each file, the last of which says that there are more."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.source.path] += 1
        if counts[finding.source.path] < MOST:
            yield finding
        elif counts[finding.source.path] == MOST:
            yield replace(
                finding, message="more of these follow in this file, and are not listed",
                help="mend those above, then check again", fix=None, related=(),
            )  # fmt: skip


def diagnosed(rule: ModuleType, index: Index, findings: Iterable[Finding]) -> Iterator[Diagnostic]:
    """Findings as diagnostics, of the severity that the book sets."""
    setting = index.config.rules.get(rule.CODE, RuleSetting())
    for finding in findings:
        item = diagnose(finding, rule.CODE, rule.NAME, rule.SEVERITY)
        in_scope = not setting.paths or in_paths(item.path, setting.paths)
        if setting.severity and setting.severity != "off" and in_scope:
            item = replace(item, severity=Severity(setting.severity))
        yield item


def _base(index: Index) -> tuple[str, ...]:
    """What influences every rule: this tool, `book.yaml`, the schemas."""
    return cache.tool(), index.project.config_source.digest, index.project.schemas.digest
