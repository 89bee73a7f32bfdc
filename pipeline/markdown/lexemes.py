"""The small pieces of pandoc's Markdown: attributes, tags, code spans, math, destinations.

Every function works on a plain string and offsets into it and never looks beyond what it was
given. Patterns use possessive quantifiers, so that no input makes them backtrack.
"""

import html
import re
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

MAX_PARENTHESES = 32
"""Parentheses within parentheses of a destination; with more of them it is none to us."""
MAX_DESTINATION = 4000
"""Characters of a link's destination and title; a longer one is no link to us."""

_QUOTED = r'"(?:[^"\\]|\\.)*+"|' + r"'(?:[^'\\]|\\.)*+'"
_ATTRIBUTE = re.compile(
    rf"""\#(?P<id>[\w:.-]++)
    |\.(?P<cls>[^\W\d_][\w:.-]*+)
    |(?P<key>[^\W\d_][\w:.-]*+)=(?P<value>{_QUOTED}|(?!["'])(?:\\.|[^\s}}])*+)
    |(?P<dash>-)(?=[\s}}])""",
    re.X | re.S,
)
_GAP = re.compile(r" *+\n? *+(?!\n)")
_RAW_ATTRIBUTE = re.compile(r"\{ *+=[\w-]++ *+\}")

_NAME = r"(?:\s++|(?<=[\"']))[^\W\d_][\w:-]*+"
_VALUE = r"\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'=<>`]++"
TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][\w:-]*+)"
    rf"(?P<attrs>(?:{_NAME}(?:\s*+=\s*+(?:{_VALUE}))?)*+)\s*+(?:/\s*+)?>"
)
_TAG_ATTRIBUTE = re.compile(
    r"(?:\s++|(?<=[\"']))([^\W\d_][\w:-]*+)"
    r"(?:\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)'|([^\s\"'=<>`]++)))?"
)
_DECLARATION = re.compile(r"<(?:\?[^<>]*+\?|![A-Za-z][^<>]*+)>")

BLOCK_TAGS = frozenset(
    "address article aside blockquote body canvas caption center col colgroup dd details dir div "
    "dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html "
    "isindex main menu meta nav noframes ol output p pre section summary table tbody td "
    "template tfoot th thead tr ul".split()
)
VOID_TAGS = frozenset({"hr", "col", "meta", "isindex"})
VERBATIM_TAGS = frozenset({"pre", "script", "style", "textarea"})

BLOCK_OR_VERBATIM = BLOCK_TAGS | VERBATIM_TAGS

MATH = re.compile(
    r"\$\$(?!\$)(?:[^$]|\$(?!\$))++\$\$"
    r"|\$(?![\s$])(?:\\.|[^\s\\$]|[ \n]++(?!\$))++(?<!\s)\$(?!\d)",
    re.S,
)
RAW_TEX = re.compile(
    r"\\[A-Za-z@]++\*?(?P<args>(?: *+(?:\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*+\})*+\})"
    r"|\[[^\[\]]*+\])*+)",
    re.S,
)
AUTOLINK = re.compile(r"<(?P<uri>(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*+):[^\s<>]++)>")
EMAIL_LINK = re.compile(r"<(?P<uri>[\w.+-]++@[\w-]++(?:\.[\w-]++)++)>")
KNOWN_SCHEMES = frozenset("http https ftp mailto doi file urn tel news".split())
BARE_URL = re.compile(r"(?:https?|ftp)://[A-Za-z0-9\[][!#-&(-;=?-Z_a-z~/]*+")

EQUATION = re.compile(r"(?<=\$\$)[ \t]*+(?=\{#eq-)")  # before the name of a displayed formula
CITE_KEY = re.compile(
    r"(?<![^\W_])(?<!\.)-?@(?:\{(?P<braced>[^\s{}]++)\}"
    r"|(?P<plain>[\w*](?:\w|[:.#$%&+?<>~/-](?=\w)|[:/](?=/))*+))"
)
NOTE_MARK = re.compile(r"\[\^([^\s\[\]]++)\]")

_UNIT = re.compile(r"\\(?P<escape>[^\w])|&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|\w{2,31});", re.S)


class RawAttributes(NamedTuple):
    """`{#id .class key=value}`: its parts, and where its identifier stands and the whole ends."""

    identifier: str
    classes: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    id_start: int
    id_end: int
    end: int


def attributes(text: str, at: int, end: int) -> RawAttributes | None:
    """The attributes that begin with `{` at an offset, None if there are none."""
    if not text.startswith("{", at, end):
        return None
    identifier, id_start, id_end = "", -1, -1
    classes: list[str] = []
    pairs: list[tuple[str, str]] = []
    gap = _GAP.match(text, at + 1, end)
    at = gap.end() if gap else at + 1
    while match := _ATTRIBUTE.match(text, at, end):
        if match["id"]:
            identifier, (id_start, id_end) = match["id"], match.span("id")
        elif match["cls"]:
            classes.append(match["cls"])
        elif match["dash"]:
            classes.append("unnumbered")
        else:
            value = unescape(match["value"].strip("\"'"))
            if match["key"] == "id":
                identifier, (id_start, id_end) = value, match.span("value")
            elif match["key"] == "class":
                classes += value.split()
            else:
                pairs.append((match["key"], value))
        gap = _GAP.match(text, match.end(), end)
        at = gap.end() if gap else match.end()
    if not text.startswith("}", at, end):
        return None
    return RawAttributes(identifier, tuple(classes), tuple(pairs), id_start, id_end, at + 1)


