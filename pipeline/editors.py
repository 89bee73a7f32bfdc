"""The editors that a link can open at a line, and how each is addressed."""

import argparse
import re

from pipeline.errors import UserError

EDITORS = {
    "vscode": "vscode://file{path}:{line}:{column}",
    "vscodium": "vscodium://file{path}:{line}:{column}",
    "cursor": "cursor://file{path}:{line}:{column}",
    "zed": "zed://file{path}:{line}:{column}",
    "idea": "idea://open?file={path}&line={line}&column={column}",
    "sublime": "subl://open?url=file://{path}&line={line}&column={column}",
    "textmate": "txmt://open?url=file://{path}&line={line}&column={column}",
    "none": "",
}
DEFAULT = "vscode"
_PATTERN = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def add_argument(parser: argparse.ArgumentParser) -> None:
    """The word that says which editor links open."""
    parser.add_argument(
        "--editor",
        default=DEFAULT,
        metavar="NAME",
        help=f"{', '.join(EDITORS)}, or a URL with {{path}}, {{line}} and {{column}}",
    )


def pattern(name: str) -> str:
    """The URL of an editor by its name, or the pattern that was given. Raises `UserError`."""
    known = EDITORS.get(name)
    if known is not None:
        return known
    if _PATTERN.match(name) and "{path}" in name:
        return name
    raise UserError(
        f"--editor: `{name}` is no editor and no pattern",
        hint=f"one of {', '.join(EDITORS)}, or a URL such as {EDITORS[DEFAULT]}",
    )
