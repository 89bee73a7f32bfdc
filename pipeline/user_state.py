"""What the tool keeps for a user of this machine, outside of all books: a secret, a crash log."""

import contextlib
import os
from functools import cache
from pathlib import Path

BYTES = 32


def folder() -> Path:
    """`$XDG_STATE_HOME/make-book`, else `~/.local/state/make-book`; it may not be there."""
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".local" / "state"
    return base / "make-book"


def secret(root: Path) -> bytes:
    """What this user's caches are signed with, so that nobody else's are believed.

    Where it cannot be kept, or would be kept in the book itself, it is another in each process.
    """
    try:
        place = folder().resolve() / "secret"
    except (OSError, RuntimeError):  # no home
        return _passing()
    return _passing() if place.is_relative_to(root.resolve()) else _kept(place)


@cache
def _passing() -> bytes:
    return os.urandom(BYTES)


@cache
def _kept(place: Path) -> bytes:
    for _ in range(2):
        with contextlib.suppress(OSError):
            if len(found := place.read_bytes()) == BYTES:
                return found
        with contextlib.suppress(OSError):
            _make(place)
    return _passing()


def _make(place: Path) -> None:
    """Write a new secret, unless another process was faster. Raises `OSError`."""
    import tempfile  # once for each user

    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with open(handle, "wb") as stream:
            stream.write(_passing())
        os.link(name, place)
    finally:
        Path(name).unlink()
