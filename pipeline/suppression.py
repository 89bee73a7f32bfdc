"""Silencing with a reason: comments, `ignore` globs of `book.yaml`, and a baseline.

A comment alone on its line covers the next block, or in YAML the next key with its value; beside
text it covers its line. A finding is marked, never dropped, and what silences nothing is known.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from pipeline import front_matter
from pipeline.diagnostics import Diagnostic
from pipeline.document import Document, Mapping, Node, scalars
from pipeline.errors import UserError
from pipeline.expressions import expression
from pipeline.index import Index
from pipeline.project import in_paths
from pipeline.source import Source, Span

_MARK = expression(r"make-book:\s*(?P<rest>.*?)\s*(?:-->)?\s*\Z", re.DOTALL)
_IGNORE = expression(
    r"ignore\s+(?P<codes>[A-Za-z]+\d+(?:[,\s]+[A-Za-z]+\d+)*)(?:\s+because\b\s*(?P<reason>.*))?\Z",
    re.DOTALL,
)
_BIB_COMMENT = expression(r"^[ \t]*[%#]+[ \t]*make-book:[^\r\n]*", re.MULTILINE)
_HEADING = expression(r" {0,3}#{1,6}(?:\s|$)")
_BLANK = expression(r"[\s>]*\Z")
_NOT_BLANK = expression(r"(?![\s>]*\Z)")
_BLANK_OR_OURS = expression(r"[\s>]*\Z|.*make-book:", re.DOTALL)
_NO_KEY = expression(r"\s*(?:#|$)")

MOST = 1_000
"""Comments of ours in one file; those after them silence nothing."""

Following = Callable[[Source, int], int]  # the last line of what begins at or after a line


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment of ours: the codes and lines it silences; without a reason it silences nothing.

    One that is `surplus` is the first of a file that is not obeyed because there are so many.
    """

    source: Source
    span: Span
    codes: tuple[str, ...]
    codes_span: Span
    reason: str
    lines: range
    surplus: bool = False

    def covers(self, item: Diagnostic) -> bool:
        """Whether it silences a finding."""
        named = item.code in self.codes and item.line in self.lines
        return bool(self.reason) and named and item.path == self.source.path


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob of `rules: {CODE: {ignore: […]}}` and its place in `book.yaml`."""

    code: str
    pattern: str
    span: Span


@dataclass(frozen=True)
class Baseline:
    """Known findings, by fingerprint: these are silent until they change."""

    source: Source
    entries: dict[str, tuple[str, str]] = field(default_factory=dict)  # → code, path

    def covers(self, item: Diagnostic) -> bool:
        """Whether a finding is known."""
        return item.fingerprint in self.entries


# ---- baselines ------------------------------------------------------------------------------


def read_baseline(source: Source) -> Baseline:
    """Read a baseline. Raises `UserError` for a file that is none."""
    try:
        record = json.loads(source.text)
        entries = {
            str(item["fingerprint"]): (str(item["code"]), str(item["path"]))
            for item in record["entries"]
        }
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UserError(
            f"{source.path}: not a baseline of make-book",
            hint="write it anew with `make-book check --write-baseline`",
        ) from error
    return Baseline(source, entries)


def write_baseline(diagnostics: Iterable[Diagnostic]) -> str:
    """A baseline of the findings that no comment and no glob silences; stable, one a line."""
    entries = [
        {"code": item.code, "path": item.path, "fingerprint": item.fingerprint}
        for item in diagnostics
        if item.suppressed in (None, BASELINE)
    ]
    lines = ",\n".join(f"    {json.dumps(entry)}" for entry in entries)
    body = f"[\n{lines}\n  ]" if entries else "[]"
    return f'{{\n  "version": 1,\n  "entries": {body}\n}}\n'


BASELINE = "known in the baseline"


# ---- the ledger -----------------------------------------------------------------------------


class Ledger:
    """All that silences in one project, and what of it was of use. `ran` are the codes that ran."""

    def __init__(self, index: Index, ran: Iterable[str], baseline: Baseline | None = None) -> None:
        self.index = index
        self.ran = frozenset(ran)
        self.baseline = baseline
        self.suppressions = tuple(find(index))
        self.globs = tuple(_globs(index))
        self.used: set[tuple[str, Span, str]] = set()
        self.seen: set[str] = set()
        self._by_path: dict[str, list[Suppression]] = {}
        for item in self.suppressions:
            self._by_path.setdefault(item.source.path, []).append(item)

    def apply(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics, each that is silenced with the reason."""
        return [self._marked(item) for item in diagnostics]

    def _marked(self, item: Diagnostic) -> Diagnostic:
        reason = None
        for glob in self.globs:
            if glob.code == item.code and in_paths(item.path, (glob.pattern,)):
                self.used.add((self.index.project.config_source.path, glob.span, item.code))
                reason = reason or f"ignored for {glob.pattern} in book.yaml"
        for comment in self._by_path.get(item.path, ()):
            if comment.covers(item):
                self.used.add((item.path, comment.span, item.code))
                reason = comment.reason
        if self.baseline and self.baseline.covers(item):
            self.seen.add(item.fingerprint)
            reason = reason or BASELINE
        return replace(item, suppressed=reason) if reason else item

    def unused(self, item: Suppression) -> list[str]:
        """The codes of a comment that ran and that it silenced nowhere."""
        return [
            code
            for code in item.codes
            if code in self.ran and (item.source.path, item.span, code) not in self.used
        ]

    def unused_globs(self) -> Iterator[Glob]:
        """Globs of rules that ran and that silenced nothing."""
        path = self.index.project.config_source.path
        for glob in self.globs:
            if glob.code in self.ran and (path, glob.span, glob.code) not in self.used:
                yield glob

    def unused_entries(self) -> Iterator[tuple[Baseline, str, str, str]]:
        """(baseline, fingerprint, code, path) of entries that no finding has any more."""
        for fingerprint, (code, path) in self.baseline.entries.items() if self.baseline else ():
            assert self.baseline is not None
            if code in self.ran and fingerprint not in self.seen:
                yield self.baseline, fingerprint, code, path


