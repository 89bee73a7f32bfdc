"""Additions to front matter in the style of what stands beside them.

Nothing is added inside anchors, aliases, block scalars or flow that spans lines: then None.
"""

import re

from pipeline.diagnostics import Edit
from pipeline.document import Document, Entry, Mapping, Node, Scalar, Sequence
from pipeline.expressions import expression
from pipeline.source import Source, Span

_PLAIN = expression(r"[A-Za-z0-9_\u3400-\u9fff][\w.\u3400-\u9fff/+-]*", re.ASCII)
_TYPED = expression(
    r"(?:true|false|null|yes|no|on|off|~|[-+.]?[0-9][0-9_.:eExXoa-fA-F+-]*)", re.IGNORECASE
)
_BEGINNING = expression(r" *(?:- +)?[^\s-]")
_REFERRED = expression(r"(?:^|[\s\[{,:-])[&*!][^\s,\]}]", re.MULTILINE)

Edits = tuple[Edit, ...]


def add_relation(document: Document, field: str, name: str, target: str) -> Edits | None:
    """Say `name: target` in a field that is a mapping, or a list of one-key mappings."""
    source, front = document.source, document.front
    if front is None or not front.entries or front.flow or re.search(r"[\x00-\x1f]", target):
        return None
    text, node = written(target), front.get(field)
    if node is None or (isinstance(node, Scalar) and not source.slice(node.span).strip()):
        return _new_field(document, front, field, f"{name}: {text}") if node is None else None
    if isinstance(node, Scalar) or not _plain_yaml(source, node):
        return None
    for mapping in (node,) if isinstance(node, Mapping) else node.items:
        if isinstance(mapping, Mapping) and (value := mapping.get(name)) is not None:
            return append_value(source, value, text)
    return _new_relation(source, node, name, text)


def written(text: str) -> str:
    """A text as a YAML scalar that stays text: plain if it can be."""
    if _PLAIN.fullmatch(text) and not _TYPED.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def append_value(source: Source, node: Node, text: str) -> Edits | None:
    """One more value for a field that is a scalar or a list of scalars."""
    if not _plain_yaml(source, node):
        return None
    if isinstance(node, Scalar):
        typed = source.slice(node.span)
        if not typed or "\n" in typed or node.style in ("literal", "folded"):
            return None
        start, end = node.span.start, node.span.end
        return (
            Edit(source.path, start, start, "["),
            Edit(source.path, end, end, f", {text}]"),
        )
    if not isinstance(node, Sequence):
        return None
    if node.flow:
        return _append_flow(source, node, text)
    if not node.items or not all(isinstance(item, Scalar) for item in node.items):
        return None
    return _line_after(source, node.items[-1].span, f"{_marker(source, node.items[-1])}{text}")


def _append_flow(source: Source, node: Sequence | Mapping, text: str) -> Edits | None:
    typed = source.slice(node.span)
    if "\n" in typed or "\r" in typed or typed[-1:] not in ("]", "}"):
        return None
    inner = typed[1:-1].rstrip()
    if inner.endswith(","):
        return None
    at = node.span.start + 1 + len(inner)
    return (Edit(source.path, at, at, f", {text}" if inner.strip() else text),)


def _new_field(document: Document, front: Mapping, field: str, text: str) -> Edits | None:
    source = document.source
    last = front.entries[-1]
    if not _plain_yaml(source, last.value):
        return None
    newline = source.newline
    return _line_after(source, _leaf(last), f"{field}:{newline}  {text}")


def _new_relation(source: Source, node: Mapping | Sequence, name: str, text: str) -> Edits | None:
    mappings = [node] if isinstance(node, Mapping) else list(node.items)
    last = mappings[-1] if mappings else None
    if not isinstance(last, Mapping) or not last.entries:
        return None
    value = last.entries[-1].value
    listed = isinstance(value, Sequence) and value.flow
    text = f"{name}: [{text}]" if listed else f"{name}: {text}"
    if node.flow:
        return _append_flow(source, node, text if isinstance(node, Mapping) else f"{{{text}}}")
    if last.flow:
        return None
    first = last.entries[0]
    if isinstance(node, Sequence):
        return _line_after(source, _leaf(last.entries[-1]), _marker(source, first.key) + text)
    return _line_after(source, _leaf(last.entries[-1]), _indent(source, first.key.span) + text)


def _leaf(entry: Entry) -> Span:
    """The last scalar below an entry, or the end of its flow."""
    node: Node = entry.value
    while not isinstance(node, Scalar):
        if node.flow:
            return node.span
        if isinstance(node, Mapping):
            if not node.entries:
                return node.span
            node = node.entries[-1].value
        else:
            if not node.items:
                return node.span
            node = node.items[-1]
    return node.span if len(node.span) else Span(entry.key.span.end, entry.key.span.end)


def _indent(source: Source, span: Span) -> str:
    line, column = source.position(span.start)
    return source.line(line)[: column - 1]


def _marker(source: Source, node: Node) -> str:
    """What stands before an item on its line: `  - `."""
    return _indent(source, node.span)


def _line_after(source: Source, span: Span, text: str) -> Edits | None:
    """A new line after the line on which a span ends."""
    if not _BEGINNING.match(text):
        return None
    line = source.position(max(span.end - 1, 0))[0]
    at = source.line_starts[line - 1] + len(source.line(line))
    return (Edit(source.path, at, at, source.newline + text),)


def _plain_yaml(source: Source, node: Node) -> bool:
    """Whether a value has no anchor, alias, tag or block scalar, on its lines."""
    first = source.position(node.span.start)[0]
    start = source.line_starts[first - 1]
    return not _REFERRED.search(_without_quoted(source.text[start : node.span.end]))


def _without_quoted(text: str) -> str:
    return re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "q", text)
