"""Formats of text in front matter: partial dates, periods, language tags."""

import calendar
import re
from collections.abc import Callable

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,8}")
_YEARS = re.compile(r"(\d{4})-(\d{4})", re.ASCII)


def date_fault(text: str) -> str | None:
    """Why a text is no partial date (`2023`, `2023-02`, `2023-02-24`); None if it is one."""
    match = _DATE.fullmatch(text)
    if not match:
        return "a date is written `2023`, `2023-02` or `2023-02-24`"
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    if not year:
        return "there is no year 0000"
    if not 1 <= month <= 12:
        return f"there is no month {match[2]}"
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        return f"{calendar.month_name[month]} {year} has {days} days"
    return None


def period_fault(text: str) -> str | None:
    """Why a text is no period (`2023`, `2023-2024`, `2022-11/2023-03`, `2022 to 2023-03`)."""
    years = _YEARS.fullmatch(text)
    ends = list(years.groups()) if years else re.split(r"/| to ", text)
    if len(ends) > 2 or any(_DATE.fullmatch(end) is None for end in ends):
        return "a period is written `2023`, `2023-2024` or `2022-11/2023-03`"
    fault = next(filter(None, map(date_fault, ends)), None)
    if fault:
        return fault
    width = min(map(len, ends))
    if ends[-1][:width] < ends[0][:width]:
        return "the period ends before it begins"
    return None


def full_date_fault(text: str) -> str | None:
    """Why a text is no full date, `2023-02-24`."""
    if len(text) != 10:
        return "a date is written `2023-02-24` here"
    return date_fault(text)


def language_fault(text: str) -> str | None:
    """Why a text is no language tag of BCP 47; None if it is one."""
    return None if _LANGUAGE.fullmatch(text) else "a language is written `zh-Hans` or `en`"


FORMATS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "partial-date": ("a date", date_fault),
    "period": ("a period", period_fault),
    "date": ("a full date", full_date_fault),
    "language": ("a language tag", language_fault),
}
