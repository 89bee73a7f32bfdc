"""List every place that names a thing: an event, concept, organization, chapter, part, citation
key or anchor. It may be named by its identifier, file stem, alias or display name.

  make-book refs llama-2023-02
  make-book refs @touvron2023llama      a citation key
  make-book refs transformer --kind concept
  make-book refs llama-2023-02 --json

Each line is `path:line:column  what  spelling`: a field of front matter, a relation, a link, a
citation, an event box. Exit: 0, or 2 where nothing has that name.
"""

import argparse

from pipeline import session
from pipeline.changes import uses
from pipeline.changes.uses import Use
from pipeline.clean_text import as_json, clean
from pipeline.errors import Exit

NAME = "refs"
HELP = "list every use of an event, concept, chapter, citation key or anchor"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book refs`."""
    parser.add_argument("name", metavar="ID", help="what is looked for; a citation key as @key")
    parser.add_argument("--kind", metavar="TYPE", help="event, concept, chapter, citation, …")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(options: argparse.Namespace) -> int:
    """List the uses."""
    index = session.load(options)
    asked = uses.subject(index, options.name, options.kind)
    found = uses.of(index, asked)
    if options.json:
        record = {
            "version": 1,
            "kind": asked.kind,
            "id": asked.identifier,
            "path": asked.target.path if asked.target else None,
            "uses": [_record(use) for use in found],
        }
        print(as_json(record, 1))
        return Exit.CLEAN
    for use in found:
        line, column = use.source.position(use.span.start)
        what = f"{use.where} (defined here)" if use.definition else use.where
        typed = use.source.slice(use.span)
        print(clean(f"{use.source.path}:{line}:{column}  {what}  {typed}".rstrip()))
    count = sum(not use.definition for use in found)
    print(f"{asked.kind} {clean(asked.identifier)}: {count} use{'' if count == 1 else 's'}")
    return Exit.CLEAN


def _record(use: Use) -> dict[str, object]:
    line, column = use.source.position(use.span.start)
    end_line, end_column = use.source.position(use.span.end)
    return {
        "path": use.source.path, "line": line, "column": column,
        "end_line": end_line, "end_column": end_column,
        "in": use.where, "spelling": use.how, "text": use.source.slice(use.span),
        "definition": use.definition,
    }  # fmt: skip