def raw_attribute(text: str, at: int, end: int) -> int:
    """The end of `{=format}` at an offset, -1 if there is none."""
    match = _RAW_ATTRIBUTE.match(text, at, end)
    return match.end() if match else -1


def unescape(text: str) -> str:
    """A string with its backslash escapes and entities resolved."""
    if "\\" not in text and "&" not in text:
        return text
    return _UNIT.sub(lambda match: match["escape"] or html.unescape(match[0]), text)


def tag_attributes(match: re.Match[str]) -> dict[str, tuple[str, int, int]]:
    """Attributes of a tag: name → value, its start, its end."""
    found: dict[str, tuple[str, int, int]] = {}
    for part in _TAG_ATTRIBUTE.finditer(match.string, match.start("attrs"), match.end("attrs")):
        group = part.lastindex or 1
        if group > 1:
            start, end = part.span(group)
            found.setdefault(part[1].lower(), (html.unescape(part[group]), start, end))
    return found


class Opaque:
    """The spans of one text that hide what they hold; looking up is cheap however it looks."""

    _RUN = re.compile(r"`+")

    def __init__(self, text: str) -> None:
        self._text = text
        self.size = len(text)

    @cached_property
    def _runs(self) -> dict[int, list[int]]:
        """Length → starts of the runs of backticks, the longest first."""
        starts: defaultdict[int, list[int]] = defaultdict(list)
        for match in self._RUN.finditer(self._text):
            starts[match.end() - match.start()].append(match.start())
        return dict(sorted(starts.items(), reverse=True))

    @cached_property
    def _last_comment(self) -> int:
        return self._text.rfind("-->")

    def run_end(self, at: int) -> int:
        """The end of the run of backticks at an offset."""
        match = self._RUN.match(self._text, at)
        return match.end() if match else at

    def code(self, at: int) -> tuple[int, int, int] | None:
        """(start, length of its fence, end) of the code span of the run of backticks at an offset.

        As in pandoc the span may begin within the run, where its whole length has no partner.
        """
        stop = self.run_end(at)
        for length, starts in self._runs.items():
            if length <= stop - at:
                index = bisect_right(starts, stop - 1)
                if index < len(starts):
                    return stop - length, length, starts[index] + length
        return None

    def markup(self, at: int, end: int) -> int:
        """The end of the tag, comment or declaration that begins with `<`, -1 if there is none."""
        if self._text.startswith("<!--", at):
            if at + 4 > self._last_comment:
                return -1
            close = self._text.find("-->", at + 4)
            return close + 3 if close + 3 <= end else -1
        match = TAG.match(self._text, at, end) or _DECLARATION.match(self._text, at, end)
        return match.end() if match else -1

    def code_is_open(self) -> bool:
        """Whether a run of backticks has no partner in the text."""
        at = self._text.find("`")
        while at >= 0:
            found = self.code(at)
            if found is None:
                return True
            at = self._text.find("`", found[2])
        return False


class Destination(NamedTuple):
    """A link's destination: its characters, whether in angle brackets, and where all ends."""

    start: int
    stop: int
    angle: bool
    end: int


_SPACES = re.compile(r" *+")
_DATA = re.compile(r"[^\s()\\]++")  # a picture in its own address may be long
_ANGLE = re.compile(r"<((?:\\.|[^\\<>\n]|\n)*+)>", re.S)
_PLAIN = re.compile(r"(?:\\[^\w]|[^\s()\\]|\\(?=\w))++", re.S)
_TITLE = re.compile(
    r" *+\n? *+(?:\"(?:\\.|[^\\\"]|\"(?=\w)[^\"]*+\"(?!\w))*+\"(?!\w)"
    r"|'(?:\\.|[^\\']|'(?=\w)[^']*+'(?!\w))*+'(?!\w))",
    re.S,
)
_QUOTE_OR_CLOSE = re.compile(r" ++(?=[\"')])")


def destination(text: str, at: int, end: int) -> Destination | None:
    """The destination and title in parentheses that begin at an offset, None if there are none."""
    embedded = _DATA.match(text, at + 1, end) if text.startswith("data:", at + 1) else None
    end = min(end, (embedded.end() if embedded else at) + MAX_DESTINATION)
    start = at = _skip_spaces(text, at + 1, end)
    angle = _ANGLE.match(text, at, end)
    if angle:
        (start, stop), at = angle.span(1), angle.end()
    else:
        at = _plain_end(text, at, end)
        stop = len(text[start:at].rstrip()) + start
    title = _TITLE.match(text, at, end)
    at = _skip_spaces(text, title.end() if title else at, end)
    if not text.startswith(")", at, end):
        return None
    return Destination(start, stop, angle is not None, at + 1)


def _plain_end(text: str, at: int, end: int) -> int:
    depth = 0
    while at < end:
        if match := _PLAIN.match(text, at, end):
            at = match.end()
        elif text[at] == "(":
            depth, at = depth + 1, at + 1
            if depth > MAX_PARENTHESES:
                return end
        elif text[at] == ")":
            if depth == 0:
                return at
            depth, at = depth - 1, at + 1
        elif depth == 0 and (text[at] == "\n" or _QUOTE_OR_CLOSE.match(text, at, end)):
            if text[at] == " " or _TITLE.match(text, at, end):
                return at
            at += 1
        else:
            at += 1
    return at


def _skip_spaces(text: str, at: int, end: int) -> int:
    match = _SPACES.match(text, at, end)
    return match.end() if match else at
