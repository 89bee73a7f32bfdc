"""The files of an earlier revision, or of the staging area, as an overlay of the working files.

An overlay maps paths from the book's folder to bytes, None for a file that is not there; it holds
what differs from the disk and nothing else. What git ignores is part of no revision and stays.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import git
from pipeline.errors import UserError
from pipeline.tree import Unreadable, read_regular

Overlay = dict[str, bytes | None]

_RAW = ("--raw", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--abbrev=64",
        "--ignore-submodules=all", "--relative")  # fmt: skip
_FILES = ("100644", "100755")
_ABSENT = "000000"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit: `name` as it was asked for, day of the commit, first line of its message."""

    name: str
    commit: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        """The first characters of the commit's name."""
        return self.commit[:10]


def revision(root: Path, name: str) -> Revision:
    """The commit that a name such as `main`, `v1.0` or `HEAD~3` stands for. Raises `UserError`."""
    found = commit(root, name)
    text = _words(root, "show", "--no-patch", "--format=%cs%x00%s", found, "--")
    date, _, subject = text.partition("\0")
    return Revision(name, found, date, subject)


def commit(root: Path, name: str) -> str:
    """The full name of a commit, see `revision`. Raises `UserError`."""
    try:
        return _words(root, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    except git.GitError as error:
        git.top(root)
        raise UserError(
            f"git knows no revision `{name}` here: {error}",
            hint="name a commit, branch or tag; a shallow clone needs `git fetch --unshallow`",
        ) from error


def head(root: Path) -> Revision | None:
    """The commit that is checked out; None where there is none, or no git."""
    try:
        return revision(root, "HEAD")
    except UserError:
        return None


def overlay_of(root: Path, name: str) -> Overlay:
    """What turns the files below `root` into those of a revision. Raises `UserError`."""
    return _overlay(root, ("diff", *_RAW, commit(root, name), "--", "."), {})


def extract(root: Path, name: str, folder: Path) -> None:
    """Write the files that a revision has below `root` into a folder. Raises `UserError`.

    Links, modules and what is hidden are left out.
    """
    asked = commit(root, name)
    try:
        listed = list(_listed(git.ask(root, "ls-tree", "-r", "-z", asked, "--", ".")))
        blobs = _blobs(root, {blob for blob, _ in listed})
        for blob, path in listed:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(blobs[blob])
    except (git.GitError, OSError) as error:
        raise UserError(
            f"the files of `{name}` cannot be had: {error}", hint="leave out --pages"
        ) from error


def _listed(output: bytes) -> Iterator[tuple[str, str]]:
    """(blob, path) of the files that `git ls-tree` tells, but for `.git/`, `../` and the like."""
    for row in output.split(b"\0"):
        about, _, name = row.partition(b"\t")
        path = os.fsdecode(name)
        mode, _, rest = about.decode("ascii", "replace").partition(" ")
        if mode in _FILES and not any(part[:1] in ("", ".") for part in path.split("/")):
            yield rest.split(" ")[-1], path


def staged(root: Path) -> Overlay:
    """What turns the files below `root` into those that the next commit has. Raises `UserError`."""
    return _overlay(root, ("diff", *_RAW, "--", "."), _index_file())


def committed(root: Path, staged: Overlay) -> Overlay | None:
    """As `staged`, of the commit that is checked out: None where there is none yet."""
    try:
        head = git.ask(
            root, "diff", "--cached", *_RAW, "HEAD", "--", ".", environment=_index_file()
        )
    except git.GitError:
        return None
    return _with_changes(root, staged, head)


def _index_file() -> dict[str, str]:
    """In a hook of `git commit FILE` the staging area is a file that git names."""
    name = os.environ.get("GIT_INDEX_FILE")
    return {"GIT_INDEX_FILE": os.path.abspath(name)} if name else {}  # noqa: PTH100 - no links


def _overlay(root: Path, words: tuple[str, ...], environment: dict[str, str]) -> Overlay:
    try:
        guarded = environment | git.without_programs(root)
        changes = git.ask(root, *words, environment=guarded)
        loose = git.ask(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".",
                        environment=environment)  # fmt: skip
        return _with_changes(root, dict.fromkeys(_paths(loose)), changes)
    except git.GitError as error:
        git.top(root)
        raise UserError(
            f"git cannot tell what {root} was: {error}", hint="is it a git repository?"
        ) from error


def _with_changes(root: Path, overlay: Overlay, output: bytes) -> Overlay:
    """An overlay taken back by what a raw diff tells of the older side."""
    changes = list(_changes(output))
    blobs = _blobs(root, {blob for mode, blob, _ in changes if mode in _FILES})
    result = dict(overlay)
    for mode, blob, path in changes:
        if mode == _ABSENT:
            result[path] = None
        elif mode in _FILES and not _has(root / path, blobs[blob]):  # git may know by its time only
            result[path] = blobs[blob]
        else:
            result.pop(path, None)
    return result


def _has(path: Path, data: bytes) -> bool:
    """Whether a file holds these bytes."""
    try:
        return not path.is_symlink() and read_regular(path, len(data)) == data
    except (OSError, Unreadable):
        return False


def _changes(output: bytes) -> Iterator[tuple[str, str, str]]:
    """(mode, blob, path) on the older side of each difference; links and modules stay as is."""
    words = iter(output.split(b"\0"))
    for about in words:
        if about.startswith(b":"):
            mode, _, blob, _, state = about[1:].decode("ascii", "replace").split(" ")
            path = next(words, b"").decode("utf-8", "surrogateescape")
            if state != "U":
                yield mode, blob, path


def _paths(output: bytes) -> Iterator[str]:
    return (name.decode("utf-8", "surrogateescape") for name in output.split(b"\0") if name)


def _blobs(root: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The contents of blobs by name."""
    asked = sorted(names)
    if not asked:
        return {}
    data = "".join(f"{name}\n" for name in asked).encode()
    output = git.ask(root, "cat-file", "--batch", data=data)
    result, at = {}, 0
    for name in asked:
        end = output.index(b"\n", at)
        about = output[at:end].split()
        if len(about) != 3:
            raise git.GitError(output[at:end].decode("utf-8", "replace"))
        size = int(about[2])
        result[name] = output[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return result


def _words(root: Path, *words: str) -> str:
    return git.ask(root, *words).decode("utf-8", "replace").strip()
