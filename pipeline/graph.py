"""The causal graph of the event cards, and who refers to whom, as data and in common formats."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.clean_text import as_json
from pipeline.config import Relation
from pipeline.document import Document
from pipeline.index import CausalLink, Index
from pipeline.xml_text import cleaned, escape, quoteattr


@dataclass(frozen=True)
class Node:
    """An event, or in the graph of references anything: `date` as the author typed it."""

    identifier: str
    title: str
    title_en: str
    date: str
    level: str
    organization: str
    path: str
    kind: str = "event"


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
    named: dict[str, Node] = {}
    for document in index.of_kind("event"):
        named.setdefault(index.identifier(document), _event(index, document))
    nodes = sorted(named.values(), key=lambda node: (node.date, node.identifier))
    wrong = {id(link) for link in contradictions}
    edges: dict[tuple[str, str, str], Edge] = {}
    for link in index.causal_links:
        if edge := _edge(index, link, id(link) in wrong):
            key = (edge.source, edge.target, edge.relation)
            if edge.contradicted or key not in edges:
                edges[key] = edge
    return Graph(tuple(nodes), tuple(sorted(edges.values())))


def _event(index: Index, document: Document) -> Node:
    organization = next(iter(document.texts("organization")), "")
    return Node(
        index.identifier(document), document.title, document.title_en,
        document.text("date"), document.text("significance_level"),
        _organization(index, organization), document.path,
    )  # fmt: skip


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


def references(index: Index) -> Graph:
    """Every document and cited source, by path or `@key`, and who names whom by what."""
    nodes = {
        item.path: Node(
            item.path, item.title, item.title_en, item.text("date"),
            item.text("significance_level"), "", item.path, item.kind,
        )
        for item in index.documents
    }  # fmt: skip
    edges = {edge for edge in _reference_edges(index) if edge.source in nodes}
    for edge in edges:
        if edge.target.startswith("@"):
            entry = index.entries[edge.target[1:]]
            title, year = entry.text("title"), entry.text("year", "date", "issued")
            nodes[edge.target] = Node(edge.target, title, "", year, "", "", entry.path, "source")
    known = {edge for edge in edges if edge.target in nodes}
    return Graph(tuple(nodes[name] for name in sorted(nodes)), tuple(sorted(known)))


def _reference_edges(index: Index) -> Iterator[Edge]:
    for reference in index.references:
        target = index.resolve(reference.scalar.text, reference.kinds).target
        if target and target.document:
            yield Edge(reference.document.path, target.document.path, reference.field)
    for link in index.causal_links:
        target = link.resolution.target
        if target and target.document:
            yield Edge(link.document.path, target.document.path, link.name.text)
    for document, _, place in index.links():
        if place.where == "file" and place.document:
            yield Edge(document.path, place.document.path, "link")
    for document in index.documents:
        keys = {scalar.text: "sources" for scalar in index.source_scalars(document)}
        keys |= {citation.key: "citation" for citation in document.body.citations}
        for key, relation in keys.items():
            if key in index.entries:
                yield Edge(document.path, f"@{key}", relation)


# ---- formats ------------------------------------------------------------------------------


def to_json(graph: Graph) -> str:
    """`{"nodes": […], "edges": […]}`."""
    nodes = [
        {
            "id": node.identifier, "title": node.title, "title_en": node.title_en,
            "date": node.date, "level": node.level, "organization": node.organization,
            "path": node.path, "kind": node.kind,
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
    return as_json({"nodes": nodes, "edges": edges}, 1) + "\n"


def to_dot(graph: Graph) -> str:
    """Graphviz; time runs from left to right."""
    lines = ["digraph book {", "  rankdir=LR; node [shape=box];"]
    for node in graph.nodes:
        label = f"{node.title} ({node.date})" if node.date else node.title
        lines.append(f"  {_dot(node.identifier)} [label={_dot(label)}];")
    for edge in graph.edges:
        style = "" if edge.directed else ", dir=none"
        colour = ", color=red" if edge.contradicted else ""
        lines.append(
            f"  {_dot(edge.source)} -> {_dot(edge.target)} "
            f"[label={_dot(edge.relation)}{style}{colour}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _dot(text: str) -> str:
    """A quoted string of the DOT language."""
    plain = " ".join(cleaned(text).split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


_GRAPHML_KEYS = (
    ("node", "title"), ("node", "title_en"), ("node", "date"), ("node", "kind"), ("node", "path"),
    ("edge", "relation"), ("edge", "contradicted"),
)  # fmt: skip


def to_graphml(graph: Graph) -> str:
    """GraphML with titles, dates, kinds and relations as data."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ]
    for kind, name in _GRAPHML_KEYS:
        lines.append(f'<key id="{name}" for="{kind}" attr.name="{name}" attr.type="string"/>')
    lines.append('<graph edgedefault="directed">')
    for node in graph.nodes:
        values = {name: getattr(node, name) for kind, name in _GRAPHML_KEYS if kind == "node"}
        lines.append(f"<node id={_quoted(node.identifier)}>{_data(values)}</node>")
    for edge in graph.edges:
        values = {"relation": edge.relation, "contradicted": "yes" if edge.contradicted else ""}
        lines.append(
            f"<edge source={_quoted(edge.source)} target={_quoted(edge.target)} "
            f'directed="{str(edge.directed).lower()}">{_data(values)}</edge>'
        )
    return "\n".join([*lines, "</graph>", "</graphml>"]) + "\n"


def _quoted(text: str) -> str:
    return quoteattr(cleaned(text))


def _data(values: Mapping[str, str]) -> str:
    return "".join(
        f'<data key="{name}">{escape(cleaned(value))}</data>'
        for name, value in values.items()
        if value
    )
