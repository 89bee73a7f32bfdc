"""Write a book of any size, with the shape and the faults of a real one; the same for a seed.

``python scripts/large_book.py FOLDER [--cards N] [--chapters N] [--seed TEXT]``
"""

import argparse
import random
from pathlib import Path

SHORT = 9  # sentences of a card's longest section
LONG = 300  # sentences of a chapter: about 15,000 characters
FAULTS = 0.002  # the share of links, relations and so on that are wrong in a book under a hook
LEVELS = {
    "critical": "🔴 关键里程碑** | **Critical Milestone",
    "major": "🟠 重大事件** | **Major Event",
    "notable": "🟡 值得关注** | **Notable Event",
    "minor": "⚪ 一般事件** | **Minor Event",
}
WHO = ("研究小组", "几位作者", "河畔实验室", "这家公司", "评审委员会", "开放社区", "第二版的编者")
WHEN = ("同年秋天", "两个月后", "在此之前", "直到今天", "起初", "到了第三次试验")
DID = (
    "公布了模型的权重",
    "重新测量了各项成绩",
    "把训练数据扩大到原来的三倍",
    "否认了先前的结论",
    "在附录里写下了全部细节",
    "停止了这项计划",
)
SO = (
    "读者因此看到了另一面",
    "后来的工作多以此为起点",
    "争论并没有就此结束",
    "费用随之下降了一半",
    "没有人料到它会传得这样远",
)
ENGLISH = (
    "The group released its weights and described every step of the training.",
    "Later work took this as its point of departure, though the dispute went on.",
    "Costs fell by half within a year, which nobody had foreseen.",
)
TERMS = ("Transformer", "benchmark", "GPU", "token", "LoRA", "API")


