"""What it does
Finds what silences nothing: a comment `make-book: ignore`, a glob under `ignore` in `book.yaml`, an
entry of the baseline. Also a comment that gives no reason, or names a code that does not exist:
such a comment has no effect.

Why it matters
A forgotten suppression hides the next mistake at its place.

Example
```markdown
<!-- make-book: ignore LK001 because the file comes with the next part -->
见[第二章](two.md)，它早已写好。
```

Use instead
```markdown
见[第二章](two.md)，它早已写好。
```
"""

import re
from collections.abc import Iterator

from pipeline.diagnostics import Edit, Finding, Fix, Severity
from pipeline.source import Source, Span
from pipeline.suppression import MOST, Ledger, Suppression
from pipeline.wording import did_you_mean, listed, quoted

CODE = "SU001"
NAME = "unused-suppression"
SEVERITY = Severity.WARNING
FIX = "safe"


def check_ledger(ledger: Ledger, known: frozenset[str]) -> Iterator[Finding]:
    """Everything that was meant to silence and does not; `known` are all codes."""
    for item in ledger.suppressions:
        yield from _comment(ledger, item, known)
    for glob in ledger.unused_globs():
        yield Finding(
            ledger.index.project.config_source,
            glob.span,
            f"the glob {quoted(glob.pattern)} silences no finding of {glob.code}",
            "remove it",
        )
    for baseline, fingerprint, code, path in ledger.unused_entries():
        start = max(baseline.source.text.find(fingerprint), 0)
        yield Finding(
            baseline.source,
            Span(start, start + len(fingerprint)),
            f"no finding {code} of {quoted(path)} has this fingerprint any more",
            "write the baseline anew with `make-book check --write-baseline`",
        )


def _comment(ledger: Ledger, item: Suppression, known: frozenset[str]) -> Iterator[Finding]:
    strange = [code for code in item.codes if code not in known]
    if item.surplus:
        message = f"there are more than {MOST:,} such comments in this file; the rest are not read"
        yield Finding(item.source, item.span, message, "set the rule in book.yaml, under `rules:`")
    elif not item.codes:
        message = "this comment is not understood, and silences nothing"
        yield Finding(item.source, item.span, message, "write `make-book: ignore CODE because …`")
    elif strange:
        near = did_you_mean(strange[0], sorted(known))
        advice = f"did you mean {quoted(near)}?" if near else "`make-book rule` lists the codes"
        yield Finding(item.source, item.codes_span, f"no rule is called {listed(strange)}", advice)
    elif not item.reason:
        message = "a suppression without a reason silences nothing"
        yield Finding(item.source, item.span, message, "end it with `because` and the reason")
    elif unused := ledger.unused(item):
        message = f"this comment silences no {listed(unused)}"
        yield Finding(item.source, item.span, message, "remove it", _fix(item, unused))


def _fix(item: Suppression, unused: list[str]) -> Fix:
    kept = [code for code in item.codes if code not in unused]
    if kept:
        span, text = item.codes_span, ", ".join(kept)
    else:
        span, text = _without(item.source, item.span), ""
    return Fix((Edit(item.source.path, span.start, span.end, text),))


def _without(source: Source, span: Span) -> Span:
    """A comment with the blanks before it; with its line, unless that would join two blocks."""
    text = source.text
    start = span.start - len(text[: span.start]) + len(text[: span.start].rstrip(" \t"))
    ending = re.compile(r"[ \t]*(\r\n|\r|\n|\Z)").match(text, span.end)
    if not ending or (start and text[start - 1] not in "\r\n"):
        return Span(start if ending else span.start, span.end)
    line, _ = source.position(start)
    last, _ = source.position(span.end)
    above = line > 1 and source.line(line - 1).strip()
    below = last < len(source.line_starts) and source.line(last + 1).strip()
    markdown = text[span.start] == "<"
    return Span(start, span.end if above and below and markdown else ending.end())
