"""Hostile and broken inputs: `hostile/*.yaml`, a family each, run through the command line.

Each case stands beside a healthy book with one known finding. It is told at its place, with
exit 0, 1 or 2, in its time and memory, and the known finding is still told. A case has

    case     what is wrong
    card     lines of front matter, from line 5 of `events/x.md`, a card that is whole without
    chapter  text from line 7 of `manuscript/x.md`
    bib      the text of `bibliography/x.bib`
    files    path → text, of any other file; in a path `%FF` is a byte
    run      the command and its words; `check` where it is left out
    exit     its exit code; 1 where it is left out
    says     what it prints, among other things: lines of stdout and stderr
    seconds  of processor time, 5 if left out
    finds    what `check` tells of the book afterwards; `pytest --regenerate` writes it

A text may be a list of pieces: a text, `{latin1: …}` for bytes, `{utf16: …}`, `{count: n, of: …}`
for numbered lines (`{0}` is the number) or `{times: n, of: …}`. Instead of a text may stand
`{link: target}`, `{fifo: yes}`, `{folder: yes}` or `{hole: bytes}`, a file of so many bytes.
"""

import functools
import os
import re
import resource
import shutil
import signal
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import yaml

from pipeline import cli

HERE = Path(__file__).parent
FAMILIES = sorted((HERE / "hostile").glob("*.yaml"))
STOCK = HERE / "rules" / "stock"
MEGABYTES = 1024
PATIENCE = 20  # times the processor's seconds, by the clock
SHOWN = 6  # findings of a case that are named
KNOWN = "events/zz-known.md"
KNOWN_FINDING = f"{KNOWN}:8:6 LK001"
CHECK = ["check", "--format", "concise", "--ignore", "EV008"]  # no chapter uses these cards
_FINDING = re.compile(r"^(.*?:\d+:\d+ [A-Z]{2}\d{3}) ", re.MULTILINE)
HEALTHY = """\
---
event_id: zz-known
date: 1500
title: 其事
---
# 其事 (1500)

见[无](no-such-file.md)。
"""

CARD = "---\nevent_id: x\ndate: 1500\ntitle: 其事\n"
FORMS = {
    "card": ("events/x.md", CARD, "---\n\n# 其事 (1500)\n\n正文。\n"),
    "chapter": ("manuscript/x.md", "---\ntitle: 章\n---\n\n# 章\n\n", ""),
    "bib": ("bibliography/x.bib", "", ""),
}


@dataclass(frozen=True)
class Case:
    """A case of a family; see above."""

    family: str
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.family}: {self.data['case']}"

    @property
    def words(self) -> list[str]:
        """What is run."""
        given = self.data.get("run", "check")
        return given.split(" ") if isinstance(given, str) else given


@functools.cache
def cases() -> list[Case]:
    """All cases of all families."""
    return [
        Case(path.stem, data)
        for path in FAMILIES
        for data in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    ]


# ---- files from data --------------------------------------------------------------------------


def content(given: Any) -> bytes:
    """The bytes of a text or of its pieces."""
    if isinstance(given, list):
        return b"".join(map(content, given))
    if isinstance(given, str):
        return given.encode()
    if "latin1" in given:
        return given["latin1"].encode("latin-1")
    if "utf16" in given:
        return given["utf16"].encode("utf-16")
    if "count" in given:
        return "".join(given["of"].format(number) for number in range(given["count"])).encode()
    return content(given["of"]) * int(given["times"])


