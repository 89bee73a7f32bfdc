"""`book.yaml` as data: every key has a default but the title."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipeline.normal_form import normal_form

FILE = "book.yaml"
STATE = ".make-book"
OUTPUT = "build"
BASELINE = "baseline.json"

NAMED = {"zh": "zh-Hans", "zh-Hans": "zh-Hans", "zh-Hant": "zh-Hant", "en": "en"}
"""The language of an edition of this name that gives none."""

BADGES = {
    "critical": "🔴 关键里程碑 | Critical Milestone",
    "major": "🟠 重大事件 | Major Event",
    "notable": "🟡 值得关注 | Notable Event",
    "minor": "⚪ 一般事件 | Minor Event",
}

# What `limits:` may change, within the bounds of its schema.
LIMITS: Mapping[str, float] = {
    "file_bytes": 8_000_000,
    "line_characters": 1_000_000,
    "block_depth": 30,
    "bracket_depth": 4,
    "image_bytes": 30_000_000,
    "image_pixels": 60_000_000,
    "chapter_seconds": 30,
    "chapter_megabytes": 1024,
    "layout_seconds": 120,
    "layout_megabytes": 2048,
    "cache_megabytes": 2000,
}


@dataclass(frozen=True)
class ContentType:
    """A kind of document: where its files are, which field is its identifier, its schema.

    `place` says where its documents stand in the book: `body` (reading order of the folders),
    `timeline` (an appendix ordered by date), `glossary` (an appendix ordered by name).
    """

    name: str
    key: str
    path: str
    id_field: str
    schema: str
    place: str
    pattern: str = "**/*"
    heading: str = ""
    heading_en: str = ""
    exclude: tuple[str, ...] = ()
    template: str = ""


@dataclass(frozen=True)
class Relation:
    """A kind of causal relation, see DESIGN's table: `direction` is when the target happens."""

    name: str
    inverse: str | None
    direction: str  # "later", "earlier" or "any"
    targets: tuple[str, ...]  # of "event", "concept", "trend"


def _later(name: str, inverse: str, *targets: str) -> tuple[Relation, Relation]:
    back = Relation(inverse, name, "earlier", ("event",))
    return Relation(name, inverse, "later", targets or ("event",)), back


RELATIONS: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        *_later("enables", "enabled_by"),
        *_later("influences", "influenced_by"),
        *_later("triggers", "triggered_by", "event", "trend"),
        *_later("foundation_for", "builds_on", "event", "trend"),
        Relation("response_to", "answered_by", "earlier", ("event",)),
        Relation("answered_by", "response_to", "later", ("event",)),
        Relation("parallel_to", "parallel_to", "any", ("event",)),
        Relation("demonstrates", None, "any", ("concept", "trend")),
        Relation("represents", None, "any", ("concept", "trend")),
    )
}


@dataclass(frozen=True)
class RuleSetting:
    """What `rules:` says of one code: a severity, `off`, and the paths it holds for."""

    severity: str | None = None
    paths: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """One set of outputs of the book."""

    name: str
    language: str
    outputs: tuple[str, ...] = ("pdf", "epub")
    paper: str = "A5"
    theme: str = "classic"
    status: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    page_list: bool = False
    pdf_variant: str | None = "pdf/ua-1"
    fonts: bool = False
    proof: bool = False
    chapter_start: str = "right"
    event_boxes: str = "text"
    monolingual: bool = False
    opencc: str = ""
    exceptions: str = ""
    url: str = ""

    @property
    def only(self) -> str | None:
        """The one language kept, `zh` or `en`; None for both, and where it is another."""
        main = self.language.partition("-")[0].lower()
        return main if self.monolingual and main in ("zh", "en") else None


