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

_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+"
                   "(?:[\uff0d\uff0e\uff05\uff0f](?=[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a])"
                   "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+)*")  # fmt: skip


def check(document: Document, index: Index) -> Iterator[Finding]:
    """One finding for each word or number, with the marks within it."""
    if not _WIDE.search(document.source.text):
        return
    left_out = reflist.spans(document, index)
    visible = prose.whole(document, index)
    for match in _WIDE.finditer(visible.text):
        span = visible.span(*match.span())
        if document.source.slice(span) != match[0] or any(out.contains(span) for out in left_out):
            continue
        plain = unicodedata.normalize("NFKC", match[0])
        fix = Fix((Edit(document.path, span.start, span.end, plain),))
        message = f"full-width letters or digits: {quoted(match[0])}"
        yield Finding(document.source, span, message, f"write {quoted(plain)}", fix)
