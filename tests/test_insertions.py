"""Additions to front matter: in the style of what stands there, and nothing else changed."""

import pytest

from pipeline import project
from pipeline.changes import insertions
from pipeline.source import Source

CASES = [
    ("c: {a: x}", "c: {a: x, n: e1}"),
    ("c: {n: x}", "c: {n: [x, e1]}"),
    ("c:\n  a: x", "c:\n  a: x\n  n: e1"),
    ("c:\n  a: [x]  # why", "c:\n  a: [x]  # why\n  n: [e1]"),
    ("c:\n  n: 'x'  # why", "c:\n  n: ['x', e1]  # why"),
    ("c:\n  n: [x, y]\n  b: z", "c:\n  n: [x, y, e1]\n  b: z"),
    ("c:\n  n: []", "c:\n  n: [e1]"),
    (
        "c:\n  n:\n    - x\n    - y # why\n  b: z",
        "c:\n  n:\n    - x\n    - y # why\n    - e1\n  b: z",
    ),
    ("c:\n- a: x\n- b: [y]\n", "c:\n- a: x\n- b: [y]\n- n: [e1]\n"),
    ("c:\n  - a:\n      - x\nd: 1", "c:\n  - a:\n      - x\n  - n: e1\nd: 1"),
    ("c:\n  - n: x", "c:\n  - n: [x, e1]"),
    ("c: [{a: x}]", "c: [{a: x}, {n: e1}]"),
    ("d: 1", "d: 1\nc:\n  n: e1"),
    ("d: [1, 2]  # why", "d: [1, 2]  # why\nc:\n  n: e1"),
    ("d:\n  - 1\n  - 2", "d:\n  - 1\n  - 2\nc:\n  n: e1"),
    ("c: &a {a: x}", None),
    ("c:\n  n: *a\nd: &a x", None),
    ("c:\n  n: [x,\n    y]", None),
    ("c:\n  n: |\n    x", None),
    ("c: x", None),
    ("c: ", None),
    ("{c: {a: x}}", None),
]


@pytest.mark.parametrize(("before", "after"), CASES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_additions(before: str, after: str | None, newline: str) -> None:
    head, tail = f"---{newline}", f"{newline}---{newline}文\n"
    text = head + before.replace("\n", newline) + tail
    document = project.parse(Source("events/a.md", text.encode()), "event", "entry")
    edits = insertions.add_relation(document, "c", "n", "e1")
    if after is None:
        assert not edits
        return
    assert edits
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    assert text == head + after.replace("\n", newline) + tail


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("llama-2023-02", "llama-2023-02"),
        ("2023", '"2023"'),
        ("no", '"no"'),
        ('a "b"', '"a \\"b\\""'),
    ],
)
def test_written(text: str, written: str) -> None:
    assert insertions.written(text) == written
