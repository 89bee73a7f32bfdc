"""Fixes: chosen without overlap, applied byte for byte, until nothing changes."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from pipeline import cli, fixer
from pipeline.changes import patch
from pipeline.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from pipeline.fixer import View
from pipeline.source import BOM, Source

SAFE, UNSAFE, DISPLAY = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY


def finding(*edits: Edit, kind: Applicability = SAFE, code: str = "XX001") -> Diagnostic:
    """A diagnostic at its first edit."""
    place = edits[0]
    return Diagnostic(
        code, "x", Severity.ERROR, place.path, 1, place.start + 1, 1, place.end + 1, "message",
        fix=Fix(tuple(edits), kind),
    )  # fmt: skip


def edit(start: int, end: int, text: str, path: str = "a.md") -> Edit:
    return Edit(path, start, end, text)


def sources(**texts: bytes) -> dict[str, Source]:
    return {f"{name}.md": Source(f"{name}.md", data) for name, data in texts.items()}


def chosen(*found: Diagnostic, unsafe: bool = False, **texts: bytes) -> list[Fix]:
    view = View(found, sources(**(texts or {"a": b"0123456789"})))
    return [fix for _, fix in fixer.choose(view, unsafe=unsafe)]


# ---- choosing -------------------------------------------------------------------------------


def test_fixes_that_overlap_wait() -> None:
    one, two, three = (finding(edit(*span)) for span in ((0, 3, "a"), (2, 4, "b"), (3, 5, "c")))
    assert chosen(two, three, one) == [one.fix, three.fix]


def test_insertions_that_touch_wait() -> None:
    one, two = finding(edit(3, 3, "a"), code="XX001"), finding(edit(3, 3, "b"), code="XX002")
    assert chosen(two, one) == [one.fix]
    assert len(chosen(finding(edit(1, 3, "a")), two)) == 1


def test_a_twin_is_made_once() -> None:
    twice = [finding(edit(3, 3, "a"), code="XX001"), finding(edit(3, 3, "a"), code="XX002")]
    view = View(tuple(twice), sources(a=b"0123456789"))
    fixes = [fix for _, fix in fixer.choose(view)]
    assert dict(fixer.apply(view.sources, fixes)) == {"a.md": b"012a3456789"}


def test_safe_fixes_go_first_and_unsafe_ones_are_asked_for() -> None:
    guess, sure = finding(edit(0, 5, "x"), kind=UNSAFE), finding(edit(4, 6, "y"))
    shown = finding(edit(8, 9, "z"), kind=DISPLAY)
    assert chosen(guess, sure, shown) == [sure.fix]
    assert chosen(guess, sure, shown, unsafe=True) == [sure.fix]
    assert chosen(guess, shown, unsafe=True) == [guess.fix]


def test_a_fix_is_made_whole_or_not_at_all() -> None:
    first = finding(edit(0, 1, "x"))
    wide = finding(edit(5, 6, "y"), edit(0, 1, "z", "b.md"), edit(0, 1, "w"))
    assert chosen(first, wide, a=b"0123456789", b=b"01") == [first.fix]
    assert chosen(finding(edit(0, 1, "x", "gone.md"), edit(0, 1, "y"))) == []
    assert chosen(finding(edit(9, 11, "x"))) == []
    assert chosen(finding(edit(3, 4, "3"))) == []


def test_suppressed_findings_are_not_fixed() -> None:
    item = finding(edit(0, 1, "x"))
    quiet = Diagnostic(
        **{name: getattr(item, name) for name in item.__slots__} | {"suppressed": "why"}
    )
    assert chosen(quiet) == []


# ---- applying: properties ---------------------------------------------------------------------

PIECES = st.sampled_from(["a", "，", "e\u0301", "\r\n", "\n", "\r", "\u2028", "\ufeff", "𠮷", " "])
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@st.composite
def edited_sources(draw: st.DrawFn) -> tuple[Source, list[Edit]]:
    """A file with any line ends, a mark or bad bytes, and edits that do not overlap."""
    data = draw(TEXTS).encode() + draw(st.binary(max_size=6)) + draw(TEXTS).encode()
    source = Source("a.md", (BOM if draw(st.booleans()) else b"") + data)
    marks = sorted(draw(st.sets(st.integers(0, len(source.text)), max_size=8)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return source, [Edit("a.md", start, end, draw(TEXTS)) for start, end in pairs]


def apply_keeps_the_rest(case: tuple[Source, list[Edit]]) -> None:
    source, edits = case
    data = fixer.edited(source, edits)
    assert data.startswith(BOM) or not source.bom
    position = len(BOM) if source.bom else 0
    offset = 0
    for item in edits:
        kept = source.text[offset : item.start].encode("utf-8", "surrogateescape")
        assert data[position : position + len(kept)] == kept
        new = item.text.encode()
        assert data[position + len(kept) : position + len(kept) + len(new)] == new
        position += len(kept) + len(new)
        offset = item.end
    assert data[position:] == source.text[offset:].encode("utf-8", "surrogateescape")


@given(edited_sources())
@settings(max_examples=200)
def test_outside_the_edits_not_one_byte_differs(case: tuple[Source, list[Edit]]) -> None:
    apply_keeps_the_rest(case)


@pytest.mark.full
@given(edited_sources())
@settings(max_examples=10_000, deadline=None)
def test_outside_the_edits_not_one_byte_differs_10000(case: tuple[Source, list[Edit]]) -> None:
    apply_keeps_the_rest(case)


def chosen_fixes_fit(fixes: list[list[tuple[int, int, str]]]) -> None:
    found = [
        finding(*(edit(min(s, e), max(s, e), text) for s, e, text in spans), code=f"XX{place:03}")
        for place, spans in enumerate(fixes)
    ]
    texts = {"a": b"0123456789"}
    once = chosen(*found, **texts)
    assert once == chosen(*reversed(found), **texts)
    view = View(tuple(found), sources(**texts))
    assert {path for path, _ in fixer.apply(view.sources, once)} <= {"a.md"}
    taken = {item for fix in once for item in fix.edits}
    for one in taken:
        for two in taken - {one}:
            assert one.end <= two.start or two.end <= one.start


SPANS = st.lists(
    st.tuples(st.integers(0, 10), st.integers(0, 10), st.sampled_from(["", "x"])),
    min_size=1, max_size=3,
)  # fmt: skip


@given(st.lists(SPANS, max_size=8))
@settings(max_examples=200)
def test_chosen_fixes_fit_together(fixes: list[list[tuple[int, int, str]]]) -> None:
    chosen_fixes_fit(fixes)


@pytest.mark.full
@given(st.lists(SPANS, max_size=8))
@settings(max_examples=10_000, deadline=None)
def test_chosen_fixes_fit_together_10000(fixes: list[list[tuple[int, int, str]]]) -> None:
    chosen_fixes_fit(fixes)


# ---- rounds ---------------------------------------------------------------------------------


class Replacing:
    """A check that finds words, and fixes each by another."""

    def __init__(self, table: Mapping[str, str], **texts: bytes) -> None:
        self.table, self.texts = table, texts

    def __call__(self, replaced: Mapping[str, bytes]) -> View:
        now = sources(**self.texts)
        now |= {path: Source(path, data) for path, data in replaced.items()}
        found = [
            finding(Edit(path, at, at + len(old), new))
            for path, source in now.items()
            for old, new in self.table.items()
            if (at := source.text.find(old)) >= 0
        ]
        return View(tuple(found), now)


def test_rounds_end_when_nothing_changes() -> None:
    outcome = fixer.mend(Replacing({"a": "b", "b": "cc"}, x=b"aba", y=b"-"))
    assert outcome.after == {"x.md": b"cccccc"}
    assert outcome.before == {"x.md": b"aba"}
    assert outcome.settled
    assert outcome.codes == {"XX001": 5}


def test_fixes_that_undo_each_other_end() -> None:
    outcome = fixer.mend(Replacing({"a": "b", "b": "a"}, x=b"a"))
    assert not outcome.settled


def test_a_fix_that_always_finds_more_ends() -> None:
    assert not fixer.mend(Replacing({"a": "aa"}, x=b"a")).settled


def test_only_files_that_were_asked_for_change() -> None:
    look = Replacing({"a": "b"}, x=b"a", y=b"a")
    assert set(fixer.mend(look, only={"y.md"}).after) == {"y.md"}


# ---- the diff -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n"),
        (b"a\r\nb\r\n", b"a\r\nB\r\n"),
        (b"a\nb", b"a\nB"),
        (b"a\nb", b"a\nb\n"),
        (BOM + b"a\n", BOM + b"b\n"),
        (b"a\xff\n", b"b\xff\n"),
        (b"a\rb\r", b"a\rc\r"),
        ("é\u2028x\n".encode(), "é\u2028y\n".encode()),
    ],
)
@pytest.mark.parametrize("name", ["a.md", "甲 乙.md", 'q"uo\\te.md', "e\u0301.md"])
def test_git_applies_the_diff(tmp_path: Path, name: str, before: bytes, after: bytes) -> None:
    (tmp_path / name).write_bytes(before)
    text = patch.of_file(name, before, after)
    done = subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, capture_output=True,
        input=text.encode("utf-8", "surrogateescape"), check=False,
    )  # fmt: skip
    assert done.stderr == b""
    assert (tmp_path / name).read_bytes() == after


# ---- the command ----------------------------------------------------------------------------

BOOK = {
    "book.yaml": "title: t\n",
    "manuscript/one.md": "---\ntitle: 一\n---\n# 一\n\n[二](../../manuscript/two.md)\n",
    "manuscript/two.md": "---\ntitle: 二\n---\n# 二\n\n[一](one.md)\n",
}


def book(folder: Path, **changed: bytes) -> Path:
    for path, text in BOOK.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(changed.get(Path(path).stem, text.encode()))
    return folder


def command(root: Path, *words: str) -> int:
    return cli.main(["-C", str(root), *words])


def forms(text: str) -> list[bytes]:
    """A text with CRLF, a byte order mark, mixed line ends, no last line end."""
    crlf = text.replace("\n", "\r\n")
    mixed = text.replace("\n", "\r\n", 4)
    return [
        text.encode(),
        crlf.encode(),
        BOM + crlf.encode(),
        mixed.encode(),
        text.rstrip().encode(),
    ]


@pytest.mark.parametrize("form", range(5))
def test_fix_keeps_the_form_of_a_file(tmp_path: Path, form: int) -> None:
    before = forms(BOOK["manuscript/one.md"])[form]
    root = book(tmp_path, one=before)
    one = root / "manuscript" / "one.md"
    assert command(root, "fix", "--select", "LK001") == 0
    assert one.read_bytes() == before.replace(b"../../manuscript/two.md", b"two.md")
    assert command(root, "fix", "--diff", "--select", "LK001") == 0
    assert command(root, "undo") == 0
    assert one.read_bytes() == before


def test_a_name_in_decomposed_form_is_kept(tmp_path: Path) -> None:
    root = book(tmp_path)
    name = "cafe\u0301.md"
    (root / "manuscript" / name).write_text("# x\n\n[二](../../manuscript/two.md)\n", "utf-8")
    assert command(root, "fix", "--select", "LK001") == 0
    assert [path.name for path in (root / "manuscript").iterdir() if "caf" in path.name] == [name]
    assert "(two.md)" in (root / "manuscript" / name).read_text("utf-8")


def test_diff_writes_nothing_and_says_1(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    root = book(tmp_path)
    assert command(root, "fix", "--diff", "--select", "LK001") == 1
    assert not (root / ".make-book").exists()
    text = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "-"], cwd=root, input=text, check=True)
    assert command(root, "fix", "--diff", "--select", "LK001") == 0


def test_paths_limit_what_is_changed(tmp_path: Path) -> None:
    root = book(tmp_path, two=b"# x\n\n[a](../../manuscript/one.md)\n")
    assert command(root, "fix", str(root / "manuscript" / "two.md"), "--select", "LK001") == 0
    assert b"../.." in (root / "manuscript" / "one.md").read_bytes()
    assert b"(one.md)" in (root / "manuscript" / "two.md").read_bytes()


def test_errors_that_are_left_make_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = book(tmp_path, two=b"# x\n\n[a](nowhere-at-all.md)\n")
    assert command(root, "fix", "--select", "LK001") == 1
    heard = capsys.readouterr()
    assert "manuscript/two.md:3:5 LK001" in heard.out
    assert "changed 1 file: 1 fix (LK001 1)" in heard.err


def test_a_symbolic_link_is_fixed_once(tmp_path: Path) -> None:
    root = book(tmp_path)
    (root / "manuscript" / "part").mkdir()
    (root / "manuscript" / "part" / "soft.md").symlink_to("../one.md")
    command(root, "fix", "--select", "LK001")
    assert (root / "manuscript" / "part" / "soft.md").is_symlink()
    assert b"(two.md)" in (root / "manuscript" / "one.md").read_bytes()
