"""Tagged PDF: what PDF/UA-1 and PDF/A-2a ask for, so far as a machine can tell."""

import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
import shelf
import tagged
from test_build import make_book


def _built(root: Path, variant: str, *words: str) -> Path:
    """The PDF of a book, as a variant."""
    config = root / "book.yaml"
    config.write_text(
        config.read_text("utf-8") + f"editions: {{e: {{pdf_variant: {variant}}}}}\n", "utf-8"
    )
    built = make_book(root, "build", "pdf", *words)
    assert built.returncode == 0, built.stderr
    return next((root / "build").glob("*.pdf"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(shelf.twins(tmp_path_factory.mktemp("twins")), "pdf/ua-1")


def test_a_book_keeps_the_rules_of_ua(book: Path) -> None:
    assert tagged.ua(book) == []


@pytest.mark.parametrize("kind", ["odd", "english"])
@pytest.mark.full
def test_odd_books_keep_them_too(kind: str, tmp_path: Path) -> None:
    assert tagged.ua(_built(getattr(shelf, kind)(tmp_path), "pdf/ua-1")) == []


@pytest.mark.skipif(not shutil.which("verapdf"), reason="veraPDF is not installed")
def test_vera_agrees(book: Path) -> None:
    words = ["verapdf", "--flavour", "ua1", "--format", "text", str(book)]
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    assert said.startswith("PASS"), said


@pytest.mark.full
def test_an_archive_keeps_the_rules_of_a(tmp_path: Path) -> None:
    assert tagged.archive(_built(shelf.twins(tmp_path), "pdf/a-2a")) == []


@pytest.mark.full
def test_the_sample_book_and_its_proof(tmp_path: Path) -> None:
    root = shelf.sample(tmp_path)
    words = ("--edition", "bilingual", "--edition", "proof")
    assert make_book(root, "build", "pdf", *words).returncode == 0
    made = sorted((root / "build").glob("*.pdf"))
    assert len(made) == 2
    for path in made:
        assert tagged.ua(path) == []


SPOILS = {
    "07": lambda pdf: pdf.Root.ViewerPreferences.__delitem__("/DisplayDocTitle"),
    "11": lambda pdf: pdf.Root.__delitem__("/Lang"),
    "13": lambda pdf: _first(pdf, "/Figure").__delitem__("/Alt"),
    "15": lambda pdf: _first(pdf, "/TH").__delitem__("/A"),
    "09": lambda pdf: _first(pdf, "/LI").__setitem__("/S", pikepdf.Name.P),
    "14": lambda pdf: _first(pdf, "/H2").__setitem__("/S", pikepdf.Name.H4),
    "19": lambda pdf: _first(pdf, "/Note").__delitem__("/ID"),
    "28": lambda pdf: pdf.pages[4].Annots[0].__delitem__("/Contents"),
    "01": lambda pdf: pdf.pages[4].contents_add(b"BT ET 0 0 9 9 re f"),
}


def _first(pdf: pikepdf.Pdf, kind: str) -> pikepdf.Object:
    return next(
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary)
        and item.get("/Type") == "/StructElem"
        and kind == item.S
    )


@pytest.mark.parametrize("code", SPOILS)
def test_what_is_spoilt_is_found(code: str, book: Path, tmp_path: Path) -> None:
    with pikepdf.open(book) as pdf:
        SPOILS[code](pdf)
        pdf.save(tmp_path / "spoilt.pdf")
    assert [fault for fault in tagged.ua(tmp_path / "spoilt.pdf") if fault.startswith(code)]
