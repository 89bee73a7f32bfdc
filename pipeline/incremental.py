"""The fast path: units side by side, kept by content, joined at the end.

Each unit is a function of what it holds. Page numbers that it prints are given to it and put
right afterwards; a unit is laid out again only where a number takes another place.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import (
    __version__,
    artefact,
    cache,
    fonts,
    fontset,
    guesses,
    joiner,
    margins,
    pagination,
    workers,
)
from pipeline.artefact import Artefact, FontUse, PageKind
from pipeline.errors import UserError
from pipeline.fontset import BlobStore
from pipeline.joiner import MarginLayer
from pipeline.layout_job import LayoutJob, LayoutMessage, LayoutResult, LayoutUnit, Progress
from pipeline.margins import Template, Want
from pipeline.pagination import Place
from pipeline.workers import Refusal

ROUNDS = 6
BLANK = PageKind("left", True, "", 0, ())


class Incremental:
    """The layout of a book, unit by unit, each kept by content."""

    def __init__(
        self, job: LayoutJob, store: BlobStore, worker_count: int, progress: Progress
    ) -> None:
        self.job = job
        self.store = store
        self.worker_count = worker_count
        self.progress = progress
        self.common = cache.key(
            *("layout", __version__, job.css, str(job.base), job.variant or ""),
            _fonts_key(job.fonts_conf),
        )
        self.names = [frozenset(pagination.identifiers(unit.html)) for unit in job.units]
        self.known = frozenset().union(*self.names)
        self.references = [pagination.page_references(unit.html) for unit in job.units]
        self.targets = [frozenset(pagination.targets(unit.html)) for unit in job.units]

    def write(self, target: Path) -> LayoutResult:
        """Write the PDF. Raises `Refusal` where the style cannot be set unit by unit."""
        job = self.job
        artefacts, places, labels = self._settle()
        settings, margin_fonts = self._margins(artefacts, places)
        faces = artefact.union([*(made.fonts for made in artefacts), *margin_fonts])
        units = [
            joiner.JoinUnit(made, place, layers, blank, size, unit.bookmark_depth)
            for unit, made, place, (layers, blank, size) in zip(
                job.units, artefacts, places, settings, strict=True
            )
        ]
        about = joiner.Metadata(job.title, job.authors, job.lang, job.identifier, job.variant)
        self.progress("join", 0, 1)
        joiner.join(units, faces, labels, about, target, self.store)
        self.progress("join", 1, 1)
        page_labels = tuple(folio.label for place in places for folio in pagination.folios(place))
        messages = tuple(
            LayoutMessage(unit.key, notice.text, notice.character)
            for unit, made in zip(job.units, artefacts, strict=True)
            for notice in made.notices
        )
        return LayoutResult(len(page_labels), page_labels, labels, messages)

    # Content

    def _settle(self) -> tuple[list[Artefact], tuple[Place, ...], dict[str, str]]:
        """Lay out until every number printed is the page it stands for."""
        places, labels = guesses.guess(self.job, self.store)
        for _ in range(ROUNDS):
            keys = [self._key(index, places[index], labels) for index in range(len(places))]
            artefacts = self._lay_out(keys, places, labels)
            places = guesses.place(self.job, [len(made.pages) for made in artefacts])
            labels = pagination.labels(
                places,
                [{name: at.page for name, at in made.anchors.items()} for made in artefacts],
            )
            settled = keys == [self._key(i, place, labels) for i, place in enumerate(places)]
            if settled and all(_right(made, labels) for made in artefacts):
                break
        guesses.remember(self.job, self.store, [len(made.pages) for made in artefacts], labels)
        return artefacts, places, labels

    def _key(self, index: int, place: Place, labels: Mapping[str, str]) -> str:
        unit = self.job.units[index]
        shapes = [
            (name, pagination.shape(labels.get(name, "?")))
            for name in sorted(self.references[index])
        ]
        dead = sorted(self.targets[index] - self.known)
        side = place.side if self.job.mirror else "right"
        parts = (unit.key, unit.html, unit.lang, unit.page_name, side)
        return cache.key("unit", self.common, parts, shapes, dead)

    def _lay_out(
        self, keys: Sequence[str], places: Sequence[Place], labels: Mapping[str, str]
    ) -> list[Artefact]:
        made: dict[str, Artefact] = {}
        for name in keys:
            kept = self.store.get(name)
            found = artefact.load(kept) if kept else None
            if found and _right(found, labels):
                made[name] = found
        missing = [i for i, name in enumerate(keys) if name not in made]
        # The longest first, so that no worker is left with it at the end.
        missing.sort(key=lambda i: -len(self.job.units[i].html))
        tasks = {keys[i]: self._task(i, places[i], labels) for i in missing}
        for name, data in self._run("pages", tasks):
            self.store.put(name, data)
            found = artefact.load(data)
            assert found is not None
            made[name] = found
        return [made[name] for name in keys]

    def _task(self, index: int, place: Place, labels: Mapping[str, str]) -> workers.Task:
        unit, setting = self.job.units[index], _typesetter()
        wanted = {name: labels.get(name, "?") for name in self.references[index]}
        request = setting.UnitRequest(
            key=unit.key,
            html=unit.html,
            lang=unit.lang,
            page_name=unit.page_name,
            side=place.side if self.job.mirror else "right",
            labels=wanted,
            elsewhere=self.targets[index] & self.known,
        )

        def work() -> bytes:
            try:
                return artefact.dump(setting.typeset(self._style(), request))
            except setting.UnsupportedStyle as error:
                raise Refusal(str(error)) from error

        return workers.Task(unit.key, work)

    def _style(self) -> Any:
        job = self.job
        return _typesetter().Style(job.css, job.base, job.roots, job.variant)

    def _run(self, what: str, tasks: Mapping[str, workers.Task]) -> "list[tuple[str, bytes]]":
        names = {task.name: name for name, task in tasks.items()}
        answers = []
        self.progress(what, 0, len(tasks))
        for answer in workers.run(
            list(tasks.values()), workers=self.worker_count, limits=self.job.limits
        ):
            if answer.refused:
                raise Refusal(answer.error)
            if answer.error:
                raise UserError(
                    f"“{answer.task.name}” cannot be laid out: {answer.error}",
                    hint="look for very deep nesting, very large tables or damaged images in it",
                )
            answers.append((names[answer.task.name], answer.data))
            self.progress(what, len(answers), len(tasks))
        return answers

    # Margin boxes

    def _margins(
        self, artefacts: Sequence[Artefact], places: Sequence[Place]
    ) -> "tuple[list[UnitMargins], list[Mapping[str, FontUse]]]":
        total = sum(map(len, map(pagination.folios, places)))
        wants = self._wants(artefacts, places, total if "counter(pages" in self.job.css else 0)
        templates = self._templates([{want.template: want for want in unit} for unit in wants])
        exact = [
            {want.exact: want for want in unit if made[want.template] is None}
            for unit, made in zip(wants, templates, strict=True)
        ]
        for made, more in zip(templates, self._templates(exact), strict=True):
            made.update(more)
        filled = [
            [_fill(made, want) for want in unit]
            for unit, made in zip(wants, templates, strict=True)
        ]
        result = [_unit_margins(pages, place) for pages, place in zip(filled, places, strict=True)]
        return result, [template.fonts for unit in filled for template, _ in unit]

    def _wants(
        self, artefacts: Sequence[Artefact], places: Sequence[Place], total: int
    ) -> list[list[Want]]:
        """Of each unit, all its pages; the blank page before it comes first."""
        return [
            list(_unit_wants(unit, made, place, total))
            for unit, made, place in zip(self.job.units, artefacts, places, strict=True)
        ]

    def _templates(self, wants: Sequence[Mapping[str, Want]]) -> list[dict[str, Template | None]]:
        keys = [
            cache.key("margins", self.common, unit.lang, sorted(named))
            for unit, named in zip(self.job.units, wants, strict=True)
        ]
        made: dict[str, dict[str, Template | None]] = {}
        missing: dict[str, int] = {}
        for index, name in enumerate(keys):
            kept = self.store.get(name) if wants[index] else b"{}"
            found = margins.load(kept) if kept else None
            if found is not None and found.keys() == wants[index].keys():
                made[name] = found
            else:
                missing[name] = index
        tasks = {name: self._margin_task(i, wants[i]) for name, i in missing.items()}
        for name, data in self._run("margins", tasks):
            self.store.put(name, data)
            made[name] = margins.load(data) or {}
        return [dict(made[name]) for name in keys]

    def _margin_task(self, index: int, wants: Mapping[str, Want]) -> workers.Task:
        unit, setting = self.job.units[index], _typesetter()

        def work() -> bytes:
            setter = setting.MarginSetter(self._style(), unit.lang)
            maker = margins.Maker(setter.make)
            try:
                made = {
                    name: maker.exact(want) if name == want.exact else maker.template(want)
                    for name, want in wants.items()
                }
            except setting.UnsupportedStyle as error:
                raise Refusal(str(error)) from error
            return margins.dump(made)

        return workers.Task(unit.key, work)


def _typesetter() -> Any:
    """The module that drives WeasyPrint: it takes a second, so only where something must be set."""
    try:
        from pipeline import typesetter
    except (ImportError, AttributeError) as error:
        raise Refusal(f"WeasyPrint is not the version that is known here ({error})") from error
    if reason := typesetter.supported():
        raise Refusal(reason)
    return typesetter


UnitMargins = tuple[tuple[MarginLayer, ...], MarginLayer | None, tuple[float, float]]


def _fill(made: Mapping[str, Template | None], want: Want) -> tuple[Template, MarginLayer]:
    template = made[want.template] or made[want.exact]
    assert template is not None
    return template, template.fill(want.label)


def _unit_margins(pages: Sequence[tuple[Template, MarginLayer]], place: Place) -> UnitMargins:
    layers = [layer for _, layer in pages]
    size = (pages[0][0].width, pages[0][0].height)
    if place.blank:
        return tuple(layers[1:]), layers[0], size
    return tuple(layers), None, size


def _unit_wants(unit: LayoutUnit, made: Artefact, place: Place, total: int) -> Iterator[Want]:
    heads = (("book-head", unit.heads[0]), ("unit-head", unit.heads[1]))
    if place.blank:
        folio = place.blank
        yield Want("blank", BLANK, heads, (), folio.label, folio.number, total)
    before = margins.carried(unit.heads, (page.strings for page in made.pages))
    for page, folio, carried in zip(made.pages, place.folios, before, strict=True):
        label = "" if unit.numbering == "none" else folio.label
        yield Want(page.style, page.kind, carried, page.strings, label, folio.number, total)


def _right(made: Artefact, labels: Mapping[str, str]) -> bool:
    """Whether each number printed is right, or can be put right where it stands."""
    return all(
        ref.label == label
        or (ref.digits and pagination.shape(ref.label) == pagination.shape(label))
        for page in made.pages
        for ref in page.refs
        for label in (labels.get(ref.target, "?"),)
    )


def _fonts_key(conf: Path | None) -> tuple[str, ...]:
    if conf is None:
        return ()
    return tuple(fontset.identify(path) for path in fonts.files(conf))
