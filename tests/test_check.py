"""`make-book check` at the command line: scope, base, baseline, formats, determinism."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import books
import pytest
from author import git, make_book


def codes(result: subprocess.CompletedProcess[str]) -> list[tuple[str, str]]:
    """(code, path) of the findings of a JSON report."""
    return [(item["code"], item["path"]) for item in json.loads(result.stdout)["diagnostics"]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book in git with findings, all committed."""
    root = books.twins(tmp_path)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "begin")
    return root


def test_paths_limit_the_report_and_not_the_knowledge(book: Path) -> None:
    whole = codes(make_book(book, "check", "--format", "json"))
    part = codes(make_book(book, "check", "--format", "json", "manuscript/02-forest"))
    assert {path for _, path in part} == {"manuscript/02-forest/willow.md"}
    assert set(part) < set(whole)


def test_select_and_ignore(book: Path) -> None:
    found = codes(make_book(book, "check", "--format", "json", "--select", "LK,ID002"))
    assert {code for code, _ in found} == {"LK001", "ID002"}
    found = codes(make_book(book, "check", "--format", "json", "--ignore", "LK"))
    assert not [code for code, _ in found if code.startswith("LK")]


def test_a_code_that_no_rule_has_is_refused(book: Path) -> None:
    wrong = make_book(book, "check", "--select", "LK01X")
    assert wrong.returncode == 2
    assert "no rule's code begins with 'LK01X'" in wrong.stderr


def test_what_was_there_at_a_revision_is_known_and_passes(book: Path) -> None:
    assert make_book(book, "check").returncode == 1
    since = make_book(book, "check", "--since", "HEAD")
    assert since.returncode == 0
    assert "[known]" in since.stdout
    books.write(book, {"manuscript/new.md": "---\ntitle: 新\n---\n\n# 新\n\n[无](none.md)\n"})
    since = make_book(book, "check", "--since", "HEAD", "--format", "concise")
    assert since.returncode == 1
    fresh = [line for line in since.stdout.splitlines() if ":" in line and "[known]" not in line]
    assert all(line.startswith("manuscript/new.md:7:5 LK001") for line in fresh[:-1] or fresh)


def test_staged_reads_the_staging_area_and_not_the_disk(book: Path) -> None:
    bad = "---\ntitle: 新\n---\n\n# 新\n\n[无](none.md)\n"
    books.write(book, {"manuscript/new.md": bad})
    git(book, "add", "manuscript/new.md")
    books.write(book, {"manuscript/new.md": bad.replace("[无](none.md)", "没有链接。")})
    staged = make_book(book, "check", "--staged", "manuscript/new.md")
    assert staged.returncode == 1
    assert "manuscript/new.md:7:5 LK001" in staged.stdout
    assert make_book(book, "check", "manuscript/new.md").returncode == 0


def test_a_baseline_survives_moved_lines_and_sees_what_is_new(book: Path) -> None:
    assert make_book(book, "check", "--write-baseline").returncode == 0
    assert make_book(book, "check").returncode == 0
    card = book / "events/2021/willow-launch-2021.md"
    text = card.read_text("utf-8")
    card.write_text(text.replace("## 事件概述", "说明一句。\n\n## 事件概述"), "utf-8")
    assert make_book(book, "check").returncode == 0
    card.write_text(text.replace("(2021-06)", "(2021-06) [又](gone.md)"), "utf-8")
    again = make_book(book, "check", "--format", "concise")
    assert again.returncode == 1
    assert "gone.md" in again.stdout
    report = json.loads(make_book(book, "check", "--format", "json").stdout)
    assert sum(item["suppressed"] is not None for item in report["diagnostics"]) > 9


def test_output_file_exit_zero_and_statistics(book: Path) -> None:
    done = make_book(book, "check", "--exit-zero", "--format", "sarif", "-o", str(book / "o.sarif"))
    assert done.returncode == 0
    assert json.loads((book / "o.sarif").read_text("utf-8"))["version"] == "2.1.0"
    counted = make_book(book, "check", "--statistics").stdout
    assert "     9  LK001  broken-link" in counted


