"""Failures in words: a user's in one line and a hint, ours with a log of the details."""

import sys
import traceback
from pathlib import Path

from pipeline import files, state, user_state
from pipeline.clean_text import clean
from pipeline.errors import UserError


def tell(error: UserError) -> None:
    """Say what a user can mend, and how."""
    hint = f"\n  help: {clean(error.hint)}" if error.hint else ""
    print(f"make-book: {clean(error.message)}{hint}", file=sys.stderr)


def tell_unforeseen(error: Exception, folder: str | Path) -> None:
    """Say what ended a command and was not expected: the machine's limits, or a bug of ours."""
    if isinstance(error, MemoryError):
        tell(UserError("the memory does not suffice", hint="close other programs"))
    elif isinstance(error, OSError) and error.errno in files.DISK:
        tell(files.cannot_write(Path(error.filename or folder), error))
    else:
        tell_bug(folder)


def tell_bug(folder: str | Path) -> None:
    """Say that the exception being handled is ours: its traceback goes to a log.

    The log is the book's that `folder` belongs to, else the user's.
    """
    text = traceback.format_exc()
    try:
        place = _place(Path(folder)) / "crash.log"
        files.write(place, text.encode("utf-8", "backslashreplace"))
        where = f"the details are in {place}"
    except (OSError, RuntimeError, UserError):
        print(text, file=sys.stderr)
        where = "the details are above"
    last = text.strip().splitlines()[-1]
    print(f"make-book: this is a bug in make-book: {clean(last)}", file=sys.stderr)
    print(f"  help: please report it; {where}", file=sys.stderr)


def _place(start: Path) -> Path:
    root = state.root_of(start.resolve())
    return state.place(root) if root else user_state.folder()
