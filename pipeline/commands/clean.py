"""Remove what builds have made: the output folder and the cache. Sources are never touched."""

import argparse
import shutil

from pipeline import building, session, state
from pipeline.config import OUTPUT, STATE
from pipeline.errors import Exit

NAME = "clean"
HELP = "remove outputs and cache"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`make-book clean` takes no words."""


def run(options: argparse.Namespace) -> int:
    """Remove `build/` and the cache."""
    root = session.root(options)
    state.refuse_link(root / STATE)
    for path in (root / OUTPUT, root / STATE / "cache"):
        if path.is_dir() and not path.is_symlink():
            taken = sum(item.lstat().st_size for item in path.rglob("*"))
            shutil.rmtree(path)
            print(f"removed {path.relative_to(root)}  {building.size(taken)}")
    return Exit.CLEAN
