"""What fuzzing kept: inputs that reached far, and those that once broke something."""

from pathlib import Path

import fuzzing
import pytest

KEPT = sorted(path for path in fuzzing.CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_is_read(path: Path) -> None:
    fuzzing.TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in KEPT} == set(fuzzing.TARGETS)
