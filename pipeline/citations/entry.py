"""A bibliography entry, whatever format it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.source import Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its text on one line (LaTeX as written), the spans of its value and name."""

    text: str
    span: Span
    key_span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Keys are as typed, types and BibTeX field names in lower case.

    `native` holds the record of an entry that was written as CSL; its fields have CSL's names.
    """

    key: str
    type: str
    fields: Mapping[str, Field]
    span: Span
    path: str
    key_span: Span
    native: Mapping[str, Any] | None = field(default=None, compare=False)

    def text(self, *names: str) -> str:
        """The text of the first of some fields that is there, else an empty string."""
        return next((self.fields[name].text for name in names if name in self.fields), "")
