"""Whatever a manuscript looks like: fixes change what they report, settle, and can be undone."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypandoc
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pipeline import checker, fixer, index, journal, project
from pipeline.source import BOM

SAFE_CODES = ("LK", "ID", "TX", "CH", "EV")
PARTS = 20  # 10,000 examples in parts of 500

TARGETS = st.sampled_from(
    [
        "two.md", "../two.md", "../../manuscript/部/two.md", "../../../events/e1.md",
        "events/e1.md", "../../events/e1.md#x", "e1-card", "../cards/caf%C3%A9.md",
        "caf\u00e9.md", "cafe\u0301.md",
        "<../../events/e1.md>", "../../../events/e1.md 'title'", "nowhere.md", "#a", "",
        "https://example.org/a_(b)", "../../../../figures/p.svg", "/events/e1.md",
        "../../events/E1.md", "../../events/e1.md?x=1&amp;y=2", "../部/two.md",
    ]
)  # fmt: skip
PROSE = st.sampled_from(
    [
        "中文,标点!", "他说“好”。。", "English, text.", "`[c](../../../events/e1.md)`", "$a,b$",
        "2023年...", "[^1]", "[@key2020]", "**粗体**:", "<!-- [c](../../../events/e1.md) -->",
        "（a ）", "\u200b零宽", "```\n[c](../../../events/e1.md)\n```", "> 引 ,用", "- 项,目",
        "| 甲 | 乙 |\n|---|---|\n| [t](../../../events/e1.md) | x |", "## 标题, 一", "{#a}",
    ]
)  # fmt: skip
LINKS = st.tuples(st.sampled_from(["", "!"]), st.sampled_from(["甲", "a `b`", ""]), TARGETS).map(
    lambda parts: f"{parts[0]}[{parts[1]}]({parts[2]})"
)
BODIES = st.lists(st.tuples(LINKS | PROSE, st.sampled_from(["\n\n", "\n", " ", ""])), max_size=12)
ENDINGS = st.sampled_from(["\n", "\r\n", "mixed", "\r"])
SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Files = dict[str, bytes]


def written(text: str, ending: str, *, bom: bool) -> bytes:
    """A text with other line ends, and a mark."""
    if ending == "mixed":
        lines = text.split("\n")
        text = "".join(
            line + ("\r\n" if place % 2 else "\n") for place, line in enumerate(lines[:-1])
        )
        text += lines[-1]
    else:
        text = text.replace("\n", ending)
    return (BOM if bom else b"") + text.encode()


@st.composite
def manuscripts(draw: st.DrawFn) -> Files:
    """A small book with a chapter of anything."""
    body = "".join(piece + gap for piece, gap in draw(BODIES))
    front = draw(st.sampled_from(["", "---\ntitle: 一\nkey_events: [e1-card, 'e1']\n---\n"]))
    chapter = written(f"{front}# 一\n\n{body}", draw(ENDINGS), bom=draw(st.booleans()))
    return {
        "book.yaml": b"title: t\n",
        "manuscript/部/one.md": chapter,
        "manuscript/部/two.md": "# 二\n\n[一](../../manuscript/部/one.md)\n".encode(),
        "manuscript/部/cafe\u0301.md": b"# c\n",
        "events/e1.md": b"---\nevent_id: e1\ndate: 2023\ntitle: e\n---\n# e\n",
        "events/e1-card.md": b"---\nevent_id: e2\ndate: 2023\ntitle: f\n---\n# f\n",
        "figures/p.svg": b"<svg/>",
    }


def put(root: Path, files: Files) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def tree(root: Path) -> Files:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".make-book" not in path.parts
    }


def look(root: Path) -> fixer.Look:
    def looked(replaced: Mapping[str, bytes]) -> fixer.View:
        plain = replace(project.load(root, dict(replaced)), renames={}, former=frozenset())
        loaded = index.build(plain)  # git is not asked ten thousand times
        found = checker.check(loaded, checker.Selection(SAFE_CODES))
        return fixer.View(found.active, loaded.project.sources)

    return looked


def outside(view: fixer.View, chosen: list[tuple[str, Any]], path: str) -> list[str]:
    """The pieces of a text that no edit covers."""
    edits = sorted(edit for _, fix in chosen for edit in fix.edits if edit.path == path)
    text, at, pieces = view.sources[path].text, 0, []
    for edit in edits:
        pieces.append(text[at : edit.start])
        at = edit.end
    return [*pieces, text[at:]]


def fixes_hold(files: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        put(root, files)
        view = look(root)({})
        chosen = fixer.choose(view)
        for path, data in fixer.apply(view.sources, [fix for _, fix in chosen]):
            at = len(BOM) if data.startswith(BOM) else 0
            assert data[:at] == files[path][:at]
            for piece in outside(view, chosen, path):
                found = data.find(piece.encode("utf-8", "surrogateescape"), at)
                assert found >= 0
                at = found + len(piece.encode("utf-8", "surrogateescape"))
        outcome = fixer.mend(look(root))
        assert outcome.settled
        with journal.writing(root) as log:
            before, after = outcome.before, outcome.after
            log.apply("fix", [journal.Write(path, before[path], after[path]) for path in after])
        assert tree(root) == {**files, **after}
        assert not fixer.mend(look(root)).after
        with journal.writing(root) as log:
            assert bool(log.undo()) == bool(after)
        assert tree(root) == files


@given(manuscripts())
@SOME
def test_fixes_hold(files: Files) -> None:
    fixes_hold(files)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_fixes_hold_10000(part: int) -> None:
    many = settings(
        max_examples=10_000 // PARTS, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    many(given(manuscripts())(fixes_hold))()


# ---- pandoc as the judge ----------------------------------------------------------------------


def links_of(data: bytes) -> tuple[list[str], Any]:
    """What pandoc takes for links and images, in order, and the tree without their targets."""
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "markdown-smart+east_asian_line_breaks"
         "+lists_without_preceding_blankline+emoji-yaml_metadata_block", "-t", "json"],
        input=data, capture_output=True, check=True,
    )  # fmt: skip
    found: list[str] = []

    def blanked(node: Any) -> Any:
        if isinstance(node, list):
            return [blanked(item) for item in node]
        if isinstance(node, dict):
            if node.get("t") in ("Link", "Image"):
                attributes, inner, target = node["c"]
                found.append(target[0])
                return {"t": node["t"], "c": [attributes, blanked(inner), target[1]]}
            return {key: blanked(value) for key, value in node.items()}
        return node

    return found, blanked(json.loads(done.stdout)["blocks"])


DIRTY = """# 一

