"""What libyaml refuses, said in plain language at the characters that an author must change."""

import re
from collections.abc import Callable
from typing import NamedTuple

from pipeline.document import Node, Problem, Scalar, Sequence
from pipeline.source import Span
from pipeline.wording import quoted, shown


class TooDeep(Exception):
    """Nesting beyond the limit, at an index of the text."""

    def __init__(self, index: int, limit: int, setting: str = "") -> None:
        super().__init__(index, limit)
        self.index = index
        self.limit = limit
        self.setting = setting


class _Where(NamedTuple):
    """The failing piece of text: the whole, the piece's bounds, the places libyaml names."""

    text: str
    start: int
    end: int
    place: int
    context: int

    def line(self, index: int) -> tuple[int, int]:
        """Bounds of the line around an index, without its line ending."""
        index = max(self.start, min(index, self.end))
        before = max(self.text.rfind("\n", self.start, index), self.text.rfind("\r", 0, index))
        match = _LINE_END.search(self.text, index, self.end)
        return max(before + 1, self.start), match.start() if match else self.end


class _Said(NamedTuple):
    start: int
    end: int
    message: str
    help: str


_LINE_END = re.compile(r"[\r\n]")
_LEAD = re.compile(r"[ \t]*(?:-[ \t]+)*")
_KEY = re.compile(r"(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s#:\"'][^\r\n:]*):(?=[ \t])[ \t]*")
_QUOTE_HELP = "put quotes around the value: "


def explain(text: str, start: int, end: int, error: Exception, base: int) -> Problem:
    """FM002 for the failure of `text[start:end]`; positions in `error` count from `start`."""
    if isinstance(error, TooDeep):
        said = _too_deep(start + error.index, error)
    else:
        said = _said(_Where(text, start, end, *_marks(error, start, end)), error)
    last = max(said.start, min(said.end, end))
    return Problem("FM002", Span(said.start, last).shift(base), said.message, said.help)


def not_a_mapping(node: Node | None, text: str, base: int = 0) -> Problem:
    """FM002 for YAML that is a list or a bare value; `text` begins at offset `base`."""
    if not isinstance(node, Scalar):
        what = "a list" if isinstance(node, Sequence) else "nothing that can be read"
        span = Span(node.span.start, node.span.start + 1) if node else Span(base, base)
        return Problem("FM002", span, f"expected `key: value` lines, found {what}",
                       "begin each line with a key, such as `title: …`")  # fmt: skip
    span = node.span
    line = re.split(r"[\r\n]", text[span.start - base : span.end - base], maxsplit=1)[0]
    span = Span(span.start, span.start + len(line))
    return Problem("FM002", span, *_no_colon(line))


def _marks(error: Exception, start: int, end: int) -> tuple[int, int]:
    index = getattr(getattr(error, "problem_mark", None), "index", None)
    context = getattr(getattr(error, "context_mark", None), "index", None)
    place = end if index is None else min(start + index, end)
    return place, place if context is None else min(start + context, end)


def _said(where: _Where, error: Exception) -> _Said:
    told = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    for words, explainer in _EXPLAINERS:
        if words in told or words in context:
            said = explainer(where)
            if said:
                return said
    return _otherwise(where, told)


def _too_deep(index: int, error: TooDeep) -> _Said:
    levels = f"{error.limit} levels deep{error.setting}"
    return _Said(index, index + 1, f"lists and mappings are nested more than {levels}",
                 "flatten them, or put quotes around the value if it is text")  # fmt: skip


# ---- one explainer for each kind of failure; None leaves it to the next ---------------------


def _value(where: _Where, index: int) -> tuple[int, int]:
    """Bounds of the value on a line: what follows `- ` and the first `key: `."""
    start, end = where.line(index)
    lead = _LEAD.match(where.text, start, end)
    first = lead.end() if lead else start
    key = _KEY.match(where.text, first, end)
    if key:
        first = key.end()
    return first, first + len(where.text[first:end].rstrip())


def _quote(value: str) -> str:
    """How the value is written with quotes."""
    cut = shown(value, 40)
    return f"'{cut}'" if '"' in cut and "'" not in cut else '"' + cut.replace('"', '\\"') + '"'


def _tab(where: _Where) -> _Said | None:
    start, end = where.line(where.place)
    indent = re.compile(r"[ \t]*").match(where.text, start, end)
    if not indent or "\t" not in indent[0]:
        return None
    return _Said(start + indent[0].index("\t"), indent.end(),
                 "a tab indents this line; YAML allows only spaces there",
                 "replace the tab by two spaces")  # fmt: skip


def _colon(where: _Where) -> _Said | None:
    start, end = _value(where, where.place)
    value = where.text[start:end]
    if not start <= where.place < end:
        line, _ = where.line(where.place)
        indent = len(where.text[line:start]) - len(where.text[line:start].lstrip())
        if not indent:
            return None
        return _Said(start if start < end else line + indent, end,
                     "this line is indented deeper than the line above allows",
                     "indent it like its neighbours")  # fmt: skip
    return _Said(start, end, "the value contains `: `, which YAML reads as another key",
                 _QUOTE_HELP + _quote(value))  # fmt: skip


def _named(char: str) -> str:
    return "a backtick" if char == "`" else f"`{char}`"


_RESERVED = "@`%*&!|>,]}?"


def _reserved(where: _Where) -> _Said | None:
    for index in (where.place, where.context, where.start):
        start, end = _value(where, index)
        if start < end and where.text[start] in _RESERVED:
            value = where.text[start:end]
            return _Said(start, end, f"a value cannot begin with {_named(value[0])}",
                         _QUOTE_HELP + _quote(value))  # fmt: skip
    return None


