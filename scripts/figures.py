"""Draw the sample book's figures into ``manuscript/figures``.

``python scripts/figures.py`` writes them, ``--check`` only compares. Standard library alone, and
deterministic: the same ``data/models.csv`` gives the same bytes. Lengths are SVG user units.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
INK, ACCENT, TINT, PALE, RULE = "#22303c", "#a8482a", "#f2dccf", "#f4f4f1", "#c9ccce"
SPARSE = " (MoE)"

Anchor = Literal["start", "middle", "end"]


class Point(NamedTuple):
    x: float
    y: float


class Size(NamedTuple):
    w: float
    h: float


class Model(NamedTuple):
    """A row of ``data/models.csv``; ``source`` is a bibliography key."""

    name: str
    released: date
    parameters: float
    """Billions, all experts counted."""
    source: str

    @property
    def sparse(self) -> bool:
        return self.name.endswith(SPARSE)

    @property
    def label(self) -> str:
        return self.name.removesuffix(SPARSE)


def number(value: float) -> str:
    """At most two decimals, no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def path(points: Sequence[Point]) -> str:
    return " ".join(f"{number(point.x)},{number(point.y)}" for point in points)


@dataclass
class Drawing:
    width: int
    height: int
    title: str
    parts: list[str] = field(default_factory=list)

    def tag(self, name: str, content: str = "", **attributes: str | float) -> None:
        texts = {k: v if isinstance(v, str) else number(v) for k, v in attributes.items()}
        pairs = (f'{key.replace("_", "-")}="{text}"' for key, text in texts.items())
        head = " ".join((name, *pairs))
        self.parts.append(f"<{head}>{content}</{name}>" if content else f"<{head}/>")

    def text(self, at: Point, words: str, size: float = 14, **style: str) -> None:
        """Words on the baseline at ``at``, centred unless ``text_anchor`` says otherwise."""
        style = {"text_anchor": "middle", "fill": INK, **style}
        self.tag("text", escape(words), x=at.x, y=at.y, font_size=size, **style)

    def box(self, at: Point, w: float, h: float, fill: str = "#ffffff", stroke: str = INK) -> None:
        look = {"fill": fill, "stroke": stroke}
        self.tag("rect", x=at.x, y=at.y, width=w, height=h, rx=4, stroke_width=1.2, **look)

    def line(self, *points: Point, stroke: str = INK, width: float = 1.2) -> None:
        self.tag("polyline", points=path(points), fill="none", stroke=stroke, stroke_width=width)

    def arrow(self, *points: Point, stroke: str = INK) -> None:
        """A polyline with a drawn head: not every renderer draws markers."""
        before, tip = points[-2:]
        length = math.dist(before, tip)
        ux, uy = (tip.x - before.x) / length, (tip.y - before.y) / length
        base = Point(tip.x - 7 * ux, tip.y - 7 * uy)
        self.line(*points[:-1], base, stroke=stroke)
        corners = (
            tip,
            Point(base.x - 3.5 * uy, base.y + 3.5 * ux),
            Point(base.x + 3.5 * uy, base.y - 3.5 * ux),
        )
        self.tag("polygon", points=path(corners), fill=stroke)

    def block(self, at: Point, size: Size, zh: str, en: str = "", *, accent: bool = False) -> None:
        """A box with a Chinese line and, beneath it, an English one."""
        self.box(at, *size, *((TINT, ACCENT) if accent else ("#ffffff", INK)))
        x, y = at.x + size.w / 2, at.y + size.h / 2
        if not en:
            self.text(Point(x, y + 4.5), zh, 12.5)
            return
        self.text(Point(x, y - 2), zh)
        self.text(Point(x, y + 14), en, 11.5)

    def svg(self) -> str:
        w, h = self.width, self.height
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
            f' viewBox="0 0 {w} {h}" role="img" font-family="Noto Sans CJK SC, sans-serif">'
        )
        return "\n".join((head, f"<title>{escape(self.title)}</title>", *self.parts, "</svg>", ""))


