"""Move a file or folder, and keep every link to it and from it right.

Also kept right: file names that front matter uses as identifiers, the folder of a part named by
`chapter_id`, event boxes, and the paths in book.yaml. If NEW is a folder, OLD is moved into it.
It is a plain rename: git sees it as such, whether the files are tracked or not.

  make-book mv manuscript/05-race/meta.md manuscript/05-race/llama.md
  make-book mv manuscript/05-race manuscript/04-race
  make-book mv --diff events/2023 events/archive

All of it is done or nothing; `make-book undo` takes it back. Exit: 0, or 1 where a link is left
that must be changed by hand, or --diff has something to show.
"""

import argparse
from pathlib import Path

from pipeline import index, journal, project, session
from pipeline.changes import known, moving
from pipeline.changes.proposal import Proposal
from pipeline.errors import UserError

NAME = "mv"
HELP = "move a file or folder and update every link"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book mv`."""
    parser.add_argument("old", metavar="OLD", help="a file or folder of the book")
    parser.add_argument("new", metavar="NEW", help="its new path, or a folder to move it into")
    parser.add_argument("--diff", action="store_true", help="show the changes, write nothing")


def run(options: argparse.Namespace) -> int:
    """Move; 1 where something is left to be changed by hand."""
    root = session.root(options)
    if options.diff:
        return _proposal(root, options).show()
    with journal.writing(root) as log:
        session.tell_recovered(log)
        return _proposal(root, options).carry_out(log, f"mv {options.old} {options.new}")


def _proposal(root: Path, options: argparse.Namespace) -> Proposal:
    old = session.relative(options.old.rstrip("/") or "/", root)
    new = session.relative(options.new.rstrip("/") or "/", root)
    if not (root / old).exists():
        raise UserError(f"there is no {options.old} in this book", hint="check the path")
    move = moving.destination(root, old, new + ("/" if options.new.endswith("/") else ""))
    loaded = index.build(project.load(root))
    return known.carried(loaded, moving.plan(loaded, move))
