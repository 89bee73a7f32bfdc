"""What else makes a PDF of the same book, for the clock; each runs in a process of its own.

``python scripts/peers.py job BOOK JOB`` keeps what the layout of a built book is given;
``python scripts/peers.py straight JOB PDF`` renders it by WeasyPrint in one piece;
``python scripts/peers.py html JOB HTML`` writes it as one page for a browser;
``python scripts/peers.py typst BOOK PDF`` goes by pandoc and Typst.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

FONT = "Noto Serif CJK SC"
READER = "markdown+lists_without_preceding_blankline"


def sources(book: Path) -> list[Path]:
    """The files of a book in the order of their pages."""
    folders = ("manuscript", "events", "concepts", "organizations")
    return [path for name in folders for path in sorted((book / name).rglob("*.md"))]


def works(book: Path) -> list[Path]:
    """The bibliography of a book."""
    return sorted((book / "bibliography").glob("*.bib"))


def keep_job(book: str, target: str) -> None:
    """Build a book's PDF and keep what its layout was given."""
    from pipeline import cli, layout
    from pipeline.layout import LayoutJob, LayoutResult

    lay_out = layout.lay_out

    def keeping(job: LayoutJob, *rest: Any, **named: Any) -> LayoutResult:
        result = lay_out(job, *rest, **named)
        # The index and the pages of everything else are known now.
        Path(target).write_bytes(pickle.dumps(job.on_pages(result.anchors)))
        return result

    layout.lay_out = keeping
    for path in Path(book).glob("build/*.pdf"):
        path.unlink()  # what is there as it should be is not made again
    code = cli.main(["-C", book, "build", "pdf", "--quiet"])
    if code:
        sys.exit(code)


def straight(source: str, target: str) -> None:
    """One render of the whole book by WeasyPrint, with the page numbers of the finished book."""
    job = pickle.loads(Path(source).read_bytes())
    os.environ["FONTCONFIG_FILE"] = str(job.fonts_conf)
    from pipeline import state
    from pipeline.paper import guesses, lean

    with lean.imports():
        import_module("weasyprint")  # as a build does it
    from pipeline.paper.straight import Whole

    whole = Whole(job)
    render, rounds = whole.render, []

    def once(*rest: Any) -> Any:
        rounds.append(rest)
        assert len(rounds) == 1, "the page numbers that were given are not right"
        return render(*rest)

    whole.render = once  # type: ignore[method-assign,assignment]
    memory = guesses.recall(job, state.store(job.base))
    whole.write(*guesses.guess(job, memory), Path(target).absolute())


def write_html(source: str, target: str) -> None:
    """The book as one page of HTML with its style."""
    from pipeline.paper.straight import Whole

    job = pickle.loads(Path(source).read_bytes())
    html = Whole(job).source()
    style = f'<base href="{job.base.as_uri()}/"><style>{job.css}</style></head>'
    Path(target).write_text(html.replace("</head>", style, 1), "utf-8")


def typst(book: str, target: str) -> None:
    """Pandoc writes the book for Typst, Typst sets it."""
    import typst as engine

    from pipeline import pandoc

    middle = Path(target).with_suffix(".typ")
    words: list[str | Path] = [
        "--from",
        READER,
        "--to",
        "typst",
        "--standalone",
        "--file-scope",
        "--output",
        middle,
    ]
    words += ["--citeproc", *(f"--bibliography={path}" for path in works(Path(book)))]
    variables = [f"mainfont={FONT}", "papersize=a5", "lang=zh"]
    subprocess.run(
        [pandoc.binary(), *words, *(f"-V{item}" for item in variables), *sources(Path(book))],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    tagged = Path(target).stem.endswith("-ua")
    engine.compile(
        str(middle), output=target, pdf_standards="ua-1" if tagged else None, pdf_tags=tagged
    )


PEERS: dict[str, Callable[[str, str], None]] = {
    "job": keep_job,
    "straight": straight,
    "html": write_html,
    "typst": typst,
}

if __name__ == "__main__":
    PEERS[sys.argv[1]](*sys.argv[2:])
