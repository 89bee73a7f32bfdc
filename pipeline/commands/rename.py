"""Give an event, concept, organization, chapter, citation key or anchor another identifier,
everywhere it is used: front matter, relations, links, event boxes, citations, bibliography.

Names that are spelt otherwise (a display name, an alias, the file's name) stay as they are: they
still lead to it. With --file the document's file takes the new name too, and links follow.

  make-book rename llama-2023-02 llama1-2023-02
  make-book rename llama-2023-02 llama1-2023-02 --alias --file
  make-book rename @touvron2023llama touvron2023a
  make-book rename transformer transformer-model --kind concept --diff

All of it is done or nothing; `make-book undo` takes it back. Exit: 0, or 1 where a use is left
that must be changed by hand, or --diff has something to show.
"""

import argparse
from pathlib import Path

from pipeline import index, journal, project, session
from pipeline.changes import known, renaming, uses
from pipeline.changes.proposal import Proposal

NAME = "rename"
HELP = "give a thing another identifier everywhere"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book rename`."""
    parser.add_argument("name", metavar="ID", help="what it is called now; a citation key as @key")
    parser.add_argument("new", metavar="NEW", help="what it shall be called")
    parser.add_argument("--kind", metavar="TYPE", help="event, concept, chapter, citation, …")
    parser.add_argument("--alias", action="store_true", help="keep the old identifier as an alias")
    parser.add_argument("--file", action="store_true", help="rename the document's file too")
    parser.add_argument("--diff", action="store_true", help="show the changes, write nothing")


def run(options: argparse.Namespace) -> int:
    """Rename; 1 where something is left to be changed by hand."""
    root = session.root(options)
    if options.diff:
        return _proposal(root, options).show()
    with journal.writing(root) as log:
        session.tell_recovered(log)
        return _proposal(root, options).carry_out(log, f"rename {options.name} {options.new}")


def _proposal(root: Path, options: argparse.Namespace) -> Proposal:
    loaded = index.build(project.load(root))
    subject = uses.subject(loaded, options.name, options.kind)
    new = options.new.removeprefix("@")
    change = renaming.plan(loaded, subject, new, alias=options.alias, file=options.file)
    return known.carried(loaded, change)