def read_models(file_path: Path) -> list[Model]:
    with file_path.open(encoding="utf-8", newline="") as file:
        return [
            Model(
                row["model"],
                date.fromisoformat(row["date"]),
                float(row["parameters_billion"]),
                row["source"],
            )
            for row in csv.DictReader(file)
        ]


# transformer.svg


SUBLAYER, NORM = Size(190, 44), Size(190, 26)
LEFT, RIGHT = 62.0, 310.0
LEFT_MIDDLE, RIGHT_MIDDLE = LEFT + SUBLAYER.w / 2, RIGHT + SUBLAYER.w / 2


def sublayer(d: Drawing, at: Point, zh: str, en: str, *, accent: bool) -> None:
    """A sublayer, the addition and normalization above it, the residual path round its outside."""
    outward = -1 if at.x < RIGHT else 1
    edge = at.x + (0 if outward < 0 else SUBLAYER.w)
    middle, side, top = at.x + SUBLAYER.w / 2, edge + 16 * outward, at.y - 36
    d.block(at, SUBLAYER, zh, en, accent=accent)
    d.block(Point(at.x, top), NORM, "残差相加与归一化 (Add & norm)")
    d.arrow(Point(middle, at.y), Point(middle, top + NORM.h))
    fork, join = at.y + SUBLAYER.h + 10, top + NORM.h / 2
    d.arrow(Point(middle, fork), Point(side, fork), Point(side, join), Point(edge, join))


def layers(d: Drawing) -> None:
    d.box(Point(LEFT - 28, 252), SUBLAYER.w + 46, 222, PALE, RULE)
    d.box(Point(RIGHT - 18, 136), SUBLAYER.w + 46, 338, PALE, RULE)
    sublayer(d, Point(LEFT, 412), "多头自注意力", "Multi-head self-attention", accent=True)
    sublayer(d, Point(LEFT, 304), "前馈网络", "Feed-forward network", accent=False)
    sublayer(d, Point(RIGHT, 412), "带掩码的自注意力", "Masked self-attention", accent=True)
    sublayer(d, Point(RIGHT, 304), "编码器—解码器注意力", "Encoder–decoder attention", accent=True)
    sublayer(d, Point(RIGHT, 192), "前馈网络", "Feed-forward network", accent=False)
    for x, low, high in (
        (LEFT_MIDDLE, 376, 348),
        (RIGHT_MIDDLE, 376, 348),
        (RIGHT_MIDDLE, 268, 236),
    ):
        d.arrow(Point(x, low), Point(x, high))
    for x, y, zh, en in ((LEFT - 26, 229, "编码器层", "En"), (RIGHT - 18, 113, "解码器层", "De")):
        d.text(Point(x, y), f"{zh} ×6", 12.5, text_anchor="start", font_weight="bold")
        d.text(Point(x, y + 16), f"{en}coder layer", 12, text_anchor="start")


def ends(d: Drawing) -> None:
    """What goes in at the bottom and comes out at the top."""
    for x, zh, en, below in (
        (LEFT, "源句词向量＋位置编码", "Source", "源语句 (Source sentence)"),
        (RIGHT, "译文词向量＋位置编码", "Target", "已译出的部分 (Output so far)"),
    ):
        middle = x + SUBLAYER.w / 2
        d.block(Point(x, 494), SUBLAYER, zh, f"{en} embedding + position")
        d.arrow(Point(middle, 494), Point(middle, 412 + SUBLAYER.h))
        d.text(Point(middle, 560), below, 12.5)
    d.block(Point(RIGHT, 46), SUBLAYER, "线性层＋softmax", "Linear + softmax")
    d.arrow(Point(RIGHT_MIDDLE, 156), Point(RIGHT_MIDDLE, 46 + SUBLAYER.h))
    d.arrow(Point(RIGHT_MIDDLE, 46), Point(RIGHT_MIDDLE, 24))
    d.text(Point(RIGHT_MIDDLE, 15), "下一个词的概率 (Next-word probabilities)", 12.5)


