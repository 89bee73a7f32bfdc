"""Expressions that are compiled when they are used."""

import copy
import re

import pytest

from pipeline.expressions import expression


def test_it_does_what_a_compiled_one_does() -> None:
    late, plain = expression("(?P<a>[\u4e00-\u9fff])b", re.IGNORECASE), re.compile("x")
    text = "中b，国B，c"
    assert [match["a"] for match in late.finditer(text)] == ["中", "国"]
    assert late.sub("-", text) == "-，-，c"
    assert late.pattern == "(?P<a>[\u4e00-\u9fff])b"
    assert {name for name in dir(plain) if not name.startswith("_")} == {
        name for name in dir(plain) if not name.startswith("_") and hasattr(late, name)
    }


def test_nothing_is_compiled_before() -> None:
    wrong = expression("(")
    with pytest.raises(re.error, match="unterminated"):
        wrong.search("")


def test_it_can_be_copied() -> None:
    assert copy.copy(expression("a")).search("a")
