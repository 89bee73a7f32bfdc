"""What it does
Finds Latin letters and digits as wide as Han characters: `ＡＩ`, `２０２３`. Code is left
alone, and so are reference lists.

Why it matters
Searches miss them, fonts set them apart, and CY/T 154 and GB/T 15835 ask for the usual ones.

Example
```markdown
ＧＰＴ－４于２０２３年发布。
```

Use instead
```markdown
GPT-4于2023年发布。
```
"""

import re
import unicodedata
from collections.abc import Iterator

from pipeline.citations import reflist
from pipeline.diagnostics import Edit, Finding, Fix, Severity
from pipeline.document import Document
from pipeline.index import Index
from pipeline.text import prose
from pipeline.wording import quoted

CODE = "TX009"
NAME = "full-width-letters"
SEVERITY = Severity.WARNING
FIX = "safe"

_LETTERS = frozenset(
    map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))
)
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+"
                   "(?:[\uff0d\uff0e\uff05\uff0f](?=[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a])"
                   "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+)*")  # fmt: skip


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each word or number, with the marks within it."""
    if document.source.characters.isdisjoint(_LETTERS):
        return
    left_out = reflist.spans(document, index)
    for item in prose.of(document, index):
        if left_out and any(span.contains(item.block.span) for span in left_out):
            continue
        for match in _WIDE.finditer(item.text):
            span = item.span(*match.span())
            if document.source.slice(span) != match[0]:
                continue
            plain = unicodedata.normalize("NFKC", match[0])
            fix = Fix((Edit(document.path, span.start, span.end, plain),))
            message = f"full-width letters or digits: {quoted(match[0])}"
            yield Finding(document.source, span, message, f"write {quoted(plain)}", fix)