def transformer() -> Drawing:
    d = Drawing(
        560, 570, "Transformer的一个编码器层与一个解码器层 (An encoder and a decoder layer)"
    )
    layers(d)
    ends(d)
    corner = (Point(LEFT_MIDDLE, 208), Point(276, 208), Point(276, 326))
    d.arrow(Point(LEFT_MIDDLE, 268), *corner, Point(RIGHT, 326), stroke=ACCENT)
    d.text(
        Point(LEFT_MIDDLE - 2, 199), "键与值 (Keys, values)", 12.5, text_anchor="start", fill=ACCENT
    )
    d.text(Point(RIGHT_MIDDLE - 8, 366), "查询 (Query)", 12.5, text_anchor="end", fill=ACCENT)
    return d


# parameters.svg


PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_BOTTOM = 76.0, 540.0, 16.0, 318.0
FIRST_YEAR, LAST_YEAR = 2014, 2026
LOW, HIGH = math.log10(0.05), math.log10(3000)
TICKS = {0.1: "1亿", 1: "10亿", 10: "100亿", 100: "1000亿", 1000: "1万亿"}

# Label offsets where the default (to the right of the mark) would collide.
LABELS: dict[str, tuple[float, float, Anchor]] = {
    "Transformer": (-8, 6, "end"),
    "GPT": (0, 17, "middle"),
    "Chinchilla": (-8, 8, "end"),
    "LLaMA-65B": (2, 17, "end"),
    "Llama 2 70B": (-6, 17, "start"),
    "ChatGLM-6B": (-8, 6, "end"),
    "Mistral 7B": (7, 9, "start"),
    "Llama 3.1 405B": (-8, 2, "end"),
    "DeepSeek-V3": (0, -9, "middle"),
}


def year_x(year: float) -> float:
    return PLOT_LEFT + (year - FIRST_YEAR) / (LAST_YEAR - FIRST_YEAR) * (PLOT_RIGHT - PLOT_LEFT)


def date_x(day: date) -> float:
    start = date(day.year, 1, 1)
    return year_x(day.year + (day - start).days / (date(day.year + 1, 1, 1) - start).days)


def parameter_y(billions: float) -> float:
    return PLOT_BOTTOM - (math.log10(billions) - LOW) / (HIGH - LOW) * (PLOT_BOTTOM - PLOT_TOP)


def mark(d: Drawing, x: float, y: float, *, sparse: bool) -> None:
    fill, stroke = ("#ffffff", ACCENT) if sparse else (INK, INK)
    d.tag("circle", cx=x, cy=y, r=4.2, fill=fill, stroke=stroke, stroke_width=1.8)


def axes(d: Drawing) -> None:
    for value, label in TICKS.items():
        y = parameter_y(value)
        d.line(Point(PLOT_LEFT, y), Point(PLOT_RIGHT, y), stroke=RULE, width=0.8)
        d.text(Point(PLOT_LEFT - 8, y + 4.5), label, 12.5, text_anchor="end")
    for year in range(FIRST_YEAR, LAST_YEAR):
        x = year_x(year)
        d.line(Point(x, PLOT_BOTTOM), Point(x, PLOT_BOTTOM + 5))
        if year % 2 == 0:
            d.text(Point(x, PLOT_BOTTOM + 20), str(year), 12.5)
    foot = Point(PLOT_LEFT, PLOT_BOTTOM)
    d.line(Point(PLOT_LEFT, PLOT_TOP), foot, Point(PLOT_RIGHT, PLOT_BOTTOM))
    middle = (PLOT_LEFT + PLOT_RIGHT) / 2
    d.text(Point(middle, PLOT_BOTTOM + 40), "发表年份 (Year of publication)", 13)
    side = Point(14, (PLOT_TOP + PLOT_BOTTOM) / 2)
    turn = f"rotate(-90 {number(side.x)} {number(side.y)})"
    d.text(side, "参数量，对数刻度 (Parameters, log scale)", 13, transform=turn)


def legend(d: Drawing) -> None:
    for y, sparse, words in (
        (258.0, False, "稠密模型"),
        (280.0, True, "混合专家模型（总参数量）"),
    ):
        mark(d, 370, y, sparse=sparse)
        d.text(Point(381, y + 4.5), words, 12.5, text_anchor="start")


