"""The cache keeps within its size, and drops first what was of no use for longest."""

import os
import time
from pathlib import Path

import pytest

from pipeline import cache
from pipeline.cache import OFTEN, Store

NAMES = [cache.key(number) for number in range(4)]
DAYS = 86400


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Four entries of a megabyte, last used four, three, two and one days ago."""
    made = Store(tmp_path, b"of the test")
    for age, name in zip((4, 3, 2, 1), NAMES, strict=True):
        made.put(name, bytes(1_000_000))
        path = tmp_path / name[:2] / name[2:]
        then = time.time() - age * DAYS - 60
        os.utime(path, (then, then))
    return made


def test_what_is_old_goes_first(store: Store) -> None:
    assert store.get(NAMES[0]), "to ask for it is to use it"
    store.prune(2.5)
    assert [bool(store.get(name)) for name in NAMES] == [True, False, False, True]
    assert store.size() < 2_500_000


def test_what_fits_stays(store: Store) -> None:
    store.prune(10)
    assert all(store.get(name) for name in NAMES)


def test_a_cache_is_measured_once_in_a_while(store: Store, tmp_path: Path) -> None:
    store.prune(10)
    store.prune(1)
    assert all(store.get(name) for name in NAMES)
    then = time.time() - OFTEN - 60
    os.utime(tmp_path / "pruned", (then, then))
    store.prune(1.5)
    assert sum(bool(store.get(name)) for name in NAMES) == 1


def test_who_only_reads_drops_nothing(store: Store, tmp_path: Path) -> None:
    Store(tmp_path, b"of the test").prune(0)
    assert all(store.get(name) for name in NAMES)
