"""cite: entries from a registry or a page, lists of entries, and files tidied without a loss."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote
from urllib.request import HTTPErrorProcessor, Request, build_opener

import pytest
from hypothesis import given, settings, strategies

from pipeline import bibliography, cli, probe
from pipeline.citations import entry_text, fetching, lookup, tidying
from pipeline.citations.entry_text import NewEntry
from pipeline.citations.fetching import Answer
from pipeline.errors import UserError
from pipeline.source import Source

STOCK = Path(__file__).parent / "rules" / "stock"
Capture = pytest.CaptureFixture[str]

WORK = {
    "type": "journal-article", "DOI": "10.5555/reed.1",
    "title": ["Reeds &amp; Rivers: <i>On</i> 5% of Everything_{}"],
    "author": [{"family": "Okoye", "given": "Ada"}, {"family": "沈", "given": "括"},
               {"name": "Institute for Sand and Water"}],
    "container-title": ["Journal of Banks"], "volume": "7", "issue": "2", "page": "10-19",
    "issued": {"date-parts": [[2021, 3, 4]]}, "language": "en",
}  # fmt: skip
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE feed [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:a="http://arxiv.org/schemas/atom"><entry>
<title>Small Boats
  Carry Far</title><published>2019-05-06T00:00:00Z</published>
<author><name>Maria de la Cruz</name></author><author><name>Wei Li</name></author>
<author><name>&secret;</name></author>
<a:primary_category term="cs.CL"/></entry></feed>"""
PAGE = """<html lang="zh-CN"><head><meta charset="gb2312"><title>题外话 - 站点</title>
<meta property="og:title" content="堤岸与芦苇">
<meta property="og:site_name" content="河畔周报">
<meta property="article:published_time" content="2022-07-08T09:00:00+08:00"></head></html>"""


