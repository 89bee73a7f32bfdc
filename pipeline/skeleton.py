"""New documents: where each goes among its siblings, what it is called, and its text by a template.

A template is the book's own, `templates/event.md`, else the one that ships for the book's language.
`{{ title }}` gives a value; a line whose values are all empty is left out.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import language, order, project
from pipeline.changes.edits import written
from pipeline.config import ContentType
from pipeline.document import Document
from pipeline.errors import UserError
from pipeline.index import Index
from pipeline.project import FILE_BYTES, Project
from pipeline.schema import known_keys
from pipeline.screen.short_names import ascii_name
from pipeline.tree import Tree, Unreadable
from pipeline.wording import did_you_mean, listed, quoted

FOLDER = Path(__file__).parent / "templates" / "new"
OTHER = "other"  # for content types of a book's own
TO_WRITE = {"zh": "待补", "en": "To be written"}

_VALUE = re.compile(r"\{\{\s*(?P<name>\w+)\s*\}\}")
_WHOLE = re.compile(r"(?P<head>\s*(?:- |[^\s:][^:]*:\s+))(?P<value>\{\{\s*\w+\s*\}\})\s*")
_NUMBERED = re.compile(r"(?P<number>\d+)(?P<mark>[-_. ])")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Wanted:
    """What was asked for; what is empty or None follows from the book."""

    title: str
    date: str
    today: str
    title_en: str = ""
    identifier: str = ""
    number: int | None = None
    folder: str | None = None


def tongue(of: Project) -> str:
    """The language of what is written for a book: `zh` or `en`."""
    return "zh" if language.is_chinese(of.config.language) else "en"


class Draft:
    """A document to be written: `path` from the root, `text`. Raises `UserError`."""

    def __init__(self, index: Index, kind: ContentType, wanted: Wanted) -> None:
        self.index = index
        self.kind = kind
        self.wanted = wanted
        title, english = language.split_title(" ".join(wanted.title.split()), wanted.title_en)
        self.title, self.title_en = title, " ".join(english.split())
        if not title:
            raise UserError("a title is needed", hint="make-book new chapter 'The Open Sea'")
        self.siblings = index.of_kind(kind.name)
        self.number = self._number()
        self.identifier = wanted.identifier or self._identifier()
        self.path = self._path()
        self._refuse()
        self.text = self._completed(_document(index.project, kind, self._values()))

    def to_write(self) -> Iterator[tuple[int, str]]:
        """Lines, from 1, that the template leaves to the author."""
        mark = TO_WRITE[tongue(self.index.project)]
        for number, line in enumerate(self.text.split("\n"), start=1):
            if mark in line:
                yield number, line.strip()

    # ---- what it is called ------------------------------------------------------------------

    def _number(self) -> str:
        """The next number of a chapter; none where the book counts its chapters itself."""
        if self.kind.place != "body":
            return ""
        if self.wanted.number is not None:
            return str(self.wanted.number)
        if self.index.config.setting("numbering") == "automatic":
            return ""
        numbers = self.index.once(order.numbers).values()
        return str(max((int(number) for number in numbers if number.isdecimal()), default=0) + 1)

    def _identifier(self) -> str:
        base = ascii_name(self.title_en or self.title)
        if self.kind.place == "timeline":
            base = f"{base}-{self.wanted.date[:7]}"
        taken = {name for item in self.siblings for name in (self._name(item), item.stem)}
        names = (base if count == 1 else f"{base}-{count}" for count in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def _name(self, document: Document) -> str:
        return self.index.identifier(document)

    def _heading(self) -> str:
        chinese = tongue(self.index.project) == "zh"
        if self.kind.place == "body" and self.number:
            return f"第{self.number}章 {self.title}" if chinese else (
                f"Chapter {self.number}: {self.title}"
            )  # fmt: skip
        both = self.title_en and chinese and self.kind.place != "body"
        return f"{self.title} ({self.title_en})" if both else self.title

    # ---- where it is ------------------------------------------------------------------------

    def _path(self) -> str:
        folder = self._folder() if self.wanted.folder is None else self.wanted.folder
        return posixpath.normpath(posixpath.join(folder, f"{self._stem(folder)}.md"))

    def _folder(self) -> str:
        base = project.glob_base(self.kind.path)
        if self.kind.place == "body":
            chapters = order.chapters(self.index)
            return posixpath.dirname(chapters[-1].path) if chapters else base
        folders = {posixpath.basename(posixpath.dirname(item.path)) for item in self.siblings}
        by_year = any(map(_YEAR.fullmatch, folders)) or not folders
        dated = self.kind.place == "timeline" and by_year
        return posixpath.join(base, self.wanted.date[:4]) if dated else base

    def _stem(self, folder: str) -> str:
        """The identifier, numbered like the names of the chapters beside it."""
        if self.kind.place != "body":
            return self.identifier
        beside = [
            match
            for item in self.siblings
            if posixpath.dirname(item.path) == folder and (match := _NUMBERED.match(item.stem))
        ]
        if beside:
            last = max(beside, key=lambda match: int(match["number"]))
            count = f"{int(last['number']) + 1:0{len(last['number'])}}"
            return f"{count}{last['mark']}{self.identifier}"
        return self.identifier if self.siblings else f"01-{self.identifier}"

    def _refuse(self) -> None:
        """Refuse a place that is taken or that the book does not read, and a name that is taken."""
        if (self.index.project.root / self.path).exists():
            raise UserError(f"{quoted(self.path)} is there already", hint="name another with --id")
        if not project.belongs(self.path, self.kind):
            base = project.glob_base(self.kind.path) or "."
            raise UserError(
                f"the book does not read {quoted(self.path)}",
                hint=f"name a folder of {self.kind.key} with --in, such as {base}",
            )
        if self.identifier in {self._name(item) for item in self.siblings}:
            raise UserError(
                f"another {self.kind.name} is called {quoted(self.identifier)}",
                hint="name another with --id",
            )

    # ---- what it says -----------------------------------------------------------------------

    def _values(self) -> dict[str, str]:
        schema = self.index.project.schemas.validators[self.kind.name].schema
        return {
            "id": self.identifier,
            "id_field": self.kind.id_field,
            "title": self.title,
            "title_en": self.title_en,
            "title_field": "name" if "name" in known_keys(schema) else "title",
            "heading": self._heading(),
            "date": self.wanted.date,
            "year": self.wanted.date[:4],
            "number": self.number,
            "today": self.wanted.today,
        }

    def _completed(self, text: str) -> str:
        """The text with every key that the book's schema asks for; those missing to be written."""
        end = text.find("\n---", 3) + 1
        if not text.startswith("---\n") or not end:
            return text
        present = set(re.findall(r"^([^\s:#-][^:]*):", text[:end], re.MULTILINE))
        required = self.index.project.schemas.required(self.kind.name)
        word = written(TO_WRITE[tongue(self.index.project)])
        missing = "".join(f"{key}: {word}\n" for key in required if key not in present)
        return text[:end] + missing + text[end:]


