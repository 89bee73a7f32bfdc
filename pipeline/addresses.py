"""Every outside address of a project, with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag

from pipeline import bibliography
from pipeline.citations import latex
from pipeline.document import Link
from pipeline.index import Index
from pipeline.source import Source, Span

WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address, without its fragment, where it is written; `link` in a text."""

    url: str
    source: Source
    span: Span
    link: Link | None = None


def addresses(index: Index) -> Iterator[Address]:
    """Addresses of links and of bibliography entries, each place once."""
    seen: set[tuple[str, int]] = set()
    for document in index.documents:
        for link in document.body.links:
            place = (document.path, link.destination_span.start)
            if link.destination.lower().startswith(WEB) and place not in seen:
                seen.add(place)
                url = urldefrag(link.destination).url
                yield Address(url, document.source, link.destination_span, link)
    for entry in index.project.entries:
        source = index.project.sources[entry.path]
        for name in ("url", "URL", "doi", "DOI"):
            field = entry.fields.get(name)
            url = _url(bibliography.to_csl(entry), name) if field else ""
            if field and url:
                yield Address(url, source, field.span)


def _url(record: dict[str, object], name: str) -> str:
    """The address of a `url` or `doi` field."""
    if name.lower() == "doi":
        doi = record.get("DOI")
        return f"https://doi.org/{doi}" if isinstance(doi, str) else ""
    url = latex.verbatim(str(record.get("URL") or ""))
    return urldefrag(url).url if url.lower().startswith(WEB) else ""
