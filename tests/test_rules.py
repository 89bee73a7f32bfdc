"""Every rule against small books: a clean stock book plus an overlay for each case.

`rules/<CODE>/<case>/` holds the files that differ from `rules/stock/`; `good…` cases yield
nothing, others exactly the lines of their `expected.txt`, which `pytest --regenerate` rewrites.
Beside it may stand `removed.txt` (files of the stock book to drop) and `project.json` (what git or
the network would have told: `renames`, `former`, `probes`).
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from pipeline import checker, fixer, index, project, reporting
from pipeline.diagnostics import Diagnostic
from pipeline.probe import ProbeResult

FOLDER = Path(__file__).parent / "rules"
STOCK = FOLDER / "stock"
CASES = sorted(path for path in FOLDER.glob("[A-Z][A-Z][0-9]*/*") if path.is_dir())
NOTES = ("expected.txt", "removed.txt", "project.json")

# code, name, severity and fix: a contract with configurations and scripts.
TABLE = """
FM001 missing-front-matter error -
FM002 invalid-yaml error -
FM003 schema-violation error -
FM004 duplicate-key error -
FM005 unknown-key warning u
FM006 invalid-encoding error -
FM007 comment-swallows-value warning -
FM008 unreadable-file error -
ID001 duplicate-identifier error -
ID002 unresolved-identifier error u
ID003 ambiguous-identifier error -
ID004 indirect-identifier info s
LK001 broken-link error s/u
LK002 broken-anchor error u
LK003 link-leaves-project error -
LK004 case-mismatch warning s
LK005 unlisted-target warning -
LK006 forbidden-scheme error -
LK007 missing-alt-text warning -
LK008 dead-url warning u
LK009 unusable-image error -
LK010 unmatched-path warning -
LK011 unread-include warning -
CT001 unresolved-citation error u
CT002 uncited-entry info -
CT003 duplicate-entry warning -
CT004 incomplete-entry warning -
CT005 invalid-bibliography error -
CT006 textual-citation warning u
CT007 unmatched-textual-citation warning -
CT008 lost-locator warning u
EV001 effect-before-cause error -
EV002 causal-cycle error -
EV003 one-sided-relation info s
EV004 wrong-target-kind warning -
EV005 outside-period warning -
EV006 unsupported-status error -
EV007 disagreeing-card error u
EV008 orphan-event info -
CH001 chapter-numbering error -
CH002 heading-mismatch error u
CH003 word-count warning s
CH004 anecdote-count warning s
CH005 missing-section warning -
CH006 heading-structure warning -
CH007 status-gate error -
CH008 footnote error -
CH009 table-shape warning -
TX001 punctuation warning s
TX002 unpaired-mark warning -
TX003 emphasis-lost warning u
TX004 mixed-script warning u
TX005 missing-glyph error -
TX006 han-latin-spacing info u
TX007 invisible-character warning s
TX008 unpaired-block warning -
TX009 full-width-letters warning s
FT001 unsourced-figure info -
SU001 unused-suppression warning s
"""
FIXES = {"-": "", "s": "safe", "u": "unsafe", "s/u": "safe, unsafe"}
HEADINGS = ("What it does", "Why it matters", "Example", "Use instead")


def book_of(case: Path | None, folder: Path) -> Path:
    """The stock book with the files of a case over it."""
    shutil.copytree(STOCK, folder, symlinks=True, dirs_exist_ok=True)
    if case is None:
        return folder
    removed = case / "removed.txt"
    for name in removed.read_text("utf-8").split() if removed.exists() else ():
        (folder / name).unlink()
    ignored = shutil.ignore_patterns(*NOTES)
    shutil.copytree(case, folder, symlinks=True, dirs_exist_ok=True, ignore=ignored)
    return folder


def look(case: Path | None, root: Path, overlay: Mapping[str, bytes]) -> checker.Run:
    """What all rules find in the book of a case, with some files replaced."""
    loaded = project.load(root, dict(overlay))
    notes = case / "project.json" if case else None
    if notes and notes.exists():
        given = json.loads(notes.read_text("utf-8"))
        probes = {url: ProbeResult(**item) for url, item in given.get("probes", {}).items()}
        loaded = replace(
            loaded,
            renames=given.get("renames", {}),
            former=frozenset(given.get("former", ())),
            probes=probes,
        )
    return checker.check(index.build(loaded))


def diagnostics(case: Path | None, folder: Path) -> tuple[Diagnostic, ...]:
    """What all rules find in the book of a case."""
    return look(case, book_of(case, folder), {}).active


def line_of(item: Diagnostic) -> str:
    """A finding as it stands in `expected.txt`."""
    end = f"{item.end_line}:{item.end_column}"
    fix = f" [{item.fix.applicability}]" if item.fix else ""
    place = f"{item.path}:{item.line}:{item.column}-{end}"
    return f"{place} {item.code} {item.severity}{fix} {item.message}"


def name_of(case: Path) -> str:
    """`LK001/bad`."""
    return case.relative_to(FOLDER).as_posix()


def test_stock_book_is_clean(tmp_path: Path) -> None:
    assert [line_of(item) for item in diagnostics(None, tmp_path)] == []


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = [line_of(item) for item in diagnostics(case, tmp_path)]
    expected = case / "expected.txt"
    if case.name.startswith("good"):
        assert found == []
        return
    if request.config.getoption("--regenerate"):
        expected.write_text("".join(f"{line}\n" for line in found), "utf-8")
    assert found == expected.read_text("utf-8").splitlines()
    assert any(re.search(rf" {case.parent.name} ", line) for line in found)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_safe_fixes_mend_and_leave_nothing_new(case: Path, tmp_path: Path) -> None:
    root = book_of(case, tmp_path)

    def view(overlay: Mapping[str, bytes]) -> fixer.View:
        run = look(case, root, overlay)
        return fixer.View(run.active, run.index.project.sources)

    before = view({}).diagnostics
    if not any(reporting.fixable(item) == "fixable" for item in before):
        return
    outcome = fixer.mend(view)
    after = view(outcome.after).diagnostics
    assert outcome.settled
    assert not [line_of(item) for item in after if reporting.fixable(item) == "fixable"]
    known = Counter((item.path, item.code, item.severity) for item in before)
    assert not Counter((item.path, item.code, item.severity) for item in after) - known


@pytest.mark.parametrize("rule", checker.rules(), ids=lambda rule: rule.CODE)
def test_rule_is_documented_and_tried(rule: ModuleType) -> None:
    lines = (rule.__doc__ or "").splitlines()
    assert [line for line in lines if line in HEADINGS] == list(HEADINGS)
    cases = {case.name for case in CASES if case.parent.name == rule.CODE}
    assert {"bad", "good"} <= cases
    assert Path(rule.__file__ or "").stem == f"{rule.CODE}-{rule.NAME}".lower().replace("-", "_")


def test_rules_are_those_of_the_contract() -> None:
    table = [line.split() for line in TABLE.strip().splitlines()]
    contract = {code: (name, severity, FIXES[fix]) for code, name, severity, fix in table}
    ours = {rule.CODE: (rule.NAME, rule.SEVERITY, rule.FIX) for rule in checker.rules()}
    assert {code: ours.get(code) for code in contract} == contract
