"""How an edition speaks: in one language or both, in Simplified or Traditional characters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import counterparts, language, traditional
from pipeline.config import Config, Edition
from pipeline.document import Document
from pipeline.traditional import Traditional

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def of(config: Config, edition: Edition, exceptions: Mapping[str, str]) -> "Voice":
    """The voice of an edition; `exceptions` are words that OpenCC would get wrong."""
    script = None
    if language.is_traditional(edition.language) and not language.is_traditional(config.language):
        standard = edition.opencc or traditional.standard_of(edition.language)
        script = traditional.Traditional(standard, exceptions)
    return Voice(edition.language, edition.only, script)


@dataclass(frozen=True)
class Imprint:
    """What the book says of itself, in the words of an edition."""

    title: str
    title_en: str = ""
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    publisher: str = ""
    date: str = ""
    isbn: str = ""
    description: str = ""
    rights: str = ""


@dataclass(frozen=True)
class Voice:
    """The language of an edition, the one it keeps if it keeps one, and its script."""

    language: str
    only: str | None = None
    traditional: Traditional | None = None

    def document(self, document: Document) -> Document:
        """A document without what the edition's language does not need."""
        return counterparts.edited(document, self.only)

    def title(self, title: str, english: str = "") -> tuple[str, str]:
        """What a title is here, and the English that is printed with it."""
        chinese, other = language.split_title(title, english)
        if self.only == "en":
            return other or chinese, ""
        if self.only or other == chinese or not language.is_chinese(self.language):
            return self.text(chinese), ""
        return self.text(chinese), other

    def half(self, text: str) -> str:
        """The half of `关键里程碑 | Critical Milestone` that the edition keeps."""
        found = language.halves(text) if self.only else None
        return self.text(found[self.only == "en"] if found else text)

    def text(self, text: str) -> str:
        """A text in the edition's characters."""
        return self.traditional.text(text) if self.traditional else text

    def tree(self, tree: "HtmlElement") -> None:
        """Put a tree into the edition's characters, in place."""
        if self.traditional:
            self.traditional.tree(tree)

    def imprint(self, config: Config) -> Imprint:
        """The imprint of a book."""
        title, english = self.title(config.title, config.title_en)
        return Imprint(
            title=title,
            title_en=english,
            authors=tuple(map(self.text, config.authors)),
            date=str(config.setting("date", default="")),
            isbn=str(config.setting("isbn", default="")),
            **{
                name: self.text(str(config.setting(name, default="")))
                for name in ("subtitle", "publisher", "description", "rights")
            },
        )
