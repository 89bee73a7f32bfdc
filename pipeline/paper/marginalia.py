"""What stands beside the lines it belongs to: as near as it can, none on another; pure.

A box with a `data-note` stands in the text until `take_out` moves it out of it.
"""

from collections.abc import Collection, Sequence
from typing import Any

HOMELESS = "data-homeless"


def spread(
    wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float, gap: float
) -> list[float]:
    """The tops of notes, in their order, within an area that has room for them.

    Each is as near to the wanted one as the notes around it allow, the first ones nearest.
    """
    tops: list[float] = []
    above = top
    for place, height in zip(wanted, heights, strict=True):
        tops.append(max(place, above))
        above = tops[-1] + height + gap
    below = bottom
    for index in reversed(range(len(tops))):
        tops[index] = min(tops[index], below - heights[index])
        below = tops[index] - gap
    return tops


def fitting(heights: Sequence[float], room: float, gap: float) -> int:
    """How many notes, from the first, an area has room for."""
    used = -gap
    for count, height in enumerate(heights):
        used += gap + height
        if used > room:
            return count
    return len(heights)


def numbered(bases: Sequence[float], apart: float) -> list[float]:
    """The base lines that get a number, from the top: of those side by side, the first."""
    kept: list[float] = []
    for base in sorted(bases):
        if not kept or base - kept[-1] >= apart:
            kept.append(base)
    return kept


def take_out(root: Any, in_text: Collection[str]) -> None:
    """Move the boxes that may stand beside the text to the end of their unit.

    Those named `in_text` stay where they are. `root` is an element of ElementTree.
    """
    for unit in root.iter("section"):
        if "unit" not in (unit.get("class") or "").split():
            continue
        moved = []
        for parent in list(unit.iter()):
            for box in parent.findall("aside[@data-note]"):
                if box.get("data-note") not in in_text:
                    parent.remove(box)
                    moved.append(box)
        if moved:
            place = unit.makeelement("div", {"class": "marginalia"})
            place.extend(moved)
            unit.append(place)


def homeless(root: Any) -> frozenset[str]:
    """The boxes that found no room beside their page."""
    return frozenset(box.get("data-note") for box in root.iterfind(f".//*[@{HOMELESS}]"))
