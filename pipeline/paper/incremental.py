"""The fast path: units side by side, kept by content, joined at the end.

Each unit is a function of what it holds. Page numbers that it prints are given to it and put
right afterwards; a unit is laid out again only where a number takes another place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from pipeline import cache
from pipeline.errors import UserError
from pipeline.paper import (
    artefact,
    guesses,
    joiner,
    layout_inputs,
    margins,
    pagination,
    press,
    setting,
)
from pipeline.paper.artefact import Artefact, FontUse
from pipeline.paper.fontset import BlobStore
from pipeline.paper.joiner import MarginLayer
from pipeline.paper.layout_job import LayoutJob, LayoutMessage, LayoutResult, Progress, UnitRequest
from pipeline.paper.margins import Template, Want
from pipeline.paper.pagination import Place
from pipeline.paper.press import Order
from pipeline.paper.workers import Refusal, Task
from pipeline.paper.xmp import Metadata
from pipeline.sandbox import Reach

ROUNDS = 6
MANY = 20  # page numbers in one unit
HINT = (
    "look for very deep nesting, very large tables or damaged images in it; "
    "a limit may be raised in book.yaml"
)
UNSETTLED = "page numbers in the text move what they count, so some may be off by a page"


class Incremental:
    """The layout of a book, unit by unit, each kept by content."""

    def __init__(
        self,
        job: LayoutJob,
        store: BlobStore,
        worker_count: int,
        reach: Reach,
        progress: Progress,
    ) -> None:
        self.job = job
        self.store = store
        self.worker_count = worker_count
        self.reach = reach
        self.progress = progress
        self.common = cache.key(
            *("layout", job.css, str(job.base), [str(root) for root in job.roots]),
            *(job.variant or "", layout_inputs.engine(), layout_inputs.font_files(job.fonts_conf)),
            layout_inputs.files_of_style(job.css, job.base, job.roots),
        )
        self.settled = True
        self.total = 0  # counted only where the style prints it
        self.artefacts: dict[str, Artefact] = {}
        self.margins = _Shelf(
            store,
            [
                cache.key("margins", self.common, unit.key, unit.lang, unit.heads, unit.numbering)
                for unit in job.units
            ],
        )
        self.units: list[_Scanned] = []
        self._read(job)

    def _read(self, job: LayoutJob) -> None:
        self.job = job
        before = {found.html: found for found in self.units}
        self.units = [
            before.get(unit.html) or _Scanned(unit.html, job.base, job.roots) for unit in job.units
        ]
        self.known = frozenset().union(*(unit.names for unit in self.units))

    def write(self, target: Path) -> LayoutResult:
        """Write the PDF. Raises `Refusal` where the style cannot be set unit by unit."""
        keys, artefacts, places, labels = self._settle()
        job = self.job
        settings, margin_fonts = self._margins(artefacts, places)
        faces = artefact.union([*(made.fonts for made in artefacts), *margin_fonts])
        units = [
            joiner.JoinUnit(name, made, place, layers, blank, size, unit.bookmark_depth)
            for unit, name, made, place, (layers, blank, size) in zip(
                job.units, keys, artefacts, places, settings, strict=True
            )
        ]
        about = Metadata(job.title, job.authors, job.lang, job.identifier, job.variant)
        self.progress("join", 0, 1)
        joiner.join(units, faces, labels, about, target, self.store)
        self.progress("join", 1, 1)
        page_labels = tuple(folio.label for place in places for folio in pagination.folios(place))
        messages = tuple(
            LayoutMessage(unit.key, notice.text, notice.character)
            for unit, made in zip(job.units, artefacts, strict=True)
            for notice in made.notices
        )
        if not self.settled:
            messages = (*messages, LayoutMessage("", UNSETTLED))
        return LayoutResult(len(page_labels), page_labels, labels, messages)

    # Content

    def _settle(
        self,
    ) -> tuple[list[str], list[Artefact], tuple[Place, ...], dict[str, str]]:
        """Lay out until every number printed is the page it stands for."""
        memory = guesses.recall(self.job, self.store)
        places, labels = guesses.guess(self.job, memory)
        if not any(memory):
            places, labels = self._outline(places, labels)
        for _ in range(ROUNDS):
            self._read(self.job.on_pages(labels))
            keys = [self._key(index, place, labels) for index, place in enumerate(places)]
            self._lay_out(range(len(keys)), keys, places, labels)
            artefacts = [self.artefacts[name] for name in keys]
            places = guesses.place(self.job, [len(made.pages) for made in artefacts])
            labels = pagination.labels(
                places,
                [{name: at.page for name, at in made.anchors.items()} for made in artefacts],
            )
            settled = self.job.on_pages(labels) is self.job
            settled &= keys == [self._key(i, place, labels) for i, place in enumerate(places)]
            self.settled = settled and all(_right(made, labels) for made in artefacts)
            if self.settled:
                break
        guesses.remember(self.job, self.store, [len(made.pages) for made in artefacts], labels)
        return keys, artefacts, places, labels

    def _outline(
        self, places: tuple[Place, ...], labels: dict[str, str]
    ) -> tuple[tuple[Place, ...], dict[str, str]]:
        """Better guesses, from what does not print so many numbers that no guess is ever right."""
        self._read(self.job.on_pages(labels))
        some = {
            index: self._key(index, places[index], labels)
            for index, (unit, found) in enumerate(zip(self.job.units, self.units, strict=True))
            if len(found.references) <= MANY and unit.key not in self.job.late
        }
        keys = [some.get(index, "") for index in range(len(places))]
        self._lay_out(list(some), keys, places, labels)
        made = [self.artefacts.get(name) for name in keys]
        counts = [
            len(found.pages if found else place.folios)
            for found, place in zip(made, places, strict=True)
        ]
        places = guesses.place(self.job, counts)
        pages = [
            {name: at.page for name, at in found.anchors.items()} if found else {} for found in made
        ]
        return places, labels | pagination.labels(places, pages)

    def _key(self, index: int, place: Place, labels: Mapping[str, str]) -> str:
        unit = self.job.units[index]
        shapes = [
            (name, pagination.shape(labels.get(name, "?")))
            for name in sorted(self.units[index].references)
        ]
        dead = sorted(self.units[index].targets - self.known)
        side = place.side if self.job.mirror else "right"
        parts = (unit.key, unit.html, unit.lang, unit.page_name, side)
        return cache.key("unit", self.common, parts, shapes, dead, self.units[index].files)

    def _lay_out(
        self,
        indexes: Iterable[int],
        keys: Sequence[str],
        places: Sequence[Place],
        labels: Mapping[str, str],
    ) -> None:
        missing = [i for i in indexes if not self._keeps(keys[i], labels)]
        # The longest first, so that no worker is left with it at the end.
        missing.sort(key=lambda i: -len(self.job.units[i].html))
        tasks = [(i, self._task(i, places[i], labels)) for i in missing]
        for index, data in self._run("pages", tasks):
            size = int.from_bytes(data[:8], "big")
            found = artefact.load(data[8 : 8 + size])
            assert found is not None
            self.artefacts[keys[index]] = found
            self.store.put(keys[index], data[8 : 8 + size])
            self.margins.add(index, data[8 + size :])

    def _keeps(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether the store has a unit, with numbers that are right or can be put right."""
        if name not in self.artefacts:
            kept = self.store.get(name)
            found = artefact.load(kept) if kept else None
            if found is None:
                return False
            self.artefacts[name] = found
        return _right(self.artefacts[name], labels)

    def _task(self, index: int, place: Place, labels: Mapping[str, str]) -> Task:
        unit = self.job.units[index]
        request = UnitRequest(
            key=unit.key,
            html=unit.html,
            lang=unit.lang,
            page_name=unit.page_name,
            side=place.side if self.job.mirror else "right",
            labels={name: labels.get(name, "?") for name in self.units[index].references},
            elsewhere=self.units[index].targets & self.known,
        )
        known = frozenset(self.margins.known(index))
        work = partial(setting.set_unit, self.job.style, request, unit, place, self.total, known)
        return Task(unit.key, work)

    def _run(self, what: str, tasks: Sequence[tuple[int, Task]]) -> Iterator[tuple[int, bytes]]:
        """Do the tasks; what is done is kept even if the build is stopped before the end."""
        if not tasks:
            return
        indexes = {task.name: index for index, task in tasks}
        job = self.job
        order = Order(
            tasks=[task for _, task in tasks],
            style=job.style,
            fonts=job.fonts_conf,
            workers=self.worker_count,
            limits=job.limits,
            reach=self.reach,
        )
        self.progress(what, 0, len(tasks))
        for done, answer in enumerate(press.shared.run(order), start=1):
            if answer.refused:
                raise Refusal(answer.error)
            if answer.error:
                unit = self.job.units[indexes[answer.task.name]]
                name = unit.path or f"“{unit.key}”"
                raise UserError(f"{name} cannot be laid out: {answer.error}", hint=HINT)
            yield indexes[answer.task.name], answer.data
            self.progress(what, done, len(tasks))

    # Margin boxes

    def _margins(
        self, artefacts: Sequence[Artefact], places: Sequence[Place]
    ) -> "tuple[list[UnitMargins], list[Mapping[str, FontUse]]]":
        if "counter(pages" in self.job.css:
            self.total = sum(len(pagination.folios(place)) for place in places)
        wants = [
            list(setting.wants_of(unit, made, place, self.total))
            for unit, made, place in zip(self.job.units, artefacts, places, strict=True)
        ]
        self._make([{want.template: want for want in unit} for unit in wants])
        self._make(
            [
                {want.exact: want for want in unit if self.margins.known(i)[want.template] is None}
                for i, unit in enumerate(wants)
            ]
        )
        filled = [[self.margins.fill(i, want) for want in unit] for i, unit in enumerate(wants)]
        self.margins.save(wants)
        result = [_unit_margins(pages, place) for pages, place in zip(filled, places, strict=True)]
        return result, [template.fonts for unit in filled for template, _ in unit]

    def _make(self, wants: Sequence[Mapping[str, Want]]) -> None:
        """Make the templates that are not known yet."""
        tasks = [
            (index, self._margin_task(index, named))
            for index, named in enumerate(wants)
            if not named.keys() <= self.margins.known(index).keys()
        ]
        for index, data in self._run("margins", tasks):
            self.margins.add(index, data)

    def _margin_task(self, index: int, wants: Mapping[str, Want]) -> Task:
        unit, known = self.job.units[index], frozenset(self.margins.known(index))
        work = partial(setting.set_margins, self.job.style, unit.lang, dict(wants), known)
        return Task(unit.key, work)