def _globs(index: Index) -> Iterator[Glob]:
    source = index.project.config_source
    if not any(setting.ignore for setting in index.config.rules.values()):
        return
    node, _ = front_matter.compose(source, Span(0, len(source.text)))
    rules = node.get("rules") if isinstance(node, Mapping) else None
    for entry in rules.entries if isinstance(rules, Mapping) else ():
        ignore: Node | None = (
            entry.value.get("ignore") if isinstance(entry.value, Mapping) else None
        )
        for scalar in scalars(ignore):
            yield Glob(entry.key.text, scalar.text, scalar.span)


# ---- comments -------------------------------------------------------------------------------


def find(index: Index) -> Iterator[Suppression]:
    """Every comment of ours in documents, bibliographies and `book.yaml`."""
    for document in index.documents:
        if document.told:
            yield from _first(_in_document(document))
    for source in index.project.bibliography_sources:
        found = (Span(*match.span()) for match in _BIB_COMMENT.finditer(source.text))
        yield from _first(_all_read(source, found, _next_chunk))
    config = index.project.config_source
    if "make-book:" in config.text:
        comments = front_matter.comments(config, Span(0, len(config.text)))
        yield from _first(_all_read(config, comments, _next_key))


def _first(found: Iterator[Suppression]) -> Iterator[Suppression]:
    """As many as are obeyed, and one that is not, to be told of."""
    yield from islice(found, MOST)
    yield from (replace(item, codes=(), surplus=True) for item in islice(found, 1))


def _all_read(source: Source, spans: Iterable[Span], following: Following) -> Iterator[Suppression]:
    for span in spans:
        if item := _read(source, span, following):
            yield item


def _in_document(document: Document) -> Iterator[Suppression]:
    source = document.source
    if document.front_span:
        comments = front_matter.comments(source, document.front_span, document.front)
        yield from _all_read(source, comments, _next_key)
    spans = (region.span for region in document.body.regions_of("comment"))
    yield from _all_read(source, spans, _next_chunk)


def _read(source: Source, span: Span, following: Following) -> Suppression | None:
    text = source.slice(span)
    mark = _MARK.search(text)
    if not mark or not re.fullmatch(r"\s*(?:<!--+|#+|%+)\s*", text[: mark.start()]):
        return None
    told = _IGNORE.match(mark["rest"])
    if not told:
        return Suppression(source, span, (), span, "", range(0))
    start = span.start + mark.start("rest") + told.start("codes")
    codes = tuple(code.upper() for code in re.findall(r"[A-Za-z]+\d+", told["codes"]))
    reason = " ".join((told["reason"] or "").strip(" \t\r\n.…").split())
    place = Span(start, start + len(told["codes"]))
    return Suppression(source, span, codes, place, reason, _covered(source, span, following))


def _covered(source: Source, span: Span, following: Following) -> range:
    """The lines of the comment, and if it stands alone those of what follows it."""
    first, _ = source.position(span.start)
    last, column = source.position(span.end)
    before = source.text[source.line_starts[first - 1] : span.start]
    after = source.line(last)[column - 1 :]
    alone = _BLANK.match(before) and _BLANK.match(after)
    if not alone and not before.rstrip().endswith(":"):
        return range(first, last + 1)
    return range(first, following(source, last + 1 if alone else last) + 1)


def _next_chunk(source: Source, line: int) -> int:
    """The last line of the next block of text: up to a blank line; a heading is one line."""
    line = _beyond(source, _BLANK_OR_OURS)[line]
    if line > len(source.line_starts) or _HEADING.match(source.line(line)):
        return line
    return _beyond(source, _NOT_BLANK)[line] - 1


def _next_key(source: Source, line: int) -> int:
    """The last line of the next key of YAML with its value, or of the next item."""
    line = _beyond(source, _NO_KEY)[line]
    return _end_of_key(source, line) if line <= len(source.line_starts) else line - 1


@lru_cache(maxsize=16)
def _beyond(source: Source, passed: re.Pattern[str]) -> list[int]:
    """For each line the first, at it or after it, that a pattern does not match."""
    count = len(source.line_starts)
    found = list(range(count + 2))
    for line in range(count, 0, -1):
        if passed.match(source.line(line)):
            found[line] = found[line + 1]
    return found


@lru_cache(maxsize=MOST)
def _end_of_key(source: Source, line: int) -> int:
    indent, item = _indent(source.line(line))
    count = len(source.line_starts)
    while line < count:
        other, is_item = _indent(source.line(line + 1))
        inside = other > indent or (other == indent and is_item and not item)
        if not inside or source.line(line + 1).startswith("---"):
            break
        line += 1
    return line


def _indent(text: str) -> tuple[int, bool]:
    rest = text.lstrip(" ")
    return len(text) - len(rest), rest.startswith("- ")
