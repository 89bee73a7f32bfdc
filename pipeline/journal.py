"""The write-ahead journal of every command that changes sources, and its way back.

A run is a folder `.make-book/journal/<number>.<state>` with the old bytes of every file, and a
plan with the hashes of old and new. It is on the disk before the first source changes, so that a
run which was killed at any point can be taken back. States: `open` while sources change, `done`
(`undo` takes it back), `undo` while it is taken back. A run that is found `open` or `undo` was
interrupted; it is taken back to its beginning before anything else is written.

Writes come first and moves after them: the paths of writes are those before the moves.
"""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline import files, state
from pipeline.changes import runs
from pipeline.changes.runs import PLAN, Damaged, Move, Plan, Run, Write, plain
from pipeline.config import STATE
from pipeline.errors import UserError

__all__ = ["Journal", "Move", "Undone", "Write", "interrupted", "one_name_each", "writing"]

FOLDER = "journal"
KEPT = 20  # runs that can be undone


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the command, its files, and those left alone because of edits."""

    command: str
    paths: tuple[str, ...]
    kept: tuple[str, ...] = ()


@contextlib.contextmanager
def writing(root: Path) -> Iterator["Journal"]:
    """Be the one that writes: locked, and with what an interrupted run left taken back.

    Raises `UserError` where that cannot be.
    """
    with state.lock(root):
        journal = Journal(root)
        journal.recover()
        yield journal


def interrupted(root: Path) -> bool:
    """Whether a run was interrupted and waits to be taken back. Reads names only."""
    folder = root / STATE / FOLDER
    if folder.is_symlink() or folder.parent.is_symlink():
        return False
    return any(run.state != "done" for run in runs.found(folder))


class Journal:
    """The journal of one book, used under its lock; see `writing`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = state.folder(root) / FOLDER
        state.refuse_link(self.folder)
        self.recovered: tuple[Undone, ...] = ()
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise files.cannot_write(self.folder, error) from error
        files.sweep(self.folder, older_than=0.0, now=time.time() + 1)

    @property
    def runs(self) -> list[Run]:
        """Every run, oldest first."""
        return runs.found(self.folder)

    def history(self) -> Iterator[str]:
        """A line for each run that can be undone, last first: time, command, number of files."""
        for run in reversed(self.runs):
            with explained(run):
                count = len(run.plan.changed)
                files_ = f"{count} path{'' if count == 1 else 's'}"
                yield f"{run.plan.time}  make-book {run.plan.command}  ({files_})"

    # ---- forward --------------------------------------------------------------------------

    def apply(self, command: str, writes: Sequence[Write], moves: Sequence[Move] = ()) -> None:
        """Change sources all together or not at all.

        Raises `UserError` where a file is not as it was read, or cannot be written; nothing is
        changed then.
        """
        wanted = tuple(self._distinct(item for item in writes if item.before != item.after))
        if not wanted and not moves:
            return
        self._check(wanted, moves)
        plan = runs.plan_of(command, wanted, moves, self._missing_folders(wanted, moves))
        try:
            run = self._record(plan, wanted)
        except OSError as error:
            raise files.cannot_write(self.folder, error) from error
        try:
            self._carry_out(run, wanted)
            run.become("done")
        except BaseException as error:
            self._retreat(run, error)
            raise
        self._prune()

    def _retreat(self, run: Run, error: BaseException) -> None:
        """Take back what a failed run has done; what cannot be is left to `recover`."""
        current = next((item for item in self.runs if item.number == run.number), None)
        if current:
            try:
                self._take_back(current)
            except (OSError, Damaged, UserError):
                if isinstance(error, OSError):
                    raise UserError(
                        f"cannot write {error.filename or self.root}: {error.strerror or error}; "
                        "the change is half done",
                        hint="free some space or mend the permissions, then run `make-book undo`",
                    ) from error
                return
        if isinstance(error, OSError):
            raise files.cannot_write(Path(str(error.filename or self.root)), error) from error

    def _distinct(self, writes: Iterable[Write]) -> Iterator[Write]:
        """Two names of one file are written once, and only if they agree."""
        seen: dict[object, bytes] = {}
        for item in writes:
            real = _identity(self.root / item.path)
            if real not in seen:
                seen[real] = item.after
                yield item
            elif seen[real] != item.after:
                raise UserError(
                    f"{item.path} is another name of a file that is changed as well",
                    hint="name one of them only, `make-book fix PATH`",
                )

    def _check(self, writes: Iterable[Write], moves: Iterable[Move]) -> None:
        for item in writes:
            self._confine(item.path)
            path = self.root / item.path
            if _content(path) != item.before:
                raise changed_since(item.path)
            _refuse_read_only(item.path, path)
            self._refuse_closed(item.path)
        for move in moves:
            self._confine(move.old, move.new)
            self._refuse_closed(move.old, move.new)

    def _refuse_closed(self, *paths: str) -> None:
        """Raise `UserError` where a folder takes no file, and gives none away."""
        root = self.root.resolve()
        for path in paths:
            folders = (self.root / path).resolve().parents
            folder = next(folder for folder in folders if folder.is_dir())
            _refuse_read_only(f"{os.path.relpath(folder, root)}/", folder)

    def _confine(self, *paths: str) -> None:
        """Refuse a path that leads out of the project or into a hidden folder."""
        root = PurePosixPath(os.path.realpath(self.root))
        for path in paths:
            real = PurePosixPath(os.path.realpath(self.root / path))
            inside = plain(path) and real.is_relative_to(root)
            if inside and plain(real.relative_to(root).as_posix()):
                continue
            raise UserError(
                f"{path} is not a source of this book, so it is not written",
                hint="sources are below the book's folder, and not in hidden folders",
            )

    def _missing_folders(self, writes: Iterable[Write], moves: Iterable[Move]) -> tuple[str, ...]:
        wanted = [*(item.path for item in writes), *(move.new for move in moves)]
        missing = {
            parent.as_posix()
            for path in wanted
            for parent in PurePosixPath(path).parents
            if parent.name and not (self.root / parent).is_dir()
        }
        return tuple(sorted(missing))

    def _record(self, plan: Plan, writes: Sequence[Write]) -> Run:
        """Put old bytes, new bytes and the plan on the disk."""
        number = max((run.number for run in self.runs), default=0) + 1
        temporary = Path(
            tempfile.mkdtemp(prefix=files.PREFIX, suffix=files.SUFFIX, dir=self.folder)
        )
        try:
            for place, item in enumerate(writes):
                if item.before is not None:
                    files.stage(temporary / f"{place}.old", item.before)
                files.stage(temporary / f"{place}.new", item.after)
            files.stage(temporary / PLAN, json.dumps(plan.record(), indent=1).encode())
            files.sync_folder(temporary)
            folder = self.folder / f"{number:06}.open"
            files.move(temporary, folder)
        except BaseException:
            files.discard(temporary)
            raise
        return Run(folder)

    def _carry_out(self, run: Run, writes: Sequence[Write]) -> None:
        for folder in run.plan.folders:
            files.make_folders(self.root / folder)
        for place, item in enumerate(writes):
            path = self.root / item.path
            if _content(path) != item.before:
                raise changed_since(item.path)
            files.install(run.folder / f"{place}.new", path)
        for move in run.plan.moves:
            files.move(self.root / move.old, self.root / move.new)

    def _prune(self) -> None:
        with contextlib.suppress(OSError):
            for run in self.runs[:-KEPT]:
                run.drop()

    # ---- back -----------------------------------------------------------------------------

    def recover(self) -> None:
        """Take back every interrupted run, newest first; `recovered` tells."""
        for run in reversed(self.runs):
            if run.state != "done":
                self.recovered += (self._guarded(run),)

    def undo(self, *, keep_edited: bool = False) -> Undone | None:
        """Take back the last run; None where there is none.

        Raises `UserError` where a file was edited since; with `keep_edited` such files stay.
        """
        run = next((item for item in reversed(self.runs) if item.state == "done"), None)
        if run is None:
            return None
        with explained(run):
            self._confine(*run.plan.paths)
            self._refuse_closed(*run.plan.paths, *map(run.plan.here, run.plan.paths))
            edited = self._edited(run)
        if edited and not keep_edited:
            raise UserError(
                f"edited since `make-book {run.plan.command}`: {', '.join(edited)}; "
                "nothing was undone",
                hint="`make-book undo --keep-edited` takes back the other files",
            )
        try:
            return self._guarded(run.become("undo"))
        except OSError as error:
            raise files.cannot_write(self.folder, error) from error

    def _guarded(self, run: Run) -> Undone:
        with explained(run):
            try:
                return self._take_back(run)
            except OSError as error:
                raise files.cannot_write(Path(str(error.filename or self.root)), error) from error

    def _edited(self, run: Run) -> list[str]:
        """Files and folders that are not as the run left them."""
        found = []
        for place, (path, old, new) in enumerate(run.plan.writes):
            here = run.plan.here(path)
            if _digest(self.root / here) != new:
                found.append(here)
            elif old is not None and runs.digest(run.blob(place, "old")) != old:
                raise Damaged(str(run.folder))
        for move in run.plan.moves:
            if not os.path.lexists(self.root / move.new):
                found.append(move.new)
            elif os.path.lexists(self.root / move.old):
                found.append(move.old)
        return list(dict.fromkeys(found))

    def _take_back(self, run: Run) -> Undone:
        """Bring back what was before a run, from any point of it or of its undoing."""
        plan = run.plan
        self._confine(*plan.paths)
        kept = [move.new for move in reversed(plan.moves) if not self._moved_back(move)]
        for place in reversed(range(len(plan.writes))):
            if not self._restored(run, place):
                kept.append(plan.writes[place][0])
        for folder in reversed(plan.folders):
            with contextlib.suppress(OSError):
                files.remove_folder(self.root / folder)
        run.drop()
        return Undone(plan.command, plan.changed, tuple(sorted(set(kept))))

    def _moved_back(self, move: Move) -> bool:
        old, new = self.root / move.old, self.root / move.new
        if not os.path.lexists(new):
            return True
        if os.path.lexists(old):
            return False
        files.make_folders(old.parent)
        files.move(new, old)
        return True

    def _restored(self, run: Run, place: int) -> bool:
        """Whether a written file is as it was before; False where it was edited since."""
        path, old, new = run.plan.writes[place]
        target = self.root / path
        current = _content(target)
        if runs.digest(current) == old:
            return True
        if runs.digest(current) != new and not runs.torn(current, run, place):
            return False
        if old is None:
            files.remove(target)
        elif runs.digest(run.blob(place, "old")) == old:
            files.install(run.folder / f"{place}.old", target)
        else:
            raise Damaged(str(run.folder))
        return True


