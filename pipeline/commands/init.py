"""Begin a book: write a book.yaml that fits the folder, and say what was assumed.

In an empty folder a small book that builds is written beside it. In a folder that holds text
already it looks at what is there: kinds of documents by their front matter, titles, bibliographies,
the configuration of an mdBook or of a Quarto book. Today's findings go into baseline.json, so that
`make-book check` begins clean. No other file is touched.

  make-book init                     here
  make-book init my-book --title 海的历史 --author 李明
  make-book init my-book --language en
  make-book init --hooks             git checks each commit, and builds before each push
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeline import checker, files, git, hooks, index, project, skeleton, survey
from pipeline.config import BASELINE, FILE, OUTPUT
from pipeline.errors import Exit, UserError
from pipeline.index import Index
from pipeline.records.formats import language_fault
from pipeline.skeleton import Draft, Wanted
from pipeline.suppression import write_baseline
from pipeline.tree import Tree

NAME = "init"
HELP = "begin a book: write a book.yaml that fits this folder"

IGNORED = f"{OUTPUT}/\n"
FIRST = {"zh": "缘起 (How It Began)", "en": "How It Began"}
NO_FRONT_MATTER = "FM001"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book init`."""
    parser.add_argument("target", nargs="?", metavar="DIR", help="the book's folder; else this one")
    parser.add_argument("--title", metavar="TITLE", help="else from a README, or the folder's name")
    parser.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="repeat it for several"
    )
    parser.add_argument(
        "--language", metavar="TAG", help="zh-Hans, zh-Hant or en; else that of the text"
    )
    parser.add_argument(
        "--hooks", action="store_true", help="write git hooks, in a book that has its book.yaml too"
    )


def run(options: argparse.Namespace) -> int:
    """Write book.yaml; a folder that has one is left alone."""
    root = Path(options.target or options.folder)
    begun = (root / FILE).exists()
    if begun and not options.hooks:
        raise UserError(f"{root / FILE} is there already", hint="edit it, or remove it first")
    if options.language and (fault := language_fault(options.language)):
        raise UserError(f"--language {options.language}: {fault}", hint="for example zh-Hans or en")
    if not begun:
        root.mkdir(parents=True, exist_ok=True)
        _begin(root, options)
    if options.hooks:
        for path in hooks.install(root.resolve()):
            print(f"wrote {path}")
    if not begun:
        print("next: make-book builds it, make-book check says what to mend", file=sys.stderr)
    return Exit.CLEAN


def _begin(root: Path, options: argparse.Namespace) -> None:
    fresh = not Tree(root).listing().files
    found = survey.survey(root)
    asked = {"title": options.title, "authors": options.author, "language": options.language}
    settings = {**found.settings, **{key: value for key, value in asked.items() if value}}
    loaded = _loaded(root, settings)
    if not fresh and _mostly_without_front_matter(loaded):
        settings["rules"] = {NO_FRONT_MATTER: "off"}
        loaded = _loaded(root, settings)
    _write(root / FILE, _text(settings))
    for line in found.assumptions:
        print(f"  {line}")
    if "rules" in settings:
        print(f"  rules: {NO_FRONT_MATTER} is off, as most files have no front matter")
    if found.empty:
        _chapter(root, loaded)
    if fresh:
        _write(root / ".gitignore", IGNORED)
    else:
        _baseline(root, loaded)
        if (root / ".git").exists() and not _ignored(root):
            print(f"  outputs go to {OUTPUT}/: a line for it in .gitignore keeps them out of git")


def _ignored(root: Path) -> bool:
    try:
        git.ask(root, "check-ignore", "--quiet", f"{OUTPUT}/")
    except (git.GitError, UserError):
        return False
    return True


def _text(settings: dict[str, object]) -> str:
    return "\n".join(survey.to_yaml(settings)) + "\n"


def _loaded(root: Path, settings: dict[str, object]) -> Index:
    """The book as it will be with these settings."""
    return index.build(project.load(root.resolve(), {FILE: _text(settings).encode()}))


def _mostly_without_front_matter(loaded: Index) -> bool:
    chapters = [item for item in loaded.documents if item.role == "chapter"]
    return sum(item.front_span is None for item in chapters) * 2 > len(chapters)


def _chapter(root: Path, loaded: Index) -> None:
    """The first chapter of an empty book."""
    kind = next(kind for kind in loaded.config.content if kind.name == "chapter")
    today = datetime.now(UTC).astimezone().date().isoformat()
    wanted = Wanted(FIRST[skeleton.tongue(loaded.project)], date=today, today=today)
    draft = Draft(loaded, kind, wanted)
    _write(root / draft.path, draft.text)


def _baseline(root: Path, loaded: Index) -> None:
    """Keep what is found today as known."""
    found = checker.check(loaded)
    if not found.active:
        return
    _write(root / BASELINE, write_baseline(found.diagnostics))
    count = len(found.active)
    print(
        f"  {count} finding{'s are' if count != 1 else ' is'} known from now on; "
        f"remove {BASELINE} to see them all"
    )


def _write(path: Path, text: str) -> None:
    if path.exists():
        raise UserError(f"{path} is there already", hint="move it away first")
    files.write(path, text.encode())
    print(f"wrote {path}")
