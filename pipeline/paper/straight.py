"""The slow path: the whole book as one document, by what WeasyPrint publishes.

Page numbers are given here too, so the book is set again until they are right.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from pipeline.errors import UserError
from pipeline.paper import guesses, marginalia, pagination, press
from pipeline.paper.fontset import BlobStore
from pipeline.paper.layout_job import LayoutJob, LayoutMessage, LayoutResult, LayoutUnit, Progress
from pipeline.paper.pagination import Place
from pipeline.paper.papers import string
from pipeline.paper.press import Order
from pipeline.paper.workers import Task
from pipeline.sandbox import Reach

ROUNDS = 4
MARK = "unit-start-"
RAGGED = "body { text-align: start !important }"  # spaces alone do not fill Chinese lines


class Straight:
    """The layout of a book in one piece."""

    def __init__(self, job: LayoutJob, store: BlobStore, reach: Reach, progress: Progress) -> None:
        self.job = job
        self.store = store
        self.reach = reach
        self.progress = progress

    def write(self, target: Path) -> LayoutResult:
        """Write the PDF, in a child process."""
        job = self.job
        order = Order(
            tasks=[Task("the book", partial(_work, job, self.store, target))],
            style=None,
            fonts=job.fonts_conf,
            workers=1,
            limits=job.limits.times(len(job.units), 4),
            reach=self.reach,
        )
        self.progress("pages", 0, 1)
        (answer,) = press.shared.run(order)
        if answer.error:
            raise UserError(f"the book cannot be laid out: {answer.error}")
        self.progress("pages", 1, 1)
        found = json.loads(answer.data)
        guesses.remember(job, self.store, found["counts"], found["anchors"])
        messages = tuple(LayoutMessage("", *notice) for notice in found["notices"])
        labels = tuple(found["labels"])
        return LayoutResult(len(labels), labels, found["anchors"], messages)


def _work(job: LayoutJob, store: BlobStore, target: Path) -> bytes:
    return Whole(job).write(*guesses.guess(job, guesses.recall(job, store)), target)


class Whole:
    """A book in one piece: sets it again and again until its page numbers are right."""

    def __init__(self, job: LayoutJob) -> None:
        self.job = job

    def write(self, places: tuple[Place, ...], labels: Mapping[str, str], target: Path) -> bytes:
        """Write the PDF; give what is to be told of it, in JSON."""
        from pipeline.paper.guarded import noticed

        pages: list[Any] = []
        with noticed() as notices, _patched(pages, self.job.variant) as ragged:
            for _ in range(ROUNDS):
                self.job = self.job.on_pages(labels)
                document = self.render(places, labels, ragged)
                pages[:] = document.pages
                counts, anchors = self._read(document)
                before, given = places, labels
                places = guesses.place(self.job, counts)
                labels = pagination.labels(places, anchors)
                same = before == places and labels.items() <= given.items()
                if same and self.job.on_pages(labels) is self.job:
                    break
            self._finish(document, places, target)
        return json.dumps(
            {
                "counts": counts,
                "anchors": labels,
                "labels": [folio.label for place in places for folio in pagination.folios(place)],
                "notices": [(notice.text, notice.character) for notice in notices],
            }
        ).encode()

    def render(self, places: Sequence[Place], labels: Mapping[str, str], ragged: bool) -> Any:
        """One render, as WeasyPrint's document; `ragged` where lines cannot be filled."""
        import weasyprint
        from weasyprint.css.counters import CounterStyle
        from weasyprint.text.fonts import FontConfiguration

        from pipeline.paper.guarded import LocalFetcher, give_numbers

        job = self.job
        base = job.base.as_uri() + "/"
        shared = {"font_config": FontConfiguration(), "counter_style": CounterStyle()}
        reading = {"base_url": base, "url_fetcher": LocalFetcher(job.roots)}
        styles = [job.css, _folio_style(job.units, places), RAGGED if ragged else ""]
        sheets = [weasyprint.CSS(string=css, **reading, **shared) for css in styles]
        in_text: frozenset[str] = frozenset()
        while True:
            html = weasyprint.HTML(string=self.source(), **reading)
            give_numbers(html.etree_element, labels)
            if not ragged:
                marginalia.take_out(html.etree_element, in_text)
            document = html.render(stylesheets=sheets, pdf_variant=job.variant, **shared)
            more = marginalia.homeless(html.etree_element)
            if not more:
                return document
            in_text |= more

    def source(self) -> str:
        """The book as one HTML document; an anchor shows where each unit begins."""
        job = self.job
        authors = "".join(f'<meta name="author" content="{escape(name)}">' for name in job.authors)
        sections = "".join(
            f'<section class="unit {unit.page_name}" id="{MARK}{index}" style="'
            f"page: {unit.page_name}; counter-reset: footnote; break-before: {self._start(unit)}; "
            f"string-set: book-head {string(unit.heads[0])}, unit-head {string(unit.heads[1])}"
            f'" lang="{unit.lang}">{unit.html}</section>'
            for index, unit in enumerate(job.units)
        )
        return (
            f'<!DOCTYPE html><html lang="{job.lang}"><head><title>{escape(job.title)}</title>'
            f"{authors}</head><body>{sections}</body></html>"
        )

    def _start(self, unit: LayoutUnit) -> str:
        return "right" if self.job.mirror and unit.start == "right" else "page"

    def _read(self, document: Any) -> tuple[list[int], list[dict[str, int]]]:
        """How many pages each unit has, and the pages of its anchors, counted within it."""
        counts = [0] * len(self.job.units)
        starts = [0] * len(self.job.units)
        anchors: list[dict[str, int]] = [{} for _ in counts]
        for index, page in enumerate(document.pages):
            # A section that goes on has its anchor on each page; a blank page has none.
            marks = [name for name in page.anchors if name.startswith(MARK)]
            unit = int(marks[0].removeprefix(MARK)) if marks else -1
            if unit >= 0 and not counts[unit]:
                starts[unit] = index
            if unit >= 0:
                counts[unit] += 1
                for name in page.anchors.keys() - marks:
                    anchors[unit].setdefault(name, index - starts[unit])
        return counts, anchors

    def _finish(self, document: Any, places: Sequence[Place], target: Path) -> None:
        for unit, place in zip(self.job.units, places, strict=True):
            for page in document.pages[place.first : place.first + len(place.folios)]:
                page.bookmarks = [
                    (level + unit.bookmark_depth, *rest) for level, *rest in page.bookmarks
                ]
        for page in document.pages:
            for name in [name for name in page.anchors if name.startswith(MARK)]:
                del page.anchors[name]
        ranges = pagination.label_ranges(
            [folio for place in places for folio in pagination.folios(place)]
        )

        def add_trees(_: object, pdf: Any) -> None:
            pdf.catalog["PageLabels"] = f"<</Nums [{ranges}]>>"
            objects: Any = pdf.objects
            named: list[Any] = [x for x in objects if isinstance(x, dict) and "ID" in x]
            if named:
                leaves = sorted((item["ID"].data, item.reference) for item in named)
                names = b" ".join(b" ".join(leaf) for leaf in leaves)
                number = int(pdf.catalog["StructTreeRoot"].split()[0])
                pdf.objects[number]["IDTree"] = b"<</Names [%b]>>" % names

        document.write_pdf(target, finisher=add_trees, pdf_variant=self.job.variant)


@contextlib.contextmanager
def _patched(pages: list[Any], variant: str | None) -> Iterator[bool]:
    """Chinese lines and tags as on the fast path, if this WeasyPrint allows; whether not."""
    try:
        from pipeline.paper import typesetter
    except (ImportError, AttributeError):
        yield True
        return
    if typesetter.supported():
        yield True
        return
    with typesetter.patched(pages, variant):
        yield False


def _folio_style(units: Sequence[LayoutUnit], places: Sequence[Place]) -> str:
    """The style of `counter(page, folio)`: a list of all labels, for one page count."""
    labels = []
    for unit, place in zip(units, places, strict=True):
        labels += [place.blank.label] if place.blank else []
        labels += ["" if unit.numbering == "none" else folio.label for folio in place.folios]
    symbols = " ".join(map(string, labels))
    return f"@counter-style folio {{ system: fixed; symbols: {symbols} }}"
