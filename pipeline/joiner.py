"""Joins laid out units into one PDF: fonts shared, links, outline, labels and structure whole.

The linker works on bytes: the objects of a unit are moved by one constant and written through,
so that memory does not grow with the book. Equal input gives equal bytes.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from pipeline import __version__, fontset
from pipeline.artefact import SEPARATOR, Anchor, Artefact, Bookmark, FontUse, PageLayer
from pipeline.fontset import BlobStore
from pipeline.pagination import Place, folios, label_ranges, renumber

VARIANTS = {"pdf/ua-1": ("ua", "1", ""), "pdf/a-2a": ("a", "2", "A"), "pdf/a-2b": ("a", "2", "B")}
PACK = 200  # objects in an object stream
LEAF = 64  # entries in a leaf of a tree
_TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]*>|\b(\d+) 0 R\b|@(\d+)", re.DOTALL)
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")


@dataclass(frozen=True)
class Metadata:
    """What the document says about itself."""

    title: str
    authors: tuple[str, ...]
    lang: str
    identifier: str
    variant: str | None


@dataclass(frozen=True)
class MarginLayer:
    """Margin boxes of one page: content, and the graphics states it names."""

    content: bytes
    states: Mapping[str, str]


@dataclass(frozen=True)
class JoinUnit:
    """A unit at its place, with the margin boxes of its pages and of the blank page before it.

    `depth` is added to the levels of its bookmarks. `size` is that of the blank page, in points.
    """

    artefact: Artefact
    place: Place
    margins: tuple[MarginLayer, ...]
    blank: MarginLayer | None
    size: tuple[float, float]
    depth: int


class _Writer:
    """A PDF file in the making; objects are written once, in any order."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.position = 0
        self.entries: dict[int, tuple[int, int, int]] = {}
        self.next = 1
        self.packed: list[tuple[int, bytes]] = []
        self._write(b"%PDF-1.7\n%\xf0\x9f\x93\x96\n")

    def reserve(self, count: int = 1) -> int:
        """The first of `count` new object numbers."""
        first = self.next
        self.next += count
        return first

    def put(self, number: int, body: bytes) -> None:
        self.packed.append((number, body))
        if len(self.packed) >= PACK:
            self.flush()

    def put_stream(self, number: int, head: bytes, data: bytes) -> None:
        """`head` is the inside of the dictionary, without the length."""
        self.entries[number] = (1, self.position, 0)
        self._write(b"%d 0 obj\n<<%b /Length %d>>\nstream\n" % (number, head, len(data)))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")

    def add(self, body: str) -> int:
        number = self.reserve()
        self.put(number, body.encode())
        return number

    def add_part(self, head: str, data: bytes | None) -> int:
        """A new dictionary, or a new stream."""
        if data is None:
            return self.add(f"<<{head}>>")
        number = self.reserve()
        self.put_stream(number, head.encode(), data)
        return number

    def flush(self) -> None:
        """Write what waits, as an object stream."""
        if not self.packed:
            return
        number = self.reserve()
        index, position = [], 0
        for place, (member, body) in enumerate(self.packed):
            self.entries[member] = (2, number, place)
            index.append(f"{member} {position}")
            position += len(body) + 1
        head = " ".join(index).encode() + b"\n"
        data = zlib.compress(head + b"\n".join(body for _, body in self.packed), 9)
        kind = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode"
        self.put_stream(number, kind % (len(self.packed), len(head)), data)
        self.packed = []

    def finish(self, trailer: str) -> None:
        """Write the cross-reference stream."""
        self.flush()
        start = self.position
        number = self.reserve()
        self.entries[number] = (1, start, 0)
        wide = max(4, (start.bit_length() + 7) // 8)
        rows = bytearray()
        for entry in range(self.next):
            kind, second, third = self.entries.get(entry, (0, 0, 0))
            rows += bytes((kind,)) + second.to_bytes(wide, "big") + third.to_bytes(2, "big")
        head = f"/Type /XRef /Size {self.next} /W [1 {wide} 2] /Filter /FlateDecode {trailer}"
        self.put_stream(number, head.encode(), zlib.compress(bytes(rows), 9))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _write(self, data: bytes) -> None:
        self.file.write(data)
        self.position += len(data)


def join(
    units: Sequence[JoinUnit],
    fonts: Mapping[str, FontUse],
    labels: Mapping[str, str],
    metadata: Metadata,
    target: Path,
    store: BlobStore,
) -> None:
    """Write the book. `fonts` are all faces used, `labels` the printed page of each anchor."""
    with target.open("wb") as file:
        _Join(_Writer(file), units, fonts, labels, metadata, store).write()


class _Join:
    def __init__(
        self,
        writer: _Writer,
        units: Sequence[JoinUnit],
        fonts: Mapping[str, FontUse],
        labels: Mapping[str, str],
        metadata: Metadata,
        store: BlobStore,
    ) -> None:
        self.writer = writer
        self.units = units
        self.fonts = fonts
        self.labels = labels
        self.metadata = metadata
        self.store = store
        self.tagged = any(unit.artefact.objects.document for unit in units)
        self.states = _states(units)
        self.bases = [
            writer.reserve(unit.artefact.objects.bodies.count(SEPARATOR) + 1) - 1 for unit in units
        ]
        self.font_list = writer.reserve()
        self.document = writer.reserve()
        self.blank_resources = writer.reserve()
        self.shared: dict[bytes, int] = {}
        self.pages: list[int] = []
        self.page_bodies: list[bytes] = []
        self.intents = ""

    def write(self) -> None:
        writer = self.writer
        for unit, base in zip(self.units, self.bases, strict=True):
            if unit.blank:
                self._add_blank(unit.blank, unit.size)
            self._add_unit(unit, base)
        self._add_fonts()
        writer.put(
            self.blank_resources,
            f"<</Font {self.font_list} 0 R /ExtGState <<{_state_list(self.states)}>>>>".encode(),
        )
        entries = [
            f"/Type /Catalog /Lang {_text(self.metadata.lang)} /Pages {self._page_tree()} 0 R",
            f"/PageLabels {self._page_labels()}",
            "/ViewerPreferences <</DisplayDocTitle true>>",
            f"/Metadata {self._xmp()} 0 R",
            self._names(),
            self._outline(),
            self._structure(),
            self.intents,
        ]
        catalog = writer.add(f"<<{' '.join(filter(None, entries))}>>")
        digest = hashlib.sha256(repr((self.metadata, writer.position)).encode()).hexdigest()[:32]
        info = writer.add(
            f"<</Title {_text(self.metadata.title)} "
            f"/Author {_text(', '.join(self.metadata.authors))} "
            f"/Producer {_text(_producer())}>>"
        )
        writer.finish(f"/Root {catalog} 0 R /Info {info} 0 R /ID [<{digest}> <{digest}>]")

    # Pages

    def _add_blank(self, margins: MarginLayer, size: tuple[float, float]) -> None:
        box = f"[0 0 {_plain(size[0])} {_plain(size[1])}]"
        tabs = " /Tabs /S" if self.tagged else ""
        self._add_page(
            self.writer.reserve(),
            f"/Type /Page /MediaBox {box} /TrimBox {box} /BleedBox {box}{tabs} "
            f"/Resources {self.blank_resources} 0 R".encode(),
            [self._content(margins.content)] if margins.content else [],
        )

    def _add_page(self, number: int, body: bytes, contents: Sequence[int]) -> None:
        streams = " ".join(f"{content} 0 R" for content in contents)
        self.pages.append(number)
        self.page_bodies.append(body + f" /Contents [{streams}]".encode())

    def _content(self, data: bytes) -> int:
        number = self.writer.reserve()
        self.writer.put_stream(number, b"/Filter /FlateDecode", zlib.compress(data, 9))
        return number

    def _add_unit(self, unit: JoinUnit, base: int) -> None:
        objects = unit.artefact.objects
        special = {objects.fonts: self.font_list, objects.document: self.document}
        special |= self._shared_streams(unit.artefact, base)
        bodies = _moved(objects.bodies, base, special).split(SEPARATOR)
        if objects.intents and not self.intents:
            moved = _moved(objects.intents.encode(), base, special)
            self.intents = f"/OutputIntents {moved.decode()}"
        skipped = {layer.page for layer in unit.artefact.pages} | special.keys()
        contents = {layer.content: layer for layer in unit.artefact.pages}
        for number, body in enumerate(bodies, start=1):
            if number in skipped or not body:
                continue
            if number in contents and number in objects.raw:
                self._add_numbered(base + number, contents[number], objects.streams[number])
            elif number in objects.streams:
                self.writer.put_stream(base + number, body[2:-2], objects.streams[number])
            elif number == objects.resources:
                self.writer.put(base + number, self._with_states(body))
            else:
                self.writer.put(base + number, body)
        for layer, margins in zip(unit.artefact.pages, unit.margins, strict=True):
            streams = [base + layer.content]
            if margins.content:
                streams.append(self._content(margins.content))
            self._add_page(base + layer.page, bodies[layer.page - 1][2:-2], streams)

    def _add_numbered(self, number: int, layer: PageLayer, data: bytes) -> None:
        """Content that prints page numbers: they are put right on the way."""
        parts, position = [], 0
        for ref in layer.refs:
            run = data[ref.start : ref.end]
            label = self.labels.get(ref.target, ref.label)
            if ref.digits:
                run = renumber(run, ref.label, label, ref.digits)
            parts += [data[position : ref.start], run]
            position = ref.end
        packed = zlib.compress(b"".join([*parts, data[position:]]), 9)
        self.writer.put_stream(number, b"/Filter /FlateDecode", packed)

    def _with_states(self, resources: bytes) -> bytes:
        """Resources with the graphics states that margin boxes name."""
        head, start, rest = resources.partition(b"/ExtGState <<")
        missing = {
            name: state
            for name, state in self.states.items()
            if b"/" + name.encode() + b" <<" not in rest
        }
        return head + start + _state_list(missing).encode() + rest

    def _shared_streams(self, artefact: Artefact, base: int) -> dict[int, int]:
        """Images and profiles that an earlier unit has written: number here, number there."""
        objects = artefact.objects
        contents = {layer.content for layer in artefact.pages}
        bodies = objects.bodies.split(SEPARATOR)
        found: dict[int, int] = {}
        for number, data in objects.streams.items():
            body = bodies[number - 1]
            if number in contents or _REFERENCE.search(body):
                continue
            digest = hashlib.sha256(body + b"\n" + data).digest()
            known = self.shared.setdefault(digest, base + number)
            if known != base + number:
                found[number] = known
        return found

    def _page_tree(self) -> int:
        writer = self.writer
        root = writer.reserve()
        kids = []
        for start in range(0, len(self.pages), LEAF):
            node = writer.reserve()
            numbers = self.pages[start : start + LEAF]
            for number, body in zip(numbers, self.page_bodies[start : start + LEAF], strict=True):
                writer.put(number, b"<<%b /Parent %d 0 R>>" % (body, node))
            pages = _references(numbers)
            kind = f"/Type /Pages /Parent {root} 0 R /Count {len(numbers)}"
            writer.put(node, f"<<{kind} /Kids [{pages}]>>".encode())
            kids.append(node)
        count = f"/Type /Pages /Count {len(self.pages)} /Kids [{_references(kids)}]"
        writer.put(root, f"<<{count}>>".encode())
        return root

    def _add_fonts(self) -> None:
        numbers = {
            name: fontset.write(use, self.store, self.writer.add_part)
            for name, use in sorted(self.fonts.items())
        }
        faces = " ".join(f"/{name} {number} 0 R" for name, number in numbers.items())
        self.writer.put(self.font_list, f"<<{faces}>>".encode())

    # What goes across units

    def _page_labels(self) -> str:
        pages = [folio for unit in self.units for folio in folios(unit.place)]
        return f"<</Nums [{label_ranges(pages)}]>>"

    def _place(self, unit: JoinUnit, anchor: Anchor) -> str:
        page = self.pages[unit.place.first + anchor.page]
        return f"[{page} 0 R /XYZ {_plain(anchor.x)} {_plain(anchor.y)} 0]"

    def _names(self) -> str:
        places: dict[str, str] = {}
        for unit in self.units:
            for name, anchor in unit.artefact.anchors.items():
                places.setdefault(name, self._place(unit, anchor))
        tree = self._name_tree(places)
        return f"/Names <</Dests {tree} 0 R>>" if tree else ""

    def _name_tree(self, values: Mapping[str, str]) -> int:
        """A tree of names, two levels deep; 0 where there are none."""
        pairs = sorted((_text(name), value) for name, value in values.items())
        pairs.sort(key=lambda pair: _string_bytes(pair[0]))
        leaves = []
        for start in range(0, len(pairs), LEAF):
            leaf = pairs[start : start + LEAF]
            names = " ".join(f"{name} {value}" for name, value in leaf)
            limits = f"/Limits [{leaf[0][0]} {leaf[-1][0]}]"
            leaves.append(self.writer.add(f"<<{limits} /Names [{names}]>>"))
        return self.writer.add(f"<</Kids [{_references(leaves)}]>>") if leaves else 0

    def _outline(self) -> str:
        tree = outline_tree(
            [(mark, unit.depth, unit) for unit in self.units for mark in unit.artefact.bookmarks]
        )
        if not tree:
            return ""
        root = self.writer.reserve()
        first, last, count = self._outline_level(tree, root)
        body = f"<</Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {count}>>"
        self.writer.put(root, body.encode())
        return f"/Outlines {root} 0 R"

    def _outline_level(self, nodes: "list[OutlineNode]", parent: int) -> tuple[int, int, int]:
        first = self.writer.reserve(len(nodes))
        total = len(nodes)
        for number, node in enumerate(nodes, start=first):
            parts = [
                f"/Title {_text(node.mark.label)} /Parent {parent} 0 R",
                f"/Dest {self._place(node.unit, node.mark.place)}",
            ]
            if node.children:
                start, end, count = self._outline_level(node.children, number)
                total += 0 if node.mark.closed else count
                sign = "-" if node.mark.closed else ""
                parts.append(f"/First {start} 0 R /Last {end} 0 R /Count {sign}{count}")
            if number > first:
                parts.append(f"/Prev {number - 1} 0 R")
            if number < first + len(nodes) - 1:
                parts.append(f"/Next {number + 1} 0 R")
            self.writer.put(number, f"<<{' '.join(parts)}>>".encode())
        return first, first + len(nodes) - 1, total

    def _structure(self) -> str:
        if not self.tagged:
            return ""
        writer = self.writer
        root = writer.reserve()
        kids = [
            base + number
            for unit, base in zip(self.units, self.bases, strict=True)
            for number in unit.artefact.objects.roots
        ]
        leaves = [
            base + unit.artefact.objects.parents
            for unit, base in zip(self.units, self.bases, strict=True)
            if unit.artefact.objects.keys
        ]
        document = f"/Type /StructElem /S /Document /P {root} 0 R /K [{_references(kids)}]"
        writer.put(self.document, f"<<{document}>>".encode())
        named = {
            name: f"{base + number} 0 R"
            for unit, base in zip(self.units, self.bases, strict=True)
            for name, number in unit.artefact.objects.identifiers
        }
        tree = self._name_tree(named)
        parents = writer.add(f"<</Kids [{_references(leaves)}]>>")
        body = (
            f"/Type /StructTreeRoot /K [{self.document} 0 R] /ParentTree {parents} 0 R "
            f"/ParentTreeNextKey {max(self.bases) + self.units[-1].artefact.objects.keys + 1}"
            + (f" /IDTree {tree} 0 R" if tree else "")
        )
        writer.put(root, f"<<{body}>>".encode())
        return f"/StructTreeRoot {root} 0 R /MarkInfo <</Marked true>>"

    def _xmp(self) -> int:
        data = xmp(self.metadata).encode()
        number = self.writer.reserve()
        self.writer.put_stream(number, b"/Type /Metadata /Subtype /XML", data)
        return number


@dataclass
class OutlineNode:
    """A bookmark with those below it."""

    mark: Bookmark
    unit: JoinUnit
    children: "list[OutlineNode]"


def outline_tree(marks: "Sequence[tuple[Bookmark, int, JoinUnit]]") -> "list[OutlineNode]":
    """Bookmarks nested by level; a level that is skipped makes no empty entry."""
    root: list[OutlineNode] = []
    open_nodes: list[tuple[int, list[OutlineNode]]] = [(0, root)]
    for mark, depth, unit in marks:
        level = mark.level + depth
        while open_nodes[-1][0] >= level:
            open_nodes.pop()
        node = OutlineNode(mark, unit, [])
        open_nodes[-1][1].append(node)
        open_nodes.append((level, node.children))
    return root


def _moved(data: bytes, base: int, special: Mapping[int, int]) -> bytes:
    """Bodies with references and keys moved; strings stay as they are."""

    def move(match: "re.Match[bytes]") -> bytes:
        if match[1]:
            number = int(match[1])
            return b"%d 0 R" % special.get(number, base + number)
        if match[2]:
            return b"%d" % (base + int(match[2]))
        return match[0]

    return _TOKEN.sub(move, data)


def _states(units: Sequence[JoinUnit]) -> dict[str, str]:
    states: dict[str, str] = {}
    for unit in units:
        for margins in (*unit.margins, *filter(None, [unit.blank])):
            states.update(margins.states)
    return dict(sorted(states.items()))


def _state_list(states: Mapping[str, str]) -> str:
    return "".join(f"/{name} {state}" for name, state in states.items())


def _references(numbers: Sequence[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _text(value: str) -> str:
    """A text string as PDF source."""
    if value.isascii() and value.isprintable():
        return "(" + re.sub(r"([\\()])", r"\\\1", value) + ")"
    return f"<feff{value.encode('utf-16-be', 'replace').hex()}>"


def _string_bytes(source: str) -> bytes:
    """The bytes of a string written by `_text`, which order a tree of names."""
    if source.startswith("<"):
        return bytes.fromhex(source[1:-1])
    return re.sub(r"\\(.)", r"\1", source[1:-1]).encode()


def _producer() -> str:
    return f"make-book {__version__} (WeasyPrint)"


def xmp(metadata: Metadata) -> str:
    """The metadata packet: title, authors, language, and the standard that the file claims."""
    family, part, conformance = VARIANTS.get(metadata.variant or "", ("", "", ""))
    claim = f"<pdf{family}id:part>{part}</pdf{family}id:part>" if family else ""
    if conformance:
        claim += f"<pdfaid:conformance>{conformance}</pdfaid:conformance>"
    authors = "".join(f"<rdf:li>{escape(author)}</rdf:li>" for author in metadata.authors)
    creators = f"<dc:creator><rdf:Seq>{authors}</rdf:Seq></dc:creator>" if authors else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" \
xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">{escape(metadata.title)}</rdf:li>
</rdf:Alt></dc:title>
{creators}
<dc:language><rdf:Bag><rdf:li>{escape(metadata.lang)}</rdf:li></rdf:Bag></dc:language>
<dc:identifier>{escape(metadata.identifier)}</dc:identifier>
<pdf:Producer>{escape(_producer())}</pdf:Producer>
{claim}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
