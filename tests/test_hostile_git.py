"""Repositories whose configuration and attributes name programs: none of them is ever run."""

import os
import subprocess
from pathlib import Path

import books
import pytest
from author import git, make_book

from pipeline import revisions

PROGRAMS = (
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "filter.a=b.clean",
    "diff.evil.textconv", "diff.evil.command", "diff.external", "core.fsmonitor",
    "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "gpg.program", "gpg.ssh.program", "credential.helper",
    "alias.diff", "alias.ls-files", "alias.log", "alias.show", "tar.tar.command", "pager.diff",
    "pager.log", "uploadpack.packObjectsHook", "merge.evil.driver", "trailer.x.command",
)  # fmt: skip
SETTINGS = {
    "log.showSignature": "true",
    "filter.evil.required": "true",
    "remote.origin.promisor": "true",
    "extensions.partialClone": "origin",
    "submodule.recurse": "true",
    "protocol.ext.allow": "always",
}
HOOKS = ("post-index-change", "pre-commit", "reference-transaction", "post-checkout", "fsmonitor")
ATTRIBUTES = "* filter=evil diff=evil merge=evil export-subst\n*.yaml filter=a=b\n"
CHAPTER = "---\ntitle: {0}\n---\n\n# {0}\n\n$Format:%G?%(trailers)$ 见[无](none.md)。\n"

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.org")

COMMANDS = {
    "check": ("check",),
    "check of what is staged": ("check", "--staged", "--only-new"),
    "check since": ("check", "--since", "HEAD"),
    "mv": ("mv", "manuscript/b.md", "manuscript/e.md"),
    "fix": ("fix", "--diff"),
    "report": ("report", "--since", "HEAD"),
    "summary": ("report", "--format", "markdown", "--since", "HEAD", "--pages"),
    "build": ("build", "html"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book in git with an edit, a rename and a file that is gone, and programs everywhere."""
    names = ("a", "b", "c", "d")
    files = {f"manuscript/{name}.md": CHAPTER.format(name) for name in names}
    root = books.write(tmp_path / "book", {"book.yaml": "title: 书\nslug: b\n", **files})
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    git(root, "mv", "manuscript/a.md", "manuscript/z.md")
    books.write(root, {"manuscript/b.md": CHAPTER.format("b") + "\n新。\n", "new.md": "新\n"})
    (root / "manuscript/c.md").unlink()
    marks = tmp_path / "marks"
    marks.mkdir()
    books.write(root, {".gitattributes": ATTRIBUTES, ".git/info/attributes": ATTRIBUTES})
    for name in PROGRAMS:
        git(root, "config", name, f"touch '{marks}/{name}' && cat")
    for name, value in SETTINGS.items():
        git(root, "config", name, value)
    git(root, "config", "remote.origin.url", f"ext::touch {marks}/remote")
    for hook in HOOKS:
        path = root / ".git/hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch '{marks}/hook-{hook}'\n", "utf-8")
        path.chmod(0o755)
    for path in root.rglob("*.md"):
        os.utime(path, (1_000_000_000, 1_000_000_000))  # so that git looks at the bytes
    return root


def marks(root: Path) -> list[str]:
    """What was run."""
    return sorted(path.name for path in (root.parent / "marks").iterdir())


@pytest.mark.parametrize(
    "name",
    [
        *list(COMMANDS)[:3],
        *(pytest.param(name, marks=pytest.mark.full) for name in list(COMMANDS)[3:]),
    ],
)
def test_no_program_of_a_repository_is_run(root: Path, name: str) -> None:
    index = (root / ".git/index").read_bytes()
    done = make_book(root, *COMMANDS[name])
    assert (root / ".git/index").read_bytes() == index
    assert marks(root) == []
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr


def test_the_ground_is_hostile(root: Path) -> None:
    subprocess.run(["git", "diff", "--raw", "HEAD"], cwd=root, capture_output=True, check=False)
    assert marks(root) != []


def test_what_is_staged_is_known_all_the_same(root: Path) -> None:
    (root / "manuscript/d.md").write_text(CHAPTER.format("d").replace("none", "other"), "utf-8")
    said = make_book(root, "check", "--staged", "--select", "LK", "--format", "concise").stdout
    assert "manuscript/d.md:7:" in said
    assert "none.md" in said
    assert "other.md" not in said


def test_a_tree_that_climbs_out_brings_nothing(root: Path, tmp_path: Path) -> None:
    """Git itself refuses to make such a tree, but not to read it."""

    def made(*words: str, data: bytes = b"") -> str:
        command = ["git", *IDENTITY, *words]
        done = subprocess.run(command, cwd=root, input=data, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def tree(*entries: tuple[bytes, str]) -> str:
        data = b"".join(about + b"\0" + bytes.fromhex(name) for about, name in entries)
        return made("hash-object", "-w", "-t", "tree", "--literally", "--stdin", data=data)

    blob = made("hash-object", "-w", "--no-filters", "book.yaml")
    inner = tree(*((b"100644 " + name, blob) for name in (b".config", b"fine.md")))
    outer = tree(*((b"40000 " + name, inner) for name in (b"..", b".git", b"x")))
    commit = made("commit-tree", "-m", "x", outer)
    (tmp_path / "out").mkdir()
    revisions.extract(root, commit, tmp_path / "out")
    found = [path for path in tmp_path.rglob("*.md") if not path.is_relative_to(root)]
    assert found == [tmp_path / "out/x/fine.md"]
    assert not (tmp_path / "fine.md").exists()


@pytest.mark.parametrize("worktree", ["", "/"])
def test_hooks_are_written_to_the_repository_alone(
    root: Path, tmp_path: Path, worktree: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    git(root, "config", "core.hooksPath", str(elsewhere))
    if worktree:
        git(root, "config", "core.worktree", worktree)
    done = make_book(root, "init", "--hooks")
    assert done.returncode == 2, done.stdout
    assert "outside of this repository" in done.stderr
    assert list(elsewhere.iterdir()) == []


def test_hooks_may_be_in_the_book(root: Path) -> None:
    git(root, "config", "core.hooksPath", ".hooks")
    done = make_book(root, "init", "--hooks")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (root / ".hooks").iterdir()) == ["pre-commit", "pre-push"]
