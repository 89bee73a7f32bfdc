"""What can be tested of PDF/UA-1 by a machine, by the checkpoints of the Matterhorn protocol.

And of PDF/A-2a, so far as one file shows it. `ua` and `archive` give what is wrong, in words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

STANDARD = frozenset(
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4"
    " H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code"
    " Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form".split()
)
PARENTS = {
    "LI": {"L"},
    "LBody": {"LI"},
    "TOCI": {"TOC"},
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "TH": {"TR"},
    "TD": {"TR"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TFoot": {"Table"},
}
CHILDREN = {
    "L": {"L", "LI", "Caption"},
    "LI": {"Lbl", "LBody"},
    "TOC": {"TOC", "TOCI", "Caption"},
    "TR": {"TH", "TD"},
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "THead": {"TR"},
    "TBody": {"TR"},
    "TFoot": {"TR"},
}
LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")
PAINT = frozenset("Tj TJ ' \" f F f* B B* b b* S s sh Do BI EI INLINE IMAGE".split())
HEADING = re.compile(r"H[1-6]")


@dataclass
class Element:
    """A structure element with its children that are elements, and its own content."""

    node: pikepdf.Dictionary
    kind: str
    parent: "Element | None"
    children: "list[Element]" = field(default_factory=list)
    content: list[tuple[int, int]] = field(default_factory=list)  # object number of page, MCID
    objects: list[pikepdf.Object] = field(default_factory=list)

    def walk(self) -> "Iterator[Element]":
        yield self
        for child in self.children:
            yield from child.walk()


def ua(path: Path) -> list[str]:
    """What is wrong with a PDF that claims PDF/UA-1; sorted, none twice."""
    with pikepdf.open(path) as pdf:
        return sorted(set(_Tagged(pdf).faults()))


class _Tagged:
    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        root = pdf.Root.get("/StructTreeRoot")
        self.root = Element(root, "Root", None) if root is not None else None
        if self.root:
            self._read(self.root, None)
        self.elements = list(self.root.walk())[1:] if self.root else []

    def _read(self, element: Element, page: pikepdf.Object | None) -> None:
        page = element.node.get("/Pg", page)
        kids = element.node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                assert page is not None
                element.content.append((page.objgen[0], kid))
            elif kid.get("/Type") == "/OBJR":
                element.objects.append(kid.Obj)
            elif kid.get("/Type") == "/MCR":
                element.content.append((kid.get("/Pg", page).objgen[0], int(kid.MCID)))
            else:
                child = Element(kid, str(kid.S)[1:], element)
                element.children.append(child)
                self._read(child, page)

    def faults(self) -> Iterator[str]:
        """All that is wrong."""
        yield from self.document()
        if not self.root:
            yield "01: there is no structure tree"
            return
        yield from self.kinds()
        yield from self.headings()
        yield from self.texts()
        yield from self.tables()
        yield from self.notes()
        yield from self.pages()
        yield from self.links()
        yield from _fonts(self.pdf)

    def document(self) -> Iterator[str]:
        catalog = self.pdf.Root
        if not catalog.get("/MarkInfo", {}).get("/Marked"):
            yield "06: the document is not marked"
        if catalog.get("/MarkInfo", {}).get("/Suspects"):
            yield "04: suspects"
        if not catalog.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
            yield "07: the title is not displayed"
        if not LANGUAGE.fullmatch(str(catalog.get("/Lang", ""))):
            yield "11: the document has no language"
        if "/Outlines" not in catalog:
            yield "27: no outline"
        with self.pdf.open_metadata() as about:
            if about.get("pdfuaid:part") != "1":
                yield "06: the claim is missing"
            if not about.get("dc:title"):
                yield "06: no title"
        if self.pdf.is_encrypted:
            yield "26: encrypted"

    def kinds(self) -> Iterator[str]:
        for element in self.elements:
            kind, parent = element.kind, element.parent
            if kind not in STANDARD:
                yield f"02: {kind} is no standard type"
            above = _real(parent)
            if kind in PARENTS and above not in PARENTS[kind]:
                yield f"09: {kind} in {above}"
            if kind in CHILDREN:
                for child in _seen(element):
                    if child.kind not in CHILDREN[kind]:
                        yield f"09: {child.kind} as a child of {kind}"
                if element.content:
                    yield f"09: text as a child of {kind}"
            if parent and parent.node.objgen != element.node.P.objgen:
                yield f"01: {kind} has another parent"

    def headings(self) -> Iterator[str]:
        level = 0
        for element in self.elements:
            if HEADING.fullmatch(element.kind):
                here = int(element.kind[1])
                if here > level + 1:
                    yield f"14: H{here} after H{level}"
                level = here

    def texts(self) -> Iterator[str]:
        for element in self.elements:
            node = element.node
            if element.kind in ("Figure", "Formula") and not (
                str(node.get("/Alt", "")).strip() or "/ActualText" in node
            ):
                yield f"13: {element.kind} without a description"
            if element.kind == "Figure" and "/BBox" not in node.get("/A", {}):
                yield "13: Figure without a place"
            if "/Lang" in node and not LANGUAGE.fullmatch(str(node.Lang)):
                yield f"11: the language {node.Lang}"

    def tables(self) -> Iterator[str]:
        for element in self.elements:
            if element.kind == "TH":
                attributes = element.node.get("/A", {})
                if "/Scope" not in attributes and "/Headers" not in attributes:
                    yield "15: TH without scope"
            if element.kind == "TD":
                for name in element.node.get("/A", {}).get("/Headers", ()):
                    if str(name) not in self._names():
                        yield f"15: no header {name}"

    def _names(self) -> set[str]:
        tree = self.pdf.Root.StructTreeRoot.get("/IDTree")
        return {str(name) for name in pikepdf.NameTree(tree)} if tree is not None else set()

    def notes(self) -> Iterator[str]:
        names = [str(e.node.get("/ID", "")) for e in self.elements if e.kind == "Note"]
        if "" in names:
            yield "19: Note without ID"
        if len(set(names)) < len(names):
            yield "19: two notes have one ID"
        if set(names) - self._names():
            yield "19: a note is not in the tree of IDs"

    def pages(self) -> Iterator[str]:
        owners = {place: element for element in self.elements for place in element.content}
        parents = pikepdf.NumberTree(self.pdf.Root.StructTreeRoot.ParentTree)
        for number, page in enumerate(self.pdf.pages, start=1):
            if "/Annots" in page.obj and page.obj.get("/Tabs") != "/S":
                yield f"28: page {number} has no order of tabs"
            marked, faults = _marked(page)
            yield from (f"01: page {number}: {fault}" for fault in faults)
            if len(set(marked)) < len(marked):
                yield f"01: page {number} has a mark twice"
            place = page.obj.objgen[0]
            known = {mark for where, mark in owners if where == place}
            if known != set(marked):
                yield f"01: page {number}: marks {sorted(known ^ set(marked))[:5]} are not matched"
            if not marked:
                continue
            listed = parents[int(page.obj.StructParents)]
            for mark in marked:
                owner = owners.get((place, mark))
                if owner is None or listed[mark].objgen != owner.node.objgen:
                    yield f"01: page {number}: the parent of mark {mark} is another"

    def links(self) -> Iterator[str]:
        parents = pikepdf.NumberTree(self.pdf.Root.StructTreeRoot.ParentTree)
        owners = {o.objgen: element for element in self.elements for o in element.objects}
        for page in self.pdf.pages:
            for note in page.obj.get("/Annots", ()):
                owner = owners.get(note.objgen)
                if note.Subtype != "/Link":
                    yield f"28: an annotation {note.Subtype}"
                elif owner is None or owner.kind != "Link":
                    yield f"28: a link in {owner and owner.kind}"
                elif parents[int(note.StructParent)].objgen != owner.node.objgen:
                    yield "28: the parent of a link is another"
                if not str(note.get("/Contents", "")).strip():
                    yield "28: a link without a description"


def _real(element: Element | None) -> str:
    """The nearest ancestor that is not passed over."""
    while element and element.kind == "NonStruct":
        element = element.parent
    return element.kind if element else ""


def _seen(element: Element) -> Iterator[Element]:
    """The children, those of passed over ones in their place."""
    for child in element.children:
        if child.kind == "NonStruct":
            yield from _seen(child)
        else:
            yield child


def _marked(page: pikepdf.Page) -> tuple[list[int], list[str]]:
    """The marks of a page's content, and what is drawn outside of any."""
    marks: list[int] = []
    faults: list[str] = []
    stack: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BMC", "BDC"):
            tag = str(operands[0])
            if tag == "/Artifact":
                if "marked" in stack:
                    faults.append("an artifact in marked content")
                stack.append("artifact")
            elif name == "BDC" and "/MCID" in operands[1]:
                if "artifact" in stack:
                    faults.append("marked content in an artifact")
                marks.append(int(operands[1]["/MCID"]))
                stack.append("marked")
            else:
                stack.append("other")
        elif name == "EMC":
            stack.pop()
        elif name in PAINT and not {"marked", "artifact"} & set(stack):
            faults.append(f"{name} outside of marks")
    return marks, sorted(set(faults))


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    seen = set()
    for page in pdf.pages:
        for font in page.resources.get("/Font", {}).values():
            if font.objgen in seen:
                continue
            seen.add(font.objgen)
            name, inner = str(font.BaseFont), font.DescendantFonts[0]
            files = {"/FontFile", "/FontFile2", "/FontFile3"}
            if not files & set(inner.FontDescriptor.keys()):
                yield f"31: {name} is not embedded"
            if "/ToUnicode" not in font:
                yield f"10: {name} has no texts"
            elif b"<0000>" in re.sub(rb"(?s)begincodespacerange.*?endcodespacerange", b"",
                                     font.ToUnicode.read_bytes()):  # fmt: skip
                yield f"31: {name} shows .notdef"
            if inner.Subtype == "/CIDFontType2" and "/CIDToGIDMap" not in inner:
                yield f"31: {name} has no map of glyphs"


