"""More than forty kinds of damage, a file each, on the stock book of the rules."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STOCK = Path(__file__).parent / "rules" / "stock"

Make = Callable[[Path], None]


@dataclass(frozen=True)
class Damage:
    """A damaged file and the code that must be found in it."""

    path: str
    code: str
    make: Make

    def do(self, root: Path) -> None:
        """Write it below a book."""
        target = root / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        self.make(target)


def _bytes(data: bytes) -> Make:
    return lambda path: path.write_bytes(data) and None


def _card(name: str, front: str = "", body: str = "", *, date: str = "1500") -> Make:
    """A card that is whole but for the given lines; no chapter uses it."""
    head = f"event_id: {name}\ndate: {date}\ntitle: 其事{name}\n{front}"
    return _bytes(f"---\n{head}---\n\n# 其事{name} (1500)\n\n{body or '正文。'}\n".encode())


def _link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
DEEP = "tags: " + "[" * 400 + "]" * 400 + "\n"
PRESS = "../manuscript/figures/press.svg"
AGAINST = "causal_connections: {enables: clay-type-1040}\n"
ODD = os.fsdecode(b"events/odd-\xff.md")

DAMAGES = [
    Damage("events/latin.md", "FM006", _bytes(b"---\nevent_id: e\ndate: 1\ntitle: t\n---\n\xe9\n")),
    Damage("events/utf16.md", "FM006", _bytes("---\ntitle: 标题\n---\n".encode("utf-16"))),
    Damage("events/nul.md", "FM006", _card("nul", body="a\0b")),
    Damage("events/mark.md", "FM006", _card("mark", body="甲\ufeff乙")),
    Damage("events/bell.md", "FM006", _card("bell", "tags: [a\x07b]\n")),
    Damage("events/half.md", "FM006", _bytes("---\ntitle: 半个字".encode()[:-1])),
    Damage("events/bracket.md", "FM002", _bytes(b"---\ntitle: [\n---\n\n# x\n")),
    Damage("events/tab.md", "FM002", _card("tab", "tags:\n\t- a\n")),
    Damage("events/bomb.md", "FM002", _card("bomb", BOMB)),
    Damage("events/tag.md", "FM002", _card("tag", "tags: !!python/object/apply:os.system [ls]\n")),
    Damage("events/colon.md", "FM002", _card("colon", "title_en: Press: a history\n")),
    Damage("events/quote.md", "FM002", _card("quote", 'title_en: "never closed\n')),
    Damage("events/deep.md", "FM002", _card("deep", DEEP)),
    Damage("events/merge.md", "FM002", _card("merge", "<<: *nothing\n")),
    Damage("events/open.md", "FM002", _bytes(b"---\nevent_id: open\ndate: 1500\n\n# No end\n")),
    Damage("events/list.md", "FM002", _bytes(b"---\n- a\n- b\n---\n\n# x\n")),
    Damage("events/twice.md", "FM004", _card("twice", "tags: [a]\ntags: [b]\n")),
    Damage("events/empty.md", "FM001", _bytes(b"")),
    Damage("events/bare.md", "FM001", _bytes("# 光秃\n\n正文。\n".encode())),
    Damage("events/date.md", "FM003", _card("date", date="1500-02-30")),
    Damage("events/type.md", "FM003", _card("type", "tags: {a: b}\n")),
    Damage("events/lacking.md", "FM003", _bytes(b"---\nevent_id: lacking\n---\n\n# x\n")),
    Damage("manuscript/huge.md", "FM003", _bytes(b"---\nchapter_number: 1e999\n---\n\n# x\n")),
    Damage("events/unknown.md", "FM005", _card("unknown", "orgnization: x\n")),
    Damage("events/comment.md", "FM007", _card("comment", "event_type: a #1 press\n")),
    Damage("events/folder.md", "FM008", lambda path: path.mkdir()),
    Damage("events/escape.md", "FM008", _link),
    Damage("events/loop.md", "FM008", _loop),
    Damage("events/pipe.md", "FM008", lambda path: os.mkfifo(path)),
    Damage("events/large.md", "FM008", _bytes(b"x" * 8_000_001)),
    Damage("events/nested.md", "CH010", _card("nested", body="> " * 70 + "x")),
    Damage("events/brackets.md", "CH010", _card("brackets", body="[" * 300 + "x" + "]" * 300)),
    Damage("events/link.md", "LK001", _card("link", body="见[无](no-such-file.md)。")),
    Damage("events/anchor.md", "LK002", _card("anchor", body="见[无](#no-such-heading)。")),
    Damage("events/outside.md", "LK003", _card("outside", body="见[外](../../../etc/x.md)。")),
    Damage("events/script.md", "LK006", _card("script", body="见[此](javascript:alert)。")),
    Damage("events/picture.md", "LK007", _card("picture", body=f"![]({PRESS})")),
    Damage("events/cite.md", "CT001", _card("cite", body="有人说[@nobody1999]。")),
    Damage("events/plain.md", "CT007", _card("plain", body="有人说(Nemo et al., 1999)。")),
    Damage("bibliography/broken.bib", "CT005", _bytes(b"@book{a,\n title = {never closed\n")),
    Damage("bibliography/latin.bib", "FM006", _bytes(b"@book{b, title = {\xe9}}\n")),
    Damage("bibliography/data.json", "CT005", _bytes(b'[{"id": "x", ')),
    Damage("events/names.md", "ID002", _card("names", "technical_concepts: [no-such-concept]\n")),
    Damage("events/same.md", "ID001", _card("relation-1605")),
    Damage("events/time.md", "EV001", _card("time", AGAINST)),
    Damage("events/proof.md", "EV006", _card("proof", "verification_status: verified\n")),
    Damage("manuscript/note.md", "CH008", _bytes("# 注\n\n文[^1]。\n".encode())),
    Damage("manuscript/table.md", "CH009", _bytes("# 表\n\n| a | b |\n|--|--|\n| 1 |\n".encode())),
    Damage("manuscript/level.md", "CH006", _bytes("# 级\n\n文。\n\n#### 深\n\n文。\n".encode())),
    Damage("manuscript/mark.md", "TX002", _bytes("# 号\n\n他说：“一字一印。\n".encode())),
    Damage("manuscript/script.md", "TX004", _bytes("# 字\n\n活字的發明。\n".encode())),
    Damage("manuscript/glyph.md", "TX005", _bytes("# 形\n\n楔形文字\U00012000。\n".encode())),
    Damage("manuscript/hidden.md", "TX007", _bytes("# 隐\n\n看不\u200b见。\n".encode())),
    Damage(ODD, "LK001", _card("odd", body="见[无](no-such-file.md)。")),
]  # fmt: skip


def stock(root: Path) -> Path:
    """The book before the damage."""
    shutil.copytree(STOCK, root, symlinks=True, dirs_exist_ok=True)
    return root


def wreck(root: Path) -> Path:
    """The book with all damages."""
    stock(root)
    for damage in DAMAGES:
        damage.do(root)
    return root