def parameters(models: Sequence[Model]) -> Drawing:
    d = Drawing(560, 366, "已公布的语言模型参数量 (Published parameter counts, log scale)")
    axes(d)
    legend(d)
    for model in models:
        x, y = date_x(model.released), parameter_y(model.parameters)
        dx, dy, anchor = LABELS.get(model.label, (8, 4, "start"))
        mark(d, x, y, sparse=model.sparse)
        d.text(Point(x + dx, y + dy), model.label, 11, text_anchor=anchor)
    return d


# rlhf.svg


class Step(NamedTuple):
    zh: str
    en: str
    blocks: tuple[tuple[str, str], ...]
    """Chinese and English label of each block; the last is what the step yields."""


STEPS = (
    Step("第一步　示范", "Demonstrations", (
        ("抽取一个提问", "Sample a question"),
        ("标注者写出回答", "A labeler answers it"),
        ("监督微调", "Supervised fine-tuning"),
        ("会答题的模型", "Fine-tuned model"),
    )),
    Step("第二步　比较", "Comparisons", (
        ("模型给出几份回答", "Several answers"),
        ("标注者从好到坏排序", "A labeler ranks them"),
        ("学习预测名次", "Learn the ranking"),
        ("奖励模型", "Reward model"),
    )),
    Step("第三步　强化", "Reinforcement", (
        ("抽取一个新提问", "A new question"),
        ("模型写出回答", "The model answers"),
        ("奖励模型打分", "The score is computed"),
        ("按分数调整模型", "The model is updated"),
    )),
)  # fmt: skip


PANEL, GAP, INSET, STEP_TOP, STEP = 176.0, 16.0, 20.0, 60.0, 70.0
BLOCK = Size(PANEL - 2 * INSET, 46)


def panel(d: Drawing, x: float, step: Step) -> None:
    middle = x + PANEL / 2
    d.box(Point(x + 1, 1), PANEL - 2, 330, PALE, RULE)
    d.text(Point(middle, 27), step.zh, 15, font_weight="bold")
    d.text(Point(middle, 44), step.en, 12)
    for row, (zh, en) in enumerate(step.blocks):
        y = STEP_TOP + row * STEP
        d.block(Point(x + INSET, y), BLOCK, zh, en, accent=row == 3)
        if row:
            d.arrow(Point(middle, y - STEP + BLOCK.h), Point(middle, y))


def rlhf() -> Drawing:
    d = Drawing(560, 332, "人类反馈强化学习的三个步骤 (The three steps of RLHF)")
    columns = [index * (PANEL + GAP) for index in range(3)]
    rows = [STEP_TOP + row * STEP + BLOCK.h / 2 for row in range(4)]
    for x, step in zip(columns, STEPS, strict=True):
        panel(d, x, step)
    for index, row in ((0, 0), (1, 2)):
        start, end = columns[index] + PANEL - INSET, columns[index + 1] + INSET
        turn = (start + end) / 2
        bend = (Point(turn, rows[3]), Point(turn, rows[row]))
        d.arrow(Point(start, rows[3]), *bend, Point(end, rows[row]), stroke=ACCENT)
    edge, side = columns[2] + PANEL - INSET, columns[2] + PANEL - 7
    bend = (Point(side, rows[3]), Point(side, rows[1]))
    d.arrow(Point(edge, rows[3]), *bend, Point(edge, rows[1]), stroke=ACCENT)
    return d


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a figure is out of date"
    )
    check: bool = parser.parse_args(arguments).check
    drawings = {
        "transformer": transformer(),
        "parameters": parameters(read_models(ROOT / "data" / "models.csv")),
        "rlhf": rlhf(),
    }
    stale = 0
    for name, drawing in drawings.items():
        target = ROOT / "manuscript" / "figures" / f"{name}.svg"
        if target.exists() and target.read_text(encoding="utf-8") == drawing.svg():
            continue
        stale += 1
        print(f"{'out of date' if check else 'written'}: {target.relative_to(ROOT).as_posix()}")
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(drawing.svg(), encoding="utf-8", newline="\n")
    return int(check and stale > 0)


if __name__ == "__main__":
    raise SystemExit(main())