def one_name_each(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """One path for each file that has several, by symbolic or hard links: a plain one if any."""
    chosen: dict[object, str] = {}
    for path in sorted(paths, key=lambda path: ((root / path).is_symlink(), path)):
        chosen.setdefault(_identity(root / path), path)
    return frozenset(chosen.values())


def _identity(path: Path) -> object:
    """What two names of one file share."""
    try:
        status = path.stat()
    except OSError:
        return os.path.realpath(path)
    return status.st_dev, status.st_ino


def _refuse_read_only(name: str, path: Path) -> None:
    if path.exists() and not os.access(path, os.W_OK):
        raise UserError(f"{name} is read-only", hint="make it writable first")


def changed_since(path: str) -> UserError:
    """A file that someone else wrote between our reading and our writing."""
    return UserError(
        f"{path} changed while it was being worked on; nothing was written",
        hint="save your edits, then run the command again",
    )


@contextlib.contextmanager
def explained(run: Run) -> Iterator[None]:
    """Turn `Damaged` into words."""
    try:
        yield
    except Damaged as error:
        raise UserError(
            f"the journal is damaged: {run.folder}", hint="look at the files, then remove it"
        ) from error


def _content(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none. Raises `UserError` for anything else."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(
            f"cannot read {path}: {error.strerror or error}", hint="check its permissions"
        ) from error


def _digest(path: Path) -> str | None:
    return runs.digest(_content(path))
