"""PDF, laid out unit by unit and joined."""

from functools import partial
from pathlib import Path
from typing import Literal

from pipeline import fonts, layout, state
from pipeline.book import Book, Unit
from pipeline.errors import UserError
from pipeline.layout import LayoutJob, LayoutMessage, LayoutUnit, Style
from pipeline.paper import colophon, notices, papers, printed, proof
from pipeline.process import Limits
from pipeline.rendering import Artefact, Context

NAME = "pdf"
HELP = "the printed book"

THEMES = Path(__file__).parents[1] / "themes"
STRUCTURE = THEMES / "structure.css"
PROOF = THEMES / "proof.css"
LEFT = ("copyright", "colophon")
TEXT = ("front", "chapter", "back", "timeline", "entries", "references", "index")


def prepare(book: Book) -> None:
    """Let the style be read. Raises `UserError`."""
    layout.begin(_style(book))


def render(context: Context) -> Artefact:
    """Lay out the book's units and join them. Raises `UserError`."""
    book, imprint = context.book, context.book.imprint
    staged = context.stage / f"{book.slug}.pdf"
    style, beside = _style(book), _beside(book)
    folder = state.place(context.root, "figures")
    printable = partial(
        printed.printable,
        pictures=context.linked.pictures,
        folder=folder,
        lang=book.language,
        store=context.store,
        beside=beside,
    )
    made = [(page.unit, printable(page)) for page in context.sheets]
    if book.edition.proof:
        made = [
            (unit, (proof.annotate(html, unit, context.findings), failures))
            for unit, (html, failures) in made
        ]
    indexes = [(unit, html) for unit, (html, _) in made if unit.kind == "index"]
    texts = [html for _, (html, _) in made]
    named = (
        colophon.name_faces(html, texts, book.faces, book.words, context.store)
        if unit.kind == "colophon"
        else html
        for unit, (html, _) in made
    )
    job = LayoutJob(
        units=tuple(_unit(unit, html, book) for (unit, _), html in zip(made, named, strict=True)),
        css=style.css,
        base=style.base,
        roots=style.roots,
        fonts_conf=_fonts(book),
        variant=style.variant,
        title=imprint.title,
        authors=imprint.authors,
        lang=book.language,
        identifier=book.config.identifier,
        mirror=_paper(book).facing,
        limits=Limits.of("layout", book.config.limit),
        late={unit.slug: partial(printed.with_pages, html) for unit, html in indexes},
    )
    result = layout.lay_out(
        job, staged, cache=context.store, workers=context.workers, progress=context.progress.step
    )
    unset = (LayoutMessage(unit.slug, text) for unit, (_, failures) in made for text in failures)
    messages = tuple(notices.tell((*unset, *result.messages), context.root))
    return Artefact(staged, staged.name, result.pages, messages, dict(result.anchors))


def _fonts(book: Book) -> Path:
    """A configuration of the fonts of this book. Raises `UserError`."""
    return fonts.configure(state.place(book.index.project.root, "fonts"), book.faces)


def _unit(unit: Unit, html: str, book: Book) -> LayoutUnit:
    numbering: Literal["roman", "arabic"] = "roman" if unit.front else "arabic"
    follows = book.edition.chapter_start == "next" and unit.kind in TEXT
    start: Literal["right", "next"] = "next" if follows or unit.kind in LEFT else "right"
    head = f"{unit.number}　{unit.title}" if unit.number else unit.title
    return LayoutUnit(
        key=unit.slug,
        html=html,
        numbering=numbering,
        start=start,
        heads=(printed.gapped(book.imprint.title), printed.gapped(head)),
        lang=book.language,
        page_name=unit.kind,
        bookmark_depth=unit.depth - 1,
        path=unit.pieces[0].document.path if len(unit.pieces) == 1 else "",
    )


def _beside(book: Book) -> bool:
    return book.edition.event_boxes == "margin"


def _paper(book: Book) -> papers.Paper:
    paper = papers.of(book.edition.paper)
    return papers.with_column(paper) if _beside(book) else paper


def _style(book: Book) -> Style:
    root = book.index.project.root
    return Style(_css(book, root), root, (root, THEMES), book.edition.pdf_variant)


def _css(book: Book, root: Path) -> str:
    """The faces, what all themes share, the theme, the paper, the book's own stylesheets."""
    theme, paper = book.edition.theme, _paper(book)
    shipped = THEMES / f"{theme}.css"
    own = book.config.stylesheets
    parts = [papers.faces_css(book.faces), STRUCTURE.read_text(encoding="utf-8")]
    if theme.endswith(".css"):
        own = (theme, *own)
    elif shipped.is_file():
        parts.append(shipped.read_text(encoding="utf-8"))
    else:
        known = ", ".join(sorted(path.stem for path in THEMES.glob("*.css")))
        raise UserError(f"book.yaml: no theme is called {theme!r}", hint=f"there are {known}")
    parts.append(papers.css(paper))
    if book.edition.proof:
        parts += [PROOF.read_text(encoding="utf-8"), papers.proof_css(paper)]
    return "\n".join([*parts, *(_stylesheet(root, path) for path in own)])


def _stylesheet(root: Path, path: str) -> str:
    """A stylesheet of the book. Raises `UserError` for one that is not in its folder."""
    file = (root / path).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise UserError(
            f"book.yaml: no stylesheet {path} in the book's folder", hint="mend `css:` or `theme:`"
        )
    return file.read_text(encoding="utf-8", errors="replace")
