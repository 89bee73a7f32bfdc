"""Changes as a unified diff that `git apply` takes."""

import difflib
import re
from collections.abc import Mapping
from typing import TextIO

from pipeline.clean_text import harmless, is_read_by_a_server

_NO_END = "\\ No newline at end of file\n"


def of_file(path: str, before: bytes | None, after: bytes, new_path: str = "") -> str:
    """The diff of one file, empty where nothing changes; bytes that are no UTF-8 as surrogates."""
    old, new = path, new_path or path
    head = [f"diff --git {_name('a/', old)} {_name('b/', new)}\n"]
    if before is None:
        head.append("new file mode 100644\n")
    elif old != new:
        similarity = 100 if before == after else 90
        head += [f"similarity index {similarity}%\n",
                 f"rename from {_name('', old)}\n", f"rename to {_name('', new)}\n"]  # fmt: skip
    elif before == after:
        return ""
    source = "/dev/null" if before is None else _name("a/", old)
    body = difflib.unified_diff(
        _lines(before or b""), _lines(after), source + _tab(old), _name("b/", new) + _tab(new)
    )
    return "".join([*head, *map(_ended, body)])


def of_files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """The diff of some files, by path."""
    return "".join(of_file(path, before.get(path), after[path]) for path in sorted(after))


def _lines(data: bytes) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "surrogateescape"))


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n{_NO_END}"


def _tab(path: str) -> str:
    """Git ends a name that has a space with a tab, so that the name's end is known."""
    return "\t" if " " in path else ""


def _name(prefix: str, path: str) -> str:
    """A path as git writes it: quoted where it has a quote, a backslash or a control."""
    name = prefix + path
    if not re.search(r'["\\\x00-\x1f\x7f\ud800-\udfff]', name):
        return name
    parts = []
    for byte in name.encode("utf-8", "surrogateescape"):
        plain = 0x20 <= byte < 0x7F and byte not in b'"\\'
        parts.append(chr(byte) if plain else f"\\{byte:03o}")
    return f'"{"".join(parts)}"'


def write(text: str, stream: TextIO) -> None:
    """Print a diff: as it is into a file or pipe, harmless on a terminal or for a build server."""
    buffer = getattr(stream, "buffer", None)
    if stream.isatty() or is_read_by_a_server() or buffer is None:
        stream.write(harmless(text))
        return
    stream.flush()
    buffer.write(text.encode("utf-8", "surrogateescape"))
    buffer.flush()
