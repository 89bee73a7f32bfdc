"""What authors bring from mdBook and Quarto, made readable for pandoc: nothing is run or fetched.

Chunks of code and code with `,options` become plain code, directions to those tools go, and a file
that would be included is named in its place.
"""

import re
from collections.abc import Iterator

from pipeline.expressions import expression

CHUNK = expression(r"\{\{?(?P<language>[A-Za-z][\w+-]*+)(?:[ ,][^{}]*+)?\}\}?")
"""The info string of a chunk that Quarto would run: `{python}`, `{r setup, include=FALSE}`."""

INCLUDE = expression(
    r"\{\{(?:#(?:rustdoc_)?(?:include|playground)|<\s*(?:include|embed|video))\s+"
    r"(?P<path>[^\s{}<>]+)[^{}]*\}\}"
)
"""What would bring in a file: `{{#include x.rs}}`, `{{< include _x.qmd >}}`."""

_FENCE = expression(r"(?P<indent>[ >]*)(?P<mark>`{3,}+|~{3,}+) *+(?P<info>[^`\n]*)")
_OPTIONS = expression(r"(?P<language>[\w+#.-]+),[\w,= .-]*")
_CHUNK_OPTION = expression(r"\s*(?:#|//|--|%%|;)\| ?(?P<text>.*)")
_HIDDEN = expression(r"include\s*[:=]\s*(?:false|F(?:ALSE)?)\b", re.IGNORECASE)
_HIDDEN_RUST = expression(r"\s*#(?: .*)?")
_LONG = 10_000  # characters of a line that is left as it is
_CODE = expression(r"(`++)(?!`).*?(?<!`)\1(?!`)")
_DIRECTIONS = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"\{\{#title\b[^{}]*\}\}", ""),
        (r"\{\{<\s*(?:pagebreak|toc)\s*>\}\}", ""),
        (r"\{\{<\s*video\s+(https?://[^\s{}<>]+)[^{}]*>\}\}", r"<\1>"),
        (INCLUDE.pattern, r"`\g<path>`"),
        (r"\\\\\(\s*(.+?)\s*\\\\\)", r"$\1$"),
        (r"\\\\\[(.+?)\\\\\]", r"$$\1$$"),
        (r"\$\$[ \t]*\{#(eq-[\w-]+)[^{}]*\}", r"$$[]{#\1}"),
    )
)  # fmt: skip


def adapted(text: str) -> str:
    """The text for pandoc; the same where there is nothing of these tools."""
    if not any(mark in text for mark in ("{", "\\\\", "```", "~~~")):
        return text
    return "\n".join(_lines(text.split("\n")))


def _lines(lines: list[str]) -> Iterator[str]:
    opening: re.Match[str] | None = None
    body: list[str] = []
    for line in lines:
        if opening is None:
            opening = _FENCE.fullmatch(line)
            if opening is None:
                yield _directed(line)
        elif _closes(line, opening["mark"]):
            yield from _code(opening, body, line)
            opening, body = None, []
        else:
            body.append(line)
    if opening is not None:
        yield from (opening[0], *body)


def _closes(line: str, mark: str) -> bool:
    bare = line.strip(" >")
    return len(bare) >= len(mark) and not bare.strip(mark[0])


def _code(opening: re.Match[str], body: list[str], end: str) -> Iterator[str]:
    info = opening["info"].strip()
    found = CHUNK.fullmatch(info) or _OPTIONS.fullmatch(info)
    language = found["language"] if found else info
    if CHUNK.fullmatch(info):
        options = [match["text"] for line in body if (match := _CHUNK_OPTION.fullmatch(line))]
        if any(map(_HIDDEN.search, (info, *options))):
            return
        body = [line for line in body if not _CHUNK_OPTION.fullmatch(line)]
    if language == "rust":
        body = [line for line in body if not _HIDDEN_RUST.fullmatch(line)]
    yield f"{opening['indent']}{opening['mark']} {language}" if found else opening[0]
    yield from body
    yield end


def _directed(line: str) -> str:
    """A line of prose with the directions in it carried out or gone; code stays."""
    if len(line) > _LONG or ("{" not in line and "\\\\" not in line):
        return line
    at, parts = 0, []
    for code in _CODE.finditer(line):
        parts += [_prose(line[at : code.start()]), code[0]]
        at = code.end()
    return "".join((*parts, _prose(line[at:])))


def _prose(text: str) -> str:
    for pattern, new in _DIRECTIONS:
        text = pattern.sub(new, text)
    return text
