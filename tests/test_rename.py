"""mv, rename, refs and graph: every use follows, nothing else changes, `check` stays as it was."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline import checker, cli, index, project

STOCK = Path(__file__).parent / "rules" / "stock"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(STOCK, tmp_path / "book")


def make_book(root: Path, *words: str) -> int:
    return cli.main(["-C", str(root), *words])


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def tree(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode("utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".make-book" not in path.parts and ".git" not in path.parts
    }


def findings(root: Path) -> list[str]:
    """What `check` says, without the lines that a longer name may move."""
    found = checker.check(index.build(project.load(root))).active
    return [f"{item.path} {item.code} {item.message}" for item in found]


def changed_lines(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The new lines of files that stayed where they were."""
    return [
        new
        for path in before.keys() & after.keys()
        for old, new in zip(before[path].split("\n"), after[path].split("\n"), strict=True)
        if old != new
    ]


# ---- mv -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("events/clay-type-1040.md", "events/old/clay-type-1040.md"),
        ("events", "cards/events"),
        ("manuscript/01-press", "manuscript/02-print"),
        ("manuscript/01-press/movable-type.md", "manuscript/01-press/type.md"),
        ("manuscript/figures", "figures"),
        ("manuscript", "book"),
        ("bibliography", "manuscript/sources"),
        ("concepts/movable-type.md", "concepts/活字 (新).md"),
    ],
)
def test_mv_keeps_check_as_it_was(root: Path, old: str, new: str) -> None:
    links = "manuscript/01-press/movable-type.md", "manuscript/figures/press.svg", "events"
    put(root, "README.md", "".join(f"[x]({link})\n" for link in links))
    config = "order: [manuscript/01-press]\nbibliography: bibliography/*.bib\n"
    content = "content: {events: {path: events}, chapters: {path: manuscript}}\n"
    put(root, "book.yaml", (root / "book.yaml").read_text("utf-8") + config + content)
    before, said = tree(root), findings(root)
    assert make_book(root, "mv", str(root / old), str(root / new)) == 0
    assert (root / new).exists()
    assert not (root / old).exists()
    assert findings(root) == said
    loaded = index.build(project.load(root))
    assert not [link for _, link, place in loaded.links() if place.where == "missing"]
    for link in re.findall(r"\((.+?)\)", (root / "README.md").read_text("utf-8")):
        assert (root / link).exists()
    assert make_book(root, "undo") == 0
    assert tree(root) == before


def test_mv_back_and_forth_is_nothing(root: Path) -> None:
    before = tree(root)
    assert make_book(root, "mv", "events", "a/b/cards") == 0
    assert make_book(root, "mv", "a/b/cards", "events") == 0
    assert tree(root) == before


def test_mv_into_a_folder_and_tracked_files(root: Path) -> None:
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", *words], cwd=root, check=True)
    (root / "events" / "old").mkdir()
    assert make_book(root, "mv", "events/clay-type-1040.md", "events/old") == 0
    assert (root / "events" / "old" / "clay-type-1040.md").is_file()
    assert findings(root) == []


def test_mv_changes_names_that_are_file_names(root: Path) -> None:
    card = "---\nevent_id: x-1\ndate: 1606\ntitle: x\nchapter_id: newspapers\n---\n# x\n"
    put(root, "events/x-file.md", card)
    put(root, "manuscript/01-press/more.md",
        "---\nchapter_number: 3\ntitle: y\nkey_events: ['x-file']  # by its file\n---\n# y\n\n"
        "::: {.event #x-file}\n[](#x-file)\n:::\n")  # fmt: skip
    assert make_book(root, "mv", "events/x-file.md", "events/y-file.md") == 0
    text = (root / "manuscript/01-press/more.md").read_text("utf-8")
    assert "key_events: ['y-file']  # by its file" in text
    assert "::: {.event #y-file}\n[](#y-file)" in text
    folder = "manuscript/01-press"
    assert make_book(root, "mv", f"{folder}/newspapers.md", f"{folder}/n.md") == 0
    assert "chapter_id: n\n" in (root / "events/y-file.md").read_text("utf-8")


