"""Mentions: `@fig-a`, `@tbl-a`, `@sec-a`, `@eq-a` as in Quarto, links that print their target.

They look like citations; which they are is known with the bibliography.
"""

import re
from collections.abc import Container, Iterable, Iterator

from msgspec.structs import replace

from pipeline.document import Body, Citation, Link
from pipeline.source import Span

_NAME = re.compile(r"(?:fig|tbl|sec|eq|lst)-[\w.-]*\w")


def names(keys: Iterable[str]) -> frozenset[str]:
    """The keys of entries that look like names of places: `told` asks for no others."""
    return frozenset(key for key in keys if _NAME.fullmatch(key))


def told(body: Body, entries: Container[str]) -> Body:
    """The body with each citation that names a place, and no entry, as a link to that place."""
    links = tuple(_link(cite) for cite in body.citations if _is_mention(cite, entries))
    if not links:
        return body
    rest = tuple(cite for cite in body.citations if not _is_mention(cite, entries))
    every = sorted((*body.links, *links), key=lambda link: link.span)
    return replace(body, citations=rest, links=tuple(every))


def written(text: str, body: Body) -> Iterator[tuple[Span, str]]:
    """What to replace in a text, for pandoc to read each mention as the link it is."""
    cited = {cite.group for cite in body.citations}
    groups = set()
    for link in body.links:
        if link.kind == "mention":
            start = link.destination_span.start - 1
            start -= text.startswith(("[-", " -"), start - 2)
            yield Span(start, link.destination_span.end), f"[]({link.destination})"
            groups.add(link.span)
    for group in groups - cited:
        if text[group.start] == "[":
            yield Span(group.start, group.start + 1), ""
            yield Span(group.end - 1, group.end), ""


def _is_mention(cite: Citation, entries: Container[str]) -> bool:
    braced = len(cite.span) > len(cite.key) + 1
    return cite.key not in entries and not braced and _NAME.fullmatch(cite.key) is not None


def _link(cite: Citation) -> Link:
    name = Span(cite.span.start + 1, cite.span.end)
    return Link(f"#{cite.key}", cite.group, name, "", "mention", certain=False)
