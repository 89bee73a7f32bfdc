"""For each rule a fault planted by code in a copy of the sample book: that is found, and no more.

The copy is an overlay over the repository's own files. A planter changes it and says where the
finding must stand; places are counted here, not by the package. LK008 asks the network and is
tried with given answers in `rules/LK008`.
"""

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline import checker, index, project, reporting
from pipeline.reporters import text as text_reporter

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("manuscript", "events", "concepts", "organizations", "bibliography", "book.yaml")
ONLINE = {"LK008"}

CHAPTER = "manuscript/01-foundations/attention.md"
SECOND = "manuscript/01-foundations/pretraining.md"
LAST = "manuscript/03-many-centers/reasoning.md"
CARD = "events/2023/llama-2023-02.md"
PLAIN_CARD = "events/2019/gpt2-2019-02.md"
CONCEPT = "concepts/rlhf.md"
ORGANIZATION = "organizations/meta.md"
BIBLIOGRAPHY = "bibliography/references.bib"
ANY = "在此之前，神经网络多半只给统计翻译系统当助手"

Place = tuple[str, int, int]


@dataclass
class Copy:
    """The sample book with some files replaced; `root` may be a copy on disk."""

    scratch: Path
    root: Path = ROOT
    overlay: dict[str, bytes] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """A file as it is now."""
        data = self.overlay.get(path)
        return (data if data is not None else (self.root / path).read_bytes()).decode()

    def put(self, path: str, text: str, at: str = "") -> Place:
        """Write a file; the place of the first `at` in it."""
        self.overlay[path] = text.encode()
        return place(path, text, text.index(at))

    def swap(self, path: str, old: str, new: str, at: str = "") -> Place:
        """Replace the first `old` by `new`; the place where `at` begins in `new`."""
        text = self.text(path)
        start = text.index(old)
        text = text[:start] + new + text[start + len(old) :]
        self.put(path, text)
        return place(path, text, start + new.index(at))

    def insert(self, text: str, at: str = "", path: str = CHAPTER) -> Place:
        """Put words before a sentence of a chapter; the place of `at` in them."""
        return self.swap(path, ANY, text + ANY, at)

    def append(self, path: str, text: str, at: str = "") -> Place:
        """Add text to the end of a file; the place of `at` in it."""
        before = self.text(path)
        self.put(path, before + text)
        return place(path, before + text, len(before) + text.index(at))

    def to_disk(self) -> Path:
        """Go on with a real copy, for what no overlay can say."""
        self.root = self.scratch / "book"
        for part in PARTS:
            source = ROOT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self._made(part))
        return self.root

    def _made(self, part: str) -> Path:
        self.root.mkdir(exist_ok=True)
        return self.root / part

    def found(self) -> list[tuple[str, Place]]:
        """Every finding as (code, place)."""
        return [(item.code, (item.path, item.line, item.column)) for item in self.run().active]

    def run(self) -> checker.Run:
        """A check of everything."""
        return checker.check(index.build(project.load(self.root, dict(self.overlay))))


def place(path: str, text: str, offset: int) -> Place:
    """Line and column, counted from 1 in characters."""
    before = text[:offset]
    return path, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


PLANTERS: dict[str, Callable[[Copy], Place]] = {}


def planter(plant: Callable[[Copy], Place]) -> Callable[[Copy], Place]:
    """Register a planter under the code that it is named after."""
    PLANTERS[plant.__name__.upper()] = plant
    return plant


# ---- front matter ---------------------------------------------------------------------------


@planter
def fm001(book: Copy) -> Place:
    text = book.text("organizations/microsoft.md")
    return book.put("organizations/microsoft.md", text.split("---\n", 2)[2])


@planter
def fm002(book: Copy) -> Place:
    return book.swap(ORGANIZATION, "name: Meta\n", "name: Meta: 公司\n", "Meta: ")


@planter
def fm003(book: Copy) -> Place:
    return book.swap(CHAPTER, "status: final", "status: finished", "finished")