[内](../../../events/e1.md "题 (a)") ![图](../../../../figures/p.svg){#fig-a}

[![i](../../../../figures/p.svg)](../../../events/e1.md)

> - [引](<../../../events/e1.md>)
>
> `[码](../../../events/e1.md)` $[x](../../../events/e1.md)$

| 甲 |
|----|
| [表](../../../events/e1.md#事件) |

[定义][d] [d] 文[^n]。<!-- [注](../../../events/e1.md) -->

[d]: ../../../events/e1.md 'title'
[^n]: 注[脚](../../../events/e1.md)。

```
[码](../../../events/e1.md)
```
"""


def test_pandoc_sees_the_mapped_links_and_nothing_else_changed(tmp_path: Path) -> None:
    files = {
        "book.yaml": b"title: t\n",
        "manuscript/p/one.md": DIRTY.encode(),
        "events/e1.md": "---\nevent_id: e1\ndate: 2023\ntitle: e\n---\n# 事件\n".encode(),
        "figures/p.svg": b"<svg/>",
    }
    put(tmp_path, files)
    found = fixer.mend(lambda replaced: _links_only(tmp_path, replaced))
    before, shape = links_of(files["manuscript/p/one.md"])
    after, same = links_of(found.after["manuscript/p/one.md"])
    table = {
        "../../../events/e1.md": "../../events/e1.md",
        "../../../events/e1.md#事件": "../../events/e1.md#事件",
        "../../../../figures/p.svg": "../../figures/p.svg",
    }
    assert len(before) >= 9
    assert after == [table.get(target, target) for target in before]
    assert not set(after) & set(table)
    assert same == shape


def _links_only(root: Path, replaced: Mapping[str, bytes]) -> fixer.View:
    loaded = index.build(project.load(root, dict(replaced)))
    found = checker.check(loaded, checker.Selection(("LK001",)))
    return fixer.View(found.active, loaded.project.sources)