class _Scanned:
    """What a fragment names: anchors it has, anchors whose page it prints or that it leads to,
    and files."""

    def __init__(self, html: str, base: Path, roots: tuple[Path, ...]) -> None:
        self.html = html
        self.names = frozenset(pagination.identifiers(html))
        self.references = pagination.page_references(html)
        self.targets = frozenset(pagination.targets(html))
        self.files = layout_inputs.files_of_page(html, base, roots)


class _Shelf:
    """The templates of the margin boxes of each unit, from the store and back."""

    def __init__(self, store: BlobStore, names: Sequence[str]) -> None:
        self.store = store
        self.names = names
        self.templates: dict[int, dict[str, Template | None]] = {}
        self.stored: dict[int, set[str]] = {}

    def known(self, index: int) -> dict[str, Template | None]:
        """The templates of a unit, by name."""
        if index not in self.templates:
            kept = self.store.get(self.names[index])
            self.templates[index] = (margins.load(kept) if kept else None) or {}
            self.stored[index] = set(self.templates[index])
        return self.templates[index]

    def add(self, index: int, data: bytes) -> None:
        """Take what a worker made."""
        self.known(index).update(margins.load(data) or {})

    def fill(self, index: int, want: Want) -> tuple[Template, MarginLayer]:
        """The margin boxes of a page."""
        known = self.known(index)
        template = known[want.template] or known[want.exact]
        assert template is not None
        return template, template.fill(want.label)

    def save(self, wants: Sequence[Sequence[Want]]) -> None:
        """Keep those that are in use."""
        for index, unit in enumerate(wants):
            known = self.known(index)
            names = {name for want in unit for name in (want.template, want.exact)} & known.keys()
            if names != self.stored[index]:
                used = {name: known[name] for name in sorted(names)}
                self.store.put(self.names[index], margins.dump(used))


UnitMargins = tuple[tuple[MarginLayer, ...], MarginLayer | None, tuple[float, float]]


def _unit_margins(pages: Sequence[tuple[Template, MarginLayer]], place: Place) -> UnitMargins:
    layers = [layer for _, layer in pages]
    size = (pages[0][0].width, pages[0][0].height)
    if place.blank:
        return tuple(layers[1:]), layers[0], size
    return tuple(layers), None, size


def _right(made: Artefact, labels: Mapping[str, str]) -> bool:
    """Whether each number printed is right, or can be put right where it stands."""
    return all(
        ref.label == label
        or (ref.digits and pagination.shape(ref.label) == pagination.shape(label))
        for page in made.pages
        for ref in page.refs
        for label in (labels.get(ref.target, "?"),)
    )
