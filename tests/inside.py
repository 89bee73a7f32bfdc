"""Runs `make-book` within the process of the test: for the many short commands of one book."""

import contextlib
import io
import os
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from pipeline import cli


def make_book(root: Path, *words: str, **environment: str) -> CompletedProcess[str]:
    """As `author.make_book`, without a new Python."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    with (
        contextlib.chdir(root),
        mock.patch.dict(os.environ, environment),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        code = cli.main(["-C", str(root), *words])
    texts = []
    for stream in streams:
        stream.flush()
        stream.seek(0)
        texts.append(stream.read())
    return CompletedProcess(words, code, *texts)
