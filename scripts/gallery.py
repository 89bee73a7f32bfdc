"""Draw every page of the built PDFs and lay them out on one page: build/gallery/index.html.

``python scripts/gallery.py [PDF …] [--dots N]``; without a name, every build/*.pdf.
"""

import argparse
import html
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

GALLERY = Path("build/gallery")
IMAGES = Path("docs/images")
SPREAD = ("notes", "facing")
DOTS = 110  # per inch, of the pictures in docs
MOST = 300_000  # bytes of a picture
# Name of the picture, anchor of its page and how many pages further; with `--docs`.
SHOWN = {
    "title": ("title-page", 0),
    "contents": ("contents", 0),
    "chapter": ("attention", 0),
    "notes": ("attention", 1),
    "facing": ("attention", 2),
    "table": ("attention.tbl-complexity", 0),
    "event": ("event-transformer-2017-06", 0),
    "timeline": ("timeline", 0),
    "glossary": ("concept-self-attention", 0),
    "index": ("book-index", 0),
}
PROOFS = {"proof": ("attention", 1)}
MARGINS = {"margin": ("alignment.chinchilla-2022-03", 0)}
BOOK = "book.yaml manuscript events concepts organizations bibliography data schemas".split()
STYLE = """body { background: #ddd; font: 14px/1.4 sans-serif; margin: 2rem }
div { display: flex; flex-wrap: wrap; gap: 1rem } img { background: #fff; width: 20rem }"""


def main() -> int:
    """Draw, and print where; 2 where nothing has been built or poppler is missing."""
    options = _parser().parse_args()
    books = options.pdf or sorted(Path("build").glob("*.pdf"))
    if not books or shutil.which("pdftoppm") is None:
        reason = "pdftoppm is missing (make-book doctor)" if books else "no build/*.pdf: make book"
        print(f"gallery: {reason}", file=sys.stderr)
        return 2
    shutil.rmtree(GALLERY, ignore_errors=True)
    GALLERY.mkdir(parents=True)
    pages = {book: draw(book, options.dots) for book in books}
    if options.docs:
        main_book = min(books, key=lambda book: len(book.name))
        show(main_book, SHOWN)
        spread()
        for book in books:
            if book.stem == f"{main_book.stem}-proof":
                show(book, PROOFS)
        show(with_margin(), MARGINS)
    index = GALLERY / "index.html"
    index.write_text(page(pages), "utf-8")
    print(f"{index}  {sum(map(len, pages.values()))} pages")
    return 0


def draw(book: Path, dots: int) -> list[Path]:
    """One PNG a page, in page order."""
    folder = GALLERY / book.stem
    folder.mkdir()
    command = ["pdftoppm", "-png", "-r", str(dots), str(book), str(folder / "page")]
    subprocess.run(command, check=True, timeout=600)
    return sorted(folder.iterdir())


def show(book: Path, shown: dict[str, tuple[str, int]]) -> None:
    """Write pages that the documentation shows, each in few bytes."""
    import pikepdf

    IMAGES.mkdir(parents=True, exist_ok=True)
    with pikepdf.open(book) as pdf:
        numbers = {
            str(name): pdf.pages.index(pikepdf.Page(_array(target)[0])) + 1
            for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items()
        }
        count = len(pdf.pages)
    for name, (anchor, further) in shown.items():
        if anchor not in numbers:
            print(f"gallery: no page has {anchor}", file=sys.stderr)
        else:
            _picture(book, min(count, numbers[anchor] + further), name)


def with_margin() -> Path:
    """The book with its event boxes in the margin, built beside."""
    root = GALLERY / "margin"
    root.mkdir()
    for name in BOOK:
        (shutil.copytree if Path(name).is_dir() else shutil.copy)(name, root / name)
    with (root / "book.yaml").open("a", encoding="utf-8") as file:
        file.write("event_boxes: margin\n")
    words = [sys.executable, "-m", "pipeline", "-C", str(root), "build", "pdf", "--quiet"]
    subprocess.run(words, check=True, timeout=600)
    return next((root / "build").glob("*.pdf"))


def spread() -> None:
    """Write two facing pages as one picture."""
    from PIL import Image

    left, right = (Image.open(IMAGES / f"{name}.png").convert("L") for name in SPREAD)
    both = Image.new("L", (left.width + right.width + 2, left.height), 190)
    both.paste(left, (0, 0))
    both.paste(right, (left.width + 2, 0))
    both.quantize(16).save(IMAGES / "pages.png", optimize=True)


def _array(target: Any) -> Any:
    import pikepdf

    return target.D if isinstance(target, pikepdf.Dictionary) else target


def _picture(book: Path, number: int, name: str) -> None:
    from PIL import Image

    path = IMAGES / f"{name}.png"
    shown = ["-r", str(DOTS), "-f", str(number), "-l", str(number), "-singlefile"]
    command = ["pdftoppm", "-png", *shown, str(book), str(path.with_suffix(""))]
    subprocess.run(command, check=True, timeout=600)
    with Image.open(path) as image:
        image.convert("RGB").quantize(256).save(path, optimize=True)
    if path.stat().st_size > MOST:
        print(f"gallery: {path} is larger than {MOST} bytes", file=sys.stderr)


def page(pages: dict[Path, list[Path]]) -> str:
    """The HTML that shows them all."""
    body = "\n".join(_section(book, pictures) for book, pictures in pages.items())
    return f"<!doctype html>\n<meta charset=utf-8>\n<style>{STYLE}</style>\n{body}\n"


def _section(book: Path, pictures: Iterable[Path]) -> str:
    shown = "\n".join(
        f'<img src="{html.escape(source)}" alt="page {number}" loading="lazy">'
        for number, source in enumerate((str(item.relative_to(GALLERY)) for item in pictures), 1)
    )
    return f"<h1>{html.escape(book.name)}</h1>\n<div>\n{shown}\n</div>"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdf", nargs="*", type=Path)
    parser.add_argument("--dots", type=int, default=60, help="per inch")
    parser.add_argument("--docs", action="store_true", help="also the pictures in docs/images")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
