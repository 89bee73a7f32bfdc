"""One font program per face for the whole book: HarfBuzz subsets, kept by content.

Glyph ids stay those of the font file, so the union of what the units used is one subset.
"""

import ctypes
import functools
import hashlib
import io
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pipeline import cache
from pipeline.errors import UserError
from pipeline.paper.artefact import FontUse

NO_HINTING, RETAIN_GIDS, DESUBROUTINIZE = 0x1, 0x2, 0x4
PASSTHROUGH, NOTDEF_OUTLINE, DROP_TABLES, NAMES = 0x20, 0x40, 3, 4
LICENCE_URL = 14  # the last of the names that say whose a font is
DROPPED = ["BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG"]
COLOURS = ["CBDT", "CBLC", "COLR", "CPAL", "sbix"]
HEAD = 1 << 16  # bytes of a font file that hold its table directories, with checksums
HINT = "install HarfBuzz with its subsetter: apt install libharfbuzz-subset0"


class BlobStore(Protocol):
    """Where results are kept; `pipeline.cache.Store` is one."""

    def get(self, name: str) -> bytes | None:
        """The value of a key, None for a miss."""

    def put(self, name: str, data: bytes) -> None:
        """Keep a value."""


class Program(NamedTuple):
    """A font program for a PDF: deflated bytes, their length before, and whether it is CFF."""

    packed: bytes
    length: int
    cff: bool


class _Library(NamedTuple):
    main: ctypes.CDLL
    subset: ctypes.CDLL


