"""Edits of front matter that keep every other character, and the style of what is there."""

import re

from pipeline.diagnostics import Edit
from pipeline.document import Mapping, Node, Scalar, Sequence
from pipeline.source import Source

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^,\[\]{}:#]|:(?=\S)|(?<=\S)#)*(?<![\s:])")
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")


def replace_scalar(
    source: Source, scalar: Scalar, new_text: str, front: Mapping | None = None
) -> Edit | None:
    """Give a scalar another text within its own characters and quotes.

    None where that cannot be done without risk: a block or multi-line scalar, one with a tag or
    an anchor, a text that needs escapes. With `front`, also inside flow that spans lines.
    """
    if _UNWRITABLE.search(new_text) or (front and in_long_flow(source, front, scalar)):
        return None
    typed = source.slice(scalar.span)
    if "\n" in typed or "\r" in typed or not _is_bare(typed, scalar):
        return None
    text = written(new_text, scalar.style)
    return Edit(source.path, scalar.span.start, scalar.span.end, text)


def _is_bare(typed: str, scalar: Scalar) -> bool:
    if scalar.style == "plain":
        return typed == scalar.text
    mark = {"single": "'", "double": '"'}.get(scalar.style)
    return mark is not None and len(typed) > 1 and typed[0] == typed[-1] == mark


def written(text: str, style: str = "plain") -> str:
    """A text as a YAML scalar of a style; double quotes where it cannot be plain."""
    if style == "single":
        return "'" + text.replace("'", "''") + "'"
    if style == "plain" and _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_long_flow(source: Source, front: Node, scalar: Scalar) -> bool:
    """Whether a scalar lies in a flow collection `[…]` or `{…}` that spans several lines."""
    node: Node | None = front
    while isinstance(node, Mapping | Sequence):
        if node.flow and re.search(r"[\r\n]", source.slice(node.span)):
            return True
        children = (
            [entry.value for entry in node.entries]
            if isinstance(node, Mapping)
            else list(node.items)
        )
        node = next((item for item in children if item.span.contains(scalar.span)), None)
    return False
