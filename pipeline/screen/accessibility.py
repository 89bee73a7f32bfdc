"""What a book can truly say of its accessibility, computed from its pages.

Terms are those of schema.org, as EPUB Accessibility 1.1 uses them. Conformance to WCAG is not
claimed: that takes a person's judgement.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipeline.screen.media import Medium


@dataclass(frozen=True)
class Facts:
    """What was found in the pages."""

    pictures: int
    described: int
    formulas: int
    formulas_with_source: int
    moving: bool
    pages: bool
    index: bool


def survey(
    trees: Iterable[HtmlElement], media: Iterable[Medium], *, pages: bool, index: bool
) -> Facts:
    """Count pictures, descriptions and formulas; `pages` whether there is a page list."""
    pictures = described = formulas = with_source = 0
    for tree in trees:
        for image in tree.iter("img"):
            pictures += 1
            described += bool((image.get("alt") or "").strip())
        for formula in tree.iter("math"):
            formulas += 1
            with_source += next(formula.iter("annotation"), None) is not None
    moving = any(medium.may_move for medium in media)
    return Facts(pictures, described, formulas, with_source, moving, pages, index)


def metadata(facts: Facts, language: str) -> Iterator[tuple[str, str]]:
    """Pairs of property and value, in the order of the package."""
    yield "schema:accessMode", "textual"
    if facts.pictures:
        yield "schema:accessMode", "visual"
    all_described = facts.described == facts.pictures
    yield "schema:accessModeSufficient", "textual" if all_described else "textual,visual"
    if facts.pictures and all_described:
        yield "schema:accessModeSufficient", "textual,visual"
    for feature in _features(facts, all_described=all_described):
        yield "schema:accessibilityFeature", feature
    if facts.moving:
        yield "schema:accessibilityHazard", "unknownFlashingHazard"
        yield "schema:accessibilityHazard", "unknownMotionSimulationHazard"
        yield "schema:accessibilityHazard", "noSoundHazard"
    else:
        yield "schema:accessibilityHazard", "none"
    yield "schema:accessibilitySummary", summary(facts, language)


def _features(facts: Facts, *, all_described: bool) -> Iterator[str]:
    yield from ("displayTransformability", "readingOrder", "structuralNavigation")
    yield from ("tableOfContents", "ARIA")
    if facts.pictures and all_described:
        yield "alternativeText"
    if facts.formulas:
        yield "MathML"
    if facts.formulas and facts.formulas == facts.formulas_with_source:
        yield "latex"
    if facts.index:
        yield "index"
    if facts.pages:
        yield from ("pageNavigation", "pageBreakMarkers")


def summary(facts: Facts, language: str) -> str:
    """The facts in a sentence or two of the book's language."""
    chinese = language.lower().startswith("zh")
    words = _CHINESE if chinese else _ENGLISH
    parts = [words["base"]]
    if facts.pictures and facts.described == facts.pictures:
        parts.append(words["described"])
    elif facts.pictures:
        parts.append(words["some"].format(facts.described, facts.pictures))
    if facts.formulas:
        parts.append(words["formulas"])
    if facts.pages:
        parts.append(words["pages"])
    return ("" if chinese else " ").join(parts)


_CHINESE = {
    "base": "正文可随屏幕重排、放大和换色，有目录、标题层级和语言标记，可由读屏软件按顺序朗读。",
    "described": "所有图片都有文字说明。",
    "some": "{1}幅图片中{0}幅有文字说明。",
    "formulas": "公式采用MathML。",
    "pages": "附有与印刷版对应的页码。",
}
_ENGLISH = {
    "base": "The text reflows, scales and recolours; contents, headings and languages are marked,"
    " and it reads in order with a screen reader.",
    "described": "Every picture has a text alternative.",
    "some": "{0} of {1} pictures have a text alternative.",
    "formulas": "Formulas are MathML.",
    "pages": "A list of the pages of the printed edition is given.",
}
