"""What it does
Finds characters that none of the book's fonts has: those that the pages name and those of `fonts:`
in `book.yaml`. Text, code, headings and titles are looked at; formulas have a font of their own.
Each character is told once for a file, where it first stands.

Why it matters
The page shows an empty box, and nobody notices before the book is printed.

Example
```markdown
楔形文字𒀀是最早的文字之一。
```

Use instead
```markdown
楔形文字是最早的文字之一，图见下。
```
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

from pipeline.diagnostics import Finding, Severity
from pipeline.document import Document, Scalar
from pipeline.index import Index
from pipeline.source import Span
from pipeline.text import script

CODE = "TX005"
NAME = "missing-glyph"
SEVERITY = Severity.ERROR
FIX = ""

_PRINTED = ("title", "title_en", "name", "name_en")
_HIDDEN = ("comment", "attributes", "url", "html", "raw", "math", "definition", "marker")
_UNDRAWN = ("Cc", "Cf", "Cs", "Mn", "Zs", "Zl", "Zp")


def collect(document: Document, index: Index) -> set[str]:
    """The characters of a file that a font may lack."""
    found = script.outside(document.source.text, "gb2312")  # which every Chinese font has
    return {char for char in found if unicodedata.category(char) not in _UNDRAWN}


def prepare(index: Index) -> None:
    """Have the character maps of the fonts kept, whose first reading takes long."""
    _ = index.project.coverage


def check_book(index: Index, collected: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """One finding for each missing character of each file."""
    if not collected:
        return
    coverage = index.project.coverage
    if coverage is None:
        yield Finding(
            index.project.config_source,
            Span(0, 0),
            "no character could be checked: none of the book's fonts is installed",
            "run `make-book doctor` to see which are missing",
            severity=Severity.INFO,
        )
        return
    for path, found in sorted(collected.items()):
        missing = {char for char in found if ord(char) not in coverage}
        if missing:
            yield from _findings(index.project.by_path[path], missing)


def _findings(document: Document, missing: Collection[str]) -> Iterator[Finding]:
    pattern = re.compile(f"[{re.escape(''.join(sorted(missing)))}]")
    places: dict[str, list[int]] = {}
    for start, end in _printed(document):
        for match in pattern.finditer(document.source.text, start, end):
            places.setdefault(match[0], []).append(match.start())
    for char, found in places.items():
        name = unicodedata.name(char, "no name").lower()
        times = "" if len(found) == 1 else f", {len(found)} times in this file"
        yield Finding(
            document.source,
            Span(found[0], found[0] + 1),
            f"no font of the book has U+{ord(char):04X} ({name}){times}",
            "write it otherwise, or name a font that has it under `fonts:` in book.yaml",
        )


def _printed(document: Document) -> Iterator[tuple[int, int]]:
    """The ranges of a file that are printed, so far as markup tells."""
    for key in _PRINTED:
        node = document.field(key)
        if isinstance(node, Scalar):
            yield node.span.start, node.span.end
    at = document.body.span.start
    for region in document.body.regions:
        if region.kind in _HIDDEN:
            if region.span.start > at:
                yield at, region.span.start
            at = max(at, region.span.end)
    yield at, document.body.span.end