@dataclass(frozen=True)
class Config:
    """Everything `book.yaml` can say. `raw` keeps the record for keys that few parts need."""

    title: str
    title_en: str = ""
    authors: tuple[str, ...] = ()
    language: str = "zh-Hans"
    content: tuple[ContentType, ...] = ()
    bibliography: tuple[str, ...] = ("bibliography/*",)
    order: tuple[str, ...] = ()
    front: tuple[str, ...] = ("00-*",)
    back: tuple[str, ...] = ("99-*",)
    citation_style: str = "gb-t-7714-2015-numeric"
    citation_scope: str = "chapter"
    relations: Mapping[str, Relation] = field(default_factory=lambda: dict(RELATIONS))
    word_method: str = "words"
    word_tolerance: float = 0.1
    anecdote_markers: tuple[str, ...] = ("💡 轶事", "💡 Anecdote")
    badges: Mapping[str, str] = field(default_factory=lambda: dict(BADGES))
    rules: Mapping[str, RuleSetting] = field(default_factory=dict)
    theme: str = "classic"
    paper: str = "A5"
    editions: tuple[Edition, ...] = ()
    stylesheets: tuple[str, ...] = ()
    slug: str = "book"
    raw: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def identifier(self) -> str:
        """The book's identifier, if none is given one made of its title and authors."""
        if given := self.raw.get("identifier"):
            return str(given)
        import uuid  # 5 ms, and a check needs none of it

        name = "/".join(("make-book", self.title, *self.authors))
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"

    def content_type(self, name: str) -> ContentType | None:
        """The content type of a name, `event`."""
        return next((item for item in self.content if item.name == name), None)

    def limit(self, name: str) -> float:
        """A limit that the book sets under `limits:`, else the default."""
        return float(self.raw.get("limits", {}).get(name, LIMITS[name]))

    def setting(self, *keys: str, default: Any = None) -> Any:
        """A value deep in the record: `setting("word_count", "method")`."""
        value: Any = self.raw
        for key in keys:
            if not isinstance(value, Mapping) or key not in value:
                return default
            value = value[key]
        return value


def from_record(record: Mapping[str, Any], known: tuple[ContentType, ...]) -> Config:
    """A configuration from a record that its schema accepts; `known` types come first."""
    title = str(record["title"])
    language = str(record.get("language", "zh-Hans"))
    slug = str(record.get("slug") or slugify(str(record.get("title_en") or title)))
    citations = record.get("citations", {})
    words = record.get("word_count", {})
    parts = record.get("parts", {})
    authors = tuple(map(str, record.get("authors", ())))
    return Config(
        title=title,
        title_en=str(record.get("title_en", "")),
        authors=authors,
        language=language,
        content=_content(record.get("content", {}), known),
        bibliography=_strings(record.get("bibliography", ("bibliography/*",))),
        order=_strings(record.get("order", ())),
        front=_strings(parts.get("front", ("00-*",))),
        back=_strings(parts.get("back", ("99-*",))),
        citation_style=str(citations.get("csl") or citations.get("style") or Config.citation_style),
        citation_scope=str(citations.get("scope", "chapter")),
        relations={**RELATIONS, **_relations(record.get("relations", {}))},
        word_method=str(words.get("method", "words")),
        word_tolerance=float(words.get("tolerance", 0.1)),
        anecdote_markers=_strings(record.get("anecdote_markers", Config.anecdote_markers)),
        badges={**BADGES, **record.get("badges", {})},
        rules={code: _rule(value) for code, value in record.get("rules", {}).items()},
        theme=str(record.get("theme", "classic")),
        paper=str(record.get("paper", "A5")),
        editions=_editions(record, language),
        stylesheets=_strings(record.get("css", ())),
        slug=slug,
        raw=record,
    )


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _content(record: Mapping[str, Any], known: tuple[ContentType, ...]) -> tuple[ContentType, ...]:
    result = [_overridden(item, record.get(item.key) or {}) for item in known]
    keys = {item.key for item in known}
    for key in record.keys() - keys:
        name = key[:-1] if key.endswith("s") else key
        plain = ContentType(name, key, key, f"{name}_id", f"schemas/{name}.schema.json", "glossary")
        result.append(_overridden(plain, record[key] or {}))
    return tuple(sorted(result, key=lambda item: item.name))


