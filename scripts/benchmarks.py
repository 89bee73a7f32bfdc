"""The page docs/benchmarks.md and its picture, from what was measured."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import metadata
from pathlib import Path

from clock import Measure, median, most

PICTURE = "images/benchmarks.svg"
ROW, LEFT, WIDE = 22, 330, 300
INK, GOOD, BAD, MARK = "#222", "#4878a8", "#b0413e", "#d9a441"
PACKAGES = ("weasyprint", "pypandoc_binary", "typst", "check-jsonschema")


@dataclass(frozen=True)
class Row:
    """A case: what was measured, in words and as a number, and the most that it may be."""

    title: str
    what: str
    goal: str
    shown: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.limit


@dataclass(frozen=True)
class Results:
    """All that a run of the benchmark found."""

    rows: Sequence[Row]
    found: Mapping[str, Sequence[Measure]]
    profile: Mapping[str, Mapping[str, float]]
    scale: float
    runs: int


def table(rows: Sequence[Row]) -> str:
    """The goals as a table of Markdown."""
    lines = ["| case | of | goal | measured | met |", "|---|---|---|---|---|"]
    for row in rows:
        met = "yes" if row.met else "**no**"
        lines.append(f"| {row.title} | {row.what} | {row.goal} | {row.shown} | {met} |")
    return "\n".join(lines)


def measure_table(found: Mapping[str, Sequence[Measure]]) -> str:
    """Every measure: median, spread and memory."""
    lines = ["| run | times | median | least – most | largest process |", "|---|---|---|---|---|"]
    for name, some in found.items():
        seconds = [item.seconds for item in some]
        held = f"{most(some):.0f} MB" if most(some) else "–"
        lines.append(
            f"| {name} | {len(some)} | {median(some):.2f} s | {min(seconds):.2f} – "
            f"{max(seconds):.2f} s | {held} |"
        )
    return "\n".join(lines)


def stage_table(profile: Mapping[str, Mapping[str, float]]) -> str:
    """CPU seconds by stage, a column for each kind of run."""
    if not profile:
        return ""
    names = list(dict.fromkeys(name for some in profile.values() for name in some))
    names.sort(key=lambda name: -statistics.fmean(some.get(name, 0) for some in profile.values()))
    lines = [f"| CPU seconds | {' | '.join(profile)} |", "|---|" + "---|" * len(profile)]
    for name in names:
        cells = (f"{some[name]:.2f}" if name in some else "–" for some in profile.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    sums = (f"{sum(some.values()):.2f}" for some in profile.values())
    return "\n".join([*lines, f"| **sum** | {' | '.join(sums)} |"])


def write(results: Results, folder: Path) -> None:
    """Write the page and its picture."""
    (folder / PICTURE).parent.mkdir(exist_ok=True)
    (folder / PICTURE).write_text(picture(results.rows), "utf-8")
    (folder / "benchmarks.md").write_text(_page(results), "utf-8")


def _page(results: Results) -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    missed = sum(not row.met for row in results.rows)
    verdict = "All goals are met." if not missed else f"Goals missed: {missed}."
    return f"""# Benchmarks

Written by `make bench`: {results.runs} or more runs of each case, medians of wall-clock seconds, on
{os.cpu_count()} cores, Python {platform.python_version()}, {versions}. The book is made from a
seed: 17 chapters, 25 cards, about 280,000 characters, 800 citations, on A5 (× {results.scale:g}).
{verdict}

The *straight render* is one run of WeasyPrint over the same HTML and CSS with the page numbers
given, the best that a hand could do; pandoc's time comes on top of it and is not counted. Ratios
are of medians in one run of the benchmark on one machine. Read the ratios, not the seconds.

{table(results.rows)}

![Ratios, and the goals as lines]({PICTURE})

## Every measure

`straight`, `typst` (pandoc with its citations, then Typst) and `chromium` (headless print) are
other ways to a PDF of the same book; `pandoc epub` is pandoc's own EPUB; `check-jsonschema` holds
the front matter of the 10,000 cards against its schema and does nothing else.

{measure_table(results.found)}

{_profile(results)}"""


def _profile(results: Results) -> str:
    if not results.profile:
        return ""
    return f"""## Where the time goes

CPU seconds of all processes together, by stage: before (the straight render), and now from
nothing and after an edit of one paragraph. Pandoc runs beside these and is not in them.

{stage_table(results.profile)}

The floor of an edit is the layout of its own chapter, which nothing can share: {_floor(results)}.
To go below it a chapter has to be split. What remains beside it is starting Python, reading the
book, checking it, and writing the file.
"""


def _floor(results: Results) -> str:
    parts = []
    for name, some in results.profile.items():
        if name.startswith("edit"):
            own = sum(some.get(stage, 0) for stage in ("lay out pages", "write pages"))
            parts.append(f"{own:.2f} of {sum(some.values()):.2f} s ({name.split()[1]})")
    return ", ".join(parts)


def picture(rows: Sequence[Row]) -> str:
    """Bars of what was measured as a share of its goal: the line at 1 is the goal."""
    height = ROW * len(rows) + 40
    parts = []
    for place, row in enumerate(rows):
        y = 10 + place * ROW
        share = min(row.value / row.limit, 1.6)
        colour = GOOD if row.met else BAD
        title = escape(f"{row.title} · {row.what}".replace("`", ""))
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{title}</text>'
            f'<rect x="{LEFT}" y="{y + 3}" width="{share * WIDE / 1.6:.1f}" height="{ROW - 8}" '
            f'fill="{colour}"/>'
        )
    goal = LEFT + WIDE / 1.6
    parts.append(
        f'<path d="M{goal} 6V{height - 24}" stroke="{MARK}" stroke-width="2"/>'
        f'<text x="{goal}" y="{height - 8}" text-anchor="middle">goal</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDE + 20}" height="{height}" '
        f'font-family="sans-serif" font-size="10" fill="{INK}" role="img">'
        f"<title>What was measured as a share of its goal</title>{''.join(parts)}</svg>\n"
    )