def test_mv_of_a_part_changes_the_cards_that_name_it(root: Path) -> None:
    card = root / "events" / "relation-1605.md"
    card.write_text(card.read_text("utf-8").replace("id: newspapers", "id: 01-press"), "utf-8")
    said = findings(root)
    assert make_book(root, "mv", "manuscript/01-press", "manuscript/02-later") == 0
    assert "chapter_id: 02-later\n" in card.read_text("utf-8")
    assert findings(root) == said


def test_mv_leaves_code_and_dead_links_as_they_mean(root: Path) -> None:
    put(root, "manuscript/01-press/x.md", "# x\n\n`[a](../../events/e.md)` [d](gone.md)\n\n"
        "    [a](../../events/relation-1605.md)\n\n[r][1] [r][1]\n\n"
        "[1]: <../../events/relation-1605.md> 'title'\n")  # fmt: skip
    assert make_book(root, "mv", "manuscript/01-press/x.md", "manuscript/x.md") == 0
    assert (root / "manuscript/x.md").read_text("utf-8") == (
        "# x\n\n`[a](../../events/e.md)` [d](01-press/gone.md)\n\n"
        "    [a](../../events/relation-1605.md)\n\n[r][1] [r][1]\n\n"
        "[1]: <../events/relation-1605.md> 'title'\n"
    )


def test_mv_shows_a_patch_that_git_applies(
    root: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    twin = shutil.copytree(root, root.parent / "twin")
    assert make_book(root, "mv", "--diff", "manuscript/01-press", "manuscript/press") == 1
    text = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "-"], cwd=twin, input=text, check=True)
    assert make_book(root, "mv", "manuscript/01-press", "manuscript/press") == 0
    assert tree(twin) == tree(root)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nothing.md", "x.md"),
        ("book.yaml", "y.yaml"),
        ("events", "events/inner"),
        ("events/relation-1605.md", "events/clay-type-1040.md"),
        ("events/relation-1605.md", "../outside.md"),
        ("events/relation-1605.md", ".hidden/x.md"),
        ("events/relation-1605.md", "book.yaml/x.md"),
        ("events/relation-1605.md", "events/relation-1605.md"),
        (".", "x"),
    ],
)
def test_mv_refuses(root: Path, old: str, new: str, capsys: Capture) -> None:
    before = tree(root)
    assert make_book(root, "mv", old, new) == 2
    assert tree(root) == before
    assert "help:" in capsys.readouterr().err


def test_mv_refuses_where_a_symbolic_link_would_break(root: Path, capsys: Capture) -> None:
    (root / "concepts" / "soft.md").symlink_to("../events/relation-1605.md")
    assert make_book(root, "mv", "events", "cards") == 2
    assert "concepts/soft.md" in capsys.readouterr().err


# ---- rename ---------------------------------------------------------------------------------


def many_uses(root: Path) -> None:
    """An event that 30 places name, ten of each kind."""
    for number in range(10):
        put(root, f"events/e{number}.md",
            f"---\nevent_id: e{number}\ndate: 1700\ntitle: e\ncausal_connections:\n"
            "  - response_to: [clay-type-1040]  # the first\n---\n# e\n")  # fmt: skip
        put(root, f"manuscript/02-more/c{number}.md",
            f'---\nchapter_number: {number + 3}\ntitle: c\nkey_events: ["clay-type-1040"]\n---\n'
            "# c\n\n::: {.event #clay-type-1040}\nx\n:::\n\n`clay-type-1040`\n")  # fmt: skip


def test_rename_of_an_event_used_in_30_places(root: Path, capsys: Capture) -> None:
    many_uses(root)
    assert make_book(root, "refs", "clay-type-1040", "--json") == 0
    uses = json.loads(capsys.readouterr().out)["uses"]
    named = [use for use in uses if use["spelling"] == "id"]
    assert len([use for use in named if not use["definition"]]) >= 30
    before, said = tree(root), findings(root)
    assert make_book(root, "rename", "clay-type-1040", "clay-1040", "--diff") == 1
    shown = capsys.readouterr().out.split("\n")
    assert len([line for line in shown if re.match(r"\+(?!\+)", line)]) == len(named)
    assert make_book(root, "rename", "clay-type-1040", "clay-1040") == 0
    after = tree(root)
    lines = changed_lines(before, after)
    assert len(lines) == len(named)
    assert all("clay-1040" in line for line in lines)
    assert "  - response_to: [clay-1040]  # the first" in after["events/e3.md"]
    assert 'key_events: ["clay-1040"]' in after["manuscript/02-more/c3.md"]
    assert "`clay-type-1040`" in after["manuscript/02-more/c3.md"]
    assert findings(root) == [line.replace("clay-type-1040", "clay-1040") for line in said]
    assert make_book(root, "rename", "clay-1040", "clay-type-1040") == 0
    assert tree(root) == before


