"""Failures in words: a user's in one line and a hint, ours with a log of the details."""

import sys
import traceback
from pathlib import Path

from pipeline.config import STATE
from pipeline.errors import UserError


def tell(error: UserError) -> None:
    """Say what a user can mend, and how."""
    print(f"make-book: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  help: {error.hint}", file=sys.stderr)


def tell_bug() -> None:
    """Say that the exception being handled is ours: its traceback goes to a log."""
    text = traceback.format_exc()
    place = Path(STATE) / "crash.log"
    try:
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8", errors="backslashreplace")
        where = f"the details are in {place}"
    except OSError:
        print(text, file=sys.stderr)
        where = "the details are above"
    last = text.strip().splitlines()[-1]
    print(f"make-book: this is a bug in make-book: {last}", file=sys.stderr)
    print(f"  help: please report it; {where}", file=sys.stderr)
