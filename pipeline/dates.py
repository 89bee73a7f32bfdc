"""Partial dates as intervals of days: `2023` is all of that year; only certain order counts."""

import calendar
import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.records.formats import date_fault

Day = tuple[int, int, int]

_YEARS = re.compile(r"\s*([0-9]{4})\s*[-–—~～]\s*([0-9]{4})\s*")
_ENDS = re.compile(r"\s*/\s*|\s+to\s+")
_WRITTEN = re.compile(r"([0-9]{4})\s*年(?:\s*([0-9]{1,2})\s*月(?:\s*([0-9]{1,2})\s*日)?)?")


@dataclass(frozen=True, slots=True)
class Interval:
    """From the first to the last day, both included."""

    first: Day
    last: Day

    def before(self, other: "Interval") -> bool:
        """Whether all of this is over before the other begins."""
        return self.last < other.first

    def meets(self, other: "Interval") -> bool:
        """Whether the two may share a day."""
        return not (self.before(other) or other.before(self))


@lru_cache(1 << 16)
def interval(text: str) -> Interval | None:
    """The days of `2023`, `2023-02` or `2023-02-24`; None for anything else."""
    text = text.strip()
    if date_fault(text) is not None:
        return None
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    return Interval((year, month or 1, day or 1), (year, last_month, last_day))


def period(text: str) -> Interval | None:
    """The days of `2023`, `2023-2024`, `2022-11/2023-03` or `2022-11 to 2023-03`."""
    years = _YEARS.fullmatch(text)
    ends = [interval(end) for end in (years.groups() if years else _ENDS.split(text.strip()))]
    first, last = ends[0], ends[-1]
    if len(ends) > 2 or first is None or last is None or last.last < first.first:
        return None
    return Interval(first.first, last.last)


def normalized(text: str) -> str:
    """`2023年2月24日` as `2023-02-24`; anything else stays."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return text.strip()
    parts = [part for part in match.groups() if part]
    return "-".join([parts[0], *(part.zfill(2) for part in parts[1:])])
