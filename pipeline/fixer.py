"""Chooses fixes that do not overlap, applies them to sources byte for byte, until none is left.

Everything happens in memory; writing is the journal's matter.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.diagnostics import Applicability, Diagnostic, Edit, Fix
from pipeline.source import Source

ROUNDS = 30

Look = Callable[[Mapping[str, bytes]], "View"]


@dataclass(frozen=True)
class View:
    """What a check of some bytes gives: its diagnostics, and the sources they speak of."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Outcome:
    """Bytes before and after of each file that changes, by path.

    `codes` counts the fixes that were applied; `settled` is False where fixes were still found
    when the rounds were over, or undid each other.
    """

    before: Mapping[str, bytes] = field(default_factory=dict)
    after: Mapping[str, bytes] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    settled: bool = True


def mend(look: Look, *, unsafe: bool = False, only: Collection[str] | None = None) -> Outcome:
    """Apply fixes in rounds until nothing changes.

    `look` checks the project with some files replaced; `only` limits which files may change.
    """
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    codes: dict[str, int] = {}
    seen: set[frozenset[tuple[str, bytes]]] = {frozenset()}
    for _ in range(ROUNDS):
        view = look(after)
        chosen = choose(view, unsafe=unsafe, only=only)
        changed = dict(apply(view.sources, [fix for _, fix in chosen]))
        if not changed:
            return _outcome(before, after, codes, settled=True)
        for path in changed.keys() - before.keys():
            before[path] = view.sources[path].data
        after |= changed
        for code, _ in chosen:
            codes[code] = codes.get(code, 0) + 1
        if (now := frozenset(after.items())) in seen:
            break
        seen.add(now)
    return _outcome(before, after, codes, settled=False)


def _outcome(
    before: Mapping[str, bytes], after: Mapping[str, bytes], codes: dict[str, int], *, settled: bool
) -> Outcome:
    changed = [path for path in sorted(after) if after[path] != before[path]]
    return Outcome(
        {path: before[path] for path in changed},
        {path: after[path] for path in changed},
        dict(sorted(codes.items())),
        settled,
    )


# ---- choosing -------------------------------------------------------------------------------


def choose(
    view: View, *, unsafe: bool = False, only: Collection[str] | None = None
) -> list[tuple[str, Fix]]:
    """(code, fix) of those that can be applied together, the same for the same diagnostics.

    Safe fixes go before unsafe ones, then the order of the report decides. A fix is applied whole
    or not at all; one that meets another waits for the next round.
    """
    wanted = sorted(
        (item for item in view.diagnostics if _wanted(item, unsafe)),
        key=lambda item: (_rank(item), item.sort_key),
    )
    taken = _Taken()
    return [
        (item.code, item.fix)
        for item in wanted
        if item.fix and _possible(item.fix, view.sources, only) and taken.take(item.fix.edits)
    ]


def _wanted(item: Diagnostic, unsafe: bool) -> bool:
    if item.fix is None or item.suppressed is not None:
        return False
    kind = item.fix.applicability
    return kind is Applicability.SAFE or (unsafe and kind is Applicability.UNSAFE)


def _rank(item: Diagnostic) -> int:
    assert item.fix
    return list(Applicability).index(item.fix.applicability)


def _possible(fix: Fix, sources: Mapping[str, Source], only: Collection[str] | None) -> bool:
    """Whether every edit is within a file that may change, and changes something."""
    changes = False
    for edit in fix.edits:
        source = sources.get(edit.path)
        if source is None or (only is not None and edit.path not in only):
            return False
        if not 0 <= edit.start <= edit.end <= len(source.text):
            return False
        changes = changes or source.text[edit.start : edit.end] != edit.text
    return changes


class _Taken:
    """The edits chosen so far, by file and in order."""

    def __init__(self) -> None:
        self._edits: dict[str, list[Edit]] = {}

    def take(self, edits: Iterable[Edit]) -> bool:
        """Take all of some edits if none of them meets another; a twin of one taken is free."""
        new: list[Edit] = []
        for edit in dict.fromkeys(edits):
            there = self._edits.get(edit.path, [])
            if not _contains(there, edit):
                if any(_meet(edit, other) for other in (*_near(there, edit), *new)):
                    return False
                new.append(edit)
        for edit in new:
            insort(self._edits.setdefault(edit.path, []), edit)
        return True


def _contains(edits: list[Edit], edit: Edit) -> bool:
    at = bisect_left(edits, edit)
    return at < len(edits) and edits[at] == edit


def _near(edits: list[Edit], edit: Edit) -> list[Edit]:
    """The neighbours of a new edit: the taken ones are apart, so two on each side are enough."""
    at = bisect_left(edits, edit)
    return edits[max(0, at - 2) : at + 2]


def _meet(one: Edit, two: Edit) -> bool:
    """Whether two edits overlap, or touch where one of them inserts: the order would be a guess."""
    if one.path != two.path:
        return False
    if one.start == one.end or two.start == two.end:
        return one.start <= two.end and two.start <= one.end
    return one.start < two.end and two.start < one.end


# ---- applying -------------------------------------------------------------------------------


def apply(sources: Mapping[str, Source], fixes: Iterable[Fix]) -> Iterator[tuple[str, bytes]]:
    """(path, new bytes) of every file that some fixes change; the fixes must not overlap."""
    edits: dict[str, set[Edit]] = {}
    for fix in fixes:
        for edit in fix.edits:
            edits.setdefault(edit.path, set()).add(edit)
    for path in sorted(edits):
        data = edited(sources[path], edits[path])
        if data != sources[path].data:
            yield path, data


def edited(source: Source, edits: Iterable[Edit]) -> bytes:
    """The bytes of a source with some edits made; all others are the same, BOM and line ends too.

    Raises `ValueError` where edits overlap or leave the text.
    """
    pieces = []
    position = 0
    text = source.text
    for edit in sorted(edits):
        if not position <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edits of {source.path} overlap or leave the text: {edit}")
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return source.encode("".join([*pieces, text[position:]]))
