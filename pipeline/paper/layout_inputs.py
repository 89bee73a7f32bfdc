"""What a layout depends on beside its text: engine, libraries, fonts and files, as digests."""

import ctypes
import functools
import hashlib
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from pipeline import fonts
from pipeline.paper import fontset

ENGINE = (
    "artefact",
    "guarded",
    "incremental",
    "joiner",
    "justification",
    "marginalia",
    "margins",
    "pdf_writer",
    "relocation",
    "structure",
    "typesetter",
)
PACKAGES = ("weasyprint", "pydyf", "pyphen", "tinycss2", "tinyhtml5")
_ATTRIBUTE = re.compile(r"""\b(?:src|data|href)\s*=\s*(?:"([^"#][^"]*)"|'([^'#][^']*)')""")
_URL = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")


@functools.cache
def engine() -> tuple[str, ...]:
    """This program's own layout code and the libraries below it."""
    folder = Path(__file__).parent
    code = hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes() for name in ENGINE))
    return (code.hexdigest(), *map(metadata.version, PACKAGES), *_libraries())


def _libraries() -> Iterator[str]:
    for name, function in (
        ("libpango-1.0.so.0", "pango_version_string"),
        ("libharfbuzz.so.0", "hb_version_string"),
    ):
        try:
            version = getattr(ctypes.CDLL(name), function)
        except OSError:
            yield "none"
            continue
        version.restype = ctypes.c_char_p
        yield version().decode()


def font_files(conf: Path | None) -> tuple[str, ...]:
    """A configuration of ours, for its rules, and the fonts it admits."""
    if conf is None:
        return ()
    return (conf.read_text("utf-8"), *map(fontset.identify, fonts.admitted(conf)))


def files_of_page(html: str, base: Path, roots: tuple[Path, ...]) -> list[tuple[str, str]]:
    """Files below the roots that a fragment names, with their digests."""
    names = {match[1] or match[2] for match in _ATTRIBUTE.finditer(html)}
    return _digests(names | {match[1] for match in _URL.finditer(html)}, base, roots)


def files_of_style(css: str, base: Path, roots: tuple[Path, ...]) -> list[tuple[str, str]]:
    """Files below the roots that a style names, with their digests."""
    return _digests({match[1] for match in _URL.finditer(css)}, base, roots)


def _digests(names: set[str], base: Path, roots: tuple[Path, ...]) -> list[tuple[str, str]]:
    found = []
    for name in sorted(names):
        path = _below(name, base, roots)
        if path and path.is_file():
            found.append((name, hashlib.sha256(path.read_bytes()).hexdigest()))
    return found


def _below(name: str, base: Path, roots: tuple[Path, ...]) -> Path | None:
    """The file that an address names, None where it is no file of the roots."""
    try:
        parts = urlsplit(urljoin(f"{base.as_uri()}/", name))
        path = Path(unquote(parts.path)).resolve()
    except (ValueError, OSError, RuntimeError):  # no address, or a loop of links
        return None
    inside = any(path.is_relative_to(root.resolve()) for root in roots)
    return path if parts.scheme == "file" and inside else None
