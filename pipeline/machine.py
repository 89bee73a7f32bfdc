"""What this machine has: shared libraries, font families and programs; looked at, never changed."""

import ctypes
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path


class _FontSet(ctypes.Structure):
    """fontconfig's `FcFontSet`."""

    _fields_ = (
        ("count", ctypes.c_int),
        ("room", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    )


@cache
def library(name: str, number: int) -> ctypes.CDLL | None:
    """Load a shared library as WeasyPrint does, or None; `library("harfbuzz-subset", 0)`."""
    if sys.platform == "darwin":
        plain = f"lib{name}.{number}.dylib"
        names = [plain, *(f"{prefix}/lib/{plain}" for prefix in ("/opt/homebrew", "/usr/local"))]
    else:
        names = [f"lib{name}.so.{number}"]
    for candidate in names:
        try:
            return ctypes.CDLL(candidate)
        except OSError:
            continue
    return None


def pango_version() -> str | None:
    """The version of Pango, or None where it, or its FreeType half, cannot be loaded."""
    pango = library("pango-1.0", 0)
    if pango is None or library("pangoft2-1.0", 0) is None or library("gobject-2.0", 0) is None:
        return None
    return _text(pango, "pango_version_string")


def harfbuzz_subset_version() -> str | None:
    """The version of HarfBuzz-Subset, or None; the library has the version of HarfBuzz."""
    subset, shaper = library("harfbuzz-subset", 0), library("harfbuzz", 0)
    return None if subset is None or shaper is None else _text(shaper, "hb_version_string")


def fontconfig_version() -> str | None:
    """The version of fontconfig, or None where its library or its `fc-list` is missing."""
    fontconfig = library("fontconfig", 1)
    if fontconfig is None or shutil.which("fc-list") is None:
        return None
    number = int(fontconfig.FcGetVersion())
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


@cache
def font_families() -> Mapping[str, str]:
    """Every font family that fontconfig finds, with its version."""
    fontconfig = library("fontconfig", 1)
    if fontconfig is None:
        return {}
    fontconfig.FcPatternCreate.restype = ctypes.c_void_p
    fontconfig.FcObjectSetBuild.restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p] * 3
    wanted = fontconfig.FcObjectSetBuild(b"family", b"fontversion", None)
    found = fontconfig.FcFontList(None, fontconfig.FcPatternCreate(), wanted)
    if not found:
        return {}
    return dict(
        pair
        for index in range(found.contents.count)
        for pair in _families(fontconfig, ctypes.c_void_p(found.contents.fonts[index]))
    )


def _families(fontconfig: ctypes.CDLL, font: ctypes.c_void_p) -> list[tuple[str, str]]:
    number = ctypes.c_int()
    fontconfig.FcPatternGetInteger(font, b"fontversion", 0, ctypes.byref(number))
    version = f"{number.value / 65536:.3f}"
    names: list[str] = []
    value = ctypes.c_char_p()
    while not fontconfig.FcPatternGetString(font, b"family", len(names), ctypes.byref(value)):
        names.append((value.value or b"").decode("utf-8", "replace"))
    return [(name, version) for name in names]


def _text(shared: ctypes.CDLL, function: str) -> str:
    call = getattr(shared, function)
    call.restype = ctypes.c_char_p
    answer = call()
    return answer.decode("ascii", "replace") if isinstance(answer, bytes) else ""


def java_version() -> str | None:
    """The version of the Java that `java` starts, or None; read from its folder, not started.

    macOS has a `/usr/bin/java` without any Java behind it: there is no version beside that one.
    """
    program = shutil.which("java")
    if program is None:
        return None
    release = Path(program).resolve().parent.parent / "release"
    try:
        found = re.search(r'^JAVA_VERSION="([^"]+)"', release.read_text("utf-8"), re.MULTILINE)
    except OSError:
        return None if sys.platform == "darwin" else ""
    return found[1] if found else ""


def program_version(command: Sequence[str | Path]) -> str | None:
    """The first number with a dot that a command prints of itself, "" if none, None if absent."""
    from pipeline import process

    try:
        outcome = process.run(command, limits=process.Limits(seconds=10))
    except OSError:
        return None
    found = re.search(rb"\d+(?:\.\d+)+", outcome.stdout or outcome.stderr)
    return found[0].decode() if found else ""
