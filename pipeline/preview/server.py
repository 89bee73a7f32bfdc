"""The preview's server: for this machine only, for this book only.

It answers from a snapshot in memory by exact names, so that no path leads to a file. A page of
another site can neither read from it nor ask it for work: the host that is asked for must be this
machine by a name that cannot be rebound, and what a browser sends on behalf of another site is
refused.
"""

import errno
import json
import sys
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.errors import UserError
from pipeline.preview import words
from pipeline.preview.board import Board

HOST = "127.0.0.1"
NAMES = ("127.0.0.1", "localhost")
OWN = "~preview/"
PULSE = 15.0  # seconds between signs of life on a stream of events
THEMES = Path(__file__).parents[1] / "themes"
SCRIPTS = ("preview.js", "preview.css")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'self'; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Server(ThreadingHTTPServer):
    """Answers in a thread for each reader; they end with the process."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that goes away is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def listen(board: Board, port: int) -> Server:
    """A server on a port of this machine, 0 for any free one. Raises `UserError`."""
    try:
        return Server((HOST, port), partial(_Handler, board))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is in use"
        else:
            message = f"cannot use port {port}: {error.strerror or error}"
        raise UserError(message, hint="name another with --port; 0 takes any free one") from error


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "make-book", ""
    timeout = 60
    server: Server

    def __init__(self, board: Board, *arguments: Any) -> None:
        self.board = board
        super().__init__(*arguments)

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are not told."""

    def do_GET(self) -> None:
        """A page, a file beside it, or what the page's script asks for."""
        if self._is_foreign():
            self._refuse()
        elif self._name() == f"{OWN}events":
            self._events()
        else:
            self._file(self._name())

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Have the PDF made."""
        if self._is_foreign() or self.headers.get("Origin") != f"http://{self.headers['Host']}":
            self._refuse()
        elif self._name() == f"{OWN}pdf":
            self.board.ask_for_paper()
            self._send(HTTPStatus.ACCEPTED, ".txt", b"")
        else:
            self._send(HTTPStatus.NOT_FOUND, ".txt", b"")

    # ---- who asks -------------------------------------------------------------------------

    def _is_foreign(self) -> bool:
        """Whether another name of this machine is asked for, or another site asks."""
        port = self.server.server_address[1]
        if self.headers.get("Host") not in {f"{name}:{port}" for name in NAMES}:
            return True
        if self.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
            return False
        followed = self.headers.get("Sec-Fetch-Dest") == "document" and self.command == "GET"
        return not followed or self._name().startswith(OWN)

    def _refuse(self) -> None:
        self.close_connection = True
        text = f"the preview answers to {' and '.join(NAMES)}, and to its own pages\n"
        self._send(HTTPStatus.FORBIDDEN, ".txt", text.encode())

    # ---- what is asked --------------------------------------------------------------------

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/") or "index.html"

    def _file(self, name: str) -> None:
        site = self.board.snapshot.site
        suffix = PurePosixPath(name).suffix
        if name.startswith(OWN):
            self._own(name.removeprefix(OWN), suffix)
        elif name not in site:
            self._send(HTTPStatus.NOT_FOUND, ".html", self._with_script(name, self._gone()))
        elif suffix == ".html":
            self._send(HTTPStatus.OK, suffix, self._with_script(name, site[name]), name)
        else:
            self._send(HTTPStatus.OK, suffix, site[name])

    def _own(self, name: str, suffix: str) -> None:
        if name == "state.json":
            text = json.dumps(self.board.record(), ensure_ascii=False)
            self._send(HTTPStatus.OK, suffix, text.encode())
        elif name in SCRIPTS:
            self._send(HTTPStatus.OK, suffix, (THEMES / name).read_bytes())
        elif name == "book.pdf" and self.board.paper.data:
            self._send(HTTPStatus.OK, suffix, self.board.paper.data)
        else:
            self._send(HTTPStatus.NOT_FOUND, ".txt", b"")

    def _gone(self) -> bytes:
        said = words.of(self.board.snapshot.language)
        text = f"{said['gone']}: {self._name()}"
        return (
            f'<!DOCTYPE html><html lang="{escape(self.board.snapshot.language)}"><head>'
            f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{escape(text)}</title>"
            f'<link rel="stylesheet" href="/assets/site.css"></head>'
            f'<body><main id="main"><h1>{escape(text)}</h1>'
            f'<p><a href="/">{said["home"]}</a></p></main></body></html>'
        ).encode("utf-8", "replace")

    def _with_script(self, name: str, page: bytes) -> bytes:
        tags = (
            f'<link rel="stylesheet" href="/{OWN}preview.css">'
            f'<script src="/{OWN}preview.js" data-digest="{self.board.digest(name)}" defer>'
            "</script></head>"
        )
        return page.replace(b"</head>", tags.encode(), 1)

    def _send(self, status: HTTPStatus, suffix: str, data: bytes, page: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", TYPES.get(suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(data)))
        if page:
            self.send_header("ETag", self.board.digest(page))
        for key, value in HEADERS.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    # ---- what happens ---------------------------------------------------------------------

    def _events(self) -> None:
        """A stream that says when something has changed, until the reader goes or we end."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        for key, value in HEADERS.items():
            self.send_header(key, value)
        self.end_headers()
        told: int | None = 0
        while (serial := self.board.wait(told or 0, PULSE)) is not None:
            self.wfile.write(b":\n\n" if serial == told else f"data: {serial}\n\n".encode())
            told = serial
