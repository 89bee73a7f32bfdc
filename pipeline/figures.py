"""The figures that the book draws of itself: its timeline and its causal graph."""

import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline import causality, chart, files, graph
from pipeline.book import Book
from pipeline.images import Picture
from pipeline.linker import Linked

WIDTH = 310.0
TIMELINE = "generated/timeline.svg"
CAUSES = "generated/causes.svg"


def draw(book: Book, linked: Linked, folder: Path) -> None:
    """Add the figures to the pictures of the linked book; files are named by content."""
    if not any(unit.kind == "timeline" for unit in book.units):
        return
    found = events(book)
    words = book.words
    drawings = {TIMELINE: chart.timeline(found, width=WIDTH, title=words["timeline"])}
    if found.edges:
        drawings[CAUSES] = chart.causes(found, width=WIDTH, title=words["causes"])
    for name, drawing in drawings.items():
        data = drawing.svg.encode("utf-8")
        path = folder / f"{Path(name).stem}-{hashlib.sha256(data).hexdigest()[:16]}.svg"
        files.keep(path, data)
        linked.pictures[name] = Picture(path, "image/svg+xml")


def events(book: Book) -> graph.Graph:
    """The causal graph in the words of an edition: the events that are in it, as it names them."""
    found = graph.causal(book.index, causality.contradictions(book.index))
    titles = {path: piece.title for path, piece in book.pieces.items()}
    names = {piece.document.title: piece.title for piece in book.pieces.values()}
    nodes = tuple(
        replace(
            node,
            title=titles[node.path],
            organization=names.get(node.organization) or book.voice.text(node.organization),
        )
        for node in found.nodes
        if node.path in titles
    )
    known = {node.identifier for node in nodes}
    return graph.Graph(
        nodes, tuple(edge for edge in found.edges if {edge.source, edge.target} <= known)
    )
