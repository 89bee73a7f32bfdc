"""Where files were before: renames and deletions that git knows, asked for when first needed.

Renames are followed to where the file is now: from commits, the staging area, and files that were
moved without telling git (gone from one path, the same bytes untracked at another).
"""

import hashlib
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path

from pipeline import cache, git
from pipeline.cache import Store
from pipeline.errors import UserError

COMMITS = 5000
UNTRACKED = 5000  # files that are compared with those that are gone
FILE_BYTES = 8_000_000

_CHANGES = (
    "-M", "-l1000", "--name-status", "-z", "--diff-filter=RD", "--no-ext-diff", "--relative",
)  # fmt: skip


class History:
    """The former paths of the files below a folder; empty where there is no git."""

    def __init__(self, root: Path, store: Store | None = None) -> None:
        self.root = root
        self._store = store or Store(None)

    @property
    def renames(self) -> Mapping[str, str]:
        """Former path → path now. Git is asked at the first look."""
        return _Renames(self)

    @property
    def former(self) -> Set[str]:
        """Every path at which git knows a file to have been, and to be no longer."""
        return _Former(self)

    @cached_property
    def known(self) -> tuple[dict[str, str], frozenset[str]]:
        """(renames, former paths)."""
        log = self._log()
        staged = self._git("diff", "--cached", *_CHANGES, "HEAD")
        changes = [*_parsed(log), *_parsed(staged), *self._moved_silently()]
        return _followed(changes)

    def _log(self) -> bytes:
        """What the commits say, asked for once for each commit that is checked out."""
        where = self._git("rev-parse", "--is-shallow-repository", "HEAD", "--show-prefix")
        name = cache.key("history", COMMITS, _CHANGES, where)
        whole = where.startswith(b"false")  # of a shallow clone more commits may come
        found = self._store.get(name) if whole else None
        if found is None:
            words = ("log", "--reverse", f"--max-count={COMMITS}", "--format=", *_CHANGES)
            found = self._git(*words)
            if whole:
                self._store.put(name, found)
        return found

    def _git(self, *words: str) -> bytes:
        try:
            return git.ask(self.root, *words)
        except (git.GitError, UserError):
            return b""

    def _moved_silently(self) -> list[tuple[str, str]]:
        """Files that are gone, and where the same bytes lie untracked."""
        deleted = set(map(_path, self._git("ls-files", "--deleted", "-z").split(b"\0"))) - {""}
        if not deleted:
            return []
        staged = _staged(self._git("ls-files", "--stage", "-z"))
        gone = {path: name for path, name in staged.items() if path in deleted}
        listed = self._git("ls-files", "--others", "--exclude-standard", "-z")
        fresh = [_path(name) for name in listed.split(b"\0") if name][:UNTRACKED]
        by_content: dict[str, list[str]] = defaultdict(list)
        for path in fresh:
            for name in self._names(path, {len(name) for name in gone.values()}):
                by_content[name].append(path)
        moved = {old: found for old, name in gone.items() if (found := _one(by_content[name], old))}
        moved |= _along(moved, set(gone) - set(moved), set(fresh) - set(moved.values()))
        return [(old, moved.get(old, "")) for old in gone]

    def _names(self, path: str, lengths: set[int]) -> Iterator[str]:
        """The names that git would give to a file's content, SHA-1 or SHA-256."""
        full = self.root / path
        try:
            if full.is_symlink() or full.stat().st_size > FILE_BYTES:
                return
            data = full.read_bytes()
        except OSError:
            return
        for text in {data, data.replace(b"\r\n", b"\n")}:
            blob = b"blob %d\0%s" % (len(text), text)
            if 40 in lengths:
                yield hashlib.sha1(blob, usedforsecurity=False).hexdigest()
            if 64 in lengths:
                yield hashlib.sha256(blob).hexdigest()


def _parsed(output: bytes) -> Iterator[tuple[str, str]]:
    """(old, new) of renames and (old, "") of deletions, in the order of the output."""
    words = iter(output.split(b"\0"))
    for word in words:
        status = word.strip()
        if status.startswith(b"R"):
            yield _path(next(words, b"")), _path(next(words, b""))
        elif status.startswith(b"D"):
            yield _path(next(words, b"")), ""


def _path(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _followed(changes: Sequence[tuple[str, str]]) -> tuple[dict[str, str], frozenset[str]]:
    """Renames joined into chains, oldest change first."""
    now: dict[str, str] = {}
    former: set[str] = set()
    for old, new in changes:
        former.add(old)
        if not new:
            continue
        for start, end in list(now.items()):
            if end == old:
                now[start] = new
        now[old] = new
        now.pop(new, None)
    return now, frozenset(former - {""})


def _staged(output: bytes) -> dict[str, str]:
    """Path → name of the content, of `git ls-files --stage`."""
    result = {}
    for row in output.split(b"\0"):
        about, tab, path = row.partition(b"\t")
        words = about.split()
        if tab and len(words) == 3:
            result[_path(path)] = words[1].decode("ascii", "replace")
    return result


def _one(paths: Sequence[str], old: str) -> str | None:
    """The one path with the same content, or the one of these with the same name."""
    if len(paths) == 1:
        return paths[0]
    named = [path for path in paths if posixpath.basename(path) == posixpath.basename(old)]
    return named[0] if len(named) == 1 else None


def _along(moved: Mapping[str, str], gone: Set[str], fresh: Set[str]) -> dict[str, str]:
    """Files that were edited too, but lie where the others of their folder went."""
    folders: dict[str, set[str]] = defaultdict(set)
    for old, new in moved.items():
        folders[posixpath.dirname(old)].add(posixpath.dirname(new))
    result = {}
    for old in sorted(gone):
        places = folders[posixpath.dirname(old)]
        new = posixpath.join(min(places), posixpath.basename(old)) if len(places) == 1 else ""
        if new in fresh:
            result[old] = new
    return result


class _Renames(Mapping[str, str]):
    def __init__(self, history: History) -> None:
        self._history = history

    def __getitem__(self, path: str) -> str:
        return self._history.known[0][path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._history.known[0])

    def __len__(self) -> int:
        return len(self._history.known[0])


class _Former(Set[str]):
    def __init__(self, history: History) -> None:
        self._history = history

    def __contains__(self, path: object) -> bool:
        return path in self._history.known[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._history.known[1])

    def __len__(self) -> int:
        return len(self._history.known[1])
