"""What pandoc reads in Markdown texts, many in one run, to hold our parser against."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from pipeline import pandoc

_LUA = """
local texts, out = pandoc.json.decode(io.read("a"), false), {}
for index, text in ipairs(texts) do
  out[index] = pandoc.write(pandoc.read(text, arg[1]), "json")
end
io.write("[", table.concat(out, ","), "]")
"""
_TAG = re.compile(
    r"<(a|img)\b[^>]*?\b(?:href|src)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_ESCAPED = re.compile(r"[\s<>|\"{}\[\]^`\\]")


@dataclass
class Reading:
    """The constructs of one text: links as (image, target, text), ids, keys, shapes."""

    links: list[tuple[bool, str, str]] = field(default_factory=list)
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)
    tables: list[tuple[int, int]] = field(default_factory=list)
    captions: list[tuple[str, str]] = field(default_factory=list)
    notes: int = 0
    divs: int = 0
    html: list[tuple[bool, str]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


def read(texts: Sequence[str], folder: Any) -> list[Reading]:
    """Pandoc's reading of each text; `folder` is a temporary one."""
    script = folder / "read.lua"
    script.write_text(_LUA, encoding="utf-8")
    command = [str(pandoc.binary()), "lua", str(script), pandoc.READER]
    done = subprocess.run(
        command, input=json.dumps(list(texts)).encode(), capture_output=True, check=True
    )
    return [_reading(document) for document in json.loads(done.stdout)]


def escape_uri(target: str) -> str:
    """A destination with the characters escaped that pandoc escapes."""
    return _ESCAPED.sub(_percent, target)


def _percent(match: re.Match[str]) -> str:
    if match[0] == "\\":
        return match[0]
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def bare(text: str) -> str:
    """A text without white space, for what pandoc does with line ends is not at stake."""
    return "".join(text.split())


def stringify(inlines: Iterable[Any]) -> str:
    """The visible text of inlines."""
    return "".join(_strings(inlines))


def _strings(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        kind, content = node["t"], node.get("c")
        if kind == "Str":
            yield content
        elif kind in ("Code", "Math"):
            yield content[1]
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            yield " "
        elif kind == "Span" and "emoji" in content[0][1]:
            yield f":{dict(content[0][2])['data-emoji']}:"
        elif kind in ("Link", "Image", "Span", "Cite", "Quoted"):
            yield from _strings(content[1])
        elif kind not in ("Note", "RawInline"):
            yield from _strings(content)


def _reading(document: Any) -> Reading:
    reading = Reading(blocks=[block["t"] for block in document["blocks"]])
    _walk(document["blocks"], reading)
    return reading


def _walk(node: Any, reading: Reading) -> None:
    if isinstance(node, list):
        for child in node:
            _walk(child, reading)
    elif isinstance(node, dict):
        _node(node.get("t"), node.get("c"), reading)
        for key, child in node.items():
            if key not in ("t", "citationHash") and isinstance(child, list | dict):
                _walk(child, reading)


def _node(kind: str | None, content: Any, reading: Reading) -> None:
    if kind in ("Link", "Image"):
        text = bare(stringify(content[1]))
        reading.links.append((kind == "Image", content[2][0], text))
    elif kind == "Header":
        reading.headings.append((content[0], content[1][0], bare(stringify(content[2]))))
    elif kind == "Cite":
        reading.citations += [citation["citationId"] for citation in content[0]]
    elif kind == "Table":
        columns = len(content[2])
        rows = sum(len(body[3]) for body in content[4])
        reading.tables.append((columns, rows))
        reading.captions.append((content[0][0], bare(stringify(_caption(content[1][1])))))
    elif kind == "Note":
        reading.notes += 1
    elif kind == "Div":
        reading.divs += 1
    elif kind in ("RawInline", "RawBlock") and content[0] == "html":
        for name, *values in _TAG.findall(_COMMENT.sub("", content[1])):
            reading.html.append((name.lower() == "img", unescape("".join(values))))


def _caption(blocks: list[Any]) -> list[Any]:
    return [inline for block in blocks for inline in block["c"]]
