"""Where units stand, and how printed numbers are put right."""

import pytest

from pipeline.paper import pagination
from pipeline.paper.pagination import Extent

BOOK = [
    Extent(1, "none", "right"),
    Extent(3, "roman", "right"),
    Extent(4, "arabic", "right"),
    Extent(3, "arabic", "next"),
    Extent(1, "none", "right"),
]


def test_chapters_begin_on_right_hand_pages() -> None:
    places = pagination.place(BOOK, mirror=True)
    assert [place.first for place in places] == [0, 2, 6, 10, 14]
    assert [place.side for place in places] == ["right"] * 5
    labels = [folio.label for place in places for folio in pagination.folios(place)]
    assert labels == ["i", "ii", "iii", "iv", "v", "vi", *map(str, range(1, 10))]


def test_a_screen_book_has_no_blank_pages() -> None:
    places = pagination.place(BOOK, mirror=False)
    assert [place.first for place in places] == [0, 1, 4, 8, 11]
    assert not any(place.blank for place in places)


def test_labels_become_ranges() -> None:
    places = pagination.place(BOOK, mirror=True)
    pages = [folio for place in places for folio in pagination.folios(place)]
    assert pagination.label_ranges(pages) == "0 <</S /r /St 1>> 6 <</S /D /St 1>>"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "i"), (4, "iv"), (9, "ix"), (14, "xiv"), (40, "xl"), (1999, "mcmxcix")]
)
def test_roman(number: int, text: str) -> None:
    assert pagination.roman(number) == text


def test_a_unit_that_grew_goes_on_counting() -> None:
    (place,) = pagination.place([Extent(2, "roman", "right")], mirror=True)
    assert [folio.label for folio in pagination.continued(place, 4).folios] == [
        "i",
        "ii",
        "iii",
        "iv",
    ]


def test_page_references_are_found() -> None:
    html = (
        '<a class="x pageref" href="#a&amp;b">见</a><a href="#c">no</a>'
        "<a href='#d' class='pageref'></a>"
    )
    assert pagination.page_references(html) == {"a&b", "d"}
    assert pagination.targets(html) == {"a&b", "c", "d"}


def test_the_last_number_in_a_run_is_put_right() -> None:
    digits = [f"{16 + digit:04x}" for digit in range(10)]
    run = b"[<00110012>-3<00110012ffff>] TJ"
    assert pagination.renumber(run, "12", "98", digits) == b"[<00110012>-3<00190018ffff>] TJ"


def test_glyphs_are_not_mistaken_across_their_halves() -> None:
    digits = [f"{digit:02x}{digit:02x}" for digit in range(10)]
    run = b"[<0101010101000101>] TJ"
    assert pagination.renumber(run, "1", "2", digits) == b"[<0101010101000202>] TJ"
