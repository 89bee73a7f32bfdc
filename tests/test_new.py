"""`make-book new`: the right folder, id, date and number; templates; clean but for what is open."""

import json
from pathlib import Path

import books
import pytest
from inside import make_book

PEOPLE = {
    "type": "object",
    "required": ["person_id", "name", "born"],
    "properties": {
        "person_id": {"type": "string"}, "name": {"type": "string"}, "born": {"type": "string"},
    },
}  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two chapters in a part, and a card."""
    return books.write(
        tmp_path,
        {
            "book.yaml": "title: 海\ncontent:\n  people: {path: people, id: person_id}\n",
            "schemas/people.schema.json": json.dumps(PEOPLE),
            "manuscript/01-sea/01-one.md": "---\ntitle: 一\nchapter_number: 1\n"
            "key_events: [flood-2021]\n---\n\n# 第1章 一\n\n海很大。\n",
            "manuscript/01-sea/02-two.md": "# 第2章 二\n\n海很深。\n",
            "events/2021/flood-2021.md": "---\nevent_id: flood-2021\ndate: 2021\ntitle: 水\n---\n\n"
            "# 水 (2021)\n\n涨水。\n",
        },
    )


def errors(root: Path) -> list[str]:
    """(path, code) of what would fail a check."""
    found = json.loads(make_book(root, "check", "--format", "json").stdout)["diagnostics"]
    return [f"{item['path']} {item['code']}" for item in found if item["severity"] != "info"]


def test_a_chapter_follows_the_last(book: Path) -> None:
    before = errors(book)
    done = make_book(book, "new", "chapter", "潮汐 (Tides)")
    assert done.returncode == 0, done.stderr
    path = book / "manuscript/01-sea/03-tides.md"
    text = path.read_text("utf-8")
    assert text.startswith("---\nchapter_number: 3\ntitle: 潮汐\ntitle_en: Tides\nstatus: draft\n")
    assert "# 第3章 潮汐\n" in text
    assert f"wrote {path.relative_to(book)}" in done.stdout
    assert "13: 待补" in done.stdout
    assert errors(book) == before
    undone = make_book(book, "undo")
    assert undone.returncode == 0
    assert "new chapter 潮汐" in undone.stdout
    assert not path.exists()


def test_an_event_goes_to_its_year(book: Path) -> None:
    before = errors(book)
    done = make_book(book, "new", "event", "The Storm", "--date", "2022-03")
    assert done.returncode == 0, done.stderr
    text = (book / "events/2022/the-storm-2022-03.md").read_text("utf-8")
    assert "event_id: the-storm-2022-03\ndate: 2022-03\ntitle: The Storm\n" in text
    assert "title_en" not in text
    assert "EV008" in done.stdout
    assert errors(book) == before
    make_book(book, "new", "event", "The Storm", "--date", "2022-03")
    assert (book / "events/2022/the-storm-2022-03-2.md").is_file()


def test_concepts_organizations_and_types_of_the_book(book: Path) -> None:
    before = errors(book)
    assert make_book(book, "new", "concept", "浪", "--title-en", "Wave").returncode == 0
    assert "name: 浪\nname_en: Wave" in (book / "concepts/wave.md").read_text("utf-8")
    assert make_book(book, "new", "organization", "海洋局").returncode == 0
    assert (book / "organizations/hai-yang-ju.md").is_file()
    done = make_book(book, "new", "people", "徐霞客")
    assert done.returncode == 0, done.stderr
    text = (book / "people/xu-xia-ke.md").read_text("utf-8")
    assert text.startswith("---\nperson_id: xu-xia-ke\nname: 徐霞客\nborn: 待补\n---\n")
    assert "4: born: 待补" in done.stdout
    assert set(errors(book)) <= set(before)


def test_a_template_of_the_book(book: Path) -> None:
    template = (
        "---\nevent_id: {{ id }}\ndate: {{ date }}\ntitle: {{title}}\ntags: [{{ year }}]\n---\n"
    )
    books.write(book, {"templates/event.md": template + "\n# {{ title }} ({{ date }})\n\n某处。\n"})
    assert make_book(book, "new", "event", "名: #1", "--date", "2020").returncode == 0
    text = (book / "events/2020/ming-1-2020.md").read_text("utf-8")
    assert 'title: "名: #1"\ntags: [2020]\n---\n\n# 名: #1 (2020)\n\n某处。\n' in text
    books.write(book, {"templates/event.md": "# {{ tilte }}\n"})
    wrong = make_book(book, "new", "event", "名", "--date", "2020")
    assert wrong.returncode == 2
    assert "templates/event.md:1: no value is called `tilte`" in wrong.stderr
    assert "did you mean `title`?" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("evnt", "x"), "did you mean event?"),
        (("event", "x", "--date", "2022-13"), "there is no month 13"),
        (("event", "x", "--id", "flood-2021"), "another event is called `flood-2021`"),
        (("event", "x", "--in", "manuscript"), "the book does not read `manuscript/"),
        (("chapter", "x", "--in", "../away"), "the book does not read"),
    ],
)
def test_what_cannot_be_is_one_message(book: Path, words: tuple[str, ...], said: str) -> None:
    known = set(book.rglob("*.md"))
    done = make_book(book, "new", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert set(book.rglob("*.md")) == known


def test_diff_writes_nothing(book: Path) -> None:
    done = make_book(book, "new", "chapter", "二", "--diff")
    assert done.returncode == 1
    assert "+++ b/manuscript/01-sea/03-er.md" in done.stdout
    assert not (book / "manuscript/01-sea/03-er.md").exists()
