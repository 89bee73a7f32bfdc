"""A rule's page, from its docstring: for `make-book rule`, for `docs/rules/` and for SARIF."""

import textwrap
from types import ModuleType

HEADINGS = ("What it does", "Why it matters", "Example", "Use instead")
FIXES = {
    "": "none",
    "safe": "safe: `make-book fix`",
    "unsafe": "a guess: `make-book fix --unsafe`",
    "safe, unsafe": "safe where the evidence is good: `make-book fix`; else a guess: `--unsafe`",
}


def sections(rule: ModuleType) -> dict[str, str]:
    """The text below each heading of a rule's docstring."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (rule.__doc__ or "").splitlines():
        if line in HEADINGS:
            lines = found.setdefault(line, [])
        else:
            lines.append(line)
    return {heading: "\n".join(text).strip() for heading, text in found.items()}


def summary(rule: ModuleType) -> str:
    """The first sentence of what a rule does, on one line."""
    text = " ".join(sections(rule).get("What it does", "").split())
    end = next((at for at in range(len(text)) if text.startswith(". ", at)), len(text))
    return text[: end + 1]


def markdown(rule: ModuleType) -> str:
    """The whole page as Markdown."""
    parts = [
        f"# {rule.NAME} ({rule.CODE})",
        f"Default severity: {rule.SEVERITY}. Fix: {FIXES.get(rule.FIX, rule.FIX)}.",
    ]
    for heading, text in sections(rule).items():
        parts.append(f"## {heading}\n\n{text}")
    parts.append(f"## How to silence it\n\n{_silencing(rule.CODE)}")
    return "\n\n".join(parts) + "\n"


def _silencing(code: str) -> str:
    return textwrap.dedent(f"""\
        Above the place or on its line, with the reason:

        ```markdown
        <!-- make-book: ignore {code} because … -->
        ```

        In front matter `# make-book: ignore {code} because …`, in a bibliography
        `% make-book: ignore {code} because …`. For whole files in `book.yaml`:

        ```yaml
        rules:
          {code}: {{ignore: ["drafts/**"]}}   # or `{code}: off`
        ```""")
