"""Begin a chapter, an event card, a concept, an organization, or a document of the book's own type.

The file goes where its siblings are, with an id, a date and the next number. What is left to be
written is said.

  make-book new chapter 开放的权重
  make-book new event "Meta发布LLaMA (Meta Releases LLaMA)" --date 2023-02-24
  make-book new concept 注意力 --title-en Attention
  make-book new chapter Tides --in manuscript/02-sea
  make-book new event Flood --diff          show it, write nothing

The English half may stand in brackets, as above. A template of the book's own, templates/event.md
or the `template` of its content type in book.yaml, goes before the one that ships. It may hold
{{ id }}, {{ id_field }}, {{ title }}, {{ title_en }}, {{ title_field }}, {{ heading }}, {{ date }},
{{ year }}, {{ number }} and {{ today }}; a line whose values are all empty is left out.

`make-book undo` takes it back. Exit: 0, or 1 where --diff has something to show.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeline import checker, index, journal, project, session
from pipeline.changes import patch
from pipeline.clean_text import clean, printable
from pipeline.config import ContentType
from pipeline.errors import Exit, UserError
from pipeline.index import Index
from pipeline.journal import Write
from pipeline.records.formats import date_fault
from pipeline.skeleton import Draft, Wanted
from pipeline.wording import did_you_mean, listed

NAME = "new"
HELP = "begin a chapter, event, concept or organization from a template"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book new`."""
    parser.add_argument("kind", metavar="TYPE", help="chapter, event, … or a type of book.yaml")
    parser.add_argument("name", metavar="TITLE", help="its title, in one language or both")
    parser.add_argument("--title-en", default="", metavar="TITLE", help="its English title")
    parser.add_argument(
        "--id", default="", metavar="NAME", help="else made from the title, and of a card's date"
    )
    parser.add_argument("--date", metavar="DATE", help="2023, 2023-02 or 2023-02-24; else today")
    parser.add_argument("--number", type=int, metavar="N", help="of a chapter; else the next")
    parser.add_argument("--in", dest="target", metavar="DIR", help="else beside its siblings")
    parser.add_argument("--diff", action="store_true", help="show it, write nothing")


def run(options: argparse.Namespace) -> int:
    """Write a new document; 1 where there is a diff."""
    root = session.root(options)
    if options.diff:
        draft = _draft(root, options)
        patch.write(patch.of_file(draft.path, None, draft.text.encode()), sys.stdout)
        return Exit.FINDINGS
    with journal.writing(root) as log:
        session.tell_recovered(log)
        draft = _draft(root, options)
        log.apply(
            f"new {options.kind} {options.name}", [Write(draft.path, None, draft.text.encode())]
        )
    print(f"wrote {clean(draft.path)}")
    for line, text in draft.to_write():
        print(f"  {line}: {clean(text)}")
    found = checker.check(index.build(project.load(root)))
    for item in found.active:
        if item.path == draft.path:
            print(f"  {item.line}:{item.column} {item.code} {clean(item.message)}")
    return Exit.CLEAN


def _draft(root: Path, options: argparse.Namespace) -> Draft:
    today = datetime.now(UTC).astimezone().date().isoformat()
    for given in (options.name, options.title_en, options.id):
        if printable(given) != given:
            raise UserError(f"{given} is no text in UTF-8", hint="write it in UTF-8")
    if options.date and (fault := date_fault(options.date)):
        raise UserError(f"--date {options.date}: {fault}", hint="for example --date 2023-02-24")
    wanted = Wanted(
        title=options.name,
        title_en=options.title_en,
        identifier=options.id,
        date=options.date or today,
        number=options.number,
        folder=session.relative(options.target.rstrip("/"), root) if options.target else None,
        today=today,
    )
    loaded = index.build(project.load(root))
    return Draft(loaded, _kind(loaded, options.kind), wanted)


def _kind(loaded: Index, name: str) -> ContentType:
    """A content type by its name or key. Raises `UserError`."""
    for kind in loaded.config.content:
        if name in (kind.name, kind.key):
            return kind
    names = [kind.name for kind in loaded.config.content]
    near = did_you_mean(name, names)
    hint = f"did you mean {near}?" if near else f"there are {listed(names, 'and')}"
    raise UserError(f"the book has no content type `{name}`", hint=hint)
