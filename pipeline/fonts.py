"""The fonts a book names: found, or missed with advice; nothing else is used.

A private configuration of fontconfig admits the named families only, so that no other font
slips in and a missing character is reported.
"""

import functools
import re
import struct
from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import cache, files, process, state
from pipeline.errors import UserError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

# What prints what, each family where those before it lack a character.
ROLES: Mapping[str, tuple[str, ...]] = {
    "latin": ("Linux Libertine O",),
    "han": ("Noto Serif CJK SC",),
    "sans": ("Noto Sans CJK SC",),
    "mono": ("JetBrains Mono", "Noto Sans Mono CJK SC"),
    "emoji": ("Noto Color Emoji",),
}
GENERIC = {"serif": ("latin", "han"), "sans-serif": ("sans",), "monospace": ("mono",)}
OPTIONAL = ROLES["emoji"]
FAMILIES = tuple(name for names in ROLES.values() for name in names if name not in OPTIONAL)
REGIONS = {"hant": "TC", "tw": "TC", "hk": "HK", "mo": "HK"}
PACKAGES = {
    "JetBrains Mono": "fonts-jetbrains-mono",
    "Linux Libertine": "fonts-linuxlibertine",
    "Noto Serif CJK": "fonts-noto-cjk",
    "Noto Sans CJK": "fonts-noto-cjk",
    "Noto Sans Mono CJK": "fonts-noto-cjk",
    "Noto Color Emoji": "fonts-noto-color-emoji",
}


# Colour emoji are pictures of one size: without these rules they are drawn at that size.
BITMAPS = """\
  <match target="font">
    <test name="outline" compare="eq"><bool>false</bool></test>
    <edit name="pixelsizefixupfactor" mode="assign"><divide>
      <name target="pattern">pixelsize</name><name target="font">pixelsize</name>
    </divide></edit>
    <edit name="matrix" mode="assign"><times><name>matrix</name><matrix>
      <name>pixelsizefixupfactor</name><double>0</double>
      <double>0</double><name>pixelsizefixupfactor</name>
    </matrix></times></edit>
    <edit name="size" mode="assign"><divide>
      <name>size</name><name>pixelsizefixupfactor</name>
    </divide></edit>
  </match>"""

_known: dict[str, bytes] = {}  # character maps that this process has read


@dataclass(frozen=True)
class Face:
    """A file that has faces of a family; `first` is the family's name that comes first there."""

    family: str
    path: Path
    first: str


def roles(named: Mapping[str, str | Sequence[str]], language: str) -> dict[str, tuple[str, ...]]:
    """The families of each role: those that a book names, else ours, in the forms of its region."""
    parts = language.lower().split("-")[1:]
    region = next((REGIONS[part] for part in reversed(parts) if part in REGIONS), "SC")
    result = {}
    for role, ours in ROLES.items():
        own = named.get(role) or [re.sub(r"\bSC$", region, name) for name in ours]
        result[role] = (own,) if isinstance(own, str) else tuple(own)
    return result


def configure(folder: Path, named: Mapping[str, Sequence[str]] = ROLES) -> Path:
    """Write a configuration that admits these families; its path is for `FONTCONFIG_FILE`.

    Raises `UserError` with the command that mends it where a family is not installed.
    """
    faces = installed()
    known = {face.family for face in faces}
    admitted = {role: [name for name in names if name in known] for role, names in named.items()}
    for family in (name for names in named.values() for name in names):
        if family not in known and family not in OPTIONAL:
            raise UserError(f"the font “{family}” is not installed", hint=_advice(family))
    path = folder / "fonts.conf"
    text = _configuration(admitted, faces, folder)
    state.refuse_link(kept(path))
    kept(path).mkdir(parents=True, exist_ok=True)
    files.keep(path, text.encode())
    return path


@functools.cache
def installed() -> list[Face]:
    """All faces that the machine had when it was first asked: before a book's own are set."""
    try:
        answer = process.run(["fc-list", "--format", "%{family}\\t%{file}\\n"])
    except OSError as error:
        hint = "install fontconfig: apt install fontconfig"
        raise UserError("fc-list is missing, so no font can be found", hint=hint) from error
    lines = sorted(set(answer.stdout.decode("utf-8", "replace").splitlines()))
    pairs = (line.partition("\t") for line in lines)
    return [
        Face(name, Path(path), names.split(",")[0])
        for names, _, path in pairs
        for name in names.split(",")
    ]


class Coverage(Container[int]):
    """The code points of some fonts, as ranges: each start and end as 32 bits."""

    def __init__(self, packed: Iterable[bytes]) -> None:
        ranges = sorted(pair for data in packed for pair in struct.iter_unpack("<II", data))
        self._starts = [start for start, _ in ranges]
        self._ends = list(accumulate((end for _, end in ranges), max))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __contains__(self, point: object) -> bool:
        if not isinstance(point, int):
            return False
        at = bisect_right(self._starts, point)
        return at > 0 and point < self._ends[at - 1]


