"""What a worker does: set a unit, or the margin boxes of its pages.

These are plain functions of plain data, so that another process can be asked to run them.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Any

from pipeline.paper import artefact, lean, margins, pagination
from pipeline.paper.artefact import Artefact, PageKind
from pipeline.paper.layout_job import LayoutUnit, Style, UnitRequest
from pipeline.paper.margins import Want
from pipeline.paper.pagination import Place
from pipeline.paper.workers import Refusal

BLANK = PageKind("left", True, "", 0, ())


def typesetter() -> Any:
    """The module that drives WeasyPrint, which takes a while to import. Raises `Refusal`."""
    try:
        with lean.imports():
            from pipeline.paper import typesetter
    except (ImportError, AttributeError) as error:
        raise Refusal(f"WeasyPrint is not the version that is known here ({error})") from error
    if reason := typesetter.supported():
        raise Refusal(reason)
    return typesetter


def prepare(style: Style | None = None) -> None:
    """Import what workers may not reach, and read a style for all; who cannot, says so later."""
    with contextlib.suppress(ImportError), lean.imports():
        import_module("weasyprint")  # of any version, for a book in one piece
    with contextlib.suppress(Refusal):
        module = typesetter()
        if style:
            module.read_style(style)


def set_unit(
    style: Style,
    request: UnitRequest,
    unit: LayoutUnit,
    place: Place,
    total: int,
    known: Collection[str],
) -> bytes:
    """A unit as an artefact, its length before it; then those margin boxes that are not known.

    Raises `Refusal` where the style cannot be set unit by unit.
    """
    with _refusing() as module:
        made, setter = module.typeset(style, request)
        data = artefact.dump(made)
        likely = pagination.continued(place, len(made.pages))
        wants = {want.template: want for want in wants_of(unit, made, likely, total)}
        more = margins.Maker(setter.make).templates(wants, known)
        return len(data).to_bytes(8, "big") + data + margins.dump(more)


def set_margins(
    style: Style, lang: str, wants: Mapping[str, Want], known: Collection[str]
) -> bytes:
    """Margin boxes that are wanted and not known. Raises `Refusal`."""
    with _refusing() as module:
        setter = module.margin_setter(style, lang)
        return margins.dump(margins.Maker(setter.make).templates(wants, known))


@contextlib.contextmanager
def _refusing() -> Iterator[Any]:
    module = typesetter()
    try:
        yield module
    except module.UnsupportedStyle as error:
        raise Refusal(str(error)) from error


def wants_of(unit: LayoutUnit, made: Artefact, place: Place, total: int) -> Iterator[Want]:
    """All pages of a unit; the blank page before it comes first."""
    heads = (("book-head", unit.heads[0]), ("unit-head", unit.heads[1]))
    if place.blank:
        folio = place.blank
        yield Want("blank", BLANK, heads, (), folio.label, folio.number, total)
    before = margins.carried(unit.heads, (page.strings for page in made.pages))
    for page, folio, carried in zip(made.pages, place.folios, before, strict=True):
        label = "" if unit.numbering == "none" else folio.label
        yield Want(page.style, page.kind, carried, page.strings, label, folio.number, total)
