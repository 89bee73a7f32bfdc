"""The causal graph and the timeline as vector figures, drawn in points for paper and screen.

The causal graph is an arc diagram: events in order of time, one a line, and an arc from each
cause to its effect. The timeline has a lane for each organization over a scale of years.
Elements carry `data-id`, `data-from` and `data-to` for scripts that make them interactive.
"""

from dataclasses import dataclass

from pipeline import dates
from pipeline.graph import Edge, Graph, Node
from pipeline.xml_text import cleaned, escape, quoteattr

ROW = 15.0
HEAD = 10.0
SANS = "sans-serif"
INK, QUIET, WRONG = "#222", "#888", "#c00000"
LEVELS = {"critical": 3.4, "major": 2.8, "notable": 2.3, "minor": 1.8}
RELATION_COLOURS = {
    "enables": "#1f4e79",
    "foundation_for": "#1f4e79",
    "influences": "#6b7f95",
    "triggers": "#8a5a00",
    "answered_by": "#7a3b69",
    "parallel_to": "#999999",
}


@dataclass(frozen=True)
class Drawing:
    """An SVG and its size in points."""

    svg: str
    width: float
    height: float


def causes(
    graph: Graph, *, width: float, title: str, links: dict[str, str] | None = None
) -> Drawing:
    """The arc diagram; `links` maps events to addresses."""
    axis = width * 0.36
    rows = {node.identifier: HEAD + ROW * (place + 0.5) for place, node in enumerate(graph.nodes)}
    height = HEAD * 2 + ROW * len(graph.nodes)
    reaches = (abs(graph.order[e.source] - graph.order[e.target]) for e in graph.edges)
    widest = max((1, *reaches))
    parts = [f'<line x1="{axis:g}" y1="{HEAD:g}" x2="{axis:g}" y2="{height - HEAD:g}" '
             f'stroke="{QUIET}" stroke-width=".6"/>']  # fmt: skip
    for edge in graph.edges:
        reach = abs(graph.order[edge.source] - graph.order[edge.target]) / widest
        parts.append(_arc(edge, axis, rows, (axis - 12) * (0.12 + 0.88 * reach)))
    for node in graph.nodes:
        parts.append(_row(node, axis, rows[node.identifier], (links or {}).get(node.identifier)))
    return Drawing(_svg(parts, width, height, title), width, height)


def _arc(edge: Edge, axis: float, rows: dict[str, float], reach: float) -> str:
    start, end = rows[edge.source], rows[edge.target]
    colour = WRONG if edge.contradicted else RELATION_COLOURS.get(edge.relation, "#555")
    dash = "" if edge.directed else ' stroke-dasharray="2 2"'
    left = axis - reach
    path = (
        f'<path d="M{axis - 4:g} {start:g} C{left:.1f} {start:g} {left:.1f} {end:g} '
        f'{axis - 7:g} {end:g}" fill="none" stroke="{colour}" stroke-width=".7"{dash}/>'
    )
    tip = ""
    if edge.directed:
        tip = f'<path d="M{axis - 3.6:g} {end:g} l-4.2 -1.7 v3.4 z" fill="{colour}"/>'
    attributes = f"data-from={quoteattr(edge.source)} data-to={quoteattr(edge.target)}"
    return f'<g class="edge {escape(edge.relation)}" {attributes}>{path}{tip}</g>'


def _row(node: Node, axis: float, y: float, link: str | None) -> str:
    radius = LEVELS.get(node.level, 2.0)
    date = f'<text x="{axis + 9:g}" y="{y + 2.6:g}" font-size="6.5" fill="#555">'
    label = (
        f'<circle cx="{axis:g}" cy="{y:g}" r="{radius:g}" fill="{INK}"/>'
        f"{date}{escape(node.date)}</text>"
        f'<text x="{axis + 48:g}" y="{y + 2.9:g}" font-size="8" fill="{INK}">'
        f"{escape(_cut(node.title, 22))}</text>"
    )
    if link:
        label = f"<a href={quoteattr(link)}>{label}</a>"
    return f'<g class="node" data-id={quoteattr(node.identifier)}>{label}</g>'


