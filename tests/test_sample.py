"""The seeded sample of long tests, drawn by the conftest.py beside pyproject.toml."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["pytester"]

LONG = """
import pytest

@pytest.mark.full
@pytest.mark.parametrize("n", range(40))
def test_long(n):
    pass

def test_short():
    pass
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest((ROOT / "conftest.py").read_text("utf-8"))
    pytester.makeini("[pytest]\nmarkers = full: long")
    pytester.makepyfile(test_it=LONG)
    return pytester


def passed(suite: pytest.Pytester, *words: str) -> set[str]:
    result = suite.runpytest_inprocess("-p", "no:xdist", "-v", "-p", "no:cacheprovider", *words)
    return {line.split()[0] for line in result.outlines if " PASSED" in line}


def test_one_long_test_in_ten_and_every_short_one(suite: pytest.Pytester) -> None:
    names = passed(suite, "--seed=a")
    assert len(names) == 5
    assert "test_it.py::test_short" in names


def test_the_same_seed_draws_the_same_and_another_another(suite: pytest.Pytester) -> None:
    assert passed(suite, "--seed=a") == passed(suite, "--seed=a") != passed(suite, "--seed=b")


def test_full_runs_all(suite: pytest.Pytester) -> None:
    assert len(passed(suite, "--full")) == 41


def test_what_is_asked_for_by_name_runs(suite: pytest.Pytester) -> None:
    assert len(passed(suite, "test_it.py::test_long")) == 40