@planter
def fm004(book: Copy) -> Place:
    return book.swap(CARD, "tags: [open", "tags: [a]\ntags: [open", "tags: [open")


@planter
def fm005(book: Copy) -> Place:
    return book.swap(CHAPTER, "created_date", "create_date")


@planter
def fm006(book: Copy) -> Place:
    return book.swap(ORGANIZATION, "旗手", "旗\x08手", "\x08")


@planter
def fm007(book: Copy) -> Place:
    return book.swap(ORGANIZATION, "country: 美国", "country: 美国 #总部", "#总部")


@planter
def fm008(book: Copy) -> Place:
    (book.to_disk() / "events" / "2024" / "lost.md").mkdir()
    return "events/2024/lost.md", 1, 1


# ---- identifiers ----------------------------------------------------------------------------


@planter
def id001(book: Copy) -> Place:
    name = "{#fig-transformer}"
    return book.swap(
        "manuscript/02-breakthrough/alignment.md", "## 小结", f"[锚]{name}\n\n## 小结", "fig-t"
    )


@planter
def id002(book: Copy) -> Place:
    return book.swap(CHAPTER, "[transformer-2017-06]", "[transformer-2017-06, tarnsformer]", "tar")


@planter
def id003(book: Copy) -> Place:
    book.swap(CONCEPT, "aliases: [", "aliases: [两可之名, ")
    book.swap("concepts/hallucination.md", "aliases: [", "aliases: [两可之名, ")
    return book.swap(CHAPTER, "[self-attention, ", "[self-attention, 两可之名, ", "两可")


@planter
def id004(book: Copy) -> Place:
    return book.swap(CARD, "organization: meta", "organization: Meta AI", "Meta AI")


# ---- links ----------------------------------------------------------------------------------


@planter
def lk001(book: Copy) -> Place:
    return book.swap(CHAPTER, "../../concepts/transformer.md", "../../concepts/perceptron.md")


@planter
def lk002(book: Copy) -> Place:
    return book.insert("见[下文](#没有这一节)。", "没有")


@planter
def lk003(book: Copy) -> Place:
    return book.insert("见[别处](../../../elsewhere/notes.txt)。", "../../../")


@planter
def lk004(book: Copy) -> Place:
    return book.insert("见[词元化](../../concepts/Tokenization.md)。", "../../")


@planter
def lk005(book: Copy) -> Place:
    book.put("notes/todo.md", "# 备忘\n\n待办。\n")
    return book.insert("见[备忘](../../notes/todo.md)。", "../../")


@planter
def lk006(book: Copy) -> Place:
    return book.insert("见[此处](javascript:void)。", "javascript")


@planter
def lk007(book: Copy) -> Place:
    old = re.search(r"!\[([^]]+)\]", book.text(CHAPTER))
    assert old
    return book.swap(CHAPTER, old[0], "![]")


@planter
def lk009(book: Copy) -> Place:
    return book.insert("看图：![远处的图](https://example.org/far.png)。", "https://example.org")


@planter
def lk010(book: Copy) -> Place:
    return book.swap("book.yaml", "editions:", "css: [styles/own.css]\neditions:", "styles")


@planter
def lk011(book: Copy) -> Place:
    return book.insert("{{< include _shared.qmd >}}\n\n", "{{<")


# ---- citations ------------------------------------------------------------------------------


@planter
def ct001(book: Copy) -> Place:
    return book.insert("有人说过[@nobody1999nothing]。", "@nobody")


@planter
def ct002(book: Copy) -> Place:
    entry = (
        "\n@misc{forgotten2001, title = {Quite Forgotten}, author = {Nemo, A.}, year = {2001}}\n"
    )
    return book.append(BIBLIOGRAPHY, entry, "forgotten2001")


@planter
def ct003(book: Copy) -> Place:
    entry = re.search(r"@inproceedings\{bahdanau2015neural.*?\n\}\n", book.text(BIBLIOGRAPHY), re.S)
    assert entry
    return book.append(BIBLIOGRAPHY, "\n" + entry[0], "bahdanau2015neural")


