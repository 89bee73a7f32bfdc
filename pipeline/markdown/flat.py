"""A text as pandoc reads it, without carriage returns and tabs, and the way back to the source."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.markdown.outline import Range
from pipeline.source import Span

TAB_STOP = 4

_UNEVEN = re.compile(r"\r\n?|\t")


class Flat:
    """A text with newlines only and tabs expanded, as pandoc reads it, and the way back."""

    def __init__(self, text: str, start: int) -> None:
        self._flat = [0]
        self._source = [start]
        self._start = start
        self._end = len(text)
        self.text = text[start:] if start else text
        self._even = not _UNEVEN.search(text, start)
        if not self._even:
            self.text = "".join(self._pieces(text, start))

    def _pieces(self, text: str, start: int) -> Iterator[str]:
        size, at, line = 0, start, 0
        for match in _UNEVEN.finditer(text, start):
            before = text[at : match.start()]
            size += len(before)
            if "\n" in before:
                line = size - (len(before) - before.rindex("\n") - 1)
            made = "\n"
            if match[0] == "\t":
                made = " " * (TAB_STOP - (size - line) % TAB_STOP)
            yield before + made
            self._flat += (size, size + len(made))
            self._source += (match.start(), match.end())
            size += len(made)
            at = match.end()
            if made == "\n":
                line = size
        yield text[at:]

    def at(self, offset: int) -> int:
        """The source offset of a flat offset."""
        if self._even:
            return self._start + offset
        index = bisect_right(self._flat, offset) - 1
        end = self._source[index + 1] if index + 1 < len(self._source) else self._end
        return min(self._source[index] + offset - self._flat[index], end)

    def shift(self, offset: int) -> int | None:
        """The source offset of a flat one from which on both count alike; None where tabs are."""
        return self._start + offset if self._even else None

    def span(self, start: int, end: int) -> Span:
        """The source span of a flat range."""
        if self._even:
            return Span(self._start + start, self._start + end)
        return Span(self.at(start), self.at(end))


class Placed:
    """A leaf's text as one string, and the way back to the source."""

    def __init__(self, lines: Sequence[Range], flat: Flat) -> None:
        self._flat = flat
        self._lines = lines
        self._base = lines[0][0]
        self._joined = len(lines) == 1 or all(
            left[1] + 1 == right[0] for left, right in pairwise(lines)
        )
        self._shift = flat.shift(self._base) if self._joined else None
        if self._joined:
            self.text = flat.text[lines[0][0] : lines[-1][1]]
            return
        self.text = "\n".join(flat.text[start:end] for start, end in lines)
        self._local: list[int] = []
        self._starts = [start for start, _ in lines]
        at = 0
        for start, end in lines:
            self._local.append(at)
            at += end - start + 1

    def _offset(self, offset: int) -> int:
        if self._joined:
            return self._base + offset
        index = bisect_right(self._local, offset) - 1
        return self._starts[index] + offset - self._local[index]

    def span(self, start: int, end: int) -> Span:
        """The source span of a range of the leaf's text."""
        if self._shift is not None:
            return Span(self._shift + start, self._shift + end)
        if start == end:
            return self._flat.span(self._offset(start), self._offset(start))
        return self._flat.span(self._offset(start), self._offset(end - 1) + 1)

    def gaps(self) -> Iterable[Span]:
        """The marks of quotes and lists between the lines."""
        if self._joined:
            return ()
        return (
            self._flat.span(end + 1, start)
            for (_, end), (start, _) in pairwise(self._lines)
            if start > end + 1
        )


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Ranges in order, those that touch made one."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
