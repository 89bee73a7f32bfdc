"""Where Chinese lines stretch, and which marks lose their blank half."""

import pytest

from pipeline.paper import justification


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("汉字", 1),  # one gap
        ("汉字。", 2),  # marks are as wide as characters
        ("two words", 1),
        ("汉A", 0.5),  # half where Han meets Latin
        ("汉 A", 1),  # the space and its neighbour make one gap
        ("汉 A 字", 2),
        ("汉——字", 1),  # a dash is not torn apart
        (" ", 1),
        ("a\u200bb\u200bc\u200bd", 0.75),  # an address may break anywhere
        ("", 0),
    ],
)
def test_weight(text: str, weight: float) -> None:
    assert justification.weight(text, True) == weight


def test_quotes_stretch_in_chinese_only() -> None:
    assert justification.weight("“字”", True) == 2
    assert justification.weight("“w”", False) == 0


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [("，「好", ["，"]), ("（「好", ["「"]), ("好。", []), ("好。」了", ["。"]), ("”，", ["”"])],
)
def test_marks_beside_marks_are_trimmed(text: str, trimmed: list[str]) -> None:
    assert [text[start:end] for start, end in justification.trimmed(text)] == trimmed


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("他说“好”……", ["“", "”……"]),
        ("1949—2025年", ["—"]),
        ("约翰·史密斯①", ["·", "①"]),
        ("OpenAI’s O(n·d)", []),  # within a word they are Latin
    ],
)
def test_marks_of_both_scripts_are_those_of_chinese(text: str, shared: list[str]) -> None:
    assert [text[start:end] for start, end in justification.shared(text)] == shared


def test_an_apostrophe_is_no_chinese_quote() -> None:
    assert justification.weight("OpenAI’s", True) == 0
