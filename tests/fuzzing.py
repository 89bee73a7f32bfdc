"""What a fuzzer feeds with bytes: each target reads anything, and what it finds lies in the text.

`scripts/fuzz.py` grows a corpus by coverage; `test_fuzzing.py` replays what is kept of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping as Files
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

from pipeline import bibliography, checker, fixer, front_matter, index, parser, project, schema
from pipeline.document import Mapping, Problem
from pipeline.source import Source, Span

CORPUS = Path(__file__).parent / "corpus"
STOCK = Path(__file__).parent / "rules" / "stock"


def spans(found: object) -> Iterator[Span]:
    """Every span within a finding, however deep."""
    if isinstance(found, Span):
        yield found
    elif is_dataclass(found):
        for field in fields(found):
            yield from spans(getattr(found, field.name))
    elif isinstance(found, dict):
        yield from spans(list(found.values()))
    elif isinstance(found, list | tuple):
        for item in found:
            yield from spans(item)


def lie_within(whole: Span, *found: object) -> None:
    """All that was found lies in the part of the file that was read."""
    for span in spans(found):
        assert span.start <= span.end, span
        assert whole.contains(span), span


def can_be_told(source: Source, problems: Iterable[Problem]) -> None:
    """Each problem has words, and a place that can be shown."""
    for problem in problems:
        assert problem.message
        assert "\n" not in problem.message + problem.help
        assert len(problem.message) < 500
        line, column = source.position(problem.span.start)
        assert column - 1 <= len(source.line(line)) + 1


def split(data: bytes) -> None:
    """The front matter splitter: YAML, then body; and the comments between."""
    source = Source("events/x.md", data)
    whole = Span(0, len(source.text))
    span, body, problems = front_matter.split(source)
    lie_within(whole, span, Span(body, body), problems)
    can_be_told(source, problems)
    if span is not None:
        assert span.end <= body
        lie_within(span, front_matter.comments(source, span))


def guard(data: bytes) -> None:
    """The YAML guard: nodes in their places, then the schema of event cards."""
    source = Source("events/x.md", data)
    whole = Span(0, len(source.text))
    for mapping in (True, False):
        node, problems = front_matter.compose(source, whole, mapping=mapping)
        lie_within(whole, node, problems)
        can_be_told(source, problems)
        front_matter.swallowed(source, whole, node)
        if isinstance(node, Mapping):
            rules = schema.default("event.schema.json")
            violations = list(schema.validator(rules).violations(node, source))
            lie_within(whole, [violation.span for violation in violations])
            front_matter.typed(node, rules)


def scan(data: bytes) -> None:
    """The link scanner: constructs in their places; pandoc is given each line, in its order."""
    source = Source("manuscript/x.md", data)
    body = parser.parse_body(source)
    lie_within(Span(0, len(source.text)), body)
    can_be_told(source, body.problems)
    text = parser.prepare(source, body)
    text.encode("utf-8")
    lines = iter(text.replace("\\", "").split("\n"))
    for number in range(1, len(source.line_starts) + 1):
        wanted = _plain(source.line(number))
        assert any(_plain(line) == wanted for line in lines), (number, wanted)


def _plain(line: str) -> str:
    return "".join(char for char in line if char.isprintable() and char not in "\\\ufffd")


def read_bibtex(data: bytes) -> None:
    """The reader of BibTeX: entries and fields in their places, and each of them as CSL."""
    source = Source("bibliography/x.bib", data)
    entries, problems = bibliography.read(source)
    lie_within(Span(0, len(source.text)), entries, problems)
    can_be_told(source, problems)
    for entry in entries:
        repr(bibliography.to_csl(entry)).encode("utf-8", "surrogateescape")


def check(data: bytes) -> None:
    """A chapter of a whole book: every rule, and every safe fix."""

    def look(replaced: Files[str, bytes]) -> fixer.View:
        overlay = {"manuscript/02-modern/fuzzed.md": data, **replaced}
        loaded = index.build(replace(project.load(STOCK, overlay), renames={}, former=frozenset()))
        found = checker.check(loaded)
        for item in found.active:
            assert 1 <= item.line <= item.end_line, item
            assert item.column >= 1, item
            assert item.message, item
        return fixer.View(found.active, loaded.project.sources)

    fixer.mend(look)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "front-matter": split,
    "yaml": guard,
    "markdown": scan,
    "bibtex": read_bibtex,
    "check": check,
}
