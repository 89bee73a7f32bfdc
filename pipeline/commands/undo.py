"""Take back the last command that changed sources: fix, mv, rename, import, cite.

Every such run keeps the old bytes in `.make-book/journal/` before it changes anything. Undo brings
them back byte for byte, also after a crash in the middle of a run. Run it again to take back the
run before.

A file that was edited since is not overwritten: nothing is undone then, unless --keep-edited asks
for the other files.

  make-book undo
  make-book undo --list          the runs that can be taken back, last first
  make-book undo --keep-edited   all but the files that were edited since
"""

import argparse

from pipeline import journal, session
from pipeline.clean_text import clean
from pipeline.errors import Exit

NAME = "undo"
HELP = "take back the last command that changed sources"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book undo`."""
    parser.add_argument("--list", action="store_true", help="list what can be undone")
    parser.add_argument("--keep-edited", action="store_true", help="leave edited files as they are")


def run(options: argparse.Namespace) -> int:
    """Undo; 1 where files were left because of edits."""
    with journal.writing(session.root(options)) as log:
        if options.list:
            for line in log.history():
                print(clean(line))
            return Exit.CLEAN
        if log.recovered:
            done = [_told(item) for item in log.recovered]
            return Exit.CLEAN if all(done) else Exit.FINDINGS
        undone = log.undo(keep_edited=options.keep_edited)
    if undone is None:
        print("nothing to undo")
        return Exit.CLEAN
    return Exit.CLEAN if _told(undone) else Exit.FINDINGS


def _told(undone: journal.Undone) -> bool:
    """Print what was taken back; whether all of it was."""
    print(f"took back `make-book {clean(undone.command)}`:")
    for path in undone.paths:
        note = "  (edited since, left as it is)" if path in undone.kept else ""
        print(f"  {clean(path)}{note}")
    for path in sorted(set(undone.kept) - set(undone.paths)):
        print(f"  left as it is, another is in its place: {clean(path)}")
    return not undone.kept
