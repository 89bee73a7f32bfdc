"""A manuscript broken on purpose: what has one possible target is mended, the rest is left."""

from collections import Counter
from pathlib import Path

import pytest
from author import git

from pipeline import checker, cli, index, project
from pipeline.document import Link

CARD = "---\nevent_id: {id}\ndate: {date}\ntitle: 事件{id}\n---\n# 事件{id} ({date})\n\n{body}\n"
CHAPTER = (
    "---\nchapter_number: {number}\ntitle: {name}\nkey_events: [{events}]\n---\n"
    "# 第{number}章 {name}\n\n{body}\n"
)
NUMBERS = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper")


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def links(*paths: str) -> str:
    return "\n\n".join(f"见[{path}]({path})。" for path in paths)


def write(root: Path) -> None:
    """Twenty cards in two folders, ten chapters in two; their file names are not their ids."""
    put(root, "book.yaml", "title: t\n")
    for year, folder in ((2020, "early"), (2021, "late")):
        for tree in NUMBERS:
            name = f"{tree}-{year}"
            text = CARD.format(id=f"{name}-id", date=year, body="正文。" * 20)
            put(root, f"events/{folder}/{name}-card.md", text)
    moved = [f"../../events/early/{tree}-2020-card.md" for tree in NUMBERS]
    deep = [f"../../../../events/late/{tree}-2021-card.md" for tree in NUMBERS]
    by_stem = [f"../cards/{tree}-2021-card.md" for tree in NUMBERS]
    for number, tree in enumerate(NUMBERS, 1):
        part = "01-a" if number <= 5 else "02-b"
        body = links(moved[number - 1], deep[number - 1], by_stem[number - 1])
        events = f"{tree}-2020-card, {tree}-2021-id"
        text = CHAPTER.format(number=number, name=f"{tree}章", events=events, body=body)
        put(root, f"manuscript/{part}/{tree}.md", text)


def break_it(root: Path) -> None:
    """80 dead links, 50 of which have one possible target."""
    write(root)
    back = [f"../../manuscript/01-a/{tree}.md" for tree in NUMBERS[:5]]
    for tree in NUMBERS[:4]:  # 20 links into a folder that git sees move
        card = root / "events" / "late" / f"{tree}-2021-card.md"
        card.write_text(card.read_text("utf-8") + "\n" + links(*back) + "\n", "utf-8")
    for folder in ("x", "y"):  # two files of one name
        for tree in NUMBERS:
            put(root, f"notes/{folder}/{tree}-note.md", f"# {folder} {tree}\n")
        put(root, f"notes/{folder}/README.md", f"# {folder}\n")
    unknown = [f"nowhere-{tree}/quite-unknown-{tree * 2}.md" for tree in NUMBERS]
    twins = [f"../old/{tree}-note.md" for tree in NUMBERS]
    indexes = [f"../gone-{tree}/README.md" for tree in NUMBERS[:5]]
    typos = [f"../misc/{tree}-2021-crad.md" for tree in NUMBERS[5:]]
    body = links(*unknown, *twins, *indexes, *typos)
    last = CHAPTER.format(number=11, name="末章", events="", body=body)
    put(root, "manuscript/03-c/last.md", last)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    (root / "events" / "archive").mkdir()
    (root / "events" / "early").rename(root / "events" / "archive" / "early")
    git(root, "mv", "manuscript/01-a", "manuscript/01-alpha")


def dead(root: Path) -> list[tuple[str, str]]:
    """(path, destination) of every link that leads nowhere."""
    loaded = index.build(project.load(root))
    return [
        (document.path, link.destination)
        for document, link, target in loaded.links()
        if target.where in ("missing", "outside")
    ]


def all_links(root: Path) -> list[tuple[str, Link]]:
    loaded = index.build(project.load(root))
    return [(document.path, link) for document, link, _ in loaded.links()]


def codes(root: Path) -> Counter[str]:
    found = checker.check(index.build(project.load(root)))
    return Counter(item.code for item in found.active)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    break_it(tmp_path)
    return tmp_path


def test_safe_fixes_mend_exactly_what_has_one_target(root: Path) -> None:
    before, links_before, codes_before = dead(root), all_links(root), codes(root)
    text_before = {path: path.read_bytes() for path in root.rglob("*.md")}
    assert len(before) == 80
    assert codes_before["LK001"] == 80
    assert codes_before["ID004"] == 10
    assert cli.main(["-C", str(root), "fix", "--select", "LK001,ID004"]) == 1
    after = dead(root)
    assert len(after) == 30
    assert {path for path, _ in after} == {"manuscript/03-c/last.md"}
    assert codes(root)["LK001"] == 30
    assert codes(root)["ID004"] == 0
    changed = [
        (old.destination, new.destination)
        for (path, old), (other, new) in zip(links_before, all_links(root), strict=True)
        if path == other and old.destination != new.destination
    ]
    assert len(changed) == 50
    for old, new in changed:
        assert Path(old).name == Path(new).name
    assert cli.main(["-C", str(root), "fix", "--select", "LK001,ID004", "--diff"]) == 0
    assert cli.main(["-C", str(root), "undo"]) == 0
    assert {path: path.read_bytes() for path in root.rglob("*.md")} == text_before


def test_guesses_are_made_only_when_asked_for(root: Path) -> None:
    assert cli.main(["-C", str(root), "fix", "--select", "LK001", "--unsafe"]) == 1
    left = [destination for _, destination in dead(root)]
    assert len(left) < 30
    assert all("crad" not in destination for destination in left)
    assert sum("quite-unknown" in destination for destination in left) == 10
    assert sum("-note" in destination for destination in left) == 10


def test_all_safe_fixes_together_leave_nothing_safe_to_do(root: Path) -> None:
    cli.main(["-C", str(root), "fix"])
    assert cli.main(["-C", str(root), "fix", "--diff"]) == 0
