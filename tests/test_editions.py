"""Editions: one language kept, Traditional characters, parts of the book left out.

`editions/<case>/both.md` is what an author wrote; beside it stand `zh.md` and `en.md`, what is kept
of it, and `unpaired.txt`, what stays for want of a counterpart. `--regenerate` rewrites them.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import counterparts, parser
from pipeline.document import Document
from pipeline.source import Source

FOLDER = Path(__file__).parent / "editions"
CASES = sorted(path.name for path in FOLDER.iterdir())
Golden = Callable[[Path, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Hold a text against a file, or write the file anew."""

    def hold(path: Path, text: str) -> None:
        if request.config.getoption("--regenerate"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return hold


def document(text: str) -> Document:
    source = Source("x.md", text.encode())
    return Document(source, "chapter", "chapter", None, None, parser.parse_body(source))


@pytest.mark.parametrize("only", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_one_language_is_kept(case: str, only: str, golden: Golden) -> None:
    both = document((FOLDER / case / "both.md").read_text("utf-8"))
    golden(FOLDER / case / f"{only}.md", counterparts.edited(both, only).source.text)
    stays = (both.source.slice(span).strip() for span in counterparts.find(both, only).unpaired)
    lines = (text.partition("\n")[0] for text in stays)
    golden(FOLDER / case / f"unpaired-{only}.txt", "".join(f"{line}\n" for line in lines))