@planter
def ct004(book: Copy) -> Place:
    return book.swap(BIBLIOGRAPHY, "{2227--2237}", "{2237--2227}", "{2237")


@planter
def ct005(book: Copy) -> Place:
    return book.swap(BIBLIOGRAPHY, "{Attention Is All You Need},", "{Attention Is All You Need,")


@planter
def ct006(book: Copy) -> Place:
    return book.insert("已有人指出(Vaswani et al., 2017)。", "Vaswani")


@planter
def ct007(book: Copy) -> Place:
    return book.insert("已有人指出(Nemo et al., 1999)。", "Nemo")


@planter
def ct008(book: Copy) -> Place:
    return book.insert("已有人指出[@vaswani2017attention, 第3页]。", "第3页")


# ---- events and time ------------------------------------------------------------------------


@planter
def ev001(book: Copy) -> Place:
    book.append("book.yaml", "relations: {draws_on: {direction: earlier}}\n")
    added = "  - draws_on: [gpt4-2023-03]\n"
    old = "  - represents: [open-weights]\n"
    return book.swap(CARD, old, old + added, "gpt4")


@planter
def ev002(book: Copy) -> Place:
    first, second = "egg-2024", "hen-2024"
    for name, other in ((first, second), (second, first)):
        front = (
            f"event_id: {name}\ndate: 2024\ntitle: {name}\n"
            f"causal_connections: {{enables: [{other}], enabled_by: [{other}]}}\n"
        )
        book.put(f"events/2024/{name}.md", f"---\n{front}---\n# {name} (2024)\n\n正文。\n")
    book.swap(
        "manuscript/03-many-centers/china.md", "key_events: [", f"key_events: [{first}, {second}, "
    )
    text = book.text(f"events/2024/{first}.md")
    return place(f"events/2024/{first}.md", text, text.index(second))


@planter
def ev003(book: Copy) -> Place:
    return book.swap(
        CARD, "enables: [llama2-2023-07]", "enables: [llama2-2023-07, gemini-2023-12]", "gemini"
    )


@planter
def ev004(book: Copy) -> Place:
    return book.swap(CARD, "enables: [llama2-2023-07]", "enables: [llama2-2023-07, rlhf]", "rlhf")


@planter
def ev005(book: Copy) -> Place:
    return book.swap(
        CHAPTER, "[transformer-2017-06]", "[transformer-2017-06, gpt3-2020-05]", "gpt3"
    )


@planter
def ev006(book: Copy) -> Place:
    book.swap(PLAIN_CARD, "sources: [radford2019language]\n", "")
    text = book.text(PLAIN_CARD)
    return place(PLAIN_CARD, text, text.index("verified"))


@planter
def ev007(book: Copy) -> Place:
    return book.swap(CARD, "LLaMA (2023-02-24)", "LLaMA (2023-02-25)", "2023-02-25")


@planter
def ev008(book: Copy) -> Place:
    front = "event_id: lone-2024-01\ndate: 2024-01\ntitle: 无人提起\n"
    card = f"---\n{front}---\n# 无人提起 (2024-01)\n\n正文。\n"
    return book.put("events/2024/lone-2024-01.md", card, "lone-2024-01")


# ---- chapters -------------------------------------------------------------------------------


@planter
def ch001(book: Copy) -> Place:
    book.swap(SECOND, "# 第2章", "# 第1章")
    return book.swap(SECOND, "chapter_number: 2", "chapter_number: 1", "1")


@planter
def ch002(book: Copy) -> Place:
    return book.swap(SECOND, "# 第2章", "# 第12章", "12")


@planter
def ch003(book: Copy) -> Place:
    return book.swap(CHAPTER, "word_count: 4175", "word_count: 9000", "9000")


@planter
def ch004(book: Copy) -> Place:
    return book.swap(CHAPTER, "anecdote_count: 1", "anecdote_count: 2", "2")


