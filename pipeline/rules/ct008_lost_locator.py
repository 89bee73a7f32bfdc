"""What it does
Finds citations of which the printed book would lose a part: a locator that citation styles drop
without a word, such as `第3页` or a bare number, and a narrative citation `@key` under a numeric
style, of which only the number is left.

Why it matters
The author gave the page, and the reader does not get it; a sentence loses its subject.

Example
```markdown
参数共有四档[@touvron2023llama, 第3页]。
```

Use instead
```markdown
参数共有四档[@touvron2023llama, p. 3]。
```
"""

from collections.abc import Iterator

from pipeline.bibliography import Entry, to_csl
from pipeline.citations import locators
from pipeline.diagnostics import Finding, Severity, replace_span
from pipeline.document import Citation, Document
from pipeline.index import Index
from pipeline.source import Span
from pipeline.wording import quoted

CODE = "CT008"
NAME = "lost-locator"
SEVERITY = Severity.WARNING
FIX = "unsafe"
READS = ("entries",)

_NUMERIC = ("numeric", "ieee", "vancouver", "nature", "-note", "footnote")


def check(document: Document, index: Index) -> Iterator[Finding]:
    """Lost locators, and narrative citations under a style that prints numbers."""
    numeric = any(word in index.config.citation_style.lower() for word in _NUMERIC)
    for citation in document.body.citations:
        if citation.suffix and locators.lost(citation.suffix):
            yield _locator(document, citation)
        if citation.narrative and numeric and (entry := index.entries.get(citation.key)):
            yield _narrative(document, citation, entry)


def _locator(document: Document, citation: Citation) -> Finding:
    source = document.source
    text = citation.suffix.strip(" ,，")
    at = source.text.find(text, citation.span.end, citation.group.end)
    span = Span(at, at + len(text)) if at >= 0 else citation.span
    better = locators.latin(text)
    return Finding(
        source,
        span,
        f"the locator {quoted(text)} would be lost: citation styles do not read it",
        f"write `{better}`" if better else "write `p. 3`, `chap. 2`, `vol. 1`",
        replace_span(source, span, better, safe=False) if better and at >= 0 else None,
    )


def _narrative(document: Document, citation: Citation, entry: Entry) -> Finding:
    names = _names(entry)
    text = f"{names} [@{citation.key}]" if names else f"[@{citation.key}]"
    single = document.source.slice(citation.span) == f"@{citation.key}"
    fix = replace_span(document.source, citation.span, text, safe=False)
    return Finding(
        document.source,
        citation.span,
        f"{quoted('@' + citation.key)} prints a number only: the style of this book is numeric",
        f"write `{text}`",
        fix if single and citation.group == citation.span and names else None,
    )


def _names(entry: Entry) -> str:
    """The authors as a sentence has them."""
    record = to_csl(entry)
    people = record.get("author") or record.get("editor") or []
    names = [name for person in people if (name := _called(person))]
    chinese = str(record.get("language", "")).lower().startswith("zh")
    if len(names) == 2 and names[1] != "others":
        return f"{names[0]}和{names[1]}" if chinese else f"{names[0]} and {names[1]}"
    if len(names) > 1:
        return f"{names[0]}等" if chinese else f"{names[0]} et al."
    return names[0] if names else ""


def _called(person: object) -> str:
    if not isinstance(person, dict):
        return ""
    family, given = (str(person.get(key) or "") for key in ("family", "given"))
    han = family and "\u3400" <= family[0] <= "\u9fff"
    return family + given if han else family or str(person.get("literal") or "")