@functools.cache
def _library() -> _Library:
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    try:
        main = ctypes.CDLL("libharfbuzz.so.0")
        subset = ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError as error:
        raise UserError(f"fonts cannot be embedded: {error}", hint=HINT) from error
    for library, name, result, arguments in (
        (main, "hb_blob_create_from_file", pointer, [ctypes.c_char_p]),
        (main, "hb_face_create", pointer, [pointer, number]),
        (main, "hb_face_reference_blob", pointer, [pointer]),
        (main, "hb_blob_get_data", pointer, [pointer, ctypes.POINTER(number)]),
        (main, "hb_blob_destroy", None, [pointer]),
        (main, "hb_face_destroy", None, [pointer]),
        (main, "hb_face_get_glyph_count", number, [pointer]),
        (main, "hb_set_add", None, [pointer, number]),
        (main, "hb_set_add_range", None, [pointer, number, number]),
        (subset, "hb_subset_input_create_or_fail", pointer, []),
        (subset, "hb_subset_input_destroy", None, [pointer]),
        (subset, "hb_subset_input_glyph_set", pointer, [pointer]),
        (subset, "hb_subset_input_unicode_set", pointer, [pointer]),
        (subset, "hb_subset_input_set", pointer, [pointer, ctypes.c_int]),
        (subset, "hb_subset_input_set_flags", None, [pointer, number]),
        (subset, "hb_subset_or_fail", pointer, [pointer, pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return _Library(main, subset)


def require() -> None:
    """Raise `UserError` where the libraries are missing."""
    _library()


def identify(path: Path) -> str:
    """A digest of a font file: its length and head, where the checksums of its tables stand."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return hashlib.sha256(path.stat().st_size.to_bytes(8, "big") + head).hexdigest()


def program(use: FontUse, store: BlobStore) -> Program:
    """The subset of a face with the glyphs used."""
    glyphs = used_glyphs(use)
    name = cache.key("font", identify(Path(use.path)), use.index, sorted(glyphs), bool(use.missing))
    kept = store.get(name)
    if kept is not None and len(kept) > 5:
        return Program(kept[5:], int.from_bytes(kept[:4], "big"), kept[4:5] == b"O")
    data = _empty(use) if use.colour else _subset(use, glyphs)
    made = Program(zlib.compress(data, 9), len(data), data[:4] == b"OTTO")
    kind = b"O" if made.cff else b"T"
    store.put(name, made.length.to_bytes(4, "big") + kind + made.packed)
    return made


def of_text(path: Path, index: int, characters: Iterable[int], store: BlobStore) -> bytes:
    """A face with some characters and its licence, for readers that shape the text themselves."""
    points = sorted(set(characters))
    name = cache.key("face of text", 2, identify(path), index, points)
    if (kept := store.get(name)) is not None:
        return kept
    main, subset = _library()
    blob = main.hb_blob_create_from_file(str(path).encode())
    face = main.hb_face_create(blob, index)
    main.hb_blob_destroy(blob)
    wanted = subset.hb_subset_input_create_or_fail()
    for point in points:
        main.hb_set_add(subset.hb_subset_input_unicode_set(wanted), point)
    main.hb_set_add_range(subset.hb_subset_input_set(wanted, NAMES), 0, LICENCE_URL)
    subset.hb_subset_input_set_flags(wanted, NO_HINTING)
    small = subset.hb_subset_or_fail(face, wanted)
    data = _bytes(main, small) if small else b""
    for made in filter(None, (small, face)):
        main.hb_face_destroy(made)
    subset.hb_subset_input_destroy(wanted)
    if not data:
        raise UserError(f"the font {path} cannot be subset", hint="is the file damaged?")
    store.put(name, data)
    return data


def used_glyphs(use: FontUse) -> set[int]:
    """Glyphs that exist in the font; never empty."""
    return set(use.to_unicode) - set(use.missing.values()) or {0}


def _subset(use: FontUse, glyphs: Collection[int]) -> bytes:
    main, subset = _library()
    blob = main.hb_blob_create_from_file(use.path.encode())
    face = main.hb_face_create(blob, use.index)
    main.hb_blob_destroy(blob)
    wanted = subset.hb_subset_input_create_or_fail()
    kept = subset.hb_subset_input_glyph_set(wanted)
    for glyph in sorted(glyphs):
        main.hb_set_add(kept, glyph)
    dropped = subset.hb_subset_input_set(wanted, DROP_TABLES)
    for tag in DROPPED:
        main.hb_set_add(dropped, int.from_bytes(tag.ljust(4).encode(), "big"))
    flags = PASSTHROUGH | DESUBROUTINIZE | (NOTDEF_OUTLINE if use.missing else 0)
    subset.hb_subset_input_set_flags(wanted, flags | RETAIN_GIDS)
    small = subset.hb_subset_or_fail(face, wanted)
    # A second pass drops the empty glyphs after the last one used.
    main.hb_set_add_range(kept, 0, max(glyphs))
    subset.hb_subset_input_set_flags(wanted, flags | NO_HINTING)
    final = subset.hb_subset_or_fail(small, wanted) if small else None
    data = _bytes(main, final) if final else b""
    for made in filter(None, (final, small, face)):
        main.hb_face_destroy(made)
    subset.hb_subset_input_destroy(wanted)
    if not data:
        raise UserError(f"the font {use.path} cannot be subset", hint="is the file damaged?")
    return data


def _bytes(main: ctypes.CDLL, face: int) -> bytes:
    length = ctypes.c_uint()
    blob = main.hb_face_reference_blob(face)
    data = ctypes.string_at(main.hb_blob_get_data(blob, ctypes.byref(length)), length.value)
    main.hb_blob_destroy(blob)
    return data


def _empty(use: FontUse) -> bytes:
    """A face whose glyphs show nothing, for colour fonts: their glyphs are drawn as images."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    names = [".notdef", *(f"g{glyph}" for glyph in range(1, max(used_glyphs(use)) + 1))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupGlyf({name: Glyph() for name in names})
    widths = use.widths
    builder.setupHorizontalMetrics(
        {name: (round(widths.get(glyph, 0)), 0) for glyph, name in enumerate(names)}
    )
    builder.setupHorizontalHeader(ascent=use.ascent, descent=use.descent)
    builder.setupPost(keepGlyphNames=False)
    builder.setupMaxp()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    output = io.BytesIO()
    builder.save(output)
    return output.getvalue()


# The objects of a font in a PDF

_CMAP_HEAD = (
    "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    "/CIDSystemInfo <</Registry (Adobe) /Ordering ({ordering}) /Supplement 0>> def\n"
    "/CMapName /{name} def\n/CMapType {kind} def\n"
    "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
)
_CMAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
_SYSTEM = "/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>>"


def write(use: FontUse, store: BlobStore, add: Callable[[str, bytes | None], int]) -> int:
    """Add a face to a PDF: `add` takes a dictionary and a stream's bytes, gives the number."""
    made = program(use, store)
    kind = "/Subtype /OpenType" if made.cff else f"/Length1 {made.length}"
    file = add(f"{kind} /Filter /FlateDecode", made.packed)
    texts = add("/Filter /FlateDecode", zlib.compress(_to_unicode(use), 9))
    bounds = f"0 {use.descent} {_plain(max(use.widths.values(), default=0))} {use.ascent}"
    fixed = len(use.widths) > 1 and len(set(use.widths.values())) == 1
    descriptor = add(
        f"/Type /FontDescriptor /FontName {use.name} "
        f"/FontFamily <feff{use.family.encode('utf-16-be').hex()}> /Flags {use.flags + fixed} "
        f"/FontBBox [{bounds}] /ItalicAngle {use.italic_angle} /Ascent {use.ascent} "
        f"/Descent {use.descent} /CapHeight {use.ascent} /StemV {use.stem_v} "
        f"/StemH {use.stem_h} /FontFile{3 if made.cff else 2} {file} 0 R",
        None,
    )
    descendant = add(
        f"/Type /Font /Subtype /CIDFontType{0 if made.cff else 2} /BaseFont {use.name} {_SYSTEM} "
        f"/CIDToGIDMap /Identity /W [{_widths(use.widths)}] /FontDescriptor {descriptor} 0 R",
        None,
    )
    encoding = "/Identity-H"
    if use.missing:
        codes = add(
            f"/Type /CMap /CMapName /Book-0 {_SYSTEM} /Filter /FlateDecode",
            zlib.compress(_encoding(use), 9),
        )
        encoding = f"{codes} 0 R"
    return add(
        f"/Type /Font /Subtype /Type0 /BaseFont {use.name} /Encoding {encoding} "
        f"/ToUnicode {texts} 0 R /DescendantFonts [{descendant} 0 R]",
        None,
    )


def _blocks(items: list[Any], kind: str, line: Callable[[Any], str]) -> str:
    lines = []
    for start in range(0, len(items), 100):
        block = items[start : start + 100]
        lines += [f"{len(block)} begin{kind}", *map(line, block), f"end{kind}"]
    return "\n".join(lines) + "\n"


def _to_unicode(use: FontUse) -> bytes:
    head = _CMAP_HEAD.format(ordering="UCS", name="Adobe-Identity-UCS", kind=2)
    body = _blocks(
        sorted(use.to_unicode.items()),
        "bfchar",
        lambda pair: f"<{pair[0]:04x}> <{pair[1].encode('utf-16-be').hex()}>",
    )
    return (head + body + _CMAP_TAIL).encode()


def _encoding(use: FontUse) -> bytes:
    """A map of codes that shows .notdef for missing glyphs."""
    absent = set(use.missing.values())
    head = _CMAP_HEAD.format(ordering="Identity", name="Book-0", kind=1)
    body = _blocks(
        sorted(use.to_unicode),
        "cidchar",
        lambda code: f"<{code:04x}> {0 if code in absent else code}",
    )
    return (head + body + _CMAP_TAIL).encode()


def _widths(widths: Mapping[int, float]) -> str:
    parts: list[str] = []
    previous = None
    for glyph, width in sorted(widths.items()):
        if previous is None or glyph != previous + 1:
            parts += ["]" if parts else "", f"{glyph} ["]
        parts.append(_plain(width))
        previous = glyph
    return " ".join([*parts, "]" if parts else ""])


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.4f}".rstrip("0")