def test_rename_keeps_the_old_name_as_an_alias_and_renames_the_file(root: Path) -> None:
    before = tree(root)
    assert make_book(root, "rename", "clay-type-1040", "clay-1040", "--alias", "--file") == 0
    after = tree(root)
    assert "events/clay-type-1040.md" not in after
    assert "event_id: clay-1040\naliases: [clay-type-1040]\n" in after["events/clay-1040.md"]
    assert "(../../events/clay-1040.md)" in after["manuscript/01-press/movable-type.md"]
    assert findings(root) == []
    loaded = index.build(project.load(root))
    found = loaded.resolve("clay-type-1040", ("event",))
    assert found.target and found.target.identifier == "clay-1040" and found.how == "alias"
    assert make_book(root, "undo") == 0
    assert tree(root) == before


@pytest.mark.parametrize(
    ("aliases", "expected"),
    [
        ("aliases: [a, 'b']  # c\n", "aliases: [a, 'b', clay-type-1040]  # c\n"),
        ("aliases: []\n", "aliases: [clay-type-1040]\n"),
        ("aliases:\n", "aliases: [clay-type-1040]\n"),
        ("aliases:\n  - a\n  - b # c\n", "aliases:\n  - a\n  - b # c\n  - clay-type-1040\n"),
        ("aliases:\n- a\n", "aliases:\n- a\n- clay-type-1040\n"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_aliases_take_the_style_of_what_is_there(
    root: Path, aliases: str, expected: str, ending: str
) -> None:
    path = root / "events" / "clay-type-1040.md"
    text = path.read_text("utf-8").replace("date:", f"{aliases}date:", 1)
    path.write_bytes(text.replace("\n", ending).encode())
    assert make_book(root, "rename", "clay-type-1040", "clay-1040", "--alias") == 0
    wanted = text.replace(aliases, expected).replace("event_id: clay-type", "event_id: clay")
    assert path.read_bytes() == wanted.replace("\n", ending).encode()


def test_rename_of_a_citation_key(root: Path) -> None:
    bib = root / "bibliography" / "references.bib"
    more = "@inbook{part1, crossref = {weber2006}, title = {x}, pages = {1}}\n"
    bib.write_text(bib.read_text("utf-8") + more, "utf-8")
    cited = "[-@weber2006, p. 3; @{weber2006}] @weber2006"
    put(root, "manuscript/01-press/x.md", f"# x\n\n{cited} `@weber2006`\n")
    assert make_book(root, "rename", "@weber2006", "weber:2006") == 0
    after = tree(root)
    assert "@article{weber:2006," in after["bibliography/references.bib"]
    assert "crossref = {weber:2006}" in after["bibliography/references.bib"]
    assert "  - weber:2006\n" in after["events/relation-1605.md"]
    cited = cited.replace("weber", "weber:")
    assert after["manuscript/01-press/x.md"] == f"# x\n\n{cited} `@weber2006`\n"


def test_rename_of_a_csl_key(root: Path) -> None:
    put(root, "bibliography/more.json", '[{"id": "li2020", "type": "book", "title": "x"}]\n')
    config = (root / "book.yaml").read_text("utf-8")
    put(root, "book.yaml", f"{config}bibliography: bibliography/*\n")
    put(root, "manuscript/01-press/x.md", "# x\n\n[@li2020]\n")
    assert make_book(root, "rename", "li2020", "li2021") == 0
    assert '"id": "li2021"' in (root / "bibliography/more.json").read_text("utf-8")
    assert "[@li2021]" in (root / "manuscript/01-press/x.md").read_text("utf-8")


def test_rename_of_a_chapter_writes_its_first_identifier(root: Path) -> None:
    said = findings(root)
    assert make_book(root, "rename", "newspapers", "papers") == 0
    after = tree(root)
    assert after["manuscript/01-press/newspapers.md"].startswith("---\nchapter_id: papers\n")
    assert "chapter_id: papers\n" in after["events/relation-1605.md"]
    assert findings(root) == said


def test_rename_of_an_anchor(root: Path) -> None:
    assert make_book(root, "rename", "fig-press", "fig-mainz") == 0
    text = (root / "manuscript/01-press/movable-type.md").read_text("utf-8")
    assert "{#fig-mainz}" in text and "[后文](#fig-mainz)" in text


def test_rename_keeps_other_spellings(root: Path) -> None:
    assert make_book(root, "rename", "mainz-workshop", "mainz") == 0
    after = tree(root)
    assert "organization: Mainz Workshop" in after["events/relation-1605.md"]
    assert "key_organizations: [mainz]" in after["manuscript/01-press/movable-type.md"]


@pytest.mark.parametrize(
    "words",
    [
        ("clay-type-1040", "relation-1605"),
        ("clay-type-1040", "weekly-news"),
        ("clay-type-1040", "two words"),
        ("clay-type-1040", "a/b"),
        ("clay-type-1040", "clay-type-1040"),
        ("nobody", "x"),
        ("01-press", "02-press"),
        ("@weber2006", "Shen1088"),
        ("@weber2006", "w", "--alias"),
        ("fig-press", "tbl-type"),
        ("movable-type", "x"),
        ("clay-type-1040", "x", "--kind", "concept"),
    ],
)
def test_rename_refuses(root: Path, words: tuple[str, ...], capsys: Capture) -> None:
    before = tree(root)
    assert make_book(root, "rename", *words) == 2
    assert tree(root) == before
    assert "help:" in capsys.readouterr().err


# ---- refs and graph -------------------------------------------------------------------------


def test_refs_lists_every_use_with_its_place(root: Path, capsys: Capture) -> None:
    assert make_book(root, "refs", "Mainz Workshop") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "events/relation-1605.md:6:15  organization  Mainz Workshop" in lines
    assert lines[-1].startswith("organization mainz-workshop: ")
    assert make_book(root, "refs", "@weber2006") == 0
    assert "bibliography/references.bib:17:10  bibliography (defined here)  weber2006" in (
        capsys.readouterr().out
    )
    assert make_book(root, "refs", "clay-typ-1040") == 2
    assert "did you mean `clay-type-1040`?" in capsys.readouterr().err


@pytest.mark.parametrize("of", ["causes", "references"])
@pytest.mark.parametrize("suffix", ["json", "dot", "graphml", "svg"])
def test_graph_formats(root: Path, of: str, suffix: str, tmp_path: Path) -> None:
    card = root / "events" / "clay-type-1040.md"
    title = r"""title: '"<&>\\\\" \\\\'"""
    card.write_text(re.sub(r"(?m)^title: .*", title, card.read_text("utf-8")), "utf-8")
    target = tmp_path / f"out.{suffix}"
    assert make_book(root, "graph", "--of", of, "-o", str(target)) == 0
    text = target.read_text("utf-8")
    if suffix == "json":
        data = json.loads(text)
        known = {node["id"] for node in data["nodes"]}
        assert data["edges"] and all({e["source"], e["target"]} <= known for e in data["edges"])
    elif suffix == "dot":
        assert text.count("->") > 0 and text.count("{") == text.count("}")
    else:
        assert ElementTree.fromstring(text) is not None


def test_graph_marks_what_the_dates_deny(root: Path, capsys: Capture) -> None:
    card = root / "events" / "mainz-press-1450.md"
    card.write_text(card.read_text("utf-8").replace("1450", "1700"), "utf-8")
    assert make_book(root, "graph") == 0
    edges = json.loads(capsys.readouterr().out)["edges"]
    assert any(edge["contradicted"] for edge in edges) or not edges


def test_graph_never_overwrites_a_source(root: Path) -> None:
    target = root / "events" / "relation-1605.md"
    before = target.read_bytes()
    assert make_book(root, "graph", "-o", str(target)) == 2
    assert target.read_bytes() == before
