"""What the units of a book are, in the vocabularies of EPUB and DPUB-ARIA."""

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

from pipeline.book import Unit

ROLES = frozenset(
    "acknowledgments afterword appendix bibliography chapter colophon conclusion dedication"
    " epigraph epilogue foreword glossary index introduction part preface prologue".split()
)
_NAMES: Mapping[str, str] = {
    "preface": "前言|自序|preface",
    "foreword": "序|代序|序言|foreword",
    "introduction": "引言|导言|导论|绪论|introduction",
    "prologue": "楔子|序幕|序章|prologue",
    "acknowledgments": "致谢|鸣谢|acknowledge?ments",
    "dedication": "献词|题献|dedication",
    "afterword": "后记|跋|afterword|postscript",
    "conclusion": "结语|结论|conclusions?",
    "epilogue": "尾声|终章|epilogue",
    "bibliography": "参考文献|书目|bibliography|references",
    "colophon": "版本记录|colophon",
    "appendix": "附录.*|appendix.*",
}
_PLAIN = {"title": "titlepage", "copyright": "copyright-page", "timeline": "appendix"}


def body_matter(unit: Unit) -> str:
    """frontmatter, bodymatter or backmatter."""
    if unit.front:
        return "frontmatter"
    return "bodymatter" if unit.kind in ("part", "chapter") else "backmatter"


def kind_of(unit: Unit) -> str:
    """The EPUB structural term for a unit, empty where none fits."""
    if unit.kind in _PLAIN:
        return _PLAIN[unit.kind]
    if unit.kind in ("part", "chapter", "index", "colophon"):
        return unit.kind
    if unit.kind == "references":
        return "bibliography"
    if unit.kind == "entries":
        return (
            "glossary" if unit.content_type and unit.content_type.name == "concept" else "appendix"
        )
    for kind, names in _NAMES.items():
        for title in (unit.title, unit.title_en):
            if re.fullmatch(names, title.strip(), re.IGNORECASE):
                return kind
    return ""


def describe_unit(unit: Unit, tree: HtmlElement) -> None:
    """Give a unit's section its EPUB type and role."""
    kind = kind_of(unit)
    if not kind:
        return
    tree.set("data-epub-type", kind)
    if kind in ROLES:
        tree.set("role", f"doc-{kind}")
        name = f"{unit.number} {unit.title}".strip()
        if name:
            tree.set("aria-label", name)
