"""Check the book: front matter, identifiers, links, citations, causes and dates, Chinese text.

Paths limit what is reported; rules always see the whole book.
"""

import argparse
import sys
from pathlib import Path

from pipeline import checker, discovery, reporting, session
from pipeline.errors import Exit

NAME = "check"
HELP = "report what is wrong in the manuscript"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book check`."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="report on these only")
    parser.add_argument("--format", choices=discovery.names("reporters"), default="text")
    parser.add_argument("--select", action="append", default=[], metavar="CODE")
    parser.add_argument("--ignore", action="append", default=[], metavar="CODE")
    parser.add_argument("--extend-select", action="append", default=[], metavar="CODE")
    parser.add_argument("--strict", action="store_true", help="warnings fail too")


def run(options: argparse.Namespace) -> int:
    """Check; 1 if there are findings at or above the fail level."""
    index = session.load(options)
    selection = checker.Selection(
        _codes(options.select),
        _codes(options.ignore),
        _codes(options.extend_select),
        tuple(_relative(path, index.project.root) for path in options.paths),
    )
    found = checker.check(index, selection)
    reporter = discovery.member("reporters", options.format)
    reporter.report(found, sys.stdout, reporting.options(sys.stdout))
    return Exit.FINDINGS if checker.fails(found, strict=options.strict) else Exit.CLEAN


def _codes(words: list[str]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for word in words for code in word.split(",") if code.strip())


def _relative(path: str, root: Path) -> str:
    full = Path(path).resolve()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else path
