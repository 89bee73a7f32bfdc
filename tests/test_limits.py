"""Every limit of `limits:` holds: what exceeds it is named with its place and the setting."""

import json
import struct
import zlib
from pathlib import Path

import books
import pytest

from pipeline import cli, config, images, schema
from pipeline.front_matter import LIMITS
from pipeline.paper import workers
from pipeline.process import Limits

RULES = schema.default("book.schema.json")["properties"]["limits"]["properties"]


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


CHAPTER = """\
---
chapter_number: 1
title: 一个相当长的题目
tags: [[[a]], b, c, d]
---

# 一个相当长的题目

图在这里：![图](picture.png)，说明也在这里，[[再里]]一层。

> > 两层
"""
A = "manuscript/a.md"

# The limit, a value that the book exceeds, the command, and where it must be said.
EXCEEDED = [
    ("file_bytes", 100, "check", f"{A}:1:1 FM008 "),
    ("line_characters", 22, "check", f"{A}:4:1 FM008 "),
    ("block_depth", 1, "check", f"{A}:11:5 CH010 "),
    ("bracket_depth", 1, "check", f"{A}:9:32 CH010 "),
    ("image_bytes", 50, "check", f"{A}:9:11 LK009 "),
    ("image_pixels", 99, "check", f"{A}:9:11 LK009 "),
    ("yaml_size", 40, "check", f"{A}:2:1 FM002 "),
    ("yaml_depth", 2, "check", f"{A}:4:8 FM002 "),
    ("yaml_nodes", 4, "check", f"{A}:3:8 FM002 "),
    ("yaml_scalar", 5, "check", f"{A}:3:8 FM002 "),
    ("chapter_seconds", 0.001, "build html", f"{A}: it takes longer than 0.001 seconds"),
    ("chapter_megabytes", 32, "build html", f"{A}: it needs more than 32 megabytes"),
    (
        "layout_seconds",
        0.001,
        "build pdf",
        " cannot be laid out: it takes longer than 0.001 seconds",
    ),
]


def book(root: Path, limits: dict[str, float]) -> Path:
    """A chapter with a picture; `limits` as the book sets them."""
    books.write(root, {"book.yaml": f"title: t\nlimits: {json.dumps(limits)}\n", A: CHAPTER})
    (root / "manuscript" / "picture.png").write_bytes(_png(10, 10))
    return root


def said(root: Path, command: str, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that a command prints."""
    assert cli.main(["-C", str(root), *command.split()]) in (0, 1, 2)
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err
    return (captured.out + captured.err).splitlines()


def test_every_limit_is_tried() -> None:
    elsewhere = {"layout_megabytes", "cache_megabytes"}  # below, and in test_cache
    assert {name for name, *_ in EXCEEDED} | elsewhere == set(RULES)


def test_the_memory_of_a_layout_is_limited() -> None:
    limit = {"layout_seconds": 60.0, "layout_megabytes": 1500.0}.__getitem__
    task = workers.Task("a", lambda: bytes(2 << 30))
    (answer,) = workers.run([task], 1, Limits.of("layout", limit))
    assert answer.error == "it needs more than 1500 megabytes (limits.layout_megabytes)"


@pytest.mark.parametrize(
    ("name", "value", "command", "place"), EXCEEDED, ids=[row[0] for row in EXCEEDED]
)
def test_what_exceeds_a_limit_is_said_with_its_setting(
    tmp_path: Path, capfd: pytest.CaptureFixture[str],
    name: str, value: float, command: str, place: str,
) -> None:  # fmt: skip
    lines = said(book(tmp_path / "low", {name: value}), command, capfd)
    at = next(at for at, line in enumerate(lines) if place in line)
    assert f"limits.{name}" in "\n".join(lines[at : at + 4])
    if command == "check":
        lines = said(book(tmp_path / "plain", {}), command, capfd)
        assert not any("limits." in line for line in lines)


def test_a_chapter_that_takes_too_long_to_lay_out_is_named_and_the_last_good_book_stands(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = book(tmp_path, {})
    assert cli.main(["-C", str(root), "build", "pdf", "html", "-q"]) == 0
    before = {path: path.read_bytes() for path in (root / "build").rglob("*") if path.is_file()}
    (root / A).write_text(CHAPTER + "\n新的一段。\n", "utf-8")
    books.write(root, {"book.yaml": "title: t\nlimits: {layout_seconds: 0.01}\n"})
    capfd.readouterr()
    assert cli.main(["-C", str(root), "build", "pdf", "html", "-q"]) == 2
    said = capfd.readouterr().err.splitlines()
    told = "it takes longer than 0.01 seconds (limits.layout_seconds)"
    assert said[0] == f"make-book: {A} cannot be laid out: {told}"
    assert "book.yaml" in said[1]
    after = {path: path.read_bytes() for path in (root / "build").rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("name", RULES)
def test_a_book_cannot_set_a_limit_beyond_its_bounds(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    lines = said(book(tmp_path, {name: RULES[name]["maximum"] + 1}), "check", capfd)
    assert lines[0].startswith("make-book: book.yaml:2:")
    assert str(RULES[name]["maximum"]) in lines[0].replace(",", "")


def test_an_unknown_limit_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = said(book(tmp_path, {"file_byte": 1}), "check", capfd)
    assert lines[0].startswith("make-book: book.yaml:2:")
    assert "file_bytes" in " ".join(lines)


def test_the_schema_tells_the_defaults() -> None:
    told = {name: rule["default"] for name, rule in RULES.items()}
    yaml = {name: getattr(LIMITS, name) for name in ("size", "depth", "nodes", "scalar")}
    assert told == {**config.LIMITS, **{f"yaml_{name}": size for name, size in yaml.items()}}


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (b"VP8X" + struct.pack("<I", 10) + b"\0" * 4 + b"\x63\0\0\x31\0\0", (100, 50)),
        (b"VP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", 99 | 49 << 14), (100, 50)),
        (b"VP8 " + struct.pack("<I", 10) + b"\0" * 6 + struct.pack("<HH", 100, 50), (100, 50)),
    ],
)
def test_webp_is_measured(tmp_path: Path, body: bytes, size: tuple[int, int]) -> None:
    data = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    (tmp_path / "a.webp").write_bytes(data)
    area = size[0] * size[1]
    bounds = {"image_bytes": 1000.0, "image_pixels": float(area)}
    assert images.vet(tmp_path, "a.webp", bounds.__getitem__)
    bounds["image_pixels"] = area - 1.0
    assert images.vet(tmp_path, "a.webp", bounds.__getitem__) is None
