"""Reports: shapes that programs rely on, and nothing from authors that a terminal would obey."""

import io
import json
import re
import shutil
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from pipeline import checker, discovery, index, project, reporting

STOCK = Path(__file__).parent / "rules" / "stock"
CHAPTER = "manuscript/01-press/newspapers.md"
ODD = "events/::error\n\x1b[31m.md"
LINE_FORMATS = ("text", "concise", "github")


@pytest.fixture
def run(tmp_path: Path) -> checker.Run:
    """A book with an error, a suppressed error, a safe fix, wide characters and a hostile name."""
    shutil.copytree(STOCK, tmp_path, dirs_exist_ok=True)
    chapter = tmp_path / CHAPTER
    more = (
        "汉字[汉字](../nowhere.md)与😀[卡片](../events/relation-1605.md)。\n\n"
        "<!-- make-book: ignore LK001 because it comes later -->\n[later](later.md)\n\n"
        "##[error]x ::error::y\x1b]0;title\x07 \u202e [x](\x1b.md)\n"
    )
    chapter.write_text(chapter.read_text("utf-8") + "\n" + more, "utf-8")
    (tmp_path / ODD).write_text("::error::x [y](z.md)\n", "utf-8")
    return checker.check(index.build(project.load(tmp_path)))


def written(run: checker.Run, name: str, options: reporting.Options | None = None) -> str:
    """What a reporter writes, as bytes of UTF-8 would hold it."""
    stream = io.StringIO()
    discovery.member("reporters", name).report(run, stream, options or reporting.Options())
    stream.getvalue().encode("utf-8")
    return stream.getvalue()


@pytest.mark.parametrize("module", discovery.members("reporters"), ids=lambda item: item.NAME)
def test_reporter_has_its_shape(module: ModuleType) -> None:
    assert module.__name__.endswith(f".{module.NAME}")
    assert module.HELP
    assert module.__doc__


def test_json_is_the_contract(run: checker.Run) -> None:
    record = json.loads(written(run, "json"))
    assert list(record) == ["version", "diagnostics", "summary"]
    assert record["version"] == 1
    assert len(record["diagnostics"]) == len(run.diagnostics)
    for item in record["diagnostics"]:
        assert list(item) == [
            "code", "name", "severity", "path", "line", "column", "end_line", "end_column",
            "message", "help", "fix", "related", "suppressed",
        ]  # fmt: skip
    moved = next(item for item in record["diagnostics"] if "relation-1605" in item["message"])
    assert (moved["line"], moved["column"], moved["end_column"]) == (20, 29, 55)
    (edit,) = moved["fix"]["edits"]
    text = run.index.project.sources[CHAPTER].text
    assert text[edit["start"] : edit["end"]] == "../events/relation-1605.md"
    assert edit["text"] == "../../events/relation-1605.md"
    assert [
        item["suppressed"] for item in record["diagnostics"] if "later.md" in item["message"]
    ] == ["it comes later"]


def test_sarif_marks_what_is_suppressed(run: checker.Run) -> None:
    record = json.loads(written(run, "sarif"))
    (log,) = record["runs"]
    assert record["version"] == "2.1.0"
    assert log["columnKind"] == "unicodeCodePoints"
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.CODE for rule in checker.rules()]
    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert isinstance(result["suppressions"], list)
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9/._~%-]+", uri)
    hidden = [result for result in log["results"] if result["suppressions"]]
    assert [result["suppressions"][0]["kind"] for result in hidden] == ["inSource"]
    prints = [result["partialFingerprints"]["makeBook/v1"] for result in log["results"]]
    assert len(set(prints)) == len(prints)


def test_rdjson_counts_bytes(run: checker.Run) -> None:
    record = json.loads(written(run, "rdjson"))
    first = next(item for item in record["diagnostics"] if "nowhere" in item["message"])
    start = first["location"]["range"]["start"]
    assert start["column"] == len("汉字[汉字](".encode()) + 1


def test_gitlab_and_junit(run: checker.Run) -> None:
    issues = json.loads(written(run, "gitlab"))
    assert len(issues) == len(run.active) == len({item["fingerprint"] for item in issues})
    suite = ElementTree.fromstring(written(run, "junit")).find("testsuite")
    assert suite is not None
    assert int(suite.get("tests", "0")) == len(suite.findall("testcase")) == len(run.diagnostics)
    assert len(suite.findall("testcase/skipped")) == 1


@pytest.mark.parametrize("name", discovery.names("reporters"))
def test_nothing_that_a_terminal_or_a_log_obeys(run: checker.Run, name: str) -> None:
    text = written(run, name)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\ud800-\udfff]", text)
    if name in LINE_FORMATS:
        commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
        allowed = len(run.active) if name == "github" else 0
        assert len(commands) == allowed
        assert "##[" not in text


def test_caret_stands_below_wide_characters(run: checker.Run) -> None:
    lines = written(run, "text").splitlines()
    at = next(i for i, line in enumerate(lines) if "nowhere.md` is broken" in line)
    source, caret = lines[at + 1], lines[at + 2]
    before = source[: source.index("../nowhere")]
    assert caret.index("^") == reporting.width(before)
    assert caret.count("^") == len("../nowhere.md")


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_long_lines_are_cut_around_the_caret(run: checker.Run, columns: int) -> None:
    text = written(run, "text", reporting.Options(width=columns))
    shown = [line for line in text.splitlines() if re.match(r" +\d* +\|", line)]
    assert shown
    assert max(map(reporting.width, shown)) <= columns


def test_colors_only_when_asked(run: checker.Run) -> None:
    assert "\x1b[" not in written(run, "text")
    assert "\x1b[31m" in written(run, "text", reporting.Options(color=True))


def test_each_message_names_what_silences_it(run: checker.Run) -> None:
    blocks = written(run, "text").strip().split("\n\n")
    for item, block in zip(run.active, blocks, strict=False):
        assert f"make-book: ignore {item.code} because …" in block