class Maker:
    """One book; everything is drawn from one generator."""

    def __init__(self, root: Path, cards: int, chapters: int, seed: str = "1") -> None:
        self.root = root
        self.draw = random.Random(f"{seed} {cards} {chapters}")
        self.cards = [f"event-{number:05}" for number in range(cards)]
        self.chapters = [f"chapter-{number:03}" for number in range(1, chapters + 1)]
        self.concepts = [f"concept-{number:03}" for number in range(max(6, cards // 50))]
        self.keys = [f"author{1990 + number % 35}n{number}" for number in range(max(9, cards // 5))]
        self.causes: dict[str, list[str]] = {name: [] for name in self.cards}
        for number, name in enumerate(self.cards[:-1]):
            later = self.cards[min(number + self.draw.randint(1, 40), cards - 1)]
            self.causes[name].append(f"enables: [{'event-99999' if self._fault() else later}]")
            if not self._fault():
                self.causes[later].append(f"enabled_by: [{name}]")

    def write(self) -> Path:
        """Write every file; the folder."""
        self._put("book.yaml", "title: 一部大书\ntitle_en: A Large Book\nauthors: [某人]\n")
        for number, name in enumerate(self.cards):
            self._put(self._card_path(number), self._card(number, name))
        for number, _ in enumerate(self.chapters):
            self._put(self._chapter_path(number), self._chapter(number))
        for name in self.concepts:
            front = f"concept_id: {name}\nname: 概念{name[-3:]}\nname_en: Concept {name[-3:]}\n"
            self._put(f"concepts/{name}.md", f"---\n{front}---\n\n{self._prose(3, 'concepts')}\n")
        self._put("organizations/lab.md", "---\norganization_id: lab\nname: 河畔实验室\n---\n")
        self._put("bibliography/works.bib", "\n".join(map(self._entry, self.keys)))
        return self.root

    def _put(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def _date(self, number: int) -> str:
        """Cards are in the order of time: a day, a month or a year, from 1995 on."""
        day = number * 30 * 336 // len(self.cards)
        return f"{1995 + day // 336}-{day % 336 // 28 + 1:02}-{day % 28 + 1:02}"

    def _card_path(self, number: int) -> str:
        return f"events/{self._date(number)[:4]}/{self.cards[number]}.md"

    def _chapter_path(self, number: int) -> str:
        return f"manuscript/{number // 20 + 1:02}-part/{self.chapters[number]}.md"

    def _fault(self) -> bool:
        return self.draw.random() < FAULTS

    # ---- references ------------------------------------------------------------------------

    def _link(self, folder: str) -> str:
        kind = self.draw.random()
        if kind < 0.5:
            path = self._card_path(self.draw.randrange(len(self.cards)))
        elif kind < 0.7:
            path = self._chapter_path(self.draw.randrange(len(self.chapters)))
        else:
            path = f"concepts/{self.draw.choice(self.concepts)}.md"
        if self._fault():
            path = path.replace(".md", "-old.md")
        return f"[前情]({'../' * (folder.count('/') + 1)}{path})"

    def _cite(self) -> str:
        return "[@nobody1999]" if self._fault() else f"[@{self.draw.choice(self.keys)}]"

    def _sentence(self, folder: str) -> str:
        words = f"{self.draw.choice(WHEN)}，{self.draw.choice(WHO)}{self.draw.choice(DID)}"
        words += f"，{self.draw.choice(SO)}"
        if self.draw.random() < 0.3:
            number = self.draw.randint(2, 900)
            words += f"，{self.draw.choice(TERMS)}的数目是{number}个，占{number % 90 + 1}%"
        if self.draw.random() < 0.12:
            words += f"，见{self._link(folder)}"
        if self.draw.random() < 0.15:
            words += self._cite()
        return f"{words}{',' if self._fault() else '。'}"

    def _prose(self, sentences: int, folder: str) -> str:
        parts, left = [], sentences
        while left > 0:
            size = self.draw.randint(2, 6)
            parts.append("".join(self._sentence(folder) for _ in range(min(size, left))))
            left -= size
        return "\n\n".join(parts)

    # ---- files -----------------------------------------------------------------------------

    def _card(self, number: int, name: str) -> str:
        folder = self._card_path(number).rpartition("/")[0]
        date, level = self._date(number), self.draw.choice(tuple(LEVELS))
        shown = date.replace("-", "/") if self._fault() else date
        causes = "".join(f"\n  - {cause}" for cause in self.causes[name])
        related = "\n".join(f"- {self._link(folder)}：相关的一步" for _ in range(3))
        key = "organisation" if self._fault() else "organization"
        return f"""\
---
event_id: {name}
date: {date}
title: 第{number + 1}件事
title_en: Event Number {number + 1}
{key}: lab
event_type: model_release
significance_level: {level}
verification_status: {"seen" if self._fault() else "verified"}
sources: [{", ".join(self.draw.sample(self.keys, 2))}]
tags: [tag-{number % 40}, tag-{number % 7}]
causal_connections:{causes or " []"}
technical_concepts:
  - {self.draw.choice(self.concepts)}
chapter_id: {self.chapters[number % len(self.chapters)]}
---

# 第{number + 1}件事 ({shown})

**{LEVELS[level]}**

## 事件概述 (Event Overview)

{self._prose(SHORT, folder)}

{self.draw.choice(ENGLISH)}

## 技术要点 (Technical Points)

- **规模**：{self._sentence(folder)}
- **数据**：{self._sentence(folder)}

| 测试 | 这一次 | 上一次 |
|------|--------|--------|
| 甲 | {number % 97} | {number % 89} |
| 乙 | {number % 83} | {number % 79} |

## 历史意义 (Historical Significance)

{self._prose(4, folder)}

## 相关概念 (Related Concepts)

{related}
"""

    def _chapter(self, number: int) -> str:
        folder = self._chapter_path(number).rpartition("/")[0]
        events = self.cards[number :: len(self.chapters)]
        sections = "\n\n".join(
            f"## 第{part}节 (Section {part})\n\n{self._prose(LONG // 10, folder)}[^{part}]\n\n"
            f"[^{part}]: {self._sentence(folder)}"
            for part in range(1, 11)
        )
        return f"""\
---
chapter_number: {number + 1}
title: 第{number + 1}段路
title_en: Stretch {number + 1}
status: draft
key_events: [{", ".join(events)}]
technical_concepts: [{self.draw.choice(self.concepts)}]
anecdote_count: 0
---

# 第{number + 1}章 第{number + 1}段路

{sections}
"""

    def _entry(self, key: str) -> str:
        year, number = key.removeprefix("author").split("n")
        return (
            f"@article{{{key},\n  author = {{Author{number}, Anna and Other, Ben}},\n"
            f"  title = {{On the Matter of {number}}},\n  journal = {{Journal of Matters}},\n"
            f"  year = {{{year}}},\n"
            f"  volume = {{{int(number) % 60 + 1}}},\n  pages = {{1--9}}\n}}\n"
        )


def main() -> int:
    """Write the book and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cards", type=int, default=25)
    parser.add_argument("--chapters", type=int, default=17)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    Maker(options.folder, options.cards, options.chapters, options.seed).write()
    sizes = [len(path.read_text("utf-8")) for path in options.folder.rglob("*.md")]
    print(f"{options.folder}: {len(sizes)} files, {sum(sizes):,} characters")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
