"""What BibTeX entries lend each other: `crossref` and `xdata`."""

from dataclasses import replace
from typing import Protocol

from pipeline.citations.entry import Entry, Field
from pipeline.wording import quoted


class Report(Protocol):
    """Takes a problem: its bounds, message and help."""

    def __call__(self, start: int, end: int, message: str, help_: str = "") -> None: ...


_LENT_TITLES = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
_IN_BOOK = frozenset(("inbook", "incollection", "inproceedings", "inreference", "conference",
                      "suppbook", "suppcollection", "bookinbook"))  # fmt: skip
_NOT_LENT = frozenset(("crossref", "xdata", "xref", "ids", "label", "options", "shorttitle"))


def inherited(entries: list[Entry], report: Report) -> list[Entry]:
    """The entries with what `crossref` and `xdata` lend them."""
    known: dict[str, Entry] = {}
    for entry in entries:
        known.setdefault(entry.key, entry)
    return [_with_parents(entry, known, report) for entry in entries]


def _with_parents(entry: Entry, known: dict[str, Entry], report: Report) -> Entry:
    fields = dict(entry.fields)
    seen = {entry.key}
    waiting = _parents(entry)
    while waiting and len(seen) < 20:
        name, link = waiting.pop(0)
        parent = known.get(name)
        if parent is None:
            if link in entry.fields.values():
                report(link.span.start, link.span.end, f"there is no entry {quoted(name)}",
                       "mend its key, or remove the field")  # fmt: skip
            continue
        if name in seen:
            continue
        seen.add(name)
        _lend(parent, entry, fields)
        waiting += _parents(parent)
    return entry if len(fields) == len(entry.fields) else replace(entry, fields=fields)


def _parents(entry: Entry) -> list[tuple[str, Field]]:
    found = []
    for name in ("crossref", "xdata"):
        if name in entry.fields:
            link = entry.fields[name]
            found += [(key.strip(), link) for key in link.text.split(",") if key.strip()]
    return found


def _lend(parent: Entry, child: Entry, fields: dict[str, Field]) -> None:
    part = child.type in _IN_BOOK and parent.type != "xdata"
    for name, value in parent.fields.items():
        if name in _NOT_LENT:
            continue
        given = _LENT_TITLES.get(name, name) if part else name
        if part and name == "author" and child.type != "inbook":
            continue
        fields.setdefault(given, value)
