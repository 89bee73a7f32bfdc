"""Names in `book.yaml` that only the tool knows: what is none of them is told at its place."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline import discovery
from pipeline.document import Mapping, Node, Scalar, scalars
from pipeline.errors import UserError
from pipeline.source import Source, Span
from pipeline.wording import did_you_mean, listed, quoted

THEMES = Path(__file__).parent / "themes"


def check(source: Source, node: Mapping, types: Iterable[str]) -> None:
    """Raise `UserError` for a rule, content type, theme, paper, output or style that is none.

    `types` are the keys of the content types that ship; a book may have others.
    """
    _rules(source, node)
    known = list(types)
    for key in _keys(node.get("content")):
        near = did_you_mean(key.text, known) if key.text not in known else None
        if near:
            message = f"no content type is called {quoted(key.text)}"
            raise error(source, key.span, message, f"did you mean `{near}`?")
    editions = node.get("editions")
    for place in (node, *_values(editions)):
        _one_of(source, place.get("outputs"), discovery.names("renderers"), "output")
        for scalar in scalars(place.get("theme")):
            if not scalar.text.endswith(".css"):
                _one_of(source, scalar, themes(), "theme")
        if place.get("paper"):
            _one_of(source, place.get("paper"), _papers(), "paper")
    citations = node.get("citations")
    _style(source, citations.get("style") if isinstance(citations, Mapping) else None)


def themes() -> tuple[str, ...]:
    """The themes that ship: sheets whose first words are their name."""
    sheets = sorted(THEMES.glob("*.css"))
    return tuple(
        path.stem for path in sheets if path.read_text("utf-8").startswith(f"/* {path.stem}:")
    )


def error(source: Source, span: Span, message: str, hint: str) -> UserError:
    """A failure at a place of the configuration."""
    line, column = source.position(span.start)
    return UserError(f"{source.path}:{line}:{column}: {message}", hint=hint)


def _rules(source: Source, node: Mapping) -> None:
    codes = [name.partition("_")[0].upper() for name in discovery.names("rules")]
    for key in _keys(node.get("rules")):
        if key.text not in codes and not key.text.startswith("x-"):
            near = did_you_mean(key.text, codes)
            hint = f"did you mean `{near}`?" if near else "`make-book rule` lists them all"
            raise error(source, key.span, f"no rule has the code {quoted(key.text)}", hint)


def _one_of(source: Source, node: Node | None, known: Iterable[str], what: str) -> None:
    names = list(known)
    for scalar in scalars(node):
        if scalar.text.lower() not in map(str.lower, names):
            near = did_you_mean(scalar.text, names)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(names, 'and')}"
            raise error(source, scalar.span, f"no {what} is called {quoted(scalar.text)}", hint)


def _papers() -> list[str]:
    from pipeline.paper.papers import PAPERS

    return [name.upper() if len(name) < 4 else name for name in PAPERS]


def _style(source: Source, node: Node | None) -> None:
    from pipeline import pandoc

    for scalar in scalars(node):
        name = scalar.text
        if name.endswith(".csl") or name in pandoc.STYLES or pandoc.has_style(name):
            continue
        near = did_you_mean(name, (*pandoc.STYLES, *pandoc.style_names()))
        hint = f"did you mean `{near}`?" if near else (
            "name a style of the CSL project, or a .csl file below bibliography/"
        )  # fmt: skip
        raise error(source, scalar.span, f"no CSL style is called {quoted(name)}", hint)


def _keys(node: Node | None) -> tuple[Scalar, ...]:
    return tuple(entry.key for entry in node.entries) if isinstance(node, Mapping) else ()


def _values(node: Node | None) -> Iterator[Mapping]:
    for entry in node.entries if isinstance(node, Mapping) else ():
        if isinstance(entry.value, Mapping):
            yield entry.value
