"""Writes the pages of docs/ that are made from the code: rules, commands, the manual, schemas.

`--check` writes nothing and fails where a page is old.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline import checker, command_line, manual, rule_page

DOCS = Path(__file__).parents[1] / "docs"
SCHEMAS = Path(__file__).parents[1] / "schemas"
CONTENT = ("chapter", "event", "concept", "organization")

Json = dict[str, Any]


def main() -> int:
    """Write the pages, or say which are old."""
    wanted = pages()
    there = {path: path.read_text("utf-8") for path in (DOCS / "rules").glob("*.md")}
    there |= {path: path.read_text("utf-8") for path in wanted if path.is_file()}
    old = sorted(path for path in wanted.keys() | there if wanted.get(path) != there.get(path))
    if "--check" in sys.argv:
        for path in old:
            print(f"{path.relative_to(DOCS.parent)} is old: run scripts/reference_pages.py")
        return bool(old)
    for path in old:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
        else:
            path.unlink()
    return 0


def pages() -> dict[Path, str]:
    """Every page by its path."""
    rules = {f"rules/{rule.CODE}.md": rule_page.markdown(rule) for rule in checker.rules()}
    others = {
        "rules/index.md": _rules(),
        "reference/commands.md": _commands(),
        "reference/configuration.md": _configuration(),
        "reference/front-matter.md": _front_matter(),
        "make-book.1": manual.page(command_line.parser()),
    }
    return {DOCS / name: text for name, text in (rules | others).items()}


# ---- rules ------------------------------------------------------------------------------------


def _rules() -> str:
    lines = ["# Rules", "", "| code | name | default | finds |", "|---|---|---|---|"]
    for rule in checker.rules():
        finds = rule_page.summary(rule).replace("|", "\\|")
        lines.append(f"| [{rule.CODE}]({rule.CODE}.md) | {rule.NAME} | {rule.SEVERITY} | {finds} |")
    return "\n".join(lines) + "\n"


# ---- commands ---------------------------------------------------------------------------------


def _commands() -> str:
    parser = command_line.parser()
    lines = ["# Commands", "", parser.description or "", "", *_options(parser)]
    lines += ["", parser.epilog or ""]
    for name, command in _subcommands(parser).items():
        lines += ["", f"## make-book {name}", "", *_command(command, 3, f"make-book {name}")]
    return "\n".join(lines) + "\n"


def _command(parser: argparse.ArgumentParser, level: int, name: str) -> Iterator[str]:
    yield from _description(parser.description or "")
    yield from _options(parser)
    for inner, command in _subcommands(parser).items():
        yield from ("", f"{'#' * level} {name} {inner}", "")
        yield from _command(command, level + 1, f"{name} {inner}")


def _description(text: str) -> Iterator[str]:
    """Paragraphs as text, lines that stand in as code."""
    inside = False
    for line in text.strip().splitlines():
        if line.startswith("  ") and not inside:
            yield "```console"
        elif inside and line and not line.startswith("  "):
            yield "```"
        inside = line.startswith("  ") or (inside and not line)
        if not line and inside:
            yield "```"
            inside = False
        yield line[2:] if inside else line
    if inside:
        yield "```"


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    actions = [item for item in _actions(parser) if item.help != argparse.SUPPRESS]
    if actions:
        yield from ("", "| word | meaning |", "|---|---|")
    for action in actions:
        yield f"| {_cell(_word(action))} | {_cell(action.help or '', code=False)} |"


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            yield action


def _word(action: argparse.Action) -> str:
    value = action.metavar or ("" if action.nargs == 0 else (action.dest or "").upper())
    if isinstance(value, tuple):
        value = " ".join(value)
    if action.choices and not action.metavar:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if not action.option_strings:
        return f"{value} …" if action.nargs in ("*", "+") else str(value)
    return ", ".join(f"{name} {value}".strip() for name in action.option_strings)


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


# ---- schemas ----------------------------------------------------------------------------------


def _configuration() -> str:
    schema = json.loads((SCHEMAS / "book.schema.json").read_text("utf-8"))
    lines = ["# book.yaml", "", schema["description"], "", *_keys(schema, schema)]
    return "\n".join(lines) + "\n"


def _front_matter() -> str:
    lines = ["# Front matter", "", "Keys that begin with `x-` are free everywhere."]
    for name in CONTENT:
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
        lines += ["", f"## {schema['title']}", "", schema["description"], ""]
        lines += _keys(schema, schema)
    return "\n".join(lines) + "\n"


def _keys(part: Json, schema: Json) -> Iterator[str]:
    yield from ("| key | value | default |", "|---|---|---|")
    yield from _rows(part, schema, "")


def _rows(part: Json, schema: Json, before: str) -> Iterator[str]:
    required = set(part.get("required", ()))
    for key, value in part.get("properties", {}).items():
        item = _resolved(value, schema)
        text = " ".join(filter(None, [item.get("description", ""), _choices(item)]))
        default = json.dumps(item["default"], ensure_ascii=False) if "default" in item else ""
        need = "**required**" if key in required else _cell(default)
        yield f"| {_cell(before + key)} | {_cell(text, code=False)} | {need} |"
        if before.count(".") < 1:
            yield from _rows(item, schema, f"{before}{key}.")
    inner = part.get("additionalProperties")
    if isinstance(inner, dict) and before:
        yield from _rows(_resolved(inner, schema), schema, f"{before}<name>.")


def _resolved(value: Any, schema: Json) -> Json:
    item = dict(value) if isinstance(value, dict) else {}
    while "$ref" in item:
        name = item.pop("$ref").removeprefix("#/$defs/")
        item = {**schema["$defs"][name], **item}
    return item


def _choices(item: Json) -> str:
    values = item.get("enum") or _resolved(item.get("items", {}), item).get("enum") or ()
    if not values:
        return ""
    return "One of " + ", ".join(f"`{value}`" for value in values if value is not None) + "."


def _cell(text: str, *, code: bool = True) -> str:
    safe = text.replace("|", "\\|").replace("\n", " ")
    return f"`{safe}`" if code and safe else safe


if __name__ == "__main__":
    raise SystemExit(main())
