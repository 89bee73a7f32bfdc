"""The installer: says what it would do, and stops with one command where it may do nothing.

Nothing is installed here: `uname`, `id` and the package managers are stand-ins on the path, and
the copy of the project has no environment.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("scripts", "pipeline", "pyproject.toml", "requirements.lock", "requirements-test.lock")
PLAIN = ("awk", "cat", "cksum", "dirname", "env", "mktemp", "rm", "sed", "sh")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A path with a shell's plain tools, this Python, and no font lister."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PLAIN:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    stand_in(folder, "python3", f'exec "{sys.executable}" "$@"')
    stand_in(folder, "uname", "echo Linux")
    stand_in(folder, "id", "echo 1000")
    stand_in(folder, "sudo", "exit 1")
    return folder


def stand_in(folder: Path, name: str, body: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    program.chmod(0o755)


def bootstrap(
    clone: Path, programs: Path, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(programs), "HOME": str(clone), **variables}
    return subprocess.run(
        ["/bin/sh", "scripts/bootstrap.sh", *words],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )


def test_a_dry_run_says_what_it_would_do_and_does_nothing(clone: Path, programs: Path) -> None:
    stand_in(programs, "apt-get", "exit 99")
    before = sorted(clone.rglob("*"))
    done = bootstrap(clone, programs, "book", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "apt-get install -y --no-install-recommends" in done.stdout
    assert "would install the packages of requirements.lock into .venv" in done.stdout
    assert sorted(clone.rglob("*")) == before


def test_without_rights_it_prints_one_command_and_exits_2(clone: Path, programs: Path) -> None:
    stand_in(programs, "apt-get", "exit 99")
    done = bootstrap(clone, programs, "test")
    assert done.returncode == 2
    commands = [line for line in done.stderr.splitlines() if "apt-get" in line]
    assert len(commands) == 1
    assert commands[0].startswith("    sudo sh -c 'apt-get update && apt-get install -y ")
    assert "fontconfig" in commands[0]
    assert not (clone / ".venv").exists()


def test_without_a_known_package_manager_it_names_the_parts(clone: Path, programs: Path) -> None:
    done = bootstrap(clone, programs)
    assert done.returncode == 2
    assert "what Debian calls: " in done.stderr


def test_as_root_it_installs_without_asking(clone: Path, programs: Path) -> None:
    log = clone / "log"
    stand_in(programs, "id", "echo 0")
    stand_in(programs, "apt-get", f'echo "$@" >>"{log}"; exec <&0; test -z "$(cat)"')
    done = bootstrap(clone, programs)
    update, install = log.read_text("utf-8").splitlines()
    assert update.endswith("update")
    assert "install --yes --no-install-recommends" in install
    assert done.returncode == 2
    assert "still missing after installing" in done.stderr


def test_a_failing_installer_is_shown(clone: Path, programs: Path) -> None:
    stand_in(programs, "id", "echo 0")
    stand_in(programs, "apt-get", "echo E: no such package; exit 100")
    done = bootstrap(clone, programs)
    assert done.returncode == 2
    assert "E: no such package" in done.stderr


def test_a_person_may_forbid_installing(clone: Path, programs: Path) -> None:
    stand_in(programs, "id", "echo 0")
    stand_in(programs, "apt-get", "exit 99")
    done = bootstrap(clone, programs, MAKE_BOOK_NO_INSTALL="1")
    assert done.returncode == 2
    assert "only you can install them" in done.stderr


def test_a_python_that_does_not_serve_is_refused(clone: Path, programs: Path) -> None:
    stand_in(programs, "python2", "exit 1")
    done = bootstrap(clone, programs, PYTHON="python2")
    assert done.returncode == 2
    assert "PYTHON=python2 is no working Python" in done.stderr


def test_an_unknown_word_is_refused(clone: Path, programs: Path) -> None:
    done = bootstrap(clone, programs, "bok")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: ")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_is_exact_hashed_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    for entry in text.replace("\\\n", " ").splitlines():
        if entry and not entry.startswith("#"):
            assert "==" in entry
            assert "--hash=sha256:" in entry


def test_the_test_lock_holds_the_book_lock() -> None:
    book, test = (
        {line.split()[0] for line in (ROOT / name).read_text("utf-8").splitlines() if "==" in line}
        for name in ("requirements.lock", "requirements-test.lock")
    )
    assert book < test  # versions: markers differ where a test tool widens them


@pytest.mark.parametrize("name", ["scripts/bootstrap.sh", "scripts/lock.sh", ".ci/run"])
def test_scripts_may_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
