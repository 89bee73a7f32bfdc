"""A file in ruins must not drown the report."""

from collections.abc import Sequence

from msgspec.structs import replace

from pipeline.document import Problem


def capped(problems: Sequence[Problem], limit: int) -> tuple[Problem, ...]:
    """The first problems of a file; the last of them says how many are left out."""
    if len(problems) <= limit:
        return tuple(problems)
    *kept, last = problems[:limit]
    more = f"{last.message}; {len(problems) - limit:,} more problems follow in this file"
    return (*kept, replace(last, message=more))
