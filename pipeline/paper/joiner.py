"""Joins laid out units into one PDF: fonts shared, links, outline, labels and structure whole.

The linker works on bytes: the objects of a unit are moved by one constant and written through,
so that memory does not grow with the book. Equal input gives equal bytes.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.paper import fontset
from pipeline.paper.artefact import Anchor, Artefact, Bookmark, FontUse, Objects, PageLayer, Picture
from pipeline.paper.fontset import BlobStore
from pipeline.paper.pagination import Place, folios, label_ranges, renumber
from pipeline.paper.pdf_writer import LEAF, Writer, plain, references, text
from pipeline.paper.relocation import Setting, digests, move, room
from pipeline.paper.xmp import Metadata, packet, producer

# Objects that all units name, so their numbers must not depend on the units.
FONTS, DOCUMENT, BLANK_RESOURCES = 1, 2, 3
RESERVED = 3
DEFLATED = b"/Filter /FlateDecode"


@dataclass(frozen=True)
class MarginLayer:
    """Margin boxes of one page: content in parts, and the graphics states and images it names.

    Parts are whole lines; a part that several pages have is written once.
    """

    parts: tuple[bytes, ...]
    states: Mapping[str, str]
    images: Mapping[str, Picture]


@dataclass(frozen=True)
class JoinUnit:
    """A unit at its place, with the margin boxes of its pages and of the blank page before it.

    `name` is the key of its content, `depth` is added to the levels of its bookmarks. `size` is
    that of the blank page, in points.
    """

    name: str
    artefact: Artefact
    place: Place
    margins: tuple[MarginLayer, ...]
    blank: MarginLayer | None
    size: tuple[float, float]
    depth: int


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
        _Join(Writer(file), units, fonts, labels, metadata, store).write()


class _Join:
    def __init__(
        self,
        writer: Writer,
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
        writer.reserve(RESERVED)
        self.resources = self._add_resources()
        self.bases = [writer.reserve(room(unit.artefact.objects)) - 1 for unit in units]
        self.images: dict[str, int] = {}
        self.parts: dict[bytes, int] = {}
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
            BLANK_RESOURCES,
            f"<</Font {FONTS} 0 R {_resource_list(self.resources)}>>".encode(),
        )
        entries = [
            f"/Type /Catalog /Lang {text(self.metadata.lang)} /Pages {self._page_tree()} 0 R",
            f"/PageLabels {self._page_labels()}",
            "/ViewerPreferences <</DisplayDocTitle true>>",
            f"/Metadata {self._xmp()} 0 R",
            self._names(),
            self._outline(),
            self._structure(),
            self.intents,
        ]
        catalog = writer.add(f"<<{' '.join(filter(None, entries))}>>")
        info = writer.add(
            f"<</Title {text(self.metadata.title)} "
            f"/Author {text(', '.join(self.metadata.authors))} "
            f"/Producer {text(producer())}>>"
        )
        writer.finish(f"/Root {catalog} 0 R /Info {info} 0 R")

    def _add_resources(self) -> dict[str, dict[str, str]]:
        """What the margin boxes of all pages name: kind, name and value."""
        layers = [
            layer
            for unit in self.units
            for layer in (*unit.margins, unit.blank)
            if layer is not None
        ]
        states = {name: state for layer in layers for name, state in layer.states.items()}
        images = {name: image for layer in layers for name, image in layer.images.items()}
        numbers = {name: f"{self._add_image(image)} 0 R" for name, image in sorted(images.items())}
        return {"ExtGState": dict(sorted(states.items())), "XObject": numbers}

    def _add_image(self, image: Picture) -> int:
        mask = f" /SMask {self._add_image(image.mask)} 0 R" if image.mask else ""
        return self.writer.add_part(image.head + mask, image.data)

    # Pages

    def _add_blank(self, margins: MarginLayer, size: tuple[float, float]) -> None:
        box = f"[0 0 {plain(size[0])} {plain(size[1])}]"
        tabs = " /Tabs /S" if self.tagged else ""
        self._add_page(
            self.writer.reserve(),
            f"/Type /Page /MediaBox {box} /TrimBox {box} /BleedBox {box}{tabs} "
            f"/Resources {BLANK_RESOURCES} 0 R".encode(),
            self._contents(margins),
        )

    def _add_page(self, number: int, body: bytes, contents: Sequence[int]) -> None:
        streams = " ".join(f"{content} 0 R" for content in contents)
        self.pages.append(number)
        self.page_bodies.append(body + f" /Contents [{streams}]".encode())

    def _contents(self, margins: MarginLayer) -> list[int]:
        for part in margins.parts:
            if part not in self.parts:
                self.parts[part] = self.writer.reserve()
                packed = zlib.compress(part, 9)
                if len(packed) + len(DEFLATED) < len(part):
                    self.writer.put_stream(self.parts[part], DEFLATED, packed)
                else:
                    self.writer.put_stream(self.parts[part], b"", part)
        return [self.parts[part] for part in margins.parts]

    def _add_unit(self, unit: JoinUnit, base: int) -> None:
        objects = unit.artefact.objects
        numbered = {layer.content: layer for layer in unit.artefact.pages}
        special = {objects.fonts: FONTS, objects.document: DOCUMENT}
        special |= self._seen(objects, set(numbered), base)
        setting = Setting(base, special, self.resources)
        made = move(unit.name, unit.artefact, setting, self.store)
        for each in made.packs:
            self.writer.put_pack(each)
        for number, data in objects.streams.items():
            if number in objects.raw:
                self._add_numbered(base + number, numbered[number], data)
            elif number not in special:
                head = made.heads[number].encode("latin-1")
                self.writer.put_stream(base + number, head, data)
        if made.intents and not self.intents:
            self.intents = f"/OutputIntents {made.intents}"
        for layer, margins, body in zip(unit.artefact.pages, unit.margins, made.pages, strict=True):
            contents = [base + layer.content, *self._contents(margins)]
            self._add_page(base + layer.page, body.encode("latin-1"), contents)

    def _seen(self, objects: Objects, contents: set[int], base: int) -> dict[int, int]:
        """Images and profiles that an earlier unit has written: number here, number there."""
        if objects.streams.keys() <= contents:
            return {}
        found = {}
        for number, digest in digests(objects, contents).items():
            known = self.images.setdefault(digest, base + number)
            if known != base + number:
                found[number] = known
        return found

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
        self.writer.put_stream(number, DEFLATED, packed)

    def _page_tree(self) -> int:
        writer = self.writer
        root = writer.reserve()
        kids = []
        for start in range(0, len(self.pages), LEAF):
            node = writer.reserve()
            numbers = self.pages[start : start + LEAF]
            for number, body in zip(numbers, self.page_bodies[start : start + LEAF], strict=True):
                writer.put(number, b"<<%b /Parent %d 0 R>>" % (body, node))
            pages = references(numbers)
            kind = f"/Type /Pages /Parent {root} 0 R /Count {len(numbers)}"
            writer.put(node, f"<<{kind} /Kids [{pages}]>>".encode())
            kids.append(node)
        count = f"/Type /Pages /Count {len(self.pages)} /Kids [{references(kids)}]"
        writer.put(root, f"<<{count}>>".encode())
        return root

    def _add_fonts(self) -> None:
        numbers = {
            name: fontset.write(use, self.store, self.writer.add_part)
            for name, use in sorted(self.fonts.items())
        }
        faces = " ".join(f"/{name} {number} 0 R" for name, number in numbers.items())
        self.writer.put(FONTS, f"<<{faces}>>".encode())

    # What goes across units

    def _page_labels(self) -> str:
        pages = [folio for unit in self.units for folio in folios(unit.place)]
        return f"<</Nums [{label_ranges(pages)}]>>"

    def _place(self, unit: JoinUnit, anchor: Anchor) -> str:
        page = self.pages[unit.place.first + anchor.page]
        return f"[{page} 0 R /XYZ {plain(anchor.x)} {plain(anchor.y)} 0]"

    def _names(self) -> str:
        places: dict[str, str] = {}
        for unit in self.units:
            for name, anchor in unit.artefact.anchors.items():
                places.setdefault(name, self._place(unit, anchor))
        tree = self.writer.add_names(places)
        return f"/Names <</Dests {tree} 0 R>>" if tree else ""

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
                f"/Title {text(node.mark.label)} /Parent {parent} 0 R",
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
        document = f"/Type /StructElem /S /Document /P {root} 0 R /K [{references(kids)}]"
        writer.put(DOCUMENT, f"<<{document}>>".encode())
        named = {
            name: f"{base + number} 0 R"
            for unit, base in zip(self.units, self.bases, strict=True)
            for name, number in unit.artefact.objects.identifiers
        }
        tree = self.writer.add_names(named)
        parents = writer.add(f"<</Kids [{references(leaves)}]>>")
        body = (
            f"/Type /StructTreeRoot /K [{DOCUMENT} 0 R] /ParentTree {parents} 0 R "
            f"/ParentTreeNextKey {max(self.bases) + self.units[-1].artefact.objects.keys + 1}"
            + (f" /IDTree {tree} 0 R" if tree else "")
        )
        writer.put(root, f"<<{body}>>".encode())
        return f"/StructTreeRoot {root} 0 R /MarkInfo <</Marked true>>"

    def _xmp(self) -> int:
        data = packet(self.metadata).encode()
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


def _resource_list(resources: Mapping[str, Mapping[str, str]]) -> str:
    return " ".join(
        f"/{kind} <<{''.join(f'/{name} {value}' for name, value in named.items())}>>"
        for kind, named in resources.items()
    )