# ---- templates ------------------------------------------------------------------------------


def _document(of: Project, kind: ContentType, values: Mapping[str, str]) -> str:
    if kind.template in of.listing.files:
        try:
            text = Tree(of.root).read(kind.template, FILE_BYTES).decode("utf-8-sig")
        except (Unreadable, UnicodeDecodeError) as error:
            raise UserError(
                f"cannot read {kind.template}: {error}", hint="mend the template"
            ) from error
        return filled(kind.template, text.replace("\r\n", "\n"), values)
    folder = FOLDER / tongue(of)
    own = folder / f"{kind.name}.md"
    path = own if own.is_file() else folder / f"{OTHER}.md"
    return filled(path.name, path.read_text("utf-8"), values)


def filled(path: str, template: str, values: Mapping[str, str]) -> str:
    """A template with its values. Raises `UserError` for a value that nobody knows."""
    lines = []
    front = template.startswith("---\n")
    for number, line in enumerate(template.split("\n"), start=1):
        front = front and (number == 1 or line.rstrip() != "---")
        names = [match["name"] for match in _VALUE.finditer(line)]
        for name in names:
            if name not in values:
                near = did_you_mean(name, values)
                hint = f"did you mean `{near}`?" if near else f"use {listed(values, limit=20)}"
                raise UserError(f"{path}:{number}: no value is called `{name}`", hint=hint)
        if not names or any(values[name] for name in names):
            lines.append(_line(line, values, front=front))
    return "\n".join(lines)


def _line(line: str, values: Mapping[str, str], *, front: bool) -> str:
    def plain(text: str) -> str:
        return _VALUE.sub(lambda match: values[match["name"]], text)

    whole = _WHOLE.fullmatch(line) if front else None
    return plain(whole["head"]) + written(plain(whole["value"])) if whole else plain(line)
