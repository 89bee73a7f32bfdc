"""The state of the manuscript as data: how far it is written, verified and sourced."""

import posixpath
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline import causality, checker, order
from pipeline.checker import Run
from pipeline.citations import reflist
from pipeline.document import Document
from pipeline.graph import Graph, causal
from pipeline.index import Index
from pipeline.text import prose, wordcount
from pipeline.text.statuses import STAGES, VERIFICATION

ORPHAN = "EV008"
UNSOURCED = "FT001"
SUMMARY = 160  # code points
ENDS = tuple("。！？”’）.!?")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of a whole."""

    part: int
    whole: int


@dataclass(frozen=True)
class Chapter:
    """A chapter as it stands; `events` are the paths of the cards that it names or links to."""

    path: str
    number: str
    title: str
    title_en: str
    part: str
    status: str
    words: int
    target: tuple[int, int] | None
    cited: Share  # sections with a citation
    events: tuple[str, ...]
    unsourced: int | None  # figures without a source; None where nobody looked


@dataclass(frozen=True)
class Card:
    """An event card; `chapters` are the paths of those that use it."""

    path: str
    identifier: str
    status: str
    sources: tuple[str, ...]
    sourced: bool
    chapters: tuple[str, ...]
    summary: str


@dataclass(frozen=True)
class Overview:
    """The whole manuscript. `orphans` are paths of cards; None where nobody looked."""

    chapters: tuple[Chapter, ...]
    cards: tuple[Card, ...]
    stages: dict[str, int]
    verification: dict[str, int]
    cited: Share  # entries of the bibliography that are cited
    orphans: tuple[str, ...] | None
    graph: Graph
    circular: frozenset[tuple[str, str]]  # (cause, effect) identifiers of edges in a circle


def survey(run: Run) -> Overview:
    """Take stock of a book that was checked."""
    index = run.index
    chapters = tuple(_chapter(item, run) for item in order.chapters(index))
    users = _users(chapters)
    cards = tuple(_card(item, index, users) for item in index.of_kind("event"))
    orphans = tuple(item.path for item in run.active if item.code == ORPHAN)
    return Overview(
        chapters,
        cards,
        _counted([item.status for item in chapters], STAGES),
        _counted([item.status for item in cards], reversed(VERIFICATION)),
        _entries(index),
        orphans if looked(run, ORPHAN) and chapters else None,
        causal(index, causality.contradictions(index)),
        frozenset(_circular(index)),
    )


def looked(run: Run, code: str) -> bool:
    """Whether a rule is there and not switched off for the whole book."""
    known = {str(rule.CODE) for rule in checker.rules()}
    setting = run.index.config.rules.get(code)
    return code in known and (setting is None or setting.severity != "off")


def _counted(values: list[str], names: Iterable[str]) -> dict[str, int]:
    """How often each of some names occurs, then whatever else does; "" for none comes last."""
    found = Counter(values)
    rest = sorted(found.keys() - {""}, key=str)
    ordered = dict.fromkeys([*names, *rest, ""])
    return {name: found[name] for name in ordered if found[name]}


# ---- chapters -----------------------------------------------------------------------------


def _chapter(document: Document, run: Run) -> Chapter:
    index = run.index
    found = sum(item.code == UNSOURCED and item.path == document.path for item in run.active)
    target = index.config.setting("word_target")
    return Chapter(
        document.path,
        order.number(index, document),
        document.title,
        document.title_en,
        _part(document, index),
        document.text("status"),
        wordcount.count(document, index),
        (int(target[0]), int(target[1])) if target else None,
        _cited_sections(document, index),
        tuple(dict.fromkeys(_events(document, index))),
        found if looked(run, UNSOURCED) else None,
    )


def _part(document: Document, index: Index) -> str:
    folder = posixpath.dirname(document.path)
    parts = (item for item in index.targets if item.kind == "part" and item.path == folder)
    return next((item.title for item in parts), "")


def _cited_sections(document: Document, index: Index) -> Share:
    """Of the sections with prose of their own, those that cite; reference lists aside."""
    starts = [item.span.start for item in document.body.headings]
    lists = reflist.spans(document, index)
    prosaic, citing = set(), set()
    for block in document.body.blocks:
        inside = any(span.contains(block.span) for span in lists)
        if block.kind == "paragraph" and not inside:
            prosaic.add(bisect_right(starts, block.span.start))
    for citation in document.body.citations:
        citing.add(bisect_right(starts, citation.span.start))
    return Share(len(prosaic & citing), len(prosaic))


def _events(document: Document, index: Index) -> Iterator[str]:
    names = [*document.texts("key_events")]
    names += [div.attributes.identifier for div in document.body.divs]
    for name in filter(None, names):
        yield from (target.path for target in index.resolve(name, ("event",)).targets)
    for link in document.body.links:
        target = index.link_target(document, link.destination).document
        if target and target.kind == "event":
            yield target.path


# ---- event cards --------------------------------------------------------------------------


def _users(chapters: tuple[Chapter, ...]) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for chapter in chapters:
        for path in chapter.events:
            users.setdefault(path, []).append(chapter.path)
    return users


def _card(document: Document, index: Index, users: dict[str, list[str]]) -> Card:
    keys = tuple(scalar.text for scalar in index.source_scalars(document) if scalar.text)
    return Card(
        document.path,
        index.identifier(document),
        document.text("verification_status"),
        keys,
        any(key in index.entries for key in keys),
        tuple(users.get(document.path, ())),
        _summary(document, index),
    )


def _summary(document: Document, index: Index) -> str:
    """The first paragraph that is a sentence, cut."""
    texts = (
        item.text.replace(prose.OBJECT, "").replace(prose.NOTE, "").strip()
        for item in prose.of(document, index)
        if item.block.kind == "paragraph"
    )
    text = " ".join(next((text for text in texts if text[-1:] in ENDS), "").split())
    return text if len(text) <= SUMMARY else text[: SUMMARY - 1].rstrip() + "…"


# ---- the book -----------------------------------------------------------------------------


def _entries(index: Index) -> Share:
    keys = {item.key for document in index.documents for item in document.body.citations}
    keys |= {
        scalar.text for document in index.documents for scalar in index.source_scalars(document)
    }
    return Share(len(keys & index.entries.keys()), len(index.entries))


def _circular(index: Index) -> Iterator[tuple[str, str]]:
    """The steps of circles in which the dates do not say which step is wrong."""
    documents = index.project.by_path
    for cycle in causality.cycles(index):
        if any(causality.contradicts(step.link) for step in cycle):
            continue
        for step in cycle:
            yield index.identifier(documents[step.cause]), index.identifier(documents[step.effect])
