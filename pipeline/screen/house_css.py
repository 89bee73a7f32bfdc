"""The stylesheets of e-book and site: ours, then the book's own without what they may not do."""

import posixpath
import re
from pathlib import Path

from pipeline.rendering import Context

THEMES = Path(__file__).parents[1] / "themes"
LIMIT = 1_000_000
_FETCHES = re.compile(
    r"@(?:import|charset|namespace)\b[^;]*;?|@font-face\s*\{[^}]*\}", re.IGNORECASE
)
_URL = re.compile(r"(?:url|src|image-set|image)\s*\([^)]*\)", re.IGNORECASE)
_PAGE = re.compile(r"@page[^{]*\{(?:[^{}]*|\{[^{}]*\})*\}", re.IGNORECASE)


def sheet(name: str, context: Context, *ours: str) -> str:
    """The theme's sheet `name`, what is made here, then those that `css:` in `book.yaml` names."""
    parts = [(THEMES / f"{name}.css").read_text(encoding="utf-8"), *ours]
    listed = context.book.config.setting("css", default=())
    for path in (listed,) if isinstance(listed, str) else listed:
        if (text := _own(context, str(path))) is not None:
            parts.append(harmless(text))
    return "\n".join(parts)


def harmless(text: str) -> str:
    """A stylesheet that fetches nothing."""
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace("\\", "").replace("</", "")
    return _URL.sub("none", _FETCHES.sub("", _PAGE.sub("", plain))).strip() + "\n"


def _own(context: Context, path: str) -> str | None:
    if posixpath.normpath(path) not in context.book.index.project.listing.files:
        context.progress.note(f"book.yaml: css: there is no {path} in the book's folder")
        return None
    data = (context.root / path).read_bytes()
    return data[:LIMIT].decode("utf-8", "replace")