def archive(path: Path) -> list[str]:
    """What is wrong with a PDF that claims PDF/A-2a."""
    with pikepdf.open(path) as pdf:
        return sorted(set(_archive(pdf)))


def _archive(pdf: pikepdf.Pdf) -> Iterator[str]:
    tree = _Tagged(pdf)
    yield from tree.kinds()
    yield from tree.pages()
    yield from _fonts(pdf)
    yield from _archive_metadata(pdf)
    intents = list(pdf.Root.get("/OutputIntents", ()))
    if not any(i.S == "/GTS_PDFA1" and "/DestOutputProfile" in i for i in intents):
        yield "6.2.3: no output intent"
    if "/ID" not in pdf.trailer:
        yield "6.1.3: no file identifier"
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream | pikepdf.Dictionary):
            yield from _archive_object(item)


def _archive_metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    with pdf.open_metadata() as about:
        if (about.get("pdfaid:part"), about.get("pdfaid:conformance")) != ("2", "A"):
            yield "6.6.4: the claim is missing"
        if about.get("dc:title") != str(pdf.docinfo.Title):
            yield "6.6.2: titles differ"
        authors = about.get("dc:creator")
        if ", ".join(authors or ()) != str(pdf.docinfo.get("/Author", "")):
            yield "6.6.2: authors differ"
    if "/Filter" in pdf.Root.Metadata:
        yield "6.6.2: the metadata are packed"


def _archive_object(item: pikepdf.Object) -> Iterator[str]:
    if "/LZWDecode" in str(item.get("/Filter", "")):
        yield "6.1.7: LZW"
    if item.get("/Type") == "/Annot" and (int(item.get("/F", 0)) & 0b100111) != 4:
        yield "6.3.2: the flags of an annotation"
    if item.get("/S") in ("/JavaScript", "/Launch", "/Movie", "/Sound", "/ImportData"):
        yield f"6.5.1: an action {item.S}"
    if item.get("/Interpolate"):
        yield "6.2.8: an image is smoothed"
    if "/TR" in item or "/HTP" in item:
        yield "6.2.5: a transfer function"
