"""Brings structure elements where the standard allows them: odd HTML makes odd trees.

An element that may not stand where it does, or may not hold what it does, is a plain division;
levels of headings that are skipped are closed up.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

PARENTS = {
    "/LI": {"/L"},
    "/LBody": {"/LI"},
    "/TOCI": {"/TOC"},
    "/TR": {"/Table", "/THead", "/TBody", "/TFoot"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/THead": {"/Table"},
    "/TBody": {"/Table"},
    "/TFoot": {"/Table"},
}
CHILDREN = {
    "/L": {"/L", "/LI", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
    "/TOC": {"/TOC", "/TOCI", "/Caption"},
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
}
ROUNDS = 8  # elements within each other that may change one another
_HEADING = re.compile(r"/H([1-6])$")


def repair(objects: Sequence[Any], document: int) -> None:
    """Mend the tree below the document's element; `objects` are pydyf's, by number."""
    made = _Repair(objects)
    for _ in range(ROUNDS):
        made.changed = False
        made.visit(objects[document], "")
        if not made.changed:
            break
    levels: list[int] = []
    for element in made.walk(objects[document]):
        if match := _HEADING.match(element["S"]):
            while levels and levels[-1] >= int(match[1]):
                levels.pop()
            levels.append(int(match[1]))
            element["S"] = f"/H{len(levels)}"


class _Repair:
    def __init__(self, objects: Sequence[Any]) -> None:
        self.objects = objects
        self.changed = False

    def children(self, element: Any) -> Iterator[Any]:
        """The elements directly below one."""
        for kid in element.get("K", ()):
            if not isinstance(kid, int):
                child = self.objects[int(kid.split()[0])]
                if "S" in child:
                    yield child

    def seen(self, element: Any) -> Iterator[Any]:
        """The children, those of elements that are passed over in their place."""
        for child in self.children(element):
            if child["S"] == "/NonStruct":
                yield from self.seen(child)
            else:
                yield child

    def walk(self, element: Any) -> Iterator[Any]:
        """An element and all below it, in reading order."""
        yield element
        for child in self.children(element):
            yield from self.walk(child)

    def visit(self, element: Any, above: str) -> None:
        """Mend an element below one of a kind."""
        kind = element["S"]
        if not self._fits(element, kind, above):
            kind = element["S"] = "/Div"
            self.changed = True
        for child in self.children(element):
            self.visit(child, above if kind == "/NonStruct" else kind)

    def _fits(self, element: Any, kind: str, above: str) -> bool:
        if kind in PARENTS and above not in PARENTS[kind]:
            return False
        if kind not in CHILDREN:
            return True
        text = any(isinstance(kid, int) for kid in element.get("K", ()))
        return not text and all(child["S"] in CHILDREN[kind] for child in self.seen(element))
