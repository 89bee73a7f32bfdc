"""Everything that the editor's report shows, as plain data for its page."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any
from urllib.parse import quote

from pipeline import checker, dates, labels, rule_page
from pipeline.checker import Run
from pipeline.diagnostics import Diagnostic, Fix
from pipeline.editors import DEFAULT, EDITORS
from pipeline.report import excerpts, overview, places, report_words
from pipeline.report.excerpts import safe
from pipeline.report.overview import Overview, Share
from pipeline.report.trend import Past, Trend
from pipeline.reporting import silencer
from pipeline.revisions import Revision


@dataclass(frozen=True)
class Settings:
    """What the report is told beside the run.

    `editor` is a URL with `{path}`, `{line}` and `{column}`. `above` leads from the report's
    folder to the book's, so that a report moves with its book; None writes the absolute path.
    """

    language: str = ""  # zh or en; else that of the book
    editor: str = EDITORS[DEFAULT]
    above: str | None = None
    trend: Trend | None = None
    revision: Revision | None = None


def record(run: Run, settings: Settings) -> dict[str, Any]:
    """The report as JSON."""
    return _Dossier(run, settings).record()


class _Dossier:
    def __init__(self, run: Run, settings: Settings) -> None:
        self.run = run
        self.index = run.index
        self.settings = settings
        self.sources = run.index.project.sources
        self.compared = bool(settings.trend) or any(item.known for item in run.diagnostics)
        self.files: dict[str, int] = {}
        self.places = tuple(places.of(run.index))
        self.place_of = {path: at for at, (_, paths) in enumerate(self.places) for path in paths}

    def record(self) -> dict[str, Any]:
        config, settings = self.index.config, self.settings
        root = self.index.project.root
        found = [self._finding(item) for item in self.run.diagnostics]
        mended = [self._past(item) for item in settings.trend.mended] if settings.trend else []
        state = self._state(overview.survey(self.run))
        return {
            "title": safe(config.title),
            "title_en": safe(config.title_en),
            "book_language": config.language,
            "language": settings.language or report_words.nearest(config.language),
            "revision": _revision(settings.revision),
            "base": _base(settings.trend),
            "compared": self.compared,
            "editor": settings.editor,
            "root": None if settings.above is not None else _url(str(root)).rstrip("/"),
            "above": settings.above,
            "findings": found,
            "mended": mended,
            "rules": dict(_rules({item["code"] for item in (*found, *mended)})),
            "places": [place for place, _ in self.places],
            **state,
            "files": [self._file(path) for path in self.files],
            "words": {name: dict(report_words.of(name)) for name in ("zh", "en")},
        }

    # ---- files ------------------------------------------------------------------------------

    def _number(self, path: str) -> int:
        return self.files.setdefault(path, len(self.files))

    def _file(self, path: str) -> dict[str, Any]:
        document = self.index.project.by_path.get(path)
        return {
            "path": safe(path),
            "url": _url(path),
            "title": safe(document.title) if document else "",
            "title_en": safe(document.title_en) if document else "",
            "place": self.place_of.get(path, len(self.places) - 1),
        }

    # ---- findings ---------------------------------------------------------------------------

    def _finding(self, item: Diagnostic) -> dict[str, Any]:
        source = self.sources.get(item.path)
        return {
            "id": item.fingerprint[:12],
            "code": item.code,
            "severity": str(item.severity),
            "file": self._number(item.path),
            "line": item.line,
            "column": item.column,
            "message": safe(item.message),
            "help": safe(item.help),
            "new": self._is_new(item),
            "suppressed": safe(item.suppressed) if item.suppressed else None,
            "silence": safe(silencer(self.run, item)),
            "fix": self._fix(item.fix) if item.fix else None,
            "lines": [
                [line.number, line.before, line.marked, line.after]
                for line in (excerpts.around(source, item) if source else ())
            ],
            "related": [
                {
                    "file": self._number(other.path),
                    "line": other.line,
                    "column": other.column,
                    "message": safe(other.message),
                    "text": excerpts.line(self.sources.get(other.path), other.line),
                }
                for other in item.related
            ],
        }

    def _is_new(self, item: Diagnostic) -> bool:
        if trend := self.settings.trend:
            return item.fingerprint in trend.new
        return self.compared and not item.known

    def _fix(self, fix: Fix) -> dict[str, Any]:
        shown = [
            {**asdict(change), "path": None, "file": self._number(change.path)}
            for change in excerpts.changes(fix, self.sources)
        ]
        return {
            "kind": str(fix.applicability),
            "edits": shown,
            "more": len(fix.edits) - len(shown),
        }

    def _past(self, item: Past) -> dict[str, Any]:
        return {
            "id": item.fingerprint[:12],
            "code": item.code,
            "severity": str(item.severity),
            "file": self._number(item.path),
            "line": item.line,
            "message": safe(item.message),
        }

    # ---- the state of the manuscript --------------------------------------------------------

    def _state(self, found: Overview) -> dict[str, Any]:
        return {
            "chapters": [
                {
                    "file": self._number(item.path),
                    "number": safe(item.number),
                    "title": safe(item.title),
                    "title_en": safe(item.title_en),
                    "part": safe(item.part),
                    "status": safe(item.status),
                    "words": item.words,
                    "target": item.target,
                    "cited": _share(item.cited),
                    "unsourced": item.unsourced,
                }
                for item in found.chapters
            ],
            "stages": [[safe(name), number] for name, number in found.stages.items()],
            "verification": [[safe(name), number] for name, number in found.verification.items()],
            "cited": _share(found.cited),
            "orphans": None if found.orphans is None else list(map(self._number, found.orphans)),
            "events": self._events(found),
            "edges": self._edges(found),
            "relations": _relations(found),
        }

    def _events(self, found: Overview) -> list[dict[str, Any]]:
        cards = {card.path: card for card in found.cards}
        return [
            {
                "id": safe(node.identifier),
                "file": self._number(node.path),
                "title": safe(node.title),
                "title_en": safe(node.title_en),
                "date": safe(node.date),
                "years": _years(node.date),
                "level": safe(node.level),
                "organization": safe(node.organization),
                "organization_en": safe(self._organization(node.path)),
                "status": safe(cards[node.path].status),
                "sources": list(map(safe, cards[node.path].sources)),
                "sourced": cards[node.path].sourced,
                "chapters": list(map(self._number, cards[node.path].chapters)),
                "summary": safe(cards[node.path].summary),
            }
            for node in found.graph.nodes
        ]

    def _organization(self, path: str) -> str:
        name = self.index.project.by_path[path].text("organization")
        target = self.index.resolve(name, ("organization",)).target
        return target.document.title_en if target and target.document else ""

    def _edges(self, found: Overview) -> list[dict[str, Any]]:
        places = found.graph.order
        return [
            {
                "from": places[edge.source],
                "to": places[edge.target],
                "relation": edge.relation,
                "directed": edge.directed,
                "contradicted": edge.contradicted,
                "circular": edge.directed and (edge.source, edge.target) in found.circular,
            }
            for edge in found.graph.edges
        ]


def _share(share: Share) -> list[int]:
    return [share.part, share.whole]


def _url(path: str) -> str:
    return quote(path, safe="/", errors="surrogateescape")


def _revision(revision: Revision | None) -> dict[str, str] | None:
    if revision is None:
        return None
    return {"short": revision.short, "date": revision.date, "subject": safe(revision.subject)}


def _base(trend: Trend | None) -> dict[str, Any] | None:
    if trend is None:
        return None
    base = trend.base
    return {
        "kind": base.kind,
        "name": safe(base.name),
        "date": base.date,
        "subject": safe(base.subject),
        "known": trend.known,
    }


def _years(date: str) -> list[float] | None:
    """The first and the last day of a partial date as years with a fraction."""
    found = dates.interval(date)
    if found is None:
        return None
    ends = ((found.first, 0), (found.last, 1))
    return [round(y + (m - 1 + (d - 1 + late) / 31) / 12, 4) for (y, m, d), late in ends]


def _relations(found: Overview) -> dict[str, dict[str, str]]:
    names = sorted({edge.relation for edge in found.graph.edges})
    return {name: {lang: labels.relation(name, lang) for lang in ("zh", "en")} for name in names}


# ---- rules ----------------------------------------------------------------------------------


def _rules(codes: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    known = {str(rule.CODE): rule for rule in checker.rules()}
    for code in sorted(codes):
        if code in known:
            yield code, _rule(known[code])
        else:
            yield code, {"name": "", "severity": "", "sections": []}


def _rule(rule: ModuleType) -> dict[str, Any]:
    return {
        "name": rule.NAME,
        "severity": str(rule.SEVERITY),
        "sections": [
            [heading, list(_blocks(text))] for heading, text in rule_page.sections(rule).items()
        ],
    }


def _blocks(text: str) -> Iterator[list[str]]:
    """Paragraphs, items and code of a rule's page: `["p", text]`, `["li", …]`, `["code", …]`."""
    for place, part in enumerate(text.split("```")):
        if place % 2:
            yield ["code", part.partition("\n")[2].rstrip("\n")]
            continue
        for paragraph in filter(None, (item.strip() for item in part.split("\n\n"))):
            lines = paragraph.split("\n")
            if lines[0].startswith("- "):
                items = "\n".join(lines).removeprefix("- ").split("\n- ")
                yield from (["li", " ".join(item.split())] for item in items)
            else:
                yield ["p", " ".join(paragraph.split())]


def above(report: PurePosixPath, root: PurePosixPath) -> str | None:
    """What leads from the report's folder to the book's; None for a report outside the book."""
    if not report.is_relative_to(root):
        return None
    depth = len(report.relative_to(root).parts) - 1
    return "/".join([".."] * depth) or "."
