"""Normal forms are Unicode's, and take no longer than the text is long."""

import time
import unicodedata

import pytest
from hypothesis import given, strategies as st

from pipeline.normal_form import normal_form

WORDS = st.lists(st.sampled_from(["é", "e\u0301", "中", "ﬁ", "Ａ", "a", " ", "가", "\u1100\u1161"]))


@given(WORDS.map("".join), st.sampled_from(["NFC", "NFKC", "NFKD"]))
def test_it_is_unicodes(text: str, form: str) -> None:
    assert normal_form(form, text) == unicodedata.normalize(form, text)
    many = f"{text}中" * 100
    assert normal_form(form, many) == unicodedata.normalize(form, many)


@pytest.mark.parametrize("form", ["NFC", "NFKC", "NFKD"])
def test_a_megabyte_of_marks_upon_one_letter(form: str) -> None:
    begun = time.process_time()
    result = normal_form(form, "a" + "\u0300\u0316" * 500_000)
    assert time.process_time() - begun < 10
    assert len(result) >= 1_000_000
