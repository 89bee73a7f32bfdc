"""Keep the bibliography: add an entry, list entries, tidy the files.

  make-book cite add 10.1038/nature14539 --online
  make-book cite add arXiv:1706.03762 --online --diff
  make-book cite add https://example.org/post --online --key smith2023post
  make-book cite list                 every entry, with the number of places that cite it
  make-book cite list --uncited       those that nobody cites
  make-book cite tidy [FILE …]        lay the .bib files out evenly
  make-book cite tidy --sort --diff   entries by key too; show it, change nothing

`add` asks the network, and so wants --online; nothing else does. `tidy` loses no field, comment,
@string or preamble; an entry that has errors stays as it is. `make-book undo` takes changes back.

Exit: 0, or 1 where --diff has something to show.
"""

import argparse
import posixpath
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from pipeline import bibliography, index, journal, project, session
from pipeline.changes import patch
from pipeline.citations import entry_text, lookup
from pipeline.citations.cited import citations, placed
from pipeline.citations.entry import Entry
from pipeline.citations.tidying import tidy
from pipeline.citations.works import Work, arxiv_of, bare_url, works
from pipeline.clean_text import as_json, clean
from pipeline.errors import Exit, UserError
from pipeline.index import Index
from pipeline.source import Source

NAME = "cite"
HELP = "add, list and tidy bibliography entries"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book cite`."""
    actions = parser.add_subparsers(title="what to do", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="write the entry of a DOI, an arXiv number or a page")
    add.add_argument("source", metavar="DOI|arXiv|URL", help="what to cite")
    add.add_argument("--online", action="store_true", help="ask doi.org, arXiv or the page")
    add.add_argument("--key", metavar="KEY", help="the key, else author, year and a word")
    add.add_argument("--diff", action="store_true", help="show the entry, write nothing")
    add.set_defaults(act=_add)
    lists = actions.add_parser("list", help="list the entries")
    lists.add_argument("--uncited", action="store_true", help="those that nobody cites")
    lists.add_argument("--json", action="store_true", help="as JSON")
    lists.set_defaults(act=_list)
    order = actions.add_parser("tidy", help="lay the .bib files out evenly")
    order.add_argument("paths", nargs="*", metavar="FILE", help="these files only")
    order.add_argument("--sort", action="store_true", help="entries by key, between comments")
    order.add_argument("--diff", action="store_true", help="show the changes, write nothing")
    order.set_defaults(act=_tidy)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; 1 where there is a diff."""
    return int(options.act(options))


# ---- add ------------------------------------------------------------------------------------


def _add(options: argparse.Namespace) -> int:
    if not options.online:
        raise UserError(
            f"`cite add {clean(options.source)}` has to ask the network",
            hint="say --online to allow it",
        )
    root = session.root(options)
    before = index.build(project.load(root))
    entry = lookup.found(options.source, datetime.now(UTC).date())
    _refuse_known(before, entry)
    if options.diff:
        return _written(root, before, entry, options, None)
    with journal.writing(root) as log:
        session.tell_recovered(log)
        loaded = index.build(project.load(root))
        return _written(root, loaded, entry, options, log)


def _refuse_known(loaded: Index, entry: entry_text.NewEntry) -> None:
    """Say so where the bibliography has this work already."""
    doi, arxiv, url = entry.text("doi").lower(), entry.text("eprint"), bare_url(entry.text("url"))
    for work in works(loaded):
        if _same(work, doi, arxiv_of(arxiv), url):
            raise UserError(
                f"{work.entry.path} has this work already: @{work.entry.key}",
                hint=f"cite it as [@{work.entry.key}]",
            )


def _same(work: Work, doi: str, arxiv: str, url: str) -> bool:
    pairs = ((work.doi, doi), (work.arxiv, arxiv), (bare_url(work.url), url))
    return any(one and one == two for one, two in pairs)


def _written(
    root: Path, loaded: Index, entry: entry_text.NewEntry, options: argparse.Namespace,
    log: journal.Journal | None,
) -> int:  # fmt: skip
    key = _key(loaded, entry, options.key)
    path, before, after = placed(loaded, [entry_text.NewEntry(entry.type, entry.fields, key)])
    if log is None:
        patch.write(patch.of_file(path, before, after), sys.stdout)
        return Exit.FINDINGS
    log.apply(f"cite add {options.source}", [journal.Write(path, before, after)])
    print(f"wrote @{clean(key)} to {clean(path)}: {clean(entry.text('title'))}")
    return Exit.CLEAN


def _key(loaded: Index, entry: entry_text.NewEntry, wanted: str | None) -> str:
    if wanted is None:
        author = entry.text("author") or entry.text("editor") or entry.text("organization")
        year = entry.text("date") or entry.text("urldate")
        return entry_text.key(author, year, entry.text("title"), loaded.entries)
    wanted = wanted.removeprefix("@")
    if wanted in loaded.entries:
        raise UserError(f"the key {clean(wanted)} is taken", hint="choose another --key")
    if not entry_text.is_key(wanted):
        raise UserError(
            f"{clean(wanted)} is no citation key", hint="use letters, digits and .:_-, no spaces"
        )
    return wanted


# ---- list -----------------------------------------------------------------------------------


def _list(options: argparse.Namespace) -> int:
    loaded = session.load(options)
    counts = citations(loaded)
    shown = [
        entry
        for entry in loaded.entries.values()
        if not (options.uncited and (counts[entry.key] or "*" in counts))
    ]
    if options.json:
        records = [_record(entry, counts) for entry in shown]
        print(as_json(records, 1))
        return Exit.CLEAN
    width = max((len(entry.key) for entry in shown), default=0)
    for entry in shown:
        title = _text(entry, "title")
        print(f"{clean(entry.key):<{width}}  {counts[entry.key]:>4}  {clean(title)}".rstrip())
    what = "nobody cites" if options.uncited else "in all"
    print(f"{len(shown)} entr{'y' if len(shown) == 1 else 'ies'} {what}", file=sys.stderr)
    return Exit.CLEAN


def _record(entry: Entry, counts: Counter[str]) -> dict[str, object]:
    csl = bibliography.to_csl(entry)
    return {
        "key": entry.key, "path": entry.path, "type": csl.get("type", entry.type),
        "title": _text(entry, "title"), "doi": str(csl.get("DOI", "")),
        "url": str(csl.get("URL", "")), "cited": counts[entry.key],
    }  # fmt: skip


def _text(entry: Entry, name: str) -> str:
    value = bibliography.to_csl(entry).get(name, "")
    return value if isinstance(value, str) else ""


# ---- tidy -----------------------------------------------------------------------------------


def _tidy(options: argparse.Namespace) -> int:
    root = session.root(options)
    if options.diff:
        before, after = _tidied(root, options)
        patch.write(patch.of_files(before, after), sys.stdout)
        return Exit.FINDINGS if after else Exit.CLEAN
    with journal.writing(root) as log:
        session.tell_recovered(log)
        before, after = _tidied(root, options)
        log.apply("cite tidy", [journal.Write(path, before[path], after[path]) for path in after])
    print(f"tidied {len(after)} file{'' if len(after) == 1 else 's'}")
    return Exit.CLEAN


def _tidied(root: Path, options: argparse.Namespace) -> tuple[dict[str, bytes], dict[str, bytes]]:
    sources = {item.path: item for item in project.load(root).bibliography_sources}
    wanted = [session.relative(path, root) for path in options.paths] or [*sources]
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    for path in wanted:
        if path not in sources:
            raise UserError(
                f"{clean(path)} is no bibliography of this book",
                hint="`bibliography:` in book.yaml says which files are",
            )
        if posixpath.splitext(path)[1] not in (".bib", ".bibtex"):
            print(f"{clean(path)}: left as it is, only BibTeX is tidied", file=sys.stderr)
        elif (data := _new_bytes(sources[path], sort=options.sort)) != sources[path].data:
            before[path], after[path] = sources[path].data, data
    return before, after


def _new_bytes(source: Source, *, sort: bool) -> bytes:
    """A file tidied; as it was, where the result would not read the same."""
    result = tidy(source, sort=sort)
    for entry, reason in result.left:
        line, column = source.position(entry.key_span.start)
        place = f"{clean(source.path)}:{line}:{column}"
        print(f"{place}: @{clean(entry.key)} is left as it is: {reason}", file=sys.stderr)
    data = source.encode(result.text)
    if _meaning(Source(source.path, data)) == _meaning(source):
        return data
    print(f"{clean(source.path)}: left as it is, too much is unclear in it", file=sys.stderr)
    return source.data


def _meaning(source: Source) -> list[tuple[str, str, list[tuple[str, str]]]]:
    entries, _ = bibliography.read(source)
    return sorted(
        (item.key, item.type, sorted((name, field.text) for name, field in item.fields.items()))
        for item in entries
    )