def _overridden(item: ContentType, record: Mapping[str, Any]) -> ContentType:
    return ContentType(
        item.name,
        item.key,
        str(record.get("path", item.path)).strip("/").removeprefix("."),
        str(record.get("id", item.id_field)),
        str(record.get("schema", item.schema)),
        str(record.get("place", item.place)),
        str(record.get("pattern", item.pattern)),
        str(record.get("title", item.heading)),
        str(record.get("title_en", item.heading_en)),
        _strings(record.get("exclude", item.exclude)),
        str(record.get("template", item.template or f"templates/{item.name}.md")),
    )


def _relations(record: Mapping[str, Any]) -> dict[str, Relation]:
    result: dict[str, Relation] = {}
    for name, value in record.items():
        inverse = value.get("inverse")
        direction = value.get("direction", "any")
        targets = _strings(value.get("targets", ("event",)))
        result[name] = Relation(name, inverse, direction, targets)
        if inverse and inverse != name:
            back = {"later": "earlier", "earlier": "later"}.get(direction, "any")
            result.setdefault(inverse, Relation(inverse, name, back, ("event",)))
    return result


def _rule(value: Any) -> RuleSetting:
    if isinstance(value, Mapping):
        return RuleSetting(
            value.get("severity"),
            _strings(value.get("paths", ())),
            _strings(value.get("ignore", ())),
        )
    return RuleSetting(str(value))


def _editions(record: Mapping[str, Any], language: str) -> tuple[Edition, ...]:
    """The editions; the book's `url` is that of the first one's site."""
    editions = {name: value or {} for name, value in (record.get("editions") or {}).items()}
    editions = editions or {"bilingual": {}}
    first = next(iter(editions))
    editions[first] = {"url": record.get("url", ""), **editions[first]}
    return tuple(_edition(name, value, record, language) for name, value in editions.items())


def _edition(name: str, value: Mapping[str, Any], record: Mapping[str, Any], lang: str) -> Edition:
    proof = bool(value.get("proof", False))
    plain = Edition(name, lang, outputs=("pdf",) if proof else Edition.outputs)
    start = value.get("chapter_start", record.get("chapter_start", plain.chapter_start))
    boxes = value.get("event_boxes", record.get("event_boxes", plain.event_boxes))
    only = value.get("language", NAMED.get(name))
    return Edition(
        name=name,
        language=str(only or lang),
        outputs=_strings(value.get("outputs", plain.outputs)),
        paper=str(value.get("paper", record.get("paper", plain.paper))),
        theme=str(value.get("theme", record.get("theme", plain.theme))),
        status=_strings(value.get("status", ())),
        tags=_strings(value.get("tags", ())),
        chapters=_strings(value.get("chapters", ())),
        page_list=bool(value.get("page_list", False)),
        pdf_variant=_variant(value.get("pdf_variant", plain.pdf_variant)),
        fonts=value.get("fonts") is True,
        proof=proof,
        chapter_start=str(start),
        event_boxes=str(boxes),
        monolingual=only is not None and name != "bilingual",
        opencc=str(value.get("opencc", "")),
        exceptions=str(value.get("exceptions", "")),
        url=_folder(str(value.get("url", ""))),
    )


def _folder(url: str) -> str:
    return f"{url.rstrip('/')}/" if url else ""


def _variant(name: str | None) -> str | None:
    return None if name == "none" else name


def slugify(text: str) -> str:
    """A file name from a title: letters, digits and hyphens of any script, never empty."""
    folded = normal_form("NFKC", text).lower()
    return re.sub(r"[^\w]+", "-", folded).strip("-_")[:80] or "book"
