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

GALLERY = Path("build/gallery")
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
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
