"""For editors: the report as one page that works from disk."""

from typing import TextIO

from pipeline.checker import Run
from pipeline.clean_text import harmless
from pipeline.report import report_page
from pipeline.reporting import Options

NAME = "html"
HELP = "the editor's report as one self-contained page"


def report(run: Run, stream: TextIO, options: Options) -> None:
    """Write the page."""
    stream.write(harmless(report_page.page(run)))
