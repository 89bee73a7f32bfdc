"""The baseline of a book whose files move or whose names change: what was known stays known."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from pipeline import checker, index as indexes, project, suppression
from pipeline.changes.proposal import Proposal
from pipeline.config import BASELINE
from pipeline.diagnostics import Diagnostic
from pipeline.index import Index
from pipeline.project import FILE_BYTES
from pipeline.revisions import Overlay
from pipeline.source import Source
from pipeline.tree import Tree


def carried(index: Index, change: Proposal) -> Proposal:
    """The proposal with the book's baseline as it has to be after it, if there is a baseline.

    A finding is known after it if it was known before: of as many findings of a rule in a file
    the one in the same place of the order, else the one with the same message.
    """
    root = index.project.root
    if BASELINE not in index.project.listing.files:
        return change
    data = Tree(root).read(BASELINE, FILE_BYTES)
    baseline = suppression.read_baseline(Source(BASELINE, data))
    before = checker.check(index, baseline=baseline).diagnostics
    later = indexes.build(project.load(root, _overlay(index, change)))
    after = checker.check(later).diagnostics
    known = [item.suppressed == suppression.BASELINE for item in before]
    kept = _kept([replace(item, path=change.here(item.path)) for item in before], known, after)
    text = suppression.write_baseline(replace(item, suppressed=None) for item in kept).encode()
    if text == data:
        return change
    return replace(
        change,
        before={**change.before, BASELINE: data},
        after={**change.after, BASELINE: text},
    )


def _overlay(index: Index, change: Proposal) -> Overlay:
    tree = Tree(index.project.root)
    overlay: Overlay = {}
    for path in change.renamed:
        overlay[path] = None
    for path in {*change.renamed, *change.after}:
        overlay[change.here(path)] = change.after.get(path) or tree.read(path, FILE_BYTES)
    return overlay


def _kept(
    before: list[Diagnostic], known: list[bool], after: Iterable[Diagnostic]
) -> list[Diagnostic]:
    old: dict[tuple[str, str], list[tuple[Diagnostic, bool]]] = defaultdict(list)
    new: dict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
    for item, was in zip(before, known, strict=True):
        old[item.code, item.path].append((item, was))
    for item in after:
        new[item.code, item.path].append(item)
    kept: list[Diagnostic] = []
    for key, found in new.items():
        pairs = old.get(key, [])
        if len(pairs) == len(found):
            kept += (item for item, (_, was) in zip(found, pairs, strict=True) if was)
        else:
            messages = {item.message for item, was in pairs if was}
            kept += (item for item in found if item.message in messages)
    return sorted(kept, key=lambda item: item.sort_key)
