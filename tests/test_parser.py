"""The parser against pandoc: what both read, where it stands, and what neither may hang on."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import truth
from hypothesis import HealthCheck, given, settings, strategies as st

from pipeline.document import Body
from pipeline.markdown.lexemes import unescape
from pipeline.parser import parse_body, prepare
from pipeline.source import Source, Span

CONSTRUCTS = Path(__file__).parent / "links" / "constructs.md"
PARTING = "\n%%%%\n"


def source(text: str) -> Source:
    """A source with a text."""
    return Source("chapter.md", text.encode("utf-8", "surrogatepass"))


def parsed(text: str) -> Body:
    """The parsed body of a text."""
    return parse_body(source(text))


def prepared(text: str) -> str:
    """What pandoc is to read of a text."""
    return prepare(source(text), parsed(text))


def constructs() -> list[str]:
    """The texts of the table, one construct each."""
    return CONSTRUCTS.read_text(encoding="utf-8").rstrip("\n").split(PARTING)


# ---- agreement ----------------------------------------------------------------------------


def link_keys(body: Body, *, certain: bool = False) -> Counter[tuple[bool, str, str]]:
    """Links as pandoc would list them; only the certain ones on demand."""
    return Counter(
        (link.image, truth.escape_uri(link.destination), truth.bare(link.text))
        for link in body.links
        if link.kind != "html" and (link.certain or not certain)
    )


def disagreements(text: str, reading: truth.Reading) -> Iterator[str]:
    """What pandoc reads otherwise than we do."""
    body = parsed(text)
    links = Counter(reading.links)
    wrong = link_keys(body, certain=True) - links
    if wrong:
        yield f"certain links that pandoc does not see: {wrong}"
    if all(link.certain for link in body.links) and links - link_keys(body):
        yield f"links only pandoc sees: {links - link_keys(body)}"
    headings = [(h.level, h.anchor, truth.bare(h.text)) for h in body.headings]
    if Counter(headings) != Counter(reading.headings):
        yield f"headings {headings} for {reading.headings}"
    keys = Counter(citation.key for citation in body.citations)
    if keys != Counter(reading.citations):
        yield f"citations {keys} for {reading.citations}"
    tables = [(table.columns, len(table.rows)) for table in body.tables]
    if tables != reading.tables:
        yield f"tables {tables} for {reading.tables}"
    captions = [(t.attributes.identifier, truth.bare(t.caption)) for t in body.tables]
    if captions != reading.captions:
        yield f"captions {captions} for {reading.captions}"
    html = Counter((link.image, link.destination) for link in body.links if link.kind == "html")
    if html != Counter(reading.html):
        yield f"raw HTML {html} for {reading.html}"


def test_the_table_is_long_enough() -> None:
    assert len(constructs()) >= 120
    assert len(set(constructs())) == len(constructs())


def test_constructs_agree_with_pandoc(tmp_path: Path) -> None:
    texts = constructs()
    readings = truth.read([prepared(text) for text in texts], tmp_path)
    found = {
        text: list(disagreements(text, reading))
        for text, reading in zip(texts, readings, strict=True)
    }
    assert {text: lines for text, lines in found.items() if lines} == {}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_destination_span_covers_what_the_author_wrote(ending: str) -> None:
    for text in constructs():
        made = source(text.replace("\n", ending))
        for link in parse_body(made).links:
            if link.destination.startswith("#") and not link.certain:
                continue  # an implicit reference has no destination in the source
            raw = made.slice(link.destination_span).replace("\r\n", "\n").replace("\r", "\n")
            written = unescape(raw.replace("\n", " "))
            assert link.destination in (written, f"mailto:{written}"), (text, link)
            around = made.text[link.destination_span.start - 1 : link.destination_span.end + 1]
            if link.angle:
                assert (around[0], around[-1]) == ("<", ">")


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_change_nothing_but_offsets(ending: str) -> None:
    for text in constructs():
        one, other = parsed(text), parsed(text.replace("\n", ending))
        assert link_keys(one) == link_keys(other)
        assert [h.anchor for h in one.headings] == [h.anchor for h in other.headings]
        assert prepared(text) == prepared(text.replace("\n", ending))


def test_front_matter_is_left_out() -> None:
    text = "---\ntitle: '[a](b)'\n---\n[c](d)\n"
    made = source(text)
    body = parse_body(made, text.index("[c]"))
    assert [made.slice(link.destination_span) for link in body.links] == ["d"]
    assert prepare(made, body) == "[c](d)\n"


# ---- headings -----------------------------------------------------------------------------

WORDS = [
    "引言", "Introduction", "1.1", "核心概念", "2023年：竞赛", "（一）", "💡 轶事", "🔴",
    "A·B", "C++", "GPT-4", "e_f", "*重点*", "**粗体**", "`code`", "[链接](x.md)", "—", "“引号”",
    "《书名》", "É", "e\u0301", "²³", "①", "Llama 2.0", "& co", "&amp;", "x^2^", "a/b", "'s",
    "小结", "小结", "Summary", "...", "$x$",
]  # fmt: skip


def test_heading_identifiers_are_pandocs(tmp_path: Path) -> None:
    lines = []
    for number in range(300):
        first = WORDS[number % len(WORDS)]
        second = WORDS[number * 7 // 5 % len(WORDS)] if number % 3 else ""
        explicit = " {#sec-" + str(number) + "}" if number % 29 == 0 else ""
        lines.append(f"{'#' * (1 + number % 5)} {first} {second}{explicit}".rstrip() + "\n\n")
    text = "".join(lines)
    (reading,) = truth.read([prepared(text)], tmp_path)
    assert [h.anchor for h in parsed(text).headings] == [
        anchor for _, anchor, _ in reading.headings
    ]


@pytest.mark.parametrize(
    ("heading", "github"),
    [
        ("1.1 核心概念 (Core)", "11-核心概念-core"),
        ("2023年：竞赛", "2023年竞赛"),
        ("💡 轶事", "-轶事"),
        ("A & B", "a--b"),
        ("e_f `code`", "e_f-code"),
        ("小结 {#x}", "小结"),
    ],
)
def test_github_identifiers(heading: str, github: str) -> None:
    assert parsed(f"# {heading}\n").headings[0].github == github


def test_repeated_headings_are_numbered_as_on_github() -> None:
    body = parsed("# 小结\n\n# 小结\n\n# 小结-1\n\n# 小结\n")
    assert [h.github for h in body.headings] == ["小结", "小结-1", "小结-1-1", "小结-2"]


def test_a_heading_knows_its_places() -> None:
    text = "text\n\n## Title *one* {#t .c}\n"
    made = source(text)
    (heading,) = parse_body(made).headings
    assert made.slice(heading.span) == "## Title *one* {#t .c}"
    assert made.slice(heading.text_span) == "Title *one*"
    assert (heading.text, heading.anchor, heading.attributes.classes) == ("Title one", "t", ("c",))
    assert heading.attributes.identifier_span
    assert made.slice(heading.attributes.identifier_span) == "t"


# ---- what pandoc needs --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**规模**:\n| a | b |\n|---|---|\n| 1 | 2 |\n", ["Para", "Table"]),
        ("**规模**:\n- a\n- b\n", ["Para", "BulletList"]),
        ("text\n# Heading\n", ["Para", "Header"]),
        ("text\n> quoted\n", ["Para", "BlockQuote"]),
        ("text\n~~~\ncode\n~~~\n", ["Para", "CodeBlock"]),
        ("text\n```\ncode\n```\n", ["Para", "CodeBlock"]),
        ("text\n::: {.event}\nin\n:::\n", ["Para", "Div"]),
        ("text\n***\n", ["Para", "HorizontalRule"]),
        ("a\nb\n---\n", ["Para", "HorizontalRule"]),
        ("- item\n# Heading\n", ["BulletList", "Header"]),
        ("- item\n---\n", ["BulletList", "HorizontalRule"]),
        ("1. item\n---\n\ntext\n", ["OrderedList", "HorizontalRule", "Para"]),
        ("> quoted\n---\n", ["BlockQuote", "HorizontalRule"]),
        ("> quoted\n# Heading\n", ["BlockQuote", "Header"]),
        ("> quoted\n| a | b |\n|---|---|\n", ["BlockQuote", "Table"]),
        ("- item\n| a | b |\n|---|---|\n", ["BulletList", "Table"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n- x | y\n", ["Table", "BulletList"]),
        ("text\n\n[^1]: note\n# Heading\n", ["Para", "Header"]),
        ("---\nname: x\n---\n\ntext\n", ["HorizontalRule", "Header", "Para"]),
        ("---\n**Version**: 1\n\n# H\n\n---\n\nend\n",
         ["HorizontalRule", "Para", "Header", "HorizontalRule", "Para"]),
        ("<!-- note -->\n---\n\ntext\n", ["RawBlock", "HorizontalRule", "Para"]),
        ("text\n2023. 年\n", ["Para"]),
        ("text\n2. a\n3. b\n", ["Para"]),
        ("text\n1. a\n2. b\n", ["Para", "OrderedList"]),
        ("`code\n# more`\n", ["Para"]),
        ("title\n---\n", ["Header"]),
        ("text | more\n---\n", ["Header"]),
        ("- a\n\n  > q\n  # H\n\nend\n", ["BulletList", "Para"]),
    ],
)  # fmt: skip
def test_blocks_without_a_blank_line(text: str, expected: list[str], tmp_path: Path) -> None:
    (reading,) = truth.read([prepared(text)], tmp_path)
    assert reading.blocks == expected


def test_a_blank_line_in_a_quotation_keeps_it_whole(tmp_path: Path) -> None:
    text = "> text\n> # Heading\n> > deep\n"
    assert prepared(text) == "> text\n>\n> # Heading\n> > deep\n"
    (reading,) = truth.read([prepared(text)], tmp_path)
    assert reading.blocks == ["BlockQuote"]


def test_preparing_keeps_every_line_in_order() -> None:
    for text in constructs():
        kept = iter(prepared(text).split("\n"))
        for line in text.split("\n"):
            plain = line.replace("\\", "")
            assert any(plain == other.replace("\\", "") for other in kept), text


def test_preparing_twice_changes_nothing() -> None:
    for text in constructs():
        assert prepared(prepared(text)) == prepared(text), text


def test_what_cannot_be_printed_is_replaced() -> None:
    made = Source("x.md", b"a\x00b\x07c\xff[d](e)\r\nf")
    body = parse_body(made)
    assert prepare(made, body) == "a�b�c�[d](e)\nf"
    assert made.slice(body.links[0].destination_span) == "e"


# ---- single constructs --------------------------------------------------------------------


def slices(text: str, spans: list[Span]) -> list[str]:
    """The characters of spans."""
    return [source(text).slice(span) for span in spans]


def test_citations_know_their_places() -> None:
    text = "见 [see @a, 第3页; -@{b c}; @d] 与 @e [p. 4]，@f。\n"
    text = text.replace("{b c}", "{b:c}")
    found = parsed(text).citations
    assert [c.key for c in found] == ["a", "b:c", "d", "e", "f"]
    assert slices(text, [c.span for c in found]) == ["@a", "@{b:c}", "@d", "@e", "@f"]
    assert [c.suffix for c in found] == ["第3页", "", "", "p. 4", ""]
    assert [c.narrative for c in found] == [False, False, False, True, True]
    assert source(text).slice(found[0].group) == "[see @a, 第3页; -@{b:c}; @d]"
    assert source(text).slice(found[3].group) == "@e [p. 4]"


def test_footnotes_are_found_defined_or_not() -> None:
    text = "a[^1] b[^二]\n\n[^1]: note [c](d)\n\n    more\n"
    found = parsed(text).footnotes
    assert [(n.label, n.definition) for n in found] == [("1", False), ("二", False), ("1", True)]
    assert slices(text, [n.span for n in found]) == ["[^1]", "[^二]", "[^1]"]
    assert {block.kind for block in parsed(text).blocks} == {"paragraph", "note"}


def test_table_cells_keep_what_is_too_much() -> None:
    text = "| a | b |\n|---|:-:|\n| `x|y` | \\| | 3 |\n| 1 |\n\n: 标题 {#tbl-a .wide}\n"
    (table,) = parsed(text).tables
    made = source(text)
    assert [made.slice(cell) for cell in table.head.cells] == ["a", "b"]
    assert [[made.slice(c) for c in row.cells] for row in table.rows] == [
        ["`x|y`", "\\|", "3"],
        ["1"],
    ]
    assert (table.columns, table.caption, table.attributes.identifier) == (2, "标题", "tbl-a")
    assert ("tbl-a", "tbl-a") in [(a.identifier, made.slice(a.span)) for a in parsed(text).anchors]


def test_divs_anchors_and_regions() -> None:
    text = (
        "::: {.event #llama}\n[词]{.index #w} `c`{#k} <a id='h'></a> ![图](x.svg){#fig-a}\n:::\n\n"
        "~~~ {#lst}\n[x](y)\n~~~\n\n$x$ <!-- c --> https://a.b/c `r`{=html}\n"
    )
    body, made = parsed(text), source(text)
    assert {a.identifier for a in body.anchors} == {"llama", "w", "k", "h", "fig-a", "lst"}
    assert all(made.slice(a.span) == a.identifier for a in body.anchors)
    (div,) = body.divs
    assert made.slice(div.opening) == "::: {.event #llama}"
    assert made.slice(div.span).endswith(":::")
    assert div.attributes.classes == ("event",)
    kinds = {made.slice(r.span): r.kind for r in body.regions}
    assert kinds["$x$"] == "math"
    assert kinds["<!-- c -->"] == "comment"
    assert kinds["https://a.b/c"] == "url"
    assert kinds["`r`{=html}"] == "raw"
    assert kinds["~~~ {#lst}\n[x](y)\n~~~"] == "code"


def test_prose_is_what_no_region_covers() -> None:
    text = '> 第一行，[链接](a.md "题")\n> 第二行[^1] `c`。\n\n- 甲\n  乙 @k\n'
    body, made = parsed(text), source(text)
    hidden = {at for r in body.regions for at in range(r.span.start, r.span.end)}
    prose = [
        "".join(made.text[at] for at in range(b.span.start, b.span.end) if at not in hidden)
        for b in body.blocks
    ]
    assert prose == ["第一行，链接\n第二行 。", "甲\n乙 "]


@pytest.mark.parametrize(
    "text",
    [
        "```\n[a](b)\n",
        "# `open [a](b)\nmore` text\n",
        "<table>\n<tr><td>[a](b)</td></tr>\n</table>\n",
        "[a](u\nwv)\n",
        "\\foo{x} [a](b)\n",
        "[a][r]\n\n[r]: one\n[r]: two\n",
        "a  b\n-- --\n[x](y) 1\n\n",
        "| a |\n|---|\n| 1 | [x](y) |\n",
        "[Heading]\n\n# Heading\n",
    ],
)
def test_what_might_be_read_otherwise_is_not_certain(text: str) -> None:
    links = parsed(text).links
    assert links
    assert not any(link.certain for link in links)


# ---- whatever comes -----------------------------------------------------------------------

INLINES = [
    "text", "中文，", "`code`", "`[x](y)`", "[a](b.md)", "[链接](../路径/文 件.md)", "![图](x.png)",
    "[![i](j)](k)", "[a](<b c.md>)", '[a](b "t")', "[r]", "[r][]", "[t][r]", "![r]",
    "**粗 [a](c) 体**",
    "*e*", "_u_", "$x_1$", "$5", "~~s [l](m)~~", "^[note [n](o)]", "[@k1; see @k2, p. 3]",
    "<https://a.b/c>", "<b>", "</b>", "<!-- [c](d) -->", r"\[x\](y)", r"\*", "&amp;",
    "[a(b)](c(d)e)", "[x [y] z](w)", "[s]{.c #id1}", "x^2^", "[a](b){.page}", "https://u.v/w",
    "（[括](号)）", "(p)", "[un", "](q)", "*", "**", "[", "]", "!", '"q"', "{.x}", "$", "<", ">",
]  # fmt: skip
LINES = st.lists(st.sampled_from(INLINES), min_size=1, max_size=6).map(" ".join)
BLOCKS = st.one_of(
    LINES,
    LINES.map(lambda line: f"# {line.replace('`', '')}"),
    st.tuples(LINES, LINES).map(lambda two: f"- {two[0]}\n  - {two[1]}\n- {two[1]}"),
    st.tuples(LINES, LINES).map(lambda two: f"> {two[0]}\n> {two[1]}"),
    LINES.map(lambda line: f"```\n{line}\n\n{line}\n```"),
    LINES.map(lambda line: f"    {line}"),
    LINES.map(lambda line: f"| a | b |\n|---|---|\n| {line} | x |\n\n: 标题 {{#tbl-a}}"),
    LINES.map(lambda line: f"::: {{.n}}\n{line}\n:::"),
    LINES.map(lambda line: f"<!-- {line}\n\n{line} -->"),
    st.just("---"),
    st.just('[r]: ref.md "t"'),
)
TEXTS = st.lists(BLOCKS, min_size=1, max_size=5).map("\n\n".join)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(TEXTS, min_size=20, max_size=40))
def test_certain_links_are_pandocs(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    compare(texts, tmp_path_factory.mktemp("lua"))


@pytest.mark.full
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(TEXTS, min_size=40, max_size=60))
def test_many_certain_links_are_pandocs(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    compare(texts, tmp_path_factory.mktemp("lua"))


AFTER_IMAGE = re.compile(r"!\[[\s\S]*\[ _")
"""Where pandoc reads no emphasis: `[ _u_](q)`, but only with an image before it."""


def compare(texts: list[str], folder: Path) -> None:
    """Hold certain links against pandoc's, for many texts at once."""
    texts = [text for text in texts if not AFTER_IMAGE.search(text)]
    for text, reading in zip(texts, truth.read([prepared(t) for t in texts], folder), strict=True):
        body = parsed(text)
        assert not link_keys(body, certain=True) - Counter(reading.links), text
        if all(link.certain for link in body.links):
            assert link_keys(body) == Counter(reading.links), text


