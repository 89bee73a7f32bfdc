"""The causal graph of the event cards as data, and its common formats."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape, quoteattr

from pipeline.config import Relation
from pipeline.index import CausalLink, Index


@dataclass(frozen=True)
class Node:
    """An event: `date` as the author typed it."""

    identifier: str
    title: str
    title_en: str
    date: str
    level: str
    organization: str
    path: str


@dataclass(frozen=True, order=True)
class Edge:
    """From cause to effect, or between equals; `relation` as the earlier of the two cards says.

    `contradicted` is true where the dates say that it cannot be.
    """

    source: str
    target: str
    relation: str
    directed: bool = True
    contradicted: bool = False


@dataclass(frozen=True)
class Graph:
    """Events by date, and the relations between them, each once."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def order(self) -> dict[str, int]:
        """Place of each event in time."""
        return {node.identifier: place for place, node in enumerate(self.nodes)}


def causal(index: Index, contradictions: Iterable[CausalLink] = ()) -> Graph:
    """The causal graph of a book; `contradictions` are the links that the dates deny."""
    nodes = tuple(
        sorted(
            (
                Node(
                    index.identifier(document), document.title, document.title_en,
                    document.text("date"), document.text("significance_level"),
                    _organization(index, document.text("organization")), document.path,
                )
                for document in index.of_kind("event")
            ),
            key=lambda node: (node.date, node.identifier),
        )
    )  # fmt: skip
    wrong = {id(link) for link in contradictions}
    edges: dict[tuple[str, str, str], Edge] = {}
    for link in index.causal_links:
        if edge := _edge(index, link, id(link) in wrong):
            key = (edge.source, edge.target, edge.relation)
            if edge.contradicted or key not in edges:
                edges[key] = edge
    return Graph(nodes, tuple(sorted(edges.values())))


def _organization(index: Index, name: str) -> str:
    target = index.resolve(name, ("organization",)).target
    return target.title if target else name


def _edge(index: Index, link: CausalLink, contradicted: bool) -> Edge | None:
    target = link.resolution.target
    if target is None or target.kind != "event" or link.relation is None:
        return None
    here, there = index.identifier(link.document), target.identifier
    relation = link.relation
    if relation.direction == "any":
        first, second = sorted((here, there))
        return Edge(first, second, relation.name, False, contradicted)
    if relation.direction == "later":
        return Edge(here, there, relation.name, True, contradicted)
    return Edge(there, here, _forward(relation), True, contradicted)


def _forward(relation: Relation) -> str:
    return relation.inverse or relation.name


# ---- formats ------------------------------------------------------------------------------


def to_json(graph: Graph) -> str:
    """`{"nodes": […], "edges": […]}`."""
    nodes = [
        {
            "id": node.identifier, "title": node.title, "title_en": node.title_en,
            "date": node.date, "level": node.level, "organization": node.organization,
            "path": node.path,
        }
        for node in graph.nodes
    ]  # fmt: skip
    edges = [
        {
            "source": edge.source, "target": edge.target, "relation": edge.relation,
            "directed": edge.directed, "contradicted": edge.contradicted,
        }
        for edge in graph.edges
    ]  # fmt: skip
    return json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False, indent=1) + "\n"


def to_dot(graph: Graph) -> str:
    """Graphviz; time runs from left to right."""
    lines = ["digraph causes {", "  rankdir=LR; node [shape=box];"]
    for node in graph.nodes:
        label = json.dumps(f"{node.title} ({node.date})", ensure_ascii=False)
        lines.append(f"  {json.dumps(node.identifier)} [label={label}];")
    for edge in graph.edges:
        style = "" if edge.directed else ", dir=none"
        colour = ", color=red" if edge.contradicted else ""
        lines.append(
            f"  {json.dumps(edge.source)} -> {json.dumps(edge.target)} "
            f"[label={json.dumps(edge.relation)}{style}{colour}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def to_graphml(graph: Graph) -> str:
    """GraphML with title, date and relation as data."""
    keys = "".join(
        f'<key id="{name}" for="{kind}" attr.name="{name}" attr.type="string"/>'
        for kind, name in (("node", "title"), ("node", "date"), ("edge", "relation"))
    )
    nodes = "".join(
        f'<node id={quoteattr(node.identifier)}><data key="title">{escape(node.title)}</data>'
        f'<data key="date">{escape(node.date)}</data></node>'
        for node in graph.nodes
    )
    edges = "".join(
        f"<edge source={quoteattr(edge.source)} target={quoteattr(edge.target)} "
        f'directed="{str(edge.directed).lower()}">'
        f'<data key="relation">{escape(edge.relation)}</data></edge>'
        for edge in graph.edges
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        f'{keys}<graph edgedefault="directed">{nodes}{edges}</graph></graphml>\n'
    )
