"""PDF, laid out unit by unit and joined."""

from pathlib import Path
from typing import Literal

from pipeline import fonts, layout, printed
from pipeline.book import Book, Unit
from pipeline.config import STATE
from pipeline.layout import LayoutJob, LayoutMessage, LayoutUnit
from pipeline.rendering import Artefact, Context

NAME = "pdf"
HELP = "the printed book"

THEMES = Path(__file__).parents[1] / "themes"
STRUCTURE = THEMES / "structure.css"


def render(context: Context) -> Artefact:
    """Lay out the book's units and join them. Raises `UserError`."""
    book, config = context.book, context.book.config
    staged = context.stage / f"{book.slug}.pdf"
    pages = context.pages
    job = LayoutJob(
        units=tuple(
            _unit(page.unit, printed.printable(page, context.linked.pictures), book)
            for page in pages
        ),
        css=_css(context),
        base=context.root,
        roots=(context.root, THEMES),
        fonts_conf=fonts.configure(context.root / STATE / "fonts"),
        variant=book.edition.pdf_variant,
        title=config.title,
        authors=config.authors,
        lang=book.language,
        identifier=config.identifier,
        mirror=book.edition.paper.lower() not in ("screen", "a4-single"),
    )
    result = layout.lay_out(
        job, staged, cache=context.store, workers=context.workers, progress=context.progress.step
    )
    messages = tuple(dict.fromkeys(_message(item) for item in result.messages))
    return Artefact(staged, staged.name, result.pages, messages, dict(result.anchors))


def _unit(unit: Unit, html: str, book: Book) -> LayoutUnit:
    numbering: Literal["roman", "arabic"] = "roman" if unit.front else "arabic"
    start: Literal["right", "next"] = "next" if unit.kind == "copyright" else "right"
    head = f"{unit.number}　{unit.title}" if unit.number else unit.title
    return LayoutUnit(
        key=unit.slug,
        html=html,
        numbering=numbering,
        start=start,
        heads=(book.config.title, head),
        lang=book.language,
        page_name=unit.kind,
        bookmark_depth=unit.depth - 1,
    )


def _css(context: Context) -> str:
    theme = context.book.edition.theme
    own = context.root / theme
    path = own if theme.endswith(".css") else THEMES / f"{theme}.css"
    return STRUCTURE.read_text(encoding="utf-8") + path.read_text(encoding="utf-8")


def _message(item: LayoutMessage) -> str:
    if item.character:
        code = f"U+{ord(item.character[0]):04X}"
        return f"{item.unit}: no font of the book has {item.character!r} ({code})"
    return f"{item.unit}: {item.text}"