def timeline(
    graph: Graph, *, width: float, title: str, links: dict[str, str] | None = None
) -> Drawing:
    """Lanes of organizations over a scale of years."""
    dated = [(node, when) for node in graph.nodes if (when := year(node.date)) is not None]
    if not dated:
        return Drawing(_svg([], width, HEAD, title), width, HEAD)
    first = int(min(when for _, when in dated))
    last = int(max(when for _, when in dated)) + 1
    left, right = 62.0, width - 6.0
    scale = (right - left) / (last - first)
    lanes = list(dict.fromkeys(node.organization or "" for node, _ in dated))
    parts: list[str] = []
    top = 2 * HEAD
    for name in lanes:
        inside = [(node, left + (when - first) * scale) for node, when in dated
                  if (node.organization or "") == name]  # fmt: skip
        drawn, depth = _lane(inside, top, right, links or {})
        bottom = top + depth * 11 + 7
        parts.append(f'<text x="2" y="{top + 9:g}" font-size="7.5" fill="{INK}">'
                     f"{escape(_cut(name, 8))}</text>")  # fmt: skip
        parts.append(f'<line x1="0" y1="{bottom:g}" x2="{width:g}" y2="{bottom:g}" '
                     f'stroke="#ddd" stroke-width=".5"/>')  # fmt: skip
        parts += drawn
        top = bottom
    height = top + 4
    return Drawing(_svg([*_years(first, last, left, scale, height), *parts], width, height, title),
                   width, height)  # fmt: skip


def _years(first: int, last: int, left: float, scale: float, height: float) -> list[str]:
    step = max(1, round(26 / scale))
    return [_year(y, left + (y - first) * scale, height) for y in range(first, last, step)]


def _year(number: int, x: float, height: float) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{HEAD + 4:g}" x2="{x:.1f}" y2="{height:g}" '
        f'stroke="#e4e4e4" stroke-width=".5"/>'
        f'<text x="{x + 2:.1f}" y="{HEAD:g}" font-size="6.5" fill="#555">{number}</text>'
    )


def _lane(
    events: list[tuple[Node, float]], top: float, right: float, links: dict[str, str]
) -> tuple[list[str], int]:
    """Labels go beside their marks, on the first line of the lane that is free there."""
    ends: list[float] = []
    drawn = []
    for node, x in events:
        text = _cut(node.title, 16)
        wide = _width(text, 6.5) + 9
        flip = x + wide > right
        begin = x - wide if flip else x - 3
        line = next((i for i, end in enumerate(ends) if end <= begin), len(ends))
        ends[line : line + 1] = [x + 6 if flip else x + wide]
        y = top + line * 11 + 7
        anchor = f'x="{x - 6:.1f}" text-anchor="end"' if flip else f'x="{x + 6:.1f}"'
        body = (
            f'<circle cx="{x:.1f}" cy="{y:g}" r="{LEVELS.get(node.level, 2.0):g}" fill="{INK}"/>'
            f'<text {anchor} y="{y + 2.3:g}" font-size="6.5" fill="{INK}">{escape(text)}</text>'
        )
        if link := links.get(node.identifier):
            body = f"<a href={quoteattr(link)}>{body}</a>"
        drawn.append(f'<g class="node" data-id={quoteattr(node.identifier)}>{body}</g>')
    return drawn, max(1, len(ends))


def year(date: str) -> float | None:
    """The middle of a partial date as a year with its fraction, None for none."""
    days = dates.interval(date)
    if days is None:
        return None
    ends = ((month - 1 + day / 31) / 12 for _, month, day in (days.first, days.last))
    return days.first[0] + sum(ends) / 2


def _width(text: str, size: float) -> float:
    return sum(size if ord(char) > 0x2E7F else size * 0.56 for char in text)


def _cut(text: str, units: int) -> str:
    """At most `units` em, an ellipsis in place of the rest."""
    total = 0.0
    for place, char in enumerate(text):
        total += 1.0 if ord(char) > 0x2E7F else 0.56
        if total > units:
            return text[:place] + "…"
    return text


def _svg(parts: list[str], width: float, height: float, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(cleaned(title))} '
        f'font-family="{SANS}"><title>{escape(cleaned(title))}</title>{cleaned("".join(parts))}</svg>'
    )
