"""Long tests: all of them with `--full`, else a sample that a seed draws anew for every commit.

Golden files are rewritten with `--regenerate`, for the diff to be read.
"""

import hashlib
import signal
import subprocess
from collections.abc import Iterator, Sequence

import pytest

SHARE = 10  # one long test in so many


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`, `--seed` and `--regenerate`."""
    parser.addoption("--regenerate", action="store_true", help="rewrite the golden files")
    group = parser.getgroup("long tests")
    group.addoption("--full", action="store_true", help="run every test marked full")
    group.addoption("--seed", help="draw the sample of long tests by this text; else by the commit")


def pytest_configure(config: pytest.Config) -> None:
    """Fix the seed before the workers start, so that all of them draw the same sample.

    Started in the background, a shell has us ignore the signals that tests send to our children.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    if config.option.seed is None:
        config.option.seed = _commit()


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep nothing in the home of who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to draw the same sample again."""
    if config.option.full:
        return "long tests: all"
    return f"long tests: one in {SHARE}, drawn by --seed={config.option.seed}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests that the seed does not draw; what is asked for by name stays."""
    if config.option.full or any("::" in word for word in config.args):
        return
    long = [item for item in items if item.get_closest_marker("full")]
    drawn = set(draw([item.nodeid for item in long], config.option.seed))
    left_out = [item for item in long if item.nodeid not in drawn]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def draw(names: Sequence[str], seed: str) -> list[str]:
    """One name in `SHARE`, rounded up; the same for the same seed, in any order of names."""
    ranked = sorted(names, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
    return ranked[: -(-len(names) // SHARE)]


def _commit() -> str:
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "0"
    return asked.stdout.strip()
