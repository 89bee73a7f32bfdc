"""Where notes stand beside the lines they belong to: as near as they can, none on another; pure."""

from collections.abc import Sequence


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
