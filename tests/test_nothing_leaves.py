"""Canaries: no book brings a file from outside of it, or a question to a server, into anything."""

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import books
import pikepdf
import pytest

import pipeline

CANARY = "canary7f3a91"
SPACE = "xmlns='http://www.w3.org/2000/svg'"
SVG = f"<svg {SPACE} width='90' height='20'><text y='15'>{CANARY}</text></svg>"
OUTSIDE = {
    "secret.md": f"---\ntitle: {CANARY}\n---\n\n# {CANARY}\n\n{CANARY}\n",
    "secret.txt": CANARY,
    "secret.svg": SVG,
    "secret.html": f"<p>{CANARY}</p>",
    "secret.css": f"p::before, a::before {{ content: '{CANARY}' }}",
    "secret.bib": f"@book{{key, title = {{{CANARY}}}, author = {{{CANARY}}}, year = 2001}}\n",
    "secret.json": f'[{{"id": "key", "type": "book", "title": "{CANARY}"}}]',
    "secret.yaml": f"title: {CANARY}\n",
    "secret.csl": f"<style xmlns='http://purl.org/net/xbiblio/csl'><info><title>{CANARY}</title></info></style>",
    "secret.schema.json": f'{{"type": "object", "required": ["{CANARY}"]}}',
    "secret.lua": f"return {{{{Str = function() return pandoc.Str('{CANARY}') end}}}}",
}  # fmt: skip

