"""What it does
With `check --online`, finds outside addresses that do not answer or have moved for good, in links
and in the bibliography. The finding says when it was tried. Addresses that refuse to talk to
programs (403, 429) are not reported.

Why it matters
A source that cannot be reached supports nothing.

Example
```markdown
见[技术报告](https://example.org/2019/report.html)。
```

Use instead
```markdown
见[技术报告](https://example.org/reports/2019/)。
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.addresses import Address, addresses
from pipeline.diagnostics import Finding, Fix, Severity, replace_span
from pipeline.index import Index
from pipeline.source import Span
from pipeline.wording import quoted

if TYPE_CHECKING:
    from pipeline.probe import ProbeResult

CODE = "LK008"
NAME = "dead-url"
SEVERITY = Severity.WARNING
FIX = "unsafe"


def check_book(index: Index) -> Iterator[Finding]:
    """One finding for every place of an address that is dead or has moved."""
    if not index.project.probes:
        return
    for address in addresses(index):
        result = index.project.probes.get(address.url)
        if result and result.state in ("dead", "moved"):
            yield _finding(address, result)


def _finding(address: Address, result: "ProbeResult") -> Finding:
    if result.state == "dead":
        message = f"{quoted(address.url)} does not answer: {result.said} ({result.date})"
        advice = "find where it is now, or cite an archived copy"
        return Finding(address.source, address.span, message, advice)
    message = f"{quoted(address.url)} has moved for good ({result.date})"
    advice = f"write {quoted(result.location)}"
    return Finding(address.source, address.span, message, advice, _fix(address, result))


def _fix(address: Address, result: "ProbeResult") -> Fix | None:
    """Replace the address where it stands as typed; what follows `#` stays."""
    typed = address.source.slice(address.span)
    at = typed.find(address.url)
    if at < 0 or not result.location.isascii() or any(c in result.location for c in ' <>()"\\{}'):
        return None
    start = address.span.start + at
    span = Span(start, start + len(address.url))
    return replace_span(address.source, span, result.location, safe=False)
