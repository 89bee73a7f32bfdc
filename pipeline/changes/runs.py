"""Journalled runs on the disk: the plan of each, the old bytes, and where it stands."""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline import files

PLAN = "plan.json"
VERSION = 1
STATES = ("open", "done", "undo")


@dataclass(frozen=True, slots=True)
class Write:
    """New bytes for a file; `before` as it was read, None for a file that is new."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Move:
    """Another path for a file or folder."""

    old: str
    new: str


class Damaged(Exception):
    """A journal that this tool did not write, or that lost a part."""


@dataclass(frozen=True)
class Run:
    """One journalled run on the disk."""

    folder: Path

    @property
    def state(self) -> str:
        """`open`, `done` or `undo`."""
        return self.folder.suffix[1:]

    @property
    def number(self) -> int:
        """Runs are counted."""
        return int(self.folder.stem)

    @cached_property
    def plan(self) -> "Plan":
        """What the run does. Raises `Damaged`."""
        try:
            record = json.loads(_plain_bytes(self.folder / PLAN))
            return Plan.read(record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(str(self.folder)) from error

    def blob(self, place: int, kind: str) -> bytes | None:
        """The old or new bytes of a write, None where the journal has no such file."""
        try:
            return _plain_bytes(self.folder / f"{place}.{kind}")
        except OSError:
            return None

    def become(self, new_state: str) -> "Run":
        """The same run in another state, durably."""
        folder = self.folder.with_suffix(f".{new_state}")
        files.move(self.folder, folder)
        return Run(folder)

    def drop(self) -> None:
        """Forget the run: in one step, then its files."""
        away = self.folder.with_name(f"{files.PREFIX}{self.folder.name}{files.SUFFIX}")
        self.folder.rename(away)
        files.discard(away)


@dataclass(frozen=True)
class Plan:
    """Paths, and hashes before and after (None: no file); moves; folders that the run makes."""

    command: str
    time: str
    writes: tuple[tuple[str, str | None, str], ...]
    moves: tuple[Move, ...]
    folders: tuple[str, ...]

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> "Plan":
        """A plan from its record. Raises `ValueError` for a path that no run of ours has."""
        if record["version"] != VERSION:
            raise ValueError("another version")
        plan = cls(
            str(record["command"]),
            str(record["time"]),
            tuple((str(item["path"]), item["old"], str(item["new"])) for item in record["writes"]),
            tuple(Move(str(old), str(new)) for old, new in record["moves"]),
            tuple(map(str, record["folders"])),
        )
        for path in plan.paths:
            if not plain(path):
                raise ValueError(path)
        return plan

    def record(self) -> dict[str, object]:
        """The plan as JSON."""
        writes = [{"path": path, "old": old, "new": new} for path, old, new in self.writes]
        moves = [[move.old, move.new] for move in self.moves]
        return {
            "version": VERSION, "command": self.command, "time": self.time,
            "writes": writes, "moves": moves, "folders": self.folders,
        }  # fmt: skip

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that the plan names."""
        moved = [path for move in self.moves for path in (move.old, move.new)]
        return (*(path for path, _, _ in self.writes), *moved, *self.folders)

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that are written, and what is moved."""
        return (*(path for path, _, _ in self.writes), *(move.old for move in self.moves))

    def here(self, path: str) -> str:
        """Where the file of a write is after the moves."""
        for move in self.moves:
            path = moved(path, move)
        return path


def moved(path: str, move: Move) -> str:
    """A path after a move of itself or of a folder above it."""
    if path == move.old or path.startswith(f"{move.old}/"):
        return move.new + path[len(move.old) :]
    return path


def plain(path: str) -> bool:
    """Whether a path stays below the root and names nothing hidden."""
    parts = path.split("/")
    return bool(path) and not any(part == "" or part.startswith(".") for part in parts)


def found(folder: Path) -> list[Run]:
    """The runs in a journal, oldest first."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    runs = [Run(folder / name) for name in names if _is_run(name)]
    return sorted(runs, key=lambda run: run.number)


def _is_run(name: str) -> bool:
    stem, _, suffix = name.partition(".")
    return stem.isascii() and stem.isdecimal() and suffix in STATES


def plan_of(
    command: str, writes: Iterable[Write], moves: Iterable[Move], folders: tuple[str, ...]
) -> Plan:
    """A plan with hashes and the time."""
    hashes = ((item.path, digest(item.before), str(digest(item.after))) for item in writes)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return Plan(command, now, tuple(hashes), tuple(moves), folders)


def _plain_bytes(path: Path) -> bytes:
    """The bytes of a regular file of the journal; a link there is not ours. Raises `OSError`."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
        return stream.read()


def digest(data: bytes | None) -> str | None:
    """SHA-256 of the bytes of a file, None for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def torn(current: bytes | None, run: Run, place: int) -> bool:
    """Whether a file is what a kill leaves of a write in place: one text's start, another's end."""
    old, new = run.blob(place, "old"), run.blob(place, "new")
    if current is None or old is None or new is None:
        return False
    return _mixed(current, new, old) or _mixed(current, old, new)


def _mixed(current: bytes, start: bytes, end: bytes) -> bool:
    pairs = enumerate(zip(current, start, strict=False))
    common = next((at for at, (one, two) in pairs if one != two), min(len(current), len(start)))
    return current[common:] == end[common:]