def test_the_same_bytes_wherever_and_however(book: Path) -> None:
    first = make_book(book, "check", "--format", "json").stdout
    elsewhere = subprocess.run(
        [sys.executable, "-m", "pipeline", "-C", str(book), "check", "--format", "json"],
        capture_output=True, text=True, check=False, cwd="/",
        env={**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C", "TZ": "Asia/Shanghai"},
    ).stdout  # fmt: skip
    assert first == elsewhere


def test_a_broken_file_hides_nothing(book: Path) -> None:
    before = set(codes(make_book(book, "check", "--format", "json")))
    (book / "manuscript/binary.md").write_bytes(b"---\ntitle: \xff\xfe\n---\n\x00# x\n")
    (book / "manuscript/yaml.md").write_text("---\ntitle: [\n---\n\n# y\n", "utf-8")
    after = set(codes(make_book(book, "check", "--format", "json")))
    assert before <= after
    assert {("FM006", "manuscript/binary.md"), ("FM002", "manuscript/yaml.md")} <= after


def test_rule_prints_its_page_and_suggests() -> None:
    page = make_book(Path.cwd(), "rule", "lk001")
    assert page.returncode == 0
    assert "# broken-link (LK001)" in page.stdout
    wrong = make_book(Path.cwd(), "rule", "broken-lnk")
    assert wrong.returncode == 2
    assert "did you mean broken-link?" in wrong.stderr


def test_the_sample_book_is_clean() -> None:
    done = make_book(Path(__file__).parents[1], "check", "--strict", "--format", "concise")
    assert done.returncode == 0, done.stdout
    assert done.stdout == "no findings\n"


HEAVY = {
    "concurrent",
    "fontTools",
    "jsonschema",
    "logging",
    "lxml",
    "pybtex",
    "referencing",
    "regex",
}


def test_a_hook_on_one_file_imports_nothing_heavy(book: Path) -> None:
    make_book(book, "check", "--staged")
    chapter = book / "manuscript/02-forest/willow.md"
    chapter.write_text(f"{chapter.read_text('utf-8')}\n又是一天。\n", "utf-8")
    git(book, "add", ".")
    words = "import sys; from pipeline import cli; cli.main(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", words, "-C", str(book), "check", "--staged"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    modules = set(done.stdout.splitlines()[-1].split())
    assert "pipeline.rules.tx001_punctuation" in modules, "the file is checked"
    assert not HEAVY & modules


ENDLESS = """
import os, signal, sys
from pipeline import cli, discovery

told, main = int(sys.argv[1]), os.getpid()

def check(document, index):
    if os.getpid() != main:
        os.write(told, b"x")
        signal.pause()
    return ()

discovery.member("rules", "tx002_unpaired_mark").check = check
sys.exit(cli.main(sys.argv[2:]))
"""
"""A check with a rule that never ends in the processes that share the documents."""


def test_stopped_in_the_middle_a_check_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text("title: 书\n", "utf-8")
    (tmp_path / "manuscript").mkdir()
    for number in range(80):
        (tmp_path / f"manuscript/{number:02}.md").write_text("# 一章\n", "utf-8")
    reading, writing = os.pipe()
    words = [sys.executable, "-c", ENDLESS, str(writing), "-C", str(tmp_path), "check", "-j2"]
    with subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.PIPE, text=True) as process:
        os.close(writing)
        assert [_read(reading), _read(reading)] == [b"x", b"x"], "both are in the middle"
        process.send_signal(signal.SIGINT)
        assert _read(reading) == b"", "nobody holds the other end any more"
        _, told = process.communicate()
    os.close(reading)
    assert process.returncode == 130
    assert told == "interrupted; the last good outputs are untouched\n"


def _read(pipe: int) -> bytes:
    """The next byte that comes, nothing at the end."""
    assert select.select([pipe], [], [], 60)[0], "nothing comes"
    return os.read(pipe, 1)
