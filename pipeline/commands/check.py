"""Check the book: front matter, identifiers, links, citations, causes and dates, Chinese text.

Paths limit what is reported; rules always see the whole book.

  make-book check                        everything, with source lines
  make-book check manuscript/02-*        the whole book as knowledge, these files as scope
  make-book check --select LK,CT001      links, and unresolved citations
  make-book check --since main           findings that were there at `main` are shown, and pass
  make-book check --staged               what the next commit has; only what it adds fails
  make-book check --write-baseline       keep today's findings in baseline.json, to begin clean
  make-book check --format sarif -o out  for another program

Exit: 0 clean, 1 findings that fail (errors; with --strict warnings), 2 usage or configuration.
"""

import argparse
import os
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import TextIO

from pipeline import (
    checker,
    discovery,
    files,
    index,
    progress,
    reporting,
    revisions,
    session,
    watching,
)
from pipeline.checker import Run, Selection
from pipeline.clean_text import raw
from pipeline.config import BASELINE
from pipeline.errors import Exit
from pipeline.index import Index
from pipeline.revisions import Overlay
from pipeline.suppression import write_baseline

NAME = "check"
HELP = "report what is wrong in the manuscript"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book check`."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="report on these only")
    _add_rules(parser)
    _add_base(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=discovery.names("reporters"), default="text",
                        help="how findings are written; else text")  # fmt: skip
    output.add_argument(
        "-o", "--output", metavar="FILE", help="write there; - for the standard output"
    )
    output.add_argument("--statistics", action="store_true", help="count the findings by rule")
    output.add_argument("--exit-zero", action="store_true", help="exit 0 whatever is found")
    _add_means(parser)
    output.add_argument("--watch", action="store_true", help="check again whenever a file changes")


def _add_rules(parser: argparse.ArgumentParser) -> None:
    rules = parser.add_argument_group("rules, by code or its beginning, several by commas")
    rules.add_argument("--select", action="append", default=[], metavar="CODE", help="only these")
    rules.add_argument("--ignore", action="append", default=[], metavar="CODE", help="not these")
    rules.add_argument(
        "--extend-select", action="append", default=[], metavar="CODE",
        help="these too, although book.yaml says off",
    )  # fmt: skip
    rules.add_argument("--strict", action="store_true", help="warnings fail too")
    rules.add_argument("--online", action="store_true", help="ask outside addresses (LK008)")


def _add_means(parser: argparse.ArgumentParser) -> None:
    means = parser.add_argument_group("means")
    means.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    means.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
        help="processes at once; else one for each processor",
    )  # fmt: skip


def _add_base(parser: argparse.ArgumentParser) -> None:
    base = parser.add_argument_group("what is known already")
    against = base.add_mutually_exclusive_group()
    against.add_argument("--since", metavar="REV", help="findings of this revision do not fail")
    against.add_argument("--staged", action="store_true", help="check what is staged, since HEAD")
    base.add_argument("--only-new", action="store_true", help="show only what was not there")
    base.add_argument("--baseline", metavar="FILE", help=f"else {BASELINE}, if it is there")
    base.add_argument(
        "--write-baseline", nargs="?", const=BASELINE, metavar="FILE",
        help="keep today's findings as known",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Check; 1 if there are findings at or above the fail level that were not known before."""
    if options.watch:
        root = session.root(options)
        own = filter(None, (options.output, options.write_baseline))
        written = [session.relative(path, root) for path in own]
        watching.repeat(root, lambda: _once(options), written)
    return _once(options)


def _once(options: argparse.Namespace) -> int:
    staged = revisions.staged(session.root(options)) if options.staged else None
    loaded = _load(options, staged)
    session.tell_empty(loaded)
    root = loaded.project.root
    wanted = Selection(
        session.codes(options.select),
        session.codes(options.ignore),
        session.codes(options.extend_select),
        session.named(options.paths, root),
    )
    known = None if options.write_baseline else session.known(root, options.baseline)
    found = checker.check(loaded, wanted, known, options.jobs, _progress)
    if options.write_baseline:
        target = root / options.write_baseline
        files.write(target, write_baseline(found.diagnostics).encode())
        print(f"wrote {options.write_baseline}: {len(found.active)} findings are known from now on")
        return Exit.CLEAN
    found = _held(options, found, staged)
    loaded.project.store.prune(loaded.config.limit("cache_megabytes"))
    _report(options, found)
    failed = checker.fails(found, strict=options.strict) and not options.exit_zero
    return Exit.FINDINGS if failed else Exit.CLEAN


def _load(options: argparse.Namespace, staged: Overlay | None) -> Index:
    loaded = session.load(options, staged)
    if not options.online:
        return loaded
    from pipeline.addresses import addresses
    from pipeline.probe import probe

    today = datetime.now(UTC).date()
    urls = {item.url for item in addresses(loaded)}
    probes = probe(urls, today, session.store(loaded.project.root))
    return index.build(replace(loaded.project, probes=probes))


def _progress() -> progress.Progress:
    return progress.of(quiet=not sys.stderr.isatty())


def _held(options: argparse.Namespace, found: Run, staged: Overlay | None) -> Run:
    """Mark what was there at the base revision; a first commit has none."""
    root = found.index.project.root
    overlay = None
    if staged is not None and found.diagnostics:
        overlay = revisions.committed(root, staged)
    elif options.since:
        overlay = revisions.overlay_of(root, options.since)
    if overlay is None:
        return found
    base = session.before(found.index.project, overlay)
    past = checker.check(base, jobs=options.jobs, progress=_progress)
    held = checker.held_against(found, past)
    if not options.only_new:
        return held
    return replace(held, diagnostics=tuple(item for item in held.diagnostics if not item.known))


def _beside(output: str) -> TextIO:
    """Where to tell of an output: not in it."""
    return sys.stderr if output == "-" else sys.stdout


def _report(options: argparse.Namespace, found: Run) -> None:
    reporter = discovery.member("reporters", options.format)
    if not options.output:
        reporter.report(found, raw(sys.stdout), reporting.options(sys.stdout))
    else:
        stream = StringIO()
        reporter.report(found, stream, reporting.Options())
        text = stream.getvalue().encode("utf-8", "backslashreplace")
        files.deliver(options.output, text)
        print(f"{options.output}: {reporting.summary(found)}", file=_beside(options.output))
    if options.statistics:
        counts = Counter((item.code, item.name) for item in found.active)
        for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            print(f"{count:>6}  {code}  {name}")
