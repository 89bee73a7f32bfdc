"""The parts list: judged rightly, agreeing with the project's own files, cheap to ask."""

import argparse
import dataclasses
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipeline import fonts, machine, no_sockets, parts, protections, sandbox
from pipeline.commands import doctor
from pipeline.errors import Exit
from pipeline.protections import Protection

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("version", "bounds", "state"),
    [
        (None, "", "missing"),
        (None, ">=1", "missing"),
        ("70.0", ">=70,<71", "ok"),
        ("69.9.1", ">=70,<71", "too old"),
        ("71.0", "<71,>=70", "too new"),
        ("1.50.12", ">=1.44", "ok"),
        ("3.14.0", ">=3.11,<3.14", "too new"),
        ("", ">=11", "ok"),
    ],
)
def test_a_version_is_judged_by_its_bounds(version: str | None, bounds: str, state: str) -> None:
    assert parts.judge(version, bounds) == state


def test_python_bounds_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == parts.PYTHON_BOUNDS
    script = (ROOT / "scripts" / "bootstrap.sh").read_text("utf-8")
    oldest, newest = re.findall(r"\b(?:oldest|newest)=(\d+)", script)
    assert f">=3.{oldest},<3.{int(newest) + 1}" == parts.PYTHON_BOUNDS


def test_a_checkout_asks_what_pyproject_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(parts.UNRECORDED) <= set(project["dependencies"])


def test_every_font_that_the_pages_name_can_be_installed() -> None:
    assert {*fonts.FAMILIES, *fonts.OPTIONAL} <= set(parts.FONT_PACKAGES)
    assert {part.name for part in parts.SYSTEM_PARTS if part.needed == "book"} >= {*fonts.FAMILIES}


def test_missing_parts_become_packages_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "font_families", dict)
    found = parts.missing_packages(["book"], "apt")
    assert found.count("fonts-noto-cjk") == 1
    assert "fonts-noto-color-emoji" in found
    assert "qpdf" not in found


def test_a_library_that_is_not_there_is_none() -> None:
    assert machine.library("surely-not-here", 0) is None


def test_a_program_that_is_not_there_is_none() -> None:
    assert machine.program_version(["surely-not-here", "--version"]) is None


def test_the_installer_needs_nothing_but_python() -> None:
    command = [sys.executable, "-I", "-S", "-B", "scripts/missing_parts.py", "book"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def part(**changes: object) -> parts.Part:
    plain = parts.Part("Pango", "1.50", "book", "ok")
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def test_the_table_is_aligned_and_says_what_mends() -> None:
    lost = part(name="HarfBuzz-Subset", version=None, state="missing", remedy="apt install it")
    optional = part(name="qpdf", version=None, needed="optional", state="missing", remedy="get it")
    guards = [Protection("files", True, "kept in"), Protection("network", False, "Linux only")]
    assert doctor.as_table([part(), optional, lost], guards).splitlines() == [
        "part             version  for       state",
        "Pango            1.50     book      ok",
        "qpdf             –        optional  missing",
        "HarfBuzz-Subset  –        book      missing",
        "",
        "protection  state  what it does, or why it is off",
        "files       on     kept in",
        "network     off    Linux only",
        "",
        "This machine cannot build a book yet.",
        "HarfBuzz-Subset (book): apt install it",
        "qpdf (optional): get it",
    ]


@pytest.mark.parametrize(
    ("needed", "state", "code"),
    [
        ("book", "ok", Exit.CLEAN),
        ("book", "missing", Exit.USAGE),
        ("book", "too old", Exit.USAGE),
        ("tests", "missing", Exit.CLEAN),
        ("optional", "missing", Exit.CLEAN),
    ],
)
def test_doctor_fails_only_where_no_book_can_be_built(
    needed: parts.Need,
    state: parts.State,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(parts, "survey", lambda: (part(needed=needed, state=state),))
    assert doctor.run(argparse.Namespace(json=True)) == code
    answer = json.loads(capsys.readouterr().out)
    assert answer["can_build"] is (code == Exit.CLEAN)
    assert answer["parts"][0]["state"] == state


def test_protections_are_told_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {guard.name: guard for guard in protections.survey()}
    assert here["files"].on == (not sandbox.refusal())
    assert "Landlock" in here["files"].reason
    monkeypatch.setattr(sandbox, "refusal", lambda: "forbidden by the container")
    assert here["network"].on or no_sockets.refusal()
    monkeypatch.setattr(no_sockets, "refusal", lambda: "switched off here")
    there = {guard.name: guard for guard in protections.survey()}
    assert {name for name, guard in there.items() if not guard.on} >= {"files", "network"}
    assert there["files"].reason.startswith("forbidden by the container; ")
    assert there["network"].reason.startswith("switched off here; ")


def test_landlock_holds_the_network_where_no_filter_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "refusal", lambda: "")
    monkeypatch.setattr(sandbox, "version", lambda: sandbox.NETWORK_SINCE)
    monkeypatch.setattr(no_sockets, "refusal", lambda: "switched off here")
    network = {guard.name: guard for guard in protections.survey()}["network"]
    assert network.on
    assert "TCP" in network.reason
    assert "switched off here" in network.reason


def test_this_machine_is_surveyed() -> None:
    found = {item.name: item for item in parts.survey()}
    for name in ("Python", "weasyprint", "pandoc", "Pango", "HarfBuzz-Subset", *fonts.FAMILIES):
        assert found[name].state == "ok", found[name]
        assert found[name].version
        assert not found[name].remedy