def coverage(families: Iterable[str], store: cache.Store) -> Coverage | None:
    """The code points that some families have; None where none of them is installed.

    The character map of a file is read once and kept; families that are missing are left out.
    """
    try:
        found = Coverage(_maps(families, store).values())
    except UserError:
        return None
    return found or None


def maps(families: Iterable[str], store: cache.Store) -> dict[str, frozenset[int]]:
    """The code points that each family has; none for a family that is not installed."""
    return {
        family: frozenset(
            point for start, end in struct.iter_unpack("<II", data) for point in range(start, end)
        )
        for family, data in _maps(families, store).items()
    }


def _maps(families: Iterable[str], store: cache.Store) -> dict[str, bytes]:
    """The code points of each family as ranges, see `_packed`."""
    faces = installed()
    found = {}
    for family in families:
        paths = sorted(face.path for face in faces if face.family == family)
        regular = [path for path in paths if "Regular" in path.name] or paths
        found[family] = _map(regular[0], family, store) if regular else b""
    return found


def _map(path: Path, family: str, store: cache.Store) -> bytes:
    try:
        stat = path.stat()
    except OSError:
        return b""
    name = cache.key("character map", str(path), family, stat.st_size, stat.st_mtime_ns)
    data = _known.get(name) or store.get(name)
    if data is None:
        data = _packed(_read_map(path, family))
        store.put(name, data)
    _known[name] = data
    return data


def _packed(points: Iterable[int]) -> bytes:
    """Ranges of code points, each start and end as 32 bits."""
    ranges: list[list[int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point:
            ranges[-1][1] += 1
        else:
            ranges.append([point, point + 1])
    return b"".join(struct.pack("<II", start, end) for start, end in ranges)


def _read_map(path: Path, family: str) -> Iterable[int]:
    from fontTools.ttLib import TTFont, TTLibError
    from fontTools.ttLib.ttCollection import TTCollection

    try:
        if path.suffix.lower() not in (".ttc", ".otc"):
            with TTFont(path, lazy=True) as font:
                return _points(font)
        with TTCollection(path, lazy=True) as collection:
            members = collection.fonts
            named = (font for font in members if font["name"].getBestFamilyName() == family)
            return _points(next(named, members[0]))
    except (TTLibError, OSError, KeyError, AssertionError, struct.error):
        return frozenset()


def _points(font: "TTFont") -> frozenset[int]:
    font.setGlyphOrder([""] * 0x10000)  # to read the names of glyphs takes most of the time
    return frozenset(font.getBestCmap() or ())


def admitted(conf: Path) -> list[Path]:
    """The font files that a configuration of ours admits."""
    found = re.findall(r"<glob>([^<*]+)</glob>", conf.read_text("utf-8"))
    return [Path(path) for path in found]


def folders(conf: Path) -> list[Path]:
    """The folders in which a configuration of ours looks for fonts."""
    return [Path(path) for path in re.findall(r"<dir>([^<]+)</dir>", conf.read_text("utf-8"))]


def kept(conf: Path) -> Path:
    """The folder in which fontconfig keeps what it found in the folders of fonts."""
    return conf.parent / "fontconfig"


def _advice(family: str) -> str:
    for start, package in PACKAGES.items():
        if family.startswith(start):
            return f"apt install {package}"
    return "install it, or name another font in the theme"


def _configuration(named: Mapping[str, Sequence[str]], faces: Sequence[Face], folder: Path) -> str:
    families = {family for names in named.values() for family in names}
    paths = sorted({face.path for face in faces if face.family in families})
    shown = {face.first for face in faces if face.family in families}
    others = sorted({face.first for face in faces if face.path in paths} - shown)
    folders = sorted({path.parent for path in paths})
    parts = [f"  <dir>{escape(str(path))}</dir>" for path in folders]
    parts.append(f"  <cachedir>{escape(str(folder / 'fontconfig'))}</cachedir>")
    parts += ["  <selectfont>", "    <rejectfont><glob>*</glob></rejectfont>"]
    parts += [f"    <acceptfont><glob>{escape(str(path))}</glob></acceptfont>" for path in paths]
    # A file may hold faces of several families.
    parts += [
        f'    <rejectfont><pattern><patelt name="family"><string>{escape(family)}</string>'
        "</patelt></pattern></rejectfont>"
        for family in others
    ]
    parts.append("  </selectfont>")
    for generic, names in GENERIC.items():
        prefer = "".join(
            f"<family>{escape(family)}</family>" for role in names for family in named[role]
        )
        parts.append(f"  <alias><family>{generic}</family><prefer>{prefer}</prefer></alias>")
    parts.append(BITMAPS)
    body = "\n".join(parts)
    head = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
    return f"{head}<fontconfig>\n{body}\n</fontconfig>\n"