class Handler(BaseHTTPRequestHandler):
    """Plays doi.org, Crossref, arXiv and a paper: the first part of the path is the host."""

    def do_GET(self) -> None:
        answers: dict[str, tuple[int, str, bytes]] = {
            "/doi.org/10.5555/reed.1": (302, "http://registry.test/reed", b""),
            "/registry.test/reed": (200, lookup.CSL, json.dumps(WORK).encode()),
            "/doi.org/10.5555/only": (404, "text/html", b"no"),
            "/api.crossref.org/works/10.5555/only": (
                200, "application/json", json.dumps({"message": WORK}).encode()),
            "/export.arxiv.org/api/query": (200, "application/atom+xml", ATOM.encode()),
            "/paper.test/bank": (200, "text/html", PAGE.encode("gb2312")),
            "/paper.test/file": (200, "application/pdf", b"%PDF"),
            "/paper.test/round": (301, "http://paper.test/round", b""),
        }  # fmt: skip
        known = answers.get(unquote(self.path.partition("?")[0]), (404, "text/plain", b""))
        status, kind, body = known
        self.send_response(status)
        self.send_header("Location" if status in probe.REDIRECTS else "Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Still(HTTPErrorProcessor):
    """Follows nothing and takes every status for an answer."""

    def http_response(self, request, response):  # type: ignore[no-untyped-def]
        return response


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[str, str], Answer]]:
    """An asker that asks a server on this machine instead."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"

    def asker(url: str, accept: str) -> Answer:
        path = quote(url.partition("://")[2], safe="/?=&:.%")
        with build_opener(Still).open(Request(base + path, headers={"Accept": accept})) as said:
            location = said.headers.get("Location") or ""
            return Answer(said.status, said.headers.get_content_type(), said.read(), location)

    yield asker
    server.shutdown()
    server.server_close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(STOCK, tmp_path / "book")


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, ask: Callable[[str, str], Answer]) -> None:
    monkeypatch.setattr(fetching, "outside", ask)


def make_book(root: Path, *words: str) -> int:
    return cli.main(["-C", str(root), *words])


def bib(root: Path) -> Path:
    return root / "bibliography/references.bib"


# ---- add ------------------------------------------------------------------------------------


def test_add_does_not_ask_the_network_unless_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(fetching, "outside", lambda *_: pytest.fail("the network was asked"))
    before = bib(root).read_bytes()
    assert make_book(root, "cite", "add", "10.5555/reed.1") == 2
    assert "--online" in capsys.readouterr().err
    assert bib(root).read_bytes() == before


@pytest.mark.usefixtures("online")
def test_a_doi_becomes_an_entry_at_the_end_and_undo_takes_it_back(root: Path) -> None:
    before = bib(root).read_text("utf-8")
    assert make_book(root, "cite", "add", "https://doi.org/10.5555/reed.1", "--online") == 0
    after = bib(root).read_text("utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert after[len(before.rstrip("\n")) :] == (
        "\n\n@article{okoye2021reeds,\n"
        "  author        = {Okoye, Ada and 沈, 括 and {Institute for Sand {and} Water}},\n"
        "  title         = {Reeds \\& Rivers: On 5\\% of Everything\\_\\{\\}},\n"
        "  journaltitle  = {Journal of Banks},\n"
        "  volume        = {7},\n"
        "  number        = {2},\n"
        "  pages         = {10--19},\n"
        "  date          = {2021-03-04},\n"
        "  doi           = {10.5555/reed.1},\n"
        "  langid        = {en}\n"
        "}\n"
    )
    entries, problems = bibliography.read(Source("x.bib", after.encode()))
    record = bibliography.to_csl(entries[-1])
    assert not problems
    assert record["title"] == "Reeds & Rivers: On 5% of Everything_{}"
    assert record["author"][2] == {"literal": "Institute for Sand and Water"}
    assert make_book(root, "undo") == 0
    assert bib(root).read_text("utf-8") == before


@pytest.mark.usefixtures("online")
def test_a_work_that_is_there_is_not_added_again(root: Path, capsys: Capture) -> None:
    assert make_book(root, "cite", "add", "10.5555/reed.1", "--online") == 0
    once = bib(root).read_bytes()
    assert make_book(root, "cite", "add", "doi:10.5555/REED.1", "--online") == 2
    assert "cannot read" in capsys.readouterr().err  # the registry's paths know case
    assert make_book(root, "cite", "add", "10.5555/only", "--online") == 0
    assert make_book(root, "cite", "add", "10.5555/reed.1", "--online") == 2
    assert "@okoye2021reeds" in capsys.readouterr().err
    assert bib(root).read_bytes().count(b"@article{okoye2021reeds") == 2
    assert bib(root).read_bytes().startswith(once.rstrip())


@pytest.mark.usefixtures("online")
def test_add_shows_its_diff_and_writes_nothing(root: Path, capsys: Capture) -> None:
    before = bib(root).read_bytes()
    assert make_book(root, "cite", "add", "10.5555/only", "--online", "--diff") == 1
    assert "+@article{okoye2021reeds," in capsys.readouterr().out
    assert bib(root).read_bytes() == before


def test_arxiv_and_its_entities(ask: Callable[[str, str], Answer]) -> None:
    for name in ("1905.01234v2", "arXiv:1905.01234", "https://arxiv.org/abs/1905.01234",
                 "10.48550/arXiv.1905.01234"):  # fmt: skip
        entry = lookup.found(name, date(2024, 1, 2), ask)
        assert entry.text("title") == "Small Boats Carry Far"
        assert entry.text("date") == "2019-05-06"
        assert entry.text("eprint") == "1905.01234"
        assert "root:" not in entry.text("author")
        assert entry.text("author").startswith("de la Cruz, Maria and Li, Wei")


def test_a_page_says_its_title_in_meta_tags(ask: Callable[[str, str], Answer]) -> None:
    entry = lookup.found("http://paper.test/bank", date(2024, 1, 2), ask)
    assert dict(entry.fields) == {
        "author": "{河畔周报}", "title": "堤岸与芦苇", "date": "2022-07-08",
        "url": "http://paper.test/bank", "urldate": "2024-01-02", "langid": "zh-CN",
    }  # fmt: skip
    key = entry_text.key(entry.text("author"), entry.text("date"), entry.text("title"), ())
    assert key == "hepanzhoubao2022dian"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("http://paper.test/file", "no web page"),
        ("http://paper.test/round", "redirections"),
        ("http://paper.test/none", "404"),
        ("just words", "neither a DOI"),
        ("ftp://paper.test/x", "neither a DOI"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    ask: Callable[[str, str], Answer], name: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        lookup.found(name, date(2024, 1, 2), ask)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://[::1]/", "http://localhost/x"])
def test_this_machine_is_not_asked(url: str) -> None:
    with pytest.raises(UserError, match="private network"):
        fetching.get(url, "*/*")


def test_an_entry_goes_to_its_place_in_a_sorted_file_with_its_comment(
    root: Path, online: None
) -> None:
    text = (
        "% ours\r\n@misc{abel2000, title={A}}\r\n\r\n"
        "% about the zoo\r\n@misc{zoo1999, title={Z}}\r\n"
    )
    bib(root).write_bytes(text.encode())
    assert make_book(root, "cite", "add", "http://paper.test/bank", "--online", "--key", "m1") == 0
    after = bib(root).read_bytes().decode()
    assert "\n" not in after.replace("\r\n", "")
    first, _, rest = after.partition("@online{m1,")
    assert first == "% ours\r\n@misc{abel2000, title={A}}\r\n\r\n"
    assert rest.endswith("}\r\n\r\n% about the zoo\r\n@misc{zoo1999, title={Z}}\r\n")


@settings(max_examples=200, deadline=None)
@given(strategies.text(max_size=60), strategies.sampled_from(["title", "note", "url", "author"]))
def test_any_text_is_a_field_and_nothing_else(text: str, name: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    entry = NewEntry("misc", (("year", "2020"), (name, text)), "k")
    written = entry_text.written(entry)
    entries, problems = bibliography.read(Source("x.bib", written.encode()))
    assert not problems
    assert [item.key for item in entries] == ["k"]
    assert set(entries[0].fields) <= {"year", name}


# ---- list -----------------------------------------------------------------------------------


def test_list_counts_uses_and_finds_the_uncited(root: Path, capsys: Capture) -> None:
    with bib(root).open("a", encoding="utf-8") as file:
        file.write("\n@misc{lonely, title={Nobody's {Book}}, doi={10.1/x}}\n")
    assert make_book(root, "cite", "list", "--uncited") == 0
    shown = capsys.readouterr()
    assert [line.split()[:2] for line in shown.out.splitlines()] == [["lonely", "0"]]
    assert make_book(root, "cite", "list", "--json") == 0
    records = {item["key"]: item for item in json.loads(capsys.readouterr().out)}
    assert records["lonely"]["cited"] == 0
    assert records["lonely"]["doi"] == "10.1/x"
    assert records["shen1088"]["cited"] > 0


# ---- tidy -----------------------------------------------------------------------------------

MESSY = """% head comment