def make(path: Path, given: Any) -> None:
    """Write a file of a case, or what stands in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = next(iter(given)) if isinstance(given, dict) else ""
    if kind == "link":
        path.symlink_to(given["link"])
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "hole":
        with path.open("wb") as stream:
            stream.truncate(given["hole"])
    else:
        path.write_bytes(content(given))


def book(root: Path, case: Case) -> Path:
    """The healthy book, its known finding, and the files of a case."""
    shutil.copytree(STOCK, root, ignore=shutil.ignore_patterns(".make-book"))
    make(root / KNOWN, HEALTHY)
    for key, (path, before, after) in FORMS.items():
        if key in case.data:
            make(root / path, [before, case.data[key], after])
    for name, given in case.data.get("files", {}).items():
        path = root / os.fsdecode(unquote_to_bytes(name))
        path.unlink(missing_ok=True)
        make(path, given)
    return root


# ---- running ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, what it printed."""

    code: int
    printed: str


def run(root: Path, words: list[str], seconds: float) -> Ended:
    """Run a command in a forked child that is bounded in time and memory."""
    output = root.parent / "output"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside pytest's threads
        child = os.fork()
    if child == 0:
        _be_child(root, words, seconds, output)
    status = os.waitpid(child, 0)[1]
    printed = output.read_text("utf-8")
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        late = name in ("SIGPROF", "SIGALRM")
        raise AssertionError(f"{'too slow' if late else name}: {' '.join(words)}\n{printed[-500:]}")
    return Ended(os.WEXITSTATUS(status), printed)


def _be_child(root: Path, words: list[str], seconds: float, output: Path) -> None:
    """Never returns."""
    code = 99
    try:
        os.chdir(root)
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
        factor = 6 if "build" in words else 1  # fonts are mapped whole
        bound = _memory() + (factor * MEGABYTES << 20)
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
        code = _exit_code(words)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _exit_code(words: list[str]) -> int:
    try:
        return cli.main(words)
    except SystemExit as end:  # of words that are no command's
        return int(end.code or 0)


def _memory() -> int:
    """Bytes of address space that the tests have already."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0


# ---- the tests --------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import all that children need, once."""
    root = book(tmp_path_factory.mktemp("warm") / "book", Case("", {"files": {}}))
    assert cli.main(["-C", str(root), "check", "--format", "concise"]) == 1


@pytest.mark.full
@pytest.mark.parametrize("case", cases(), ids=str)
def test_case(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    root = book(tmp_path / "book", case)
    seconds = float(case.data.get("seconds", 5))
    ended = run(root, CHECK if case.words == ["check"] else case.words, seconds)
    assert ended.code == case.data.get("exit", 1), ended.printed
    for line in case.data.get("says", ()):
        assert line in ended.printed
    assert not re.search(r"Traceback|this is a bug|crash\.log", ended.printed), ended.printed
    assert not (root / ".make-book/crash.log").exists()
    assert not list(root.rglob(".make-book-*.tmp"))
    if "finds" not in case.data and ended.code == 2:
        return
    if case.words != ["check"]:
        ended = run(root, CHECK, seconds)
    found = _FINDING.findall(ended.printed)
    assert KNOWN_FINDING in found
    found.remove(KNOWN_FINDING)
    if len(found) > SHOWN + 1:
        found[SHOWN:] = [f"and {len(found) - SHOWN} more"]
    if request.config.option.regenerate and found != case.data.get("finds", []):
        _rewrite(case, found)
    else:
        assert found == case.data.get("finds", [])


def _rewrite(case: Case, found: list[str]) -> None:
    """Put what was found at the end of a case in its file."""
    path = HERE / "hostile" / f"{case.family}.yaml"
    chunks = re.split(r"^(?=- case: )", path.read_text("utf-8"), flags=re.MULTILINE)
    for place, chunk in enumerate(chunks):
        if chunk.startswith("- case") and yaml.safe_load(chunk)[0]["case"] == case.data["case"]:
            kept = chunk.partition("\n  finds:")[0].rstrip()
            lines = "".join(f"\n    - {line}" for line in found)
            chunks[place] = f"{kept}\n  finds:{lines or ' []'}\n\n"
    path.write_text("".join(chunks).rstrip() + "\n", "utf-8")


def test_there_are_enough() -> None:
    assert len(cases()) >= 120
    assert len({str(case) for case in cases()}) == len(cases())