def _open_quote(where: _Where) -> _Said | None:
    mark = where.text[where.context : where.context + 1]
    if mark not in ("'", '"') or not mark:
        return None
    _, end = where.line(where.context)
    return _Said(where.context, end, f"the quotation mark `{mark}` is never closed",
                 f"add the closing `{mark}` at the end of the value")  # fmt: skip


_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", re.DOTALL)


def _after_quote(where: _Where) -> _Said | None:
    start, end = _value(where, where.place)
    match = _QUOTED.match(where.text, start, where.end)
    if not match or match.end() >= end or match.end() > where.place:
        return None
    rest = (
        match.end()
        + len(where.text[match.end() : end])
        - len(where.text[match.end() : end].lstrip())
    )
    mark = match[0][0]
    return _Said(rest, end, f"text follows the closing quotation mark `{mark}`",
                 'quote the whole value; a quotation mark inside is written `\\"` '
                 "between double and `''` between single quotes")  # fmt: skip


def _after_bracket(where: _Where) -> _Said | None:
    start, end = _value(where, where.place)
    if where.text[start : start + 1] not in ("[", "{") or not start < where.place < end:
        return None
    value = where.text[start:end]
    return _Said(start, end, f"text follows the bracket that `{value[0]}` opens",
                 _QUOTE_HELP + _quote(value))  # fmt: skip


def _escape(where: _Where) -> _Said | None:
    at = where.text.rfind("\\", where.start, where.place + 1)
    if at < 0:
        return None
    return _Said(at, at + 2, f"`{shown(where.text[at : at + 2])}` means nothing in double quotes",
                 "write `\\\\` for a backslash, or use single quotes")  # fmt: skip


def _bracket(where: _Where) -> _Said | None:
    mark = where.text[where.context : where.context + 1]
    if mark not in ("[", "{") or not mark:
        return None
    _, end = where.line(where.context)
    closing = "]" if mark == "[" else "}"
    return _Said(where.context, end, f"the bracket `{mark}` is never closed, or a comma is missing",
                 f"add `{closing}`, or quotes around the value if the bracket is text")  # fmt: skip


def _dash(where: _Where) -> _Said | None:
    start, end = _value(where, where.place)
    first, _ = where.line(where.place)
    index = where.place
    return _Said(
        index, max(end, index + 1), "a list item cannot stand here",
        "put each `- item` on a line of its own, indented like its neighbours"
        if first < start else "remove the `-`, or indent it like its neighbours",
    )  # fmt: skip


def _missing_colon(where: _Where) -> _Said | None:
    for index in (where.context, where.place):
        first, last = where.line(index)
        line = where.text[first:last]
        body = line.strip()
        if body and not re.search(r":(?:\s|$)", body):
            start = first + len(line) - len(line.lstrip())
            return _Said(start, start + len(body), *_no_colon(body))
    return None


def _no_colon(line: str) -> tuple[str, str]:
    message = f"expected `key: value`, found {quoted(line)}"
    key, mark, value = _split_key(line)
    if mark == "：":
        return message, f"use a half-width colon and a space: `{shown(key)}: {shown(value)}`"
    if mark:
        return message, f"put a space after the colon: `{shown(key)}: {shown(value)}`"
    return message, (
        "write a key and a colon before it, or indent it if it belongs to the value above; "
        "if it is text, close the front matter above it with `---`"
    )


def _split_key(line: str) -> tuple[str, str, str]:
    match = re.match(r"([\w-]+)\s*([:：])\s*(.*)", line, re.DOTALL)
    return (match[1], match[2], match[3]) if match else (line, "", "")


def _indentation(where: _Where) -> _Said | None:
    first, last = where.line(where.place)
    line = where.text[first:last]
    indent = len(line) - len(line.lstrip())
    if not indent or not line.strip():
        return None
    return _Said(first + indent, first + len(line.rstrip()),
                 "the indentation of this line does not match its neighbours",
                 "indent keys of one mapping, and items of one list, equally")  # fmt: skip


def _otherwise(where: _Where, told: str) -> _Said:
    start, end = _value(where, min(where.place, max(where.start, where.end - 1)))
    if start >= end:
        start, end = _value(where, where.start)
    return _Said(start, max(end, start), f"the YAML cannot be read here: {shown(told)}",
                 "put quotes around the value if it is text")  # fmt: skip


_Explainer = Callable[[_Where], _Said | None]
_EXPLAINERS: tuple[tuple[str, _Explainer], ...] = (
    ("", _tab),
    ("while scanning a quoted scalar", _open_quote),
    ("escape", _escape),
    ("mapping values are not allowed", _after_quote),
    ("mapping values are not allowed", _after_bracket),
    ("mapping values are not allowed", _colon),
    ("cannot start any token", _reserved),
    ("did not find expected alphabetic", _reserved),
    ("did not find expected comment", _reserved),
    ("did not find expected whitespace", _reserved),
    ("could not find expected directive", _reserved),
    ("while scanning a directive", _reserved),
    ("block sequence entries are not allowed", _dash),
    ("could not find expected ':'", _missing_colon),
    ("did not find expected", _after_quote),
    ("did not find expected", _after_bracket),
    ("while parsing a flow", _bracket),
    ("did not find expected node content", _reserved),
    ("while parsing a block mapping", _reserved),
    ("did not find expected key", _indentation),
    ("did not find expected '-'", _indentation),
    ("", _reserved),
    ("", _indentation),
)
