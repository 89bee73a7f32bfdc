"""Begin a book: write a book.yaml that fits the folder, and say what was assumed.

In a folder that holds Markdown nothing but book.yaml is written; in an empty one a small book
that builds is written beside it.
"""

import argparse
import sys
from pathlib import Path

from pipeline import files, survey
from pipeline.config import FILE
from pipeline.errors import Exit, UserError

NAME = "init"
HELP = "write a book.yaml that fits this folder"

CHAPTER = """\
---
chapter_number: 1
title: 缘起
title_en: How It Began
status: draft
---

# 第1章 缘起

## 引言 (Introduction)

从这里开始写。`make-book`生成PDF和EPUB，`make-book check`列出要改的地方。
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book init`."""
    parser.add_argument("target", nargs="?", metavar="DIR", help="the book's folder")


def run(options: argparse.Namespace) -> int:
    """Write book.yaml; a folder that has one is left alone."""
    root = Path(options.target or options.folder)
    if (root / FILE).exists():
        raise UserError(f"{root / FILE} is there already", hint="edit it, or remove it first")
    root.mkdir(parents=True, exist_ok=True)
    found = survey.survey(root)
    text = "\n".join(survey.to_yaml(found.settings)) + "\n"
    files.write(root / FILE, text.encode())
    print(f"wrote {root / FILE}")
    for line in found.assumptions:
        print(f"  {line}")
    if found.empty:
        chapter = root / "manuscript" / "01-first.md"
        files.write(chapter, CHAPTER.encode())
        print(f"wrote {chapter}")
    print("next: make-book builds it, make-book check says what to mend", file=sys.stderr)
    return Exit.CLEAN
