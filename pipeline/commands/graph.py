"""Write the causal graph of the event cards, or who refers to whom, for other programs.

  make-book graph -o causes.svg                   causes and effects, drawn; the suffix decides
  make-book graph --format dot | dot -Tpdf > causes.pdf
  make-book graph --of references -o book.graphml    documents and sources, for Gephi or yEd
  make-book graph --format json                   to the standard output

An edge that the dates of its two cards deny is marked as contradicted. Formats: json, dot
(Graphviz), graphml, svg.
"""

import argparse
import sys
from pathlib import Path

from pipeline import causality, chart, files, graph, session
from pipeline.clean_text import printable
from pipeline.errors import Exit, UserError
from pipeline.graph import Graph
from pipeline.index import Index
from pipeline.wording import did_you_mean, listed

NAME = "graph"
HELP = "write the causal graph or the graph of references"

FORMATS = ("json", "dot", "graphml", "svg")
WIDTH = 480.0  # points


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book graph`."""
    parser.add_argument(
        "--of", choices=("causes", "references"), default="causes", help="else causes"
    )
    parser.add_argument("--format", choices=FORMATS, help="else by the suffix of FILE, else json")
    parser.add_argument("-o", "--output", metavar="FILE", help="write here, not to the output")


def run(options: argparse.Namespace) -> int:
    """Write the graph."""
    index = session.load(options)
    suffix = Path(options.output or "").suffix[1:].lower()
    if suffix not in ("", *FORMATS) and not options.format:
        near = did_you_mean(suffix, FORMATS)
        hint = (
            f"did you mean .{near}?"
            if near
            else f"end it in {listed(f'.{name}' for name in FORMATS)}"
        )
        raise UserError(f"{options.output}: no graph is written as .{suffix}", hint=hint)
    wanted = options.format or suffix or "json"
    if options.of == "causes":
        found = graph.causal(index, causality.contradictions(index))
    else:
        found = graph.references(index)
    text = printable(_written(found, wanted, index))
    if options.output in (None, "-"):
        sys.stdout.write(text)
        return Exit.CLEAN
    target = Path(options.output)
    _refuse_source(index, target)
    files.deliver(options.output, text.encode("utf-8"))
    print(f"wrote {target}: {len(found.nodes)} nodes, {len(found.edges)} edges", file=sys.stderr)
    return Exit.CLEAN


def _written(found: Graph, wanted: str, index: Index) -> str:
    if wanted == "svg":
        return chart.causes(found, width=WIDTH, title=index.config.title).svg + "\n"
    writers = {"json": graph.to_json, "dot": graph.to_dot, "graphml": graph.to_graphml}
    return writers[wanted](found)


def _refuse_source(index: Index, target: Path) -> None:
    real, root = target.resolve(), index.project.root
    if real.is_relative_to(root) and real.relative_to(root).as_posix() in index.project.sources:
        raise UserError(f"{target} is a source of the book", hint="name another file")
