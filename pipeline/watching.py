"""Does something again whenever the files of a book change, and survives what it meets.

The tree is looked at a few times a second. That asks for no library, sees what any editor does,
also over a network, and costs at most a tenth of one core.
"""

import sys
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from pipeline import failures
from pipeline.errors import UserError
from pipeline.tree import Tree

PAUSE = 0.1  # seconds between looks
SHARE = 9  # times as long as a look took, if that is more
SETTLE = 0.04  # seconds without a change: an editor may write a file in several steps
NAMED = 3

Stamps = dict[str, tuple[int, int, int]]


def repeat(root: Path, once: Callable[[], object], own: Collection[str] = ()) -> NoReturn:
    """Do something now and after each change below `root`, until interrupted.

    A failure is told, and the next change awaited: the file may be half saved. `own` are files
    that `once` itself writes, by their paths from the root.
    """
    watch = Watch(root, own)
    while True:
        try:
            once()
        except UserError as error:
            failures.tell(error)
        except Exception:
            failures.tell_bug(root)
        sys.stdout.flush()
        _say("waiting for a change; Ctrl-C ends it")
        changed = watch.wait()
        more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
        now = datetime.now(UTC).astimezone()
        _say(f"\n{now:%H:%M:%S} {', '.join(changed[:NAMED])}{more}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Watch:
    """The files of a folder as they were last seen, but for some."""

    def __init__(self, root: Path, but: Collection[str] = ()) -> None:
        self.root = root
        self.but = frozenset(but)
        self.seen = self._stamps()

    def wait(self) -> list[str]:
        """Sleep until files are other than last seen, and at rest; their paths."""
        before, pause = self.seen, 0.0
        while self.seen == before:
            time.sleep(pause)
            pause = max(PAUSE, SHARE * self._look())
        settled: Stamps = {}
        while settled != self.seen:
            settled = self.seen
            time.sleep(SETTLE)
            self._look()
        both = before.keys() | self.seen.keys()
        return sorted(path for path in both if before.get(path) != self.seen.get(path))

    def _look(self) -> float:
        """See what is there; the seconds that it took."""
        start = time.perf_counter()
        self.seen = self._stamps()
        return time.perf_counter() - start

    def _stamps(self) -> Stamps:
        stamps: Stamps = {}
        for path in Tree(self.root).listing().files - self.but:
            try:
                status = (self.root / path).stat()
            except OSError:
                continue
            stamps[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return stamps