@planter
def ch005(book: Copy) -> Place:
    book.append("book.yaml", "required_sections: {final: [本章要点]}\n")
    book.swap(CHAPTER, "## 本章要点 (Key Takeaways)", "## 要点 (Key Points)")
    text = book.text(CHAPTER)
    return place(CHAPTER, text, text.index("# 第1章"))


@planter
def ch006(book: Copy) -> Place:
    return book.swap(CHAPTER, "### 查询、键与值", "#### 查询、键与值")


@planter
def ch007(book: Copy) -> Place:
    book.append("book.yaml", "gates: {final: single_source}\n")
    book.swap(PLAIN_CARD, "verification_status: verified", "verification_status: disputed")
    book.swap(PLAIN_CARD, "✅ Verified from", "✅ Disputed in")
    text = book.text(SECOND)
    return place(SECOND, text, text.index("gpt2-2019-02"))


@planter
def ch008(book: Copy) -> Place:
    return book.insert("此处有注[^none]。", "[^none]")


@planter
def ch009(book: Copy) -> Place:
    return book.swap(CHAPTER, "| 循环 | O(n·d²) |", "| 循环 | 又 | O(n·d²) |")


@planter
def ch010(book: Copy) -> Place:
    return book.insert("> " * 31 + "深\n\n", "深")


# ---- text -----------------------------------------------------------------------------------


@planter
def tx001(book: Copy) -> Place:
    return book.swap(CHAPTER, "像一个只有", "像一,个只有", ",")


@planter
def tx002(book: Copy) -> Place:
    return book.insert("他说：“一字一印。\n\n", "“")


@planter
def tx003(book: Copy) -> Place:
    return book.insert("他坚持**“开放”**的主张。", "**")


@planter
def tx004(book: Copy) -> Place:
    return book.insert("活字的發明。", "發")


@planter
def tx005(book: Copy) -> Place:
    return book.insert("楔形文字\U00012000是最早的文字之一。", "\U00012000")


@planter
def tx006(book: Copy) -> Place:
    return book.insert("这是 Google的论文。", " Google")


@planter
def tx007(book: Copy) -> Place:
    return book.insert("看不\u200b见。", "\u200b")


@planter
def tx008(book: Copy) -> Place:
    scope = "rules: {TX008: {ignore: [events, concepts]}}"
    book.swap("book.yaml", "editions:", f"{scope}\neditions:\n  zh: {{}}")
    english = "Nobody took any notice of it in the first months.\n\n"
    return book.swap(CHAPTER, "说Transformer发明了", f"{english}说Transformer发明了")


@planter
def tx009(book: Copy) -> Place:
    return book.insert("那是ＧＰＴ的时代。", "ＧＰＴ")


@planter
def ft001(book: Copy) -> Place:
    return book.swap(CHAPTER, "## 余波", "## 价格\n\n每台售价30万元。\n\n## 余波", "30万元")


@planter
def su001(book: Copy) -> Place:
    return book.insert("<!-- make-book: ignore LK001 because 将来会有 -->\n\n", "<!--")


# ---- the tests ------------------------------------------------------------------------------


def test_each_rule_has_a_planter() -> None:
    assert set(PLANTERS) | ONLINE == {str(rule.CODE) for rule in checker.rules()}


def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    assert Copy(tmp_path).found() == []


@pytest.mark.parametrize("code", sorted(PLANTERS))
def test_what_is_planted_is_found_and_nothing_else(code: str, tmp_path: Path) -> None:
    book = Copy(tmp_path)
    where = PLANTERS[code](book)
    assert book.found() == [(code, where)]


def test_the_example_in_the_readme_is_what_is_printed(tmp_path: Path) -> None:
    shown = re.search(r"```text\n(events/.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    book = Copy(tmp_path)
    book.swap(CARD, "response_to: [gpt3-2020-05]", "response_to: [gpt3-2020-05, llama2-2023-07]")
    stream = io.StringIO()
    text_reporter.report(book.run(), stream, reporting.Options())
    assert shown
    assert shown[1] in stream.getvalue()
