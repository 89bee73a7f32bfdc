"""What authors write never steers a terminal or a build server, whatever command prints it."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import clean_text, cli, discovery

HARM = "::error::no ##[error]no ##vso[a.b]no \x1b]0;no\x07 \x9b31m \u202eno\u2028no \U000e0041"
PLAIN = "".join(char for char in HARM if ord(char) >= 0xA0 or char.isprintable())  # for book.yaml
LONG = "长" * 20_000
NAME = "::error::no\n##[error]no \x1b[31m\u202e\udcff"  # of a file

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\U000e0001-\U000e007f]"
)
COMMAND = re.compile(r"##\w*\[|^\s*::", re.MULTILINE)
OURS = re.compile(r"^::(?:error|warning|notice) file=[^\n]*$", re.MULTILINE)


def as_yaml(text: str) -> str:
    """A text in double quotes, with escapes."""
    return json.dumps(text).replace(r"\udb40\udc41", r"\U000e0041")


QUOTED = as_yaml(HARM)
BOOK = f"""\
title: {as_yaml(PLAIN)}
title_en: A Book
slug: book
authors: [{as_yaml(PLAIN)}]
editions: {{bilingual: {{outputs: [html]}}}}
"""
CARD = f"""\
---
event_id: {QUOTED}
title: {QUOTED}
date: {QUOTED}
organization: {QUOTED}
sources: [{QUOTED}]
tags: [{QUOTED}, "{LONG}"]
causal_connections: {{enables: {QUOTED}}}
{QUOTED}: x
"""
TEXT = f"""\
# {HARM}

See [{HARM}](<{HARM}.md>), ![](<{HARM}.png>), [@{LONG}], [x](#{LONG}), [^{LONG}] and
[also](javascript:{LONG}).

::error::at the start of a line, [dead](no.md)
 ##[error] and of another, [dead](no.md)

| {HARM} | b |
|--|
| 1 |

{LONG}，,{LONG}
"""
BIB = f"@book{{key,\n title = {{{HARM}}},\n year = {{{HARM}}}\n}}\n@book{{{LONG}, title = {{x}}}}\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book in which every value that can be printed is hostile."""
    root = tmp_path_factory.mktemp("hostile") / "book"
    for path, text in (
        ("book.yaml", BOOK),
        (f"manuscript/{NAME}.md", TEXT),
        ("manuscript/plain.md", f"---\nchapter_number: 1\ntitle: {QUOTED}\n---\n\n{TEXT}"),
        (f"events/{NAME}.md", f"{CARD}---\n\n{TEXT}"),
        ("events/open.md", CARD),
        ("events/card.md", f"---\nevent_id: card\ndate: 1500\ntitle: {QUOTED}\n---\n\n# {HARM}\n"),
        ("bibliography/book.bib", BIB),
        ("notes.txt", f"{HARM}\n\n{TEXT}"),
    ):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8", errors="surrogateescape")
    assert cli.main(["-C", str(root), "check", "--format", "concise"]) == 1
    return root


COMMANDS = [
    *(f"check --format {name}" for name in discovery.names("reporters")),
    "check --statistics",
    f"check --select {NAME}",
    f"check {NAME}",
    "build html markdown epub pdf",
    "build --strict",
    f"build {NAME}",
    f"build html --edition {NAME}",
    f"build html --chapter {NAME}",
    "fix --diff",
    "fix",
    "undo --list",
    "undo",
    "report",
    *(f"graph --format {name}" for name in ("json", "dot", "graphml", "svg")),
    "graph --of references --format json",
    "refs card",
    "refs card --json",
    f"refs {NAME}",
    "cite list",
    "cite list --json",
    "cite tidy --diff",
    f"cite add {NAME}",
    "import notes.txt --diff",
    "import notes.txt",
    f"import {NAME}",
    "rename card other --diff",
    f"rename {NAME} other",
    "mv events/card.md events/other.md --diff",
    f"mv {NAME} events/other.md",
    "rule TX001",
    f"rule {NAME}",
    "doctor",
    "doctor --json",
    "init",
    "config",
    "report --format markdown --baseline none.json",
    f"new event {NAME} --diff",
    "check --write-baseline known.json",
    "check --baseline known.json",
    f"check --baseline {NAME}",
    f"check --since {NAME}",
    f"rename card {NAME}",
    f"mv events/card.md events/{NAME}.md --diff",
    f"init --title {NAME}",
    "clean",
    f"--{NAME}",
]  # fmt: skip

SILENT = ("undo --list", "clean")  # where there is nothing to tell


def said(root: Path, words: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    """What a command prints on both streams."""
    assert cli.main(["-C", str(root), *words]) in (0, 1, 2)
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    assert "bug in make-book" not in err
    return out + err


@pytest.mark.parametrize("line", COMMANDS, ids=ascii)
def test_nothing_steers(
    book: Path, line: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "1")
    words = [NAME if word == "@" else word for word in line.replace(NAME, "@").split(" ")]
    try:
        text = said(book, words, capfd)
    except SystemExit:  # argparse, for words that it does not know
        text = "".join(capfd.readouterr())
    assert text or line in SILENT
    assert FORBIDDEN.findall(text) == []
    if line.endswith("github"):
        assert OURS.search(text)
        assert not re.search(r"##\w*\[", text)
        text = OURS.sub("", text)
    assert COMMAND.findall(text) == []


@pytest.mark.full
@pytest.mark.parametrize("name", discovery.names("reporters"))
def test_messages_cut_what_is_long(
    book: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text = said(book, ["check", "--format", name, "--ignore", "TX"], capfd)
    assert LONG[:3000] not in text


def test_on_a_terminal_nothing_but_our_own_colours(book: Path) -> None:
    parent, child = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "-C", book, "check"],
        stdout=child, stderr=child, cwd=Path(__file__).parents[1],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(child)
    data = b""
    while True:
        try:
            data += os.read(parent, 1 << 16)
        except OSError:  # the other end is closed
            break
    os.close(parent)
    assert run.wait() == 1
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    assert "\x1b[31m" in text
    assert FORBIDDEN.findall(re.sub(r"\x1b\[\d+m", "", text)) == []


@pytest.mark.parametrize("value", [HARM, "a\nb\tc", "𝒳😀é", "##[x", "\\u0023", "\udcff"])
def test_json_says_the_same(value: str) -> None:
    text = clean_text.as_json({value: [value]}, 1)
    same = value.replace("\udcff", "\ufffd")
    assert json.loads(text) == {same: [same]}
    assert not FORBIDDEN.search(text)
    assert "##[" not in text