@string{acm = "ACM Press"}
@preamble{"\\newcommand{\\x}{y}"}
@comment{jabref-meta: {keep} me}
@ARTICLE ( zeta , year=2020, Author="A and B", title = {Two
    Lines {of} it} , month = jan, publisher = acm # " Inc",custom-field={kept},)
free text that is no entry
@misc{commented, % the year is a guess
  title={T}}


@misc{abel,title={50\\% {a}}, abstract={one

two}}
@misc{twice, title={a}, title={b}}
@inbook{child, crossref={whole}, title={C}}
@misc{broken, title={never closed
@book{whole, title={W}, Title-Addon = "say {"}hi{"}"}
"""


def test_tidy_loses_nothing_and_is_idempotent(root: Path, capsys: Capture) -> None:
    bib(root).write_text(MESSY, "utf-8")
    assert make_book(root, "cite", "tidy") == 0
    after = bib(root).read_text("utf-8")
    for kept in (
        "% head comment", '@string{acm = "ACM Press"}', "@preamble{", "@comment{jabref-meta",
        "free text that is no entry", "% the year is a guess", "title={a}, title={b}",
        "custom-field  = {kept}", 'acm # " Inc"', "{Two Lines {of} it}", "one\n\ntwo",
        "month         = jan",
    ):  # fmt: skip
        assert kept in after, kept
    said = capsys.readouterr().err
    assert "@commented is left" in said
    assert "@twice is left" in said
    assert make_book(root, "cite", "tidy") == 0
    assert bib(root).read_text("utf-8") == after
    assert make_book(root, "cite", "tidy", "--diff") == 0
    assert make_book(root, "undo") == 0
    assert bib(root).read_text("utf-8") == MESSY


def test_tidy_sorts_between_comments_with_parents_last() -> None:
    text = (
        "@misc{b,\n}\n@misc{p,\n}\n@misc{x, crossref={p}}\n% new part\n@misc{d,\n}\n@misc{c,\n}\n"
    )
    sorted_ = tidying.tidy(Source("x.bib", text.encode()), sort=True).text
    entries, _ = bibliography.read(Source("x.bib", sorted_.encode()))
    assert [entry.key for entry in entries] == ["b", "x", "p", "c", "d"]
    assert tidying.tidy(Source("x.bib", sorted_.encode()), sort=True).text == sorted_


def test_the_sample_is_tidy_byte_for_byte() -> None:
    data = (Path(__file__).parents[1] / "bibliography/references.bib").read_bytes()
    source = Source("bibliography/references.bib", data)
    assert source.encode(tidying.tidy(source).text) == data


_VALUES = strategies.sampled_from(
    ["{a}", '"b"', "12", "jan", 'acm # "x"', "{a\n  b}", '{a "q" {b}}', '"{"}"', "{}", "{x\\}y}"]
)
_FIELDS = strategies.lists(
    strategies.tuples(strategies.sampled_from(["title", "Year", "x-y", "url"]), _VALUES),
    max_size=4, unique_by=lambda pair: pair[0],
)  # fmt: skip
_GAPS = strategies.sampled_from(
    ["\n", "\r\n\r\n", "", "% c\n", "@string{acm={A}}\n", "words\n\n\n"]
)


@settings(max_examples=150, deadline=None)
@given(strategies.lists(strategies.tuples(_GAPS, _FIELDS, strategies.booleans()), max_size=5))
def test_tidy_reads_the_same_whatever_it_finds(
    parts: list[tuple[str, list[tuple[str, str]], bool]],
) -> None:
    pieces = ["@string{acm = {A}}\n"]
    for number, (gap, fields, round_) in enumerate(parts):
        inner = ", ".join([f"k{number}", *(f"{name} = {value}" for name, value in fields)])
        pieces += [gap, f"@misc({inner})" if round_ else f"@misc{{{inner}}}"]
    source = Source("x.bib", "".join(pieces).encode())
    new = Source("x.bib", tidying.tidy(source).text.encode())
    assert _read(new) == _read(source)
    assert tidying.tidy(new).text == new.text


def _read(source: Source) -> list[tuple[str, dict[str, str]]]:
    entries, _ = bibliography.read(source)
    return [
        (item.key, {name: field.text for name, field in item.fields.items()}) for item in entries
    ]
