"""WeasyPrint within bounds: what it may read, what it is given, its log turned into notices.

Uses published names only.
"""

import contextlib
import logging
import mimetypes
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import weasyprint.urls

from pipeline.paper.artefact import Notice

LOGGER = logging.getLogger("weasyprint")
_MISSING = re.compile(r"\(U\+([0-9A-F]{4,6})\)")


class LocalFetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # untyped base
    """Reads files below some folders, and nothing else."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)
        self._roots = tuple(root.resolve() for root in roots)

    def fetch(self, url: str, headers: object = None) -> weasyprint.urls.URLFetcherResponse:
        """The file behind a `file:` URL; raises `ValueError` for any other."""
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise ValueError("only files of the book are read")
        path = Path(unquote(parts.path)).resolve()
        if not any(path.is_relative_to(root) for root in self._roots):
            raise ValueError("the file is outside the book's folder")
        if not path.is_file():
            raise ValueError("there is no such file")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return weasyprint.urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def give_numbers(root: Any, labels: Mapping[str, str]) -> None:
    """Give its page number to each link that prints one, and mark the lists of the contents."""
    for link in root.iter("a"):
        if "pageref" in (link.get("class") or "").split():
            link.set("data-page", labels.get(unquote(link.get("href", "#")[1:]), "?"))
    for nav in root.iter("nav"):
        if nav.get("role") == "doc-toc":
            for item in (*nav.iter("ul"), *nav.iter("ol"), *nav.iter("li")):
                item.set("data-contents", "")


class _Handler(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: dict[Notice, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        code = _MISSING.search(text) if ".notdef" in text else None
        self.found[Notice(text, chr(int(code[1], 16)) if code else None)] = None


@contextlib.contextmanager
def noticed() -> Iterator[dict[Notice, None]]:
    """Collect WeasyPrint's warnings, each once, in their order."""
    handler = _Handler()
    LOGGER.addHandler(handler)
    LOGGER.propagate = False
    try:
        yield handler.found
    finally:
        LOGGER.propagate = True
        LOGGER.removeHandler(handler)
