"""A change of sources that is worked out but not made: shown as a diff, or given to the journal."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline import fixer
from pipeline.changes import patch
from pipeline.changes.runs import moved
from pipeline.clean_text import clean
from pipeline.diagnostics import Edit
from pipeline.errors import Exit
from pipeline.journal import Journal, Move, Write
from pipeline.source import Source


@dataclass(frozen=True)
class Proposal:
    """New bytes of files, by the path they have before the moves.

    `renamed` lists every file that the moves take along; `by_hand` says what has to be changed
    by the author, because it is written in a way that we do not rewrite.
    """

    before: Mapping[str, bytes] = field(default_factory=dict)
    after: Mapping[str, bytes] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    renamed: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    changes: int = 0

    def diff(self) -> str:
        """The change as a patch that `git apply` takes."""
        paths = sorted({*self.after, *self.renamed})
        return "".join(self._diff(path) for path in paths)

    def _diff(self, path: str) -> str:
        return patch.of_file(
            path, self.before.get(path, b""), self.after.get(path, b""), self.here(path)
        )

    def here(self, path: str) -> str:
        """A path after the moves."""
        for move in self.moves:
            path = moved(path, move)
        return path

    def show(self) -> int:
        """Print the diff; the exit code of `--diff`."""
        text = self.diff()
        patch.write(text, sys.stdout)
        self._say_by_hand()
        return Exit.FINDINGS if text else Exit.CLEAN

    def carry_out(self, log: Journal, command: str) -> int:
        """Make the change and say what was done; 1 where something is left to the author."""
        writes = [Write(path, self.before[path], self.after[path]) for path in sorted(self.after)]
        log.apply(command, writes, self.moves)
        for move in self.moves:
            print(f"moved {clean(move.old)} to {clean(move.new)}")
        places, count = self.changes, len(self.after)
        print(f"changed {_counted(places, 'place')} in {_counted(count, 'file')}")
        self._say_by_hand()
        return Exit.FINDINGS if self.by_hand else Exit.CLEAN

    def _say_by_hand(self) -> None:
        for line in self.by_hand:
            print(f"to change by hand: {clean(line)}", file=sys.stderr)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def of_edits(
    sources: Mapping[str, Source], edits: Iterable[Edit], moves: tuple[Move, ...] = (),
    renamed: Iterable[str] = (), by_hand: Iterable[str] = (),
) -> Proposal:  # fmt: skip
    """The proposal that some edits make."""
    by_path: dict[str, set[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, set()).add(edit)
    after = dict(_edited(sources, by_path))
    count = sum(len(by_path[path]) for path in after)
    before = {path: sources[path].data for path in after}
    return Proposal(before, after, moves, tuple(renamed), tuple(by_hand), count)


def _edited(
    sources: Mapping[str, Source], edits: Mapping[str, set[Edit]]
) -> Iterator[tuple[str, bytes]]:
    for path in sorted(edits):
        data = fixer.edited(sources[path], edits[path])
        if data != sources[path].data:
            yield path, data


def place(source: Source, offset: int, message: str) -> str:
    """A note with its place: `path:line:column: message`."""
    line, column = source.position(offset)
    return f"{source.path}:{line}:{column}: {message}"
