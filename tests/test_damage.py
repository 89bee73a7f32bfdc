"""All kinds of damage at once: each is reported, none hides another, and always in one order."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import damage
import pytest

from pipeline import checker, discovery, index, project
from pipeline.diagnostics import Diagnostic

# Runs the tool with the entries of each folder in an order drawn from the seed in the first word.
SHUFFLED = """
import os, random, sys
draw, scan, listing = random.Random(sys.argv[1]), os.scandir, os.listdir
class Entries(list):
    def __enter__(self): return iter(self)
    def __exit__(self, *error): return None
    def close(self): pass
def mixed(found):
    found = list(found)
    draw.shuffle(found)
    return Entries(found)
os.scandir = lambda path=".": mixed(scan(path))
os.listdir = lambda path=".": list(mixed(listing(path)))
from pipeline import cli
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def wreck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with every damage."""
    return damage.wreck(tmp_path_factory.mktemp("wreck"))


def found(root: Path) -> tuple[Diagnostic, ...]:
    """What the rules find."""
    return checker.check(index.build(project.load(root))).active


def told(items: Iterable[Diagnostic], path: str) -> set[tuple[str, int, int]]:
    """The findings in one file."""
    return {(item.code, item.line, item.column) for item in items if item.path == path}


def run(*words: str, cwd: str = "/", **environment: str) -> tuple[int, bytes, bytes]:
    """`make-book` in a child: exit code, stdout, stderr."""
    done = subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, check=False,
        env={**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_there_are_forty_kinds() -> None:
    assert len(damage.DAMAGES) > 40
    assert len({item.path for item in damage.DAMAGES}) == len(damage.DAMAGES)


def test_every_damage_is_reported(wreck: Path) -> None:
    items = found(wreck)
    missed = [
        item for item in damage.DAMAGES
        if item.code not in {code for code, _, _ in told(items, item.path)}
    ]  # fmt: skip
    assert missed == []


def test_at_the_command_line(wreck: Path) -> None:
    words = ("-m", "pipeline", "-C", str(wreck), "check", "--format")
    code, out, err = run(*words, "json")
    assert code == 1
    assert b"Traceback" not in err
    reported = {(item["code"], item["path"]) for item in json.loads(out)["diagnostics"]}
    whole = {(item.code, item.path) for item in damage.DAMAGES if item.path != damage.ODD}
    assert whole <= reported


@pytest.mark.parametrize("alone", damage.DAMAGES, ids=lambda item: ascii(item.path))
def test_no_damage_hides_another(
    alone: damage.Damage, everything: tuple[Diagnostic, ...], tmp_path: Path
) -> None:
    alone.do(damage.stock(tmp_path))
    assert told(found(tmp_path), alone.path) <= told(everything, alone.path)


@pytest.fixture(scope="module")
def everything(wreck: Path) -> tuple[Diagnostic, ...]:
    """All findings of the wreck."""
    return found(wreck)


@pytest.mark.parametrize("name", discovery.names("reporters"))
def test_the_same_bytes_whatever_the_order_the_place_and_the_locale(wreck: Path, name: str) -> None:
    words = ("-C", str(wreck), "check", "--format", name)
    plain = run("-m", "pipeline", *words, PYTHONHASHSEED="0")
    assert plain[0] == 1
    assert b"Traceback" not in plain[2]
    for seed, locale, cwd in ((1, "C", "/"), (2, "C.UTF-8", str(wreck)), (3, "POSIX", "/tmp")):
        other = run(
            "-c", SHUFFLED, str(seed), *words, cwd=cwd, LC_ALL=locale,
            PYTHONHASHSEED=str(seed), TZ="Pacific/Auckland", COLUMNS="100",
        )  # fmt: skip
        assert other == plain
