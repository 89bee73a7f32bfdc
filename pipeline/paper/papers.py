"""Papers: the size of a page and its type area, in whole characters and lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import UserError

POINT = 25.4 / 72  # millimetres
SHEET = (210, 297)  # millimetres: A4, on which proofs are printed
NUMBERS, NOTES, FOOT = 22, 66, 30  # millimetres beside and below the text of a proof
APART = 8  # millimetres that findings leave free on each side
GAP = 0.08  # of the margins, between the text and the column of boxes


@dataclass(frozen=True)
class Paper:
    """Millimetres of the page; points of type; `characters` by `lines` of the type area.

    `facing` papers have left and right pages; `inner` is the inner margin's share of both, `column`
    that of a column for boxes in the outer one.
    """

    width: float
    height: float
    size: float
    leading: float
    characters: int
    lines: int
    facing: bool = True
    inner: float = 0.545
    top: float = 0.5
    column: float = 0.0

    @property
    def across(self) -> float:
        """Millimetres of both margins beside the text."""
        return self.width - self.characters * self.size * POINT

    @property
    def beside(self) -> float:
        """Millimetres from the text to the end of the column."""
        return self.across * (self.column + GAP) if self.column else 0.0


PAPERS = {
    "a5": Paper(148, 210, 10.5, 17, 30, 29),
    "b5": Paper(176, 250, 10.5, 17.5, 35, 34),
    "16k": Paper(185, 260, 10.5, 17.5, 36, 36),
    "a4": Paper(210, 297, 10.5, 18, 42, 40),
    "screen": Paper(150, 210, 11, 19, 32, 28, facing=False, inner=0.5),
}


def of(name: str) -> Paper:
    """The paper of a name. Raises `UserError` for an unknown one."""
    paper = PAPERS.get(name.lower())
    if paper is None:
        known = ", ".join(key.upper() if len(key) < 4 else key for key in PAPERS)
        raise UserError(f"book.yaml: no paper is called {name!r}", hint=f"there are {known}")
    return paper


def with_column(paper: Paper) -> Paper:
    """The same page with shorter lines and a column for boxes in the outer margin."""
    return replace(paper, characters=paper.characters * 5 // 6, inner=0.28, column=0.5)


def string(text: str) -> str:
    """A CSS string."""
    plain = "".join(mark if mark.isalnum() else f"\\{ord(mark):x} " for mark in text)
    return f"'{plain}'"


def faces_css(faces: Mapping[str, Sequence[str]]) -> str:
    """The families of each role, as variables of the style."""
    stacks = {role: ", ".join(map(string, families)) for role, families in faces.items()}
    for role in ("sans", "mono"):
        stacks[role] += ", var(--emoji)"
    return f":root {{ {' '.join(f'--{role}: {stack};' for role, stack in stacks.items())} }}"


def css(paper: Paper) -> str:
    """The page's size and margins, and the size of the text, as CSS."""
    down = paper.height - paper.lines * paper.leading * POINT
    inner, outer = paper.across * paper.inner, paper.across * (1 - paper.inner)
    left = (outer, inner) if paper.facing else (inner, outer)
    above, below = down * paper.top, down * (1 - paper.top)
    return (
        f"@page {{ size: {paper.width:g}mm {paper.height:g}mm; "
        f"margin: {above:.4f}mm {outer:.4f}mm {below:.4f}mm {inner:.4f}mm }}\n"
        f"@page :left {{ margin-left: {left[0]:.4f}mm; margin-right: {left[1]:.4f}mm }}\n"
        f"@page :right {{ margin-left: {inner:.4f}mm; margin-right: {outer:.4f}mm }}\n"
        f"html {{ font-size: {paper.size:g}pt; line-height: {paper.leading:g}pt }}\n"
        f".marginalia > .event-box {{ width: {paper.across * paper.column:.4f}mm; "
        f"margin: 0 {paper.across * GAP:.4f}mm }}\n"
    )


def proof_css(paper: Paper) -> str:
    """The type area of a paper on a sheet with room beside it for line numbers and findings."""
    text = paper.characters * paper.size * POINT, paper.lines * paper.leading * POINT
    width = max(SHEET[0], text[0] + NUMBERS + paper.beside + NOTES)
    height = max(SHEET[1], text[1] + 2 * FOOT)
    above, beside = (height - text[1]) / 2, width - text[0] - NUMBERS
    margin = f"{above:.4f}mm {beside:.4f}mm {above:.4f}mm {NUMBERS}mm"
    return (
        f"@page {{ size: {width:.4f}mm {height:.4f}mm; margin: {margin} }}\n"
        f"@page :left {{ margin: {margin} }}\n@page :right {{ margin: {margin} }}\n"
        f".marginalia > .finding {{ width: {beside - paper.beside - 2 * APART:.4f}mm; "
        f"margin-left: {paper.beside + APART:.4f}mm }}\n"
    )