FRAGMENTS = [
    "`", "``", "```\n", "~~~\n", "$", "$$", "[", "]", "(", ")", "![", "^[", "[^1]", "[^1]: ",
    "<", "<!--",
    "-->", "<a href='x'>", "</a>", "<div>", "</div>", "<p>", "\\", "*", "**", "_", "\n", "\n\n",
    "- ",
    "1. ", "> ", "# ", "| a | b |\n", "|---|---|\n", ": ", "::: a\n", ":::\n", "@key", "[@k; p]",
    "{#id .c}", "中文", "text", "   ", "\t", "\r\n", "\r", "\\begin{x}", "\\end{x}", "\\foo{", "}",
    "---\n", "===\n", "https://a.b/c", "&amp;", "\x00", "\ud800", "    ", "[a]: b\n", "Table: x\n",
    "<pre>", "</pre>", "(@a) ", "\u2028",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_nothing_raises_and_spans_stay_in_bounds(text: str) -> None:
    made = source(text)
    body = parse_body(made)
    prepare(made, body)
    size = len(made.text)
    for found in (
        body.headings, body.links, body.citations, body.footnotes, body.tables, body.anchors,
        body.divs, body.regions, body.blocks,
    ):  # fmt: skip
        spans = [thing.span for thing in found]
        assert all(0 <= span.start <= span.end <= size for span in spans)
        assert spans == sorted(spans)
    for link in body.links:
        assert 0 <= link.destination_span.start <= link.destination_span.end <= size


N = 4000
HOSTILE = [
    "`" * N, "` " * N, " ".join("`" * n for n in range(120)), "[" * N, "[" * N + "]" * N,
    "[a](" * N,
    "[a](b " * N, "![" * N, "*" * N, "*a " * N, "**a_" * N, "<" * N, "<a " * N, '<a b="' * N,
    "<!--" * N,
    "<!--\n\n" * N, "$a " * N, "$$a " * N, "[^" * N, "^[" * N, "@a " * N, "[@a;" * N, "@a [" * N,
    ">" * N, "\n".join("> " * (n % 100) + "x" for n in range(500)), "- + " * N,
    "".join("  " * n + "- a\n" for n in range(200)), "``` a\n" * N, "a\n``` b\n" * N, "::: a\n" * N,
    "::: a\n" * N + ":::\n" * N, "---\na\n" * N, "--- ---\na\n\n" * N, "| a | b |\n|---|---|\n" * N,
    "|" * N + "\n" + "|-" * N, ": a\n\n" * N, "a\n: b\n" * N, "[^1]: a\n" * N, "[a]: b\n" * N,
    "<div>" * N, "x <p> " * N, "\\begin{a}\n" * N, "\\a{" * N, "[a]{#b" * N, "# a {#b}\n" * N,
    "a\n---\n" * N, "\\" * N, "\t" * N, "a\r\n" * N, "a `x\n> b\n" * N, "http://a" * N,
    '[a](b "' * N,
    "[a](" + "(" * N, "[a ![b " * 500 + "](c) d](e)" * 500, "*@a " * N, "中文，text " * 20 * N,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    made = source(text)
    prepare(made, parse_body(made))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300 + "x" + "]" * 300,
        "> " * 300 + "x",
        "- + " * 300 + "x",
        "\n\n".join("  " * n + "- a" for n in range(100)),
    ],
)
def test_deep_nesting_is_a_problem(text: str) -> None:
    assert [problem.code for problem in parsed(text).problems] == ["CH010"]


@pytest.mark.parametrize(
    "text",
    [
        "区间 [0, 1) 和 " * 30,
        "[" * 40,
        "![" * 40,
        "[" * 40 + "]" * 40,
        "<span>" * 40,
        "[[[[x]]]] " * 5,
    ],
)
def test_pandoc_ends_on_prepared_brackets(text: str, tmp_path: Path) -> None:
    started = time.monotonic()
    truth.read([prepared(text)], tmp_path)
    assert time.monotonic() - started < 20
