"""Manuscripts broken as real ones are: an independent reading finds what the rules find.

`manuscripts` makes them from a seed, `reading` reads them without the package. For each kind of
fault both sets must be equal: nothing missed, no false alarm.
"""

from pathlib import Path

import pytest
from manuscripts import Maker
from reading import Found, Reading

from pipeline import checker, index, project
from pipeline.diagnostics import Diagnostic, Severity

ORACLES = {
    "LK001 LK003": Reading.broken_links,
    "ID002": Reading.unresolved,
    "ID004": Reading.indirect,
    "EV001": Reading.against_time,
    "EV004": Reading.wrong_kind,
    "EV005": Reading.outside_period,
    "EV007": Reading.misdated,
    "CT001": Reading.unresolved_citations,
    "CT006": lambda reading: reading.textual_citations(matched=True),
    "CT007": lambda reading: reading.textual_citations(matched=False),
    "CH002": Reading.misnumbered,
    "CH003": Reading.guessed_counts,
    "CH004": Reading.miscounted_anecdotes,
    "FM001": Reading.without_front_matter,
    "FM005": Reading.misnamed_keys,
}
# What such a manuscript has besides, and no oracle reads.
BESIDES = {"EV002", "EV003", "EV008", "CT002", "TX006", "FT001", "CT004"}


def text_at(root: Path, item: Diagnostic) -> str:
    """The words that a finding points at."""
    line = (root / item.path).read_text("utf-8").split("\n")[item.line - 1]
    end = item.end_column - 1 if item.end_line == item.line else None
    return line[item.column - 1 : end].strip("@")


@pytest.mark.parametrize(
    "seed", [1, 2, 3, *(pytest.param(n, marks=pytest.mark.full) for n in range(4, 40))]
)
def test_an_independent_reading_finds_the_same(tmp_path: Path, seed: int) -> None:
    root = Maker(tmp_path, seed).write()
    reading = Reading(root)
    run = checker.check(index.build(project.load(root)))
    found: dict[str, set[Found]] = {codes: set() for codes in ORACLES}
    for item in run.active:
        codes = next((codes for codes in ORACLES if item.code in codes), None)
        if codes is None:
            assert item.code in BESIDES, item
        elif item.code != "ID002" or item.severity is Severity.ERROR:
            found[codes].add((item.path, item.line, text_at(root, item)))
    for codes, oracle in ORACLES.items():
        expected = oracle(reading)
        assert found[codes] == expected, codes


def test_the_manuscripts_are_as_broken_as_real_ones(tmp_path: Path) -> None:
    root = Maker(tmp_path, 1).write()
    reading = Reading(root)
    assert len(reading.pages) + 2 >= 40
    assert all(oracle(reading) for oracle in ORACLES.values())
    assert len(reading.broken_links()) > 20
    assert len(reading.against_time()) > 5
