"""Manuscripts made from a seed and broken the way real ones are: about forty files each."""

import random
from pathlib import Path

TREES = (
    "alder aspen beech birch cedar cherry chestnut cypress elder elm fig fir ginkgo hazel holly "
    "juniper larch laurel linden maple mulberry oak olive pine plane poplar rowan spruce walnut "
    "willow yew hemlock sequoia acacia magnolia hickory"
).split()
CONCEPTS = ("grafting", "pruning", "coppicing", "layering", "mulching", "thinning")
ORGANIZATIONS = (("riverside", "Riverside Lab"), ("hilltop", "Hilltop House"), ("docks", "Dock 7"))
SCHOLARS = ("Touvron", "Vaswani", "Hoffmann", "Kaplan", "Devlin", "Raffel", "Zhang", "Ouyang")
LATER = ("enables", "influences")
EARLIER = ("response_to", "enabled_by", "influenced_by")
PLACES = ("chapter-01", "chapter-05", "chapter-44", "01-part")
TRENDS = ("open_model_wave", "falling_prices_of_paper", "a_general_boom_of_interest")
SIGNS = {"major": "🟠 重大事件** | **Major Event", "minor": "⚪ 一般事件** | **Minor Event"}


class Maker:
    """One manuscript; everything is drawn from one generator."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.draw = random.Random(seed)
        trees = self.draw.sample(TREES, 36)
        self.cards = [(tree, self._date()) for tree in trees[:24]]
        self.ghosts = [f"{tree}-{self.draw.randint(2018, 2024)}-0{number % 9 + 1}"
                       for number, tree in enumerate(trees[24:])]  # fmt: skip
        self.keys = [f"{name.lower()}{2015 + at}" for at, name in enumerate(SCHOLARS)]

    def _date(self) -> str:
        """A year, a month or a day."""
        year, month, day = (self.draw.randint(*ends) for ends in ((2018, 2024), (1, 12), (1, 28)))
        return f"{year}-{month:02}-{day:02}"[: self.draw.choice((4, 7, 7, 10, 10))]

    def write(self) -> Path:
        """Write every file; the folder."""
        self._put("book.yaml", "title: 林木编年\nlanguage: zh-Hans\n")
        for at, card in enumerate(self.cards):
            self._put(self._card_path(*card), self._card(at, *card))
        for number in range(1, 9):
            self._put(self._chapter_path(number), self._chapter(number))
        for name in CONCEPTS:
            others = [self.draw.choice((*CONCEPTS, "weeding")) for _ in range(2)]
            front = f"concept_id: {name}\nname: {name}法\naliases: [{name}术]\n"
            front += f"related_concepts: [{', '.join(others)}]\n"
            self._put(f"concepts/{name}.md", f"---\n{front}---\n\n# {name}法\n\n一种园艺。\n")
        for key, name in ORGANIZATIONS:
            front = f"organization_id: {key}\nname: {name}\n"
            self._put(f"organizations/{key}.md", f"---\n{front}---\n\n# {name}\n\n一处园子。\n")
        entries = [
            f"@misc{{{key},\n  author = {{{name}, A. and Other, B.}},\n  title = {{On {name}}},\n"
            f"  year = {{{2015 + at}}}\n}}\n"
            for at, (key, name) in enumerate(zip(self.keys, SCHOLARS, strict=True))
        ]
        self._put("bibliography/works.bib", "\n".join(entries))
        return self.root

    def _put(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def _often(self, share: float) -> bool:
        return self.draw.random() < share

    @staticmethod
    def _card_path(tree: str, date: str) -> str:
        return f"events/{date[:4]}/{tree}-launch-{date[:4]}.md"

    @staticmethod
    def _chapter_path(number: int) -> str:
        return f"manuscript/{1 + number // 4:02}-part/chapter-{number:02}.md"

    @staticmethod
    def identifier(tree: str, date: str) -> str:
        """What a card calls itself: tree and month, while its file is named by tree and year."""
        return f"{tree}-{date[:7]}"

    # ---- references ------------------------------------------------------------------------

    def _event(self) -> str:
        """An event by id, by file stem, or one that has no card: as many as there are."""
        if self._often(0.5):
            return self.draw.choice(self.ghosts)
        tree, date = self.draw.choice(self.cards)
        return f"{tree}-launch-{date[:4]}" if self._often(0.4) else self.identifier(tree, date)

    def _concept(self) -> str:
        return self.draw.choice((*CONCEPTS, "grafting术", "pruning法", "espaliering"))

    def _link(self, path: str) -> str:
        """A link from a file two folders deep; a fifth of them lead nowhere."""
        target = self.draw.choice(
            (
                self._card_path(*self.draw.choice(self.cards)),
                self._chapter_path(self.draw.randint(1, 8)),
                f"concepts/{self.draw.choice(CONCEPTS)}.md",
            )
        )
        depth = path.count("/")
        good = "../" * depth + target
        bad = [f"../{good}", f"{good[:-3]}-draft.md", f"nowhere/{self.draw.choice(TREES)}.md",
               "../" * (depth - 1) + target, good.replace(".md", ".markdown"),
               "../" * depth + "assets/%E5%9B%BE.md"]  # fmt: skip
        link = self.draw.choice(bad) if self._often(0.2) else good
        text = self.draw.choice(("卡片", "**前情**", "又一处`码`", "Link"))
        return f"[{text}]({link})"

    def _noise(self) -> str:
        """What looks like a link, a citation or a heading and is none."""
        return self.draw.choice(
            (
                "```markdown\n[假](no-such-file.md) [@nobody1900] (Nemo et al., 1999)\n# 假\n```",
                "行内码`[假](no-such-file.md)`与`[@nobody1900]`。",
                "<!-- [假](no-such-file.md) [@nobody1900] -->",
                "    # 缩进的码 [假](no-such-file.md)",
                "公式$a[1](b)$不是链接。",
                "转义\\[假](no-such-file.md)，地址<https://example.org/no-such-file.md>。",
                "见[外站](https://example.org/no-such-file.md)。",
            )
        )

    def _citation(self) -> str:
        at = self.draw.randrange(len(SCHOLARS))
        name, year = SCHOLARS[at], 2015 + at
        return self.draw.choice(
            (
                f"[@{self.keys[at]}]",
                f"[@{self.keys[at]}; @{self.keys[at - 1]}]",
                f"[@{name.lower()}{year + 20}]",
                f"（{name} et al., {year}）",
                f"({name} et al., {year + 20})",
            )
        )

    def _prose(self, path: str) -> str:
        """A few paragraphs of Chinese and English with links, citations and noise."""
        parts = []
        for _ in range(self.draw.randint(3, 6)):
            words = "".join(
                self.draw.choices("春夏秋冬风霜雨雪山水花木", k=self.draw.randint(20, 60))
            )
            parts.append(f"{words}，见{self._link(path)}{self._citation()}。")
            if self._often(0.4):
                parts.append("One short English paragraph stands here for the sake of variety.")
            if self._often(0.4):
                parts.append(self._noise())
        return "\n\n".join(parts)

    # ---- files -----------------------------------------------------------------------------

    def _card(self, at: int, tree: str, date: str) -> str:
        path = self._card_path(tree, date)
        if at % 11 == 5:
            return f"# {tree}栽下 ({date})\n\n{self._prose(path)}\n"
        level = self.draw.choice(tuple(SIGNS))
        shown = self._date() if self._often(0.15) else date
        sources = [self.draw.choice((*self.keys, "lost1999", "gone2000")) for _ in range(2)]
        head = (
            f"event_id: {self.identifier(tree, date)}\ndate: {date}\ntitle: {tree}栽下\n"
            f"organization: {self.draw.choice(('riverside', 'Hilltop House', 'Nobody Ltd'))}\n"
            f"significance_level: {level}\nverification_status: reported\n"
            f"sources: [{', '.join(dict.fromkeys(sources))}]\n"
            f"technical_concepts:\n  - {self._concept()}\n"
            f"chapter_id: {self.draw.choice(PLACES)}\n"
        )
        body = f"**{SIGNS[level]}**\n\n{self._prose(path)}\n"
        return f"---\n{head}{self._causes()}---\n\n# {tree}栽下 ({shown})\n\n{body}"

    def _causes(self) -> str:
        lines = ["causal_connections:"]
        kinds = self.draw.sample((*LATER, *EARLIER, "parallel_to"), 3)
        for kind in kinds:
            targets = list(dict.fromkeys(self._event() for _ in range(2)))
            if self._often(0.1):
                targets.append(self.draw.choice(CONCEPTS))
            lines.append(f"  - {kind}: [{', '.join(targets)}]")
        lines.append(f"  - triggers: {self.draw.choice((*TRENDS, self._event()))}")
        return "\n".join(lines) + "\n"

    def _chapter(self, number: int) -> str:
        path = self._chapter_path(number)
        title = "chapter_title" if self._often(0.3) else "title"
        shown = number + 3 if self._often(0.3) else number
        begin = self.draw.randint(2018, 2023)
        events = list(dict.fromkeys(self._event() for _ in range(4)))
        anecdotes = self.draw.randint(0, 3)
        tales = "".join(f"### 💡 轶事：其{at}\n\n从前有一棵树。\n\n" for at in range(anecdotes))
        body = f"## 引言\n\n{self._prose(path)}\n\n## 正文\n\n{self._prose(path)}\n\n{tales}"
        guess = self.draw.choice((4000, 5500, 8000, 3))
        declared = anecdotes + self.draw.choice((0, 0, 1, 2))
        head = (
            f"chapter_number: {number}\n{title}: 第{number}片林\nperiod: {begin}-{begin + 1}\n"
            f"word_count: {guess}\nanecdote_count: {declared}\nkey_events:\n"
        )
        head += "".join(f"  - {name}\n" for name in events)
        head += f"technical_concepts: [{self._concept()}]\nkey_organizations: [docks, Nobody Ltd]\n"
        return f"---\n{head}---\n\n# Chapter {shown}: 第{number}片林\n\n{body}"
