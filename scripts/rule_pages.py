"""Writes docs/rules/ from the docstrings of the rules; `--check` fails where a page is old."""

import sys
from pathlib import Path

from pipeline import checker, rule_page

FOLDER = Path(__file__).parents[1] / "docs" / "rules"


def pages() -> dict[str, str]:
    """Every page by file name, the list of all rules among them."""
    found = {f"{rule.CODE}.md": rule_page.markdown(rule) for rule in checker.rules()}
    lines = ["# Rules", "", "| code | name | default | finds |", "|---|---|---|---|"]
    for rule in checker.rules():
        finds = rule_page.summary(rule).replace("|", "\\|")
        lines.append(f"| [{rule.CODE}]({rule.CODE}.md) | {rule.NAME} | {rule.SEVERITY} | {finds} |")
    return {**found, "index.md": "\n".join(lines) + "\n"}


def main() -> int:
    """Write the pages, or say which are old."""
    wanted = pages()
    there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    old = sorted(
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    )
    if "--check" in sys.argv:
        print(*(f"docs/rules/{name} is old: run scripts/rule_pages.py" for name in old), sep="\n")
        return bool(old)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in old:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], "utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