# In all of these, ABS is the folder outside, REL the way there from a chapter, URL the server.
PLACES = ("ABS/secret", "REL/secret", "file://ABS/secret", "URL/secret", "//HOST/secret")
TAGS = (
    "<img src='{}.svg' srcset='{}.svg 2x' alt='x'>",
    "<object data='{}.svg'></object>",
    "<embed src='{}.svg'>",
    "<iframe src='{}.html'></iframe>",
    "<link rel='stylesheet' href='{}.css'>",
    "<link rel='attachment' href='{}.txt'>",
    "<a rel='attachment' href='{}.txt'>x</a>",
    "<style>@import '{}.css'; p {{ background: url({}.svg) }}</style>",
    "<p style='background: url({}.svg); list-style-image: url({}.svg)'>x</p>",
    "<svg><image href='{}.svg'/><use href='{}.svg#a'/></svg>",
    "<video src='{}.svg' poster='{}.svg'><source src='{}.svg'><track src='{}.txt'></video>",
    "<input type='image' src='{}.svg'>",
    "<script src='{}.html'></script>",
    "<base href='{}.html'>",
    "<table background='{}.svg'><tr><td>x</td></tr></table>",
)
MARKDOWN = (
    "![x]({}.svg)",
    "![x][r]\n\n[r]: {}.svg",
    "[]({}.md)",
    "[x]({}.md){{.page}}",
    "![](<{}.svg>){{#fig-a}}",
    "```{{=html}}\n<img src='{}.svg'>\n```",
    "`<img src='{}.svg'>`{{=html}}",
    "```{{=latex}}\n\\input{{{}.txt}}\n```",
    "\\input{{{}.txt}}",
    "``` {{.include}}\n{}.txt\n```",
    "::: {{.include file='{}.md'}}\n:::",
    "!include {}.md",
    "---\nbibliography: {}.bib\ncsl: {}.csl\ncitation-abbreviations: {}.json\n...\n\n[@key]",
    "---\nheader-includes: |\n  <link rel=stylesheet href='{}.css'>\nfilters: ['{}.lua']\n...",
)
FRONT = """\
---
title: Ways in
bibliography: ABS/secret.bib
csl: ABS/secret.csl
css: ABS/secret.css
template: ABS/secret.html
cover-image: ABS/secret.svg
include-before: ABS/secret.html
metadata-file: ABS/secret.yaml
---

"""
DRAWING = """\
<?xml version="1.0"?>
<?xml-stylesheet href="file://ABS/secret.css"?>
<!DOCTYPE svg [<!ENTITY secret SYSTEM "file://ABS/secret.txt">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     xmlns:xi="http://www.w3.org/2001/XInclude" width="90" height="90">
<style>@import url(file://ABS/secret.css); @font-face { font-family: x; src: url(URL/x.ttf) }</style>
<text y="20">&secret;</text>
<image xlink:href="file://ABS/secret.svg" width="9" height="9"/>
<image href="URL/secret.svg" width="9" height="9"/>
<use href="file://ABS/secret.svg#a"/>
<filter id="f"><feImage href="file://ABS/secret.svg"/></filter>
<rect width="9" height="9" filter="url(#f)" fill="url(file://ABS/secret.svg#a)"/>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="file://ABS/secret.html"/></foreignObject>
<xi:include href="file://ABS/secret.txt" parse="text"/>
<script href="URL/secret.js"/>
</svg>
"""  # noqa: E501
PLAIN_DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">
<image href="ABS/secret.svg" width="9" height="9"/><image href="URL/a.svg" width="9" height="9"/>
<use href="../../outside/secret.svg#a"/><style>@import url(URL/a.css);</style>
</svg>
"""
STYLE = """\
@import url(ABS/secret.css);
@import "../outside/secret.css";
@import url("URL/secret.css");
@import url(link.css);
@import url("\\66 ile://ABS/secret.css");
@font-face { font-family: x; src: url(URL/x.ttf), url(ABS/secret.txt) }
body { background: url(ABS/secret.svg); font-family: x, serif }
p { list-style-image: url(../outside/secret.svg); cursor: url(URL/c.svg), auto }
h1::before { content: url(ABS/secret.svg) url(URL/a.svg) attr(id url) }
@page { @top-center { content: url(ABS/secret.svg) } background: url(URL/page.svg) }
"""
BIB = """\
@book{key, title = {\\input{ABS/secret.txt} \\include{ABS/secret}}, author = {A, B}, year = 2001,
  url = {file://ABS/secret.txt}, file = {ABS/secret.txt}, crossref = {ABS/secret}}
@string{x = {\\openin ABS/secret.txt}}
"""
LINKS = {
    "manuscript/link.md": "secret.md",
    "manuscript/link.svg": "secret.svg",
    "manuscript/folder": "",
    "bibliography/link.bib": "secret.bib",
    "bibliography/link.csl": "secret.csl",
    "link.css": "secret.css",
    "schemas/link.schema.json": "secret.schema.json",
    "events/link.md": "secret.md",
}


@dataclass
class Ground:
    """A book, the folder outside of it, and a server that nobody should ask."""

    root: Path
    outside: Path
    server: socket.socket

    def filled(self, text: str) -> str:
        """A text with the places in it."""
        host = f"127.0.0.1:{self.server.getsockname()[1]}"
        text = text.replace("ABS", str(self.outside)).replace("REL", "../../outside")
        return text.replace("URL", f"http://{host}").replace("HOST", host)

    def write(self, files: dict[str, str]) -> None:
        """Files of the book."""
        books.write(self.root, {path: self.filled(text) for path, text in files.items()})

    def run(self, *words: str, before: tuple[str, ...] = ()) -> str:
        """What a command prints; its exit code is one of ours."""
        done = subprocess.run(
            [*before, sys.executable, "-m", "pipeline", "-C", str(self.root), *words],
            capture_output=True, check=False, cwd=Path(__file__).parents[1],
            env={**os.environ, "TMPDIR": str(self.root.parent / "tmp")},
        )  # fmt: skip
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert done.returncode in (0, 1, 2), said
        assert "Traceback" not in said
        return said

    def check(self, *said: str) -> None:
        """No canary in what was said or written, none touched, nobody asked."""
        for text in said:
            assert CANARY not in text
        found = [path for path in _files(self.root) if any(map(_has_canary, _contents(path)))]
        assert found == []
        assert sorted(path.name for path in self.root.parent.iterdir()) == [
            "book", "outside", "tmp",
        ]  # fmt: skip
        assert {path.name: path.read_text() for path in self.outside.iterdir()} == OUTSIDE
        with pytest.raises(BlockingIOError):
            self.server.accept()


def _files(root: Path) -> Iterator[Path]:
    for folder in ("build", ".make-book"):
        yield from (path for path in sorted((root / folder).rglob("*")) if path.is_file())


def _contents(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()
    if path.suffix == ".epub":
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name) for name in book.namelist())
    if path.suffix == ".pdf":
        with pikepdf.open(path) as pdf:
            streams = (item for item in pdf.objects if isinstance(item, pikepdf.Stream))
            yield from (item.read_raw_bytes() for item in streams)
        yield subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout


def _has_canary(data: bytes) -> bool:
    return CANARY.encode() in data


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    for name in ("book", "outside", "tmp"):
        (tmp_path / name).mkdir()
    books.write(tmp_path / "outside", OUTSIDE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield Ground(tmp_path / "book", tmp_path / "outside", server)


def contents() -> dict[str, str]:
    """A book that tries every way of its content."""
    ways = (way.replace("{}", place) for way in MARKDOWN for place in PLACES)
    tags = (way.replace("{}", place) for way in TAGS for place in PLACES)
    both = [way.replace("{{", "{").replace("}}", "}") for way in (*ways, *tags)]
    names = ("drawing", "plain", "link", "folder/secret")
    text = "\n\n".join((*both, *(f"![x]({name}.svg)" for name in names), "[@key]"))
    return {
        "book.yaml": "title: Ways\nslug: ways\ncss: [own.css]\nlanguage: en\n",
        "manuscript/ways.md": f"{FRONT}# Ways\n\n{text}\n",
        "manuscript/drawing.svg": DRAWING,
        "manuscript/plain.svg": PLAIN_DRAWING,
        "events/a.md": "---\nevent_id: a\ndate: 2001\ntitle: A\nsources: [key]\n---\n\n# A\n",
        "bibliography/own.bib": BIB,
        "own.css": STYLE,
    }  # fmt: skip


def with_links(ground: Ground) -> None:
    """Symbolic links that leave the book."""
    for path, name in LINKS.items():
        place = ground.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(ground.outside / name)


def test_content_brings_nothing_in(ground: Ground) -> None:
    ground.write(contents())
    with_links(ground)
    ground.check(
        ground.run("check", "--format", "json"),
        ground.run("build", "pdf", "epub", "html", "markdown"),
        ground.run("report"),
    )
    made = {path.name for path in (ground.root / "build").iterdir()}
    assert {"ways.pdf", "ways.epub", "html", "markdown", "report.html"} <= made


SETTINGS = {
    "bibliography": "bibliography: [ABS/*.bib, ../outside/*.bib, bibliography/link.bib]",
    "style": "citations: {style: ABS/secret.csl}",
    "style above": "citations: {style: ../outside/secret.csl}",
    "style by link": "citations: {style: bibliography/link.csl}",
    "own style": "citations: {style: bibliography/own.csl}",
    "css": "css: [ABS/secret.css]",
    "css above": "css: [../outside/secret.css]",
    "css by link": "css: [link.css]",
    "css by address": "css: ['URL/secret.css']",
    "theme": "theme: ../outside/secret.css",
    "theme by link": "theme: link.css",
    "theme of an edition": "editions: {a: {theme: ABS/secret.css}}",
    "cover": "cover: ../outside/secret.svg",
    "cover by link": "cover: manuscript/link.svg",
    "content": "content: {chapters: {path: ../outside}, events: {path: ABS}}",
    "content by link": "content: {chapters: {path: manuscript/folder}}",
    "schema": "content: {events: {schema: ../outside/secret.schema.json}}",
    "schema by link": "content: {events: {schema: schemas/link.schema.json}}",
    "order": "order: [../outside/secret.md, ABS/secret.md]",
    "slug": "slug: ../../outside/x",
    "edition": "editions: {../x: {outputs: [html]}}",
    "fonts": "fonts: {latin: ABS/secret.txt, han: 'file://ABS/secret.txt'}",
    "tag": "title: !include ABS/secret.txt",
    "reference by file": "content: {events: {schema: schemas/file.json}}",
    "reference by address": "content: {events: {schema: schemas/address.json}}",
    "reference by link": "content: {events: {schema: schemas/link.json}}",
}
REFERENCES = {
    "schemas/file.json": '{"allOf": [{"$ref": "file://ABS/secret.schema.json"}]}',
    "schemas/address.json": '{"allOf": [{"$ref": "URL/secret.schema.json"}]}',
    "schemas/link.json": '{"allOf": [{"$ref": "link.schema.json"}]}',
}
CSL = """\
<?xml version="1.0"?>
<!DOCTYPE style [<!ENTITY secret SYSTEM "file://ABS/secret.txt">]>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>x</title><id>x</id><link rel="template" href="URL/secret.csl"/></info>
<citation><layout><text value="&secret;"/></layout></citation>
<bibliography><layout><text value="&secret;"/><text variable="title"/></layout></bibliography>
</style>
"""


@pytest.mark.full
@pytest.mark.parametrize("name", SETTINGS)
def test_settings_bring_nothing_in(ground: Ground, name: str) -> None:
    setting = SETTINGS[name]
    title = "" if setting.startswith("title") else "title: Ways\n"
    slug = "" if setting.startswith("slug") else "slug: ways\n"
    ground.write(
        {
            "book.yaml": f"{title}{slug}{setting}\n",
            "manuscript/a.md": "# A\n\nA text [@key].\n",
            "events/a.md": "---\nevent_id: a\ndate: 2001\ntitle: A\n---\n\n# A (2001)\n",
            "bibliography/own.bib": BIB,
            "bibliography/own.csl": CSL,
            **REFERENCES,
        }
    )
    with_links(ground)
    paper = "pdf" if "theme" in name or "css" in name else "epub"
    ground.check(ground.run("build", paper, "html", "-q"))


# ---- what is opened -------------------------------------------------------------------------

OPENED = re.compile(rb'\b(?:open|openat|openat2|creat)\((?:[^,"]*, )?"([^"]*)".*\) = \d+$', re.M)
CONNECTED = re.compile(rb"\bconnect\(.*sa_family=AF_INET.*$", re.MULTILINE)
SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc",
    "/proc",
    "/sys",
    "/dev",
    "/var/cache/fontconfig",
)


@pytest.mark.full
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_but_the_book_and_the_system_is_opened(ground: Ground) -> None:
    ground.write(contents())
    with_links(ground)
    trace = ground.root.parent / "tmp" / "trace"
    calls = "trace=open,openat,openat2,creat,connect"
    strace = ("strace", "-f", "-qq", "-s", "4096", "-e", calls, "-o", str(trace))
    ground.check(ground.run("build", "pdf", "epub", "html", before=strace))
    data = trace.read_bytes()
    assert not CONNECTED.findall(data)
    code = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    own = (ground.root, ground.root.parent / "tmp", Path(pipeline.__file__).parents[1], sys.prefix)
    allowed = [os.path.realpath(path) for path in (*SYSTEM, *code, *own, sys.base_prefix)]
    allowed += [os.path.realpath(os.environ["XDG_STATE_HOME"])]
    allowed += [str(Path.home() / name) for name in (".gitconfig", ".config/git")]
    strange = {
        path
        for path in (os.fsdecode(name) for name in OPENED.findall(data))
        if path.startswith("/")
        and path != "/"
        and not any(f"{os.path.realpath(path)}/".startswith(f"{place}/") for place in allowed)
    }
    assert strange == set()
