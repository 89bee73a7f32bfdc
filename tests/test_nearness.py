"""The filter of near names loses nothing that the plain search finds."""

from hypothesis import given, settings, strategies as st

from pipeline import wording
from pipeline.nearness import Names

WORD = st.text(alphabet="abcde-_12字形", min_size=1, max_size=12)


@given(st.lists(WORD, max_size=12), WORD)
@settings(max_examples=400, deadline=None)
def test_filter_loses_nothing(names: list[str], word: str) -> None:
    assert Names(names).nearest(word) == wording.did_you_mean(word, dict.fromkeys(names))


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=6))
@settings(max_examples=200, deadline=None)
def test_any_text_at_all(word: str, names: list[str]) -> None:
    assert Names(names).nearest(word) == wording.did_you_mean(word, dict.fromkeys(names))
