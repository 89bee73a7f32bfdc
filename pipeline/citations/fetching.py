"""Read a page from outside, for `cite add --online`: by the rules of `probe`, and a limited body.

Only http and https, only public addresses, looked up anew for every hop; redirections, bytes and
time are limited. Nothing that comes is run, and nothing is cached.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline import probe
from pipeline.errors import UserError

if TYPE_CHECKING:
    import http.client

BYTES = 5_000_000
TOTAL = 45.0  # seconds for all hops of one page
PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one question: `kind` is the Content-Type, `body` at most `BYTES`."""

    status: int
    kind: str = ""
    body: bytes = b""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read, and the address where it was found."""

    url: str
    kind: str
    body: bytes


Ask = Callable[[str, str], Answer]
"""(url, Accept) → answer, nothing followed. Raises `Refused`, `OSError` or `ValueError`."""


def get(url: str, accept: str, ask: Ask | None = None) -> Page:
    """The page of an address. Raises `UserError` where there is none."""
    here, deadline = url, time.monotonic() + TOTAL
    for _ in range(probe.HOPS):
        if time.monotonic() > deadline:
            raise _failure(url, f"no answer in {TOTAL:g} seconds")
        try:
            answer = (ask or outside)(here, accept)
        except probe.Refused as error:
            raise _failure(url, str(error)) from error
        except (OSError, ValueError) as error:
            raise _failure(url, probe.reason(error)) from error
        if answer.status in probe.REDIRECTS and answer.location:
            here = urljoin(here, answer.location)
            continue
        if not 200 <= answer.status < 300:
            raise _failure(url, f"it answered {answer.status}")
        return Page(here, answer.kind, answer.body)
    raise _failure(url, f"more than {probe.HOPS} redirections")


def _failure(url: str, said: str) -> UserError:
    return UserError(f"cannot read {url}: {said}", hint="try later, or write the entry by hand")


def outside(url: str, accept: str) -> Answer:
    """One question to the network; a body that is too long is refused."""
    import http.client

    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise probe.Refused("neither http nor https")
    connection = probe.connection(parts.scheme, host, parts.port)
    query = f"?{probe.quoted(parts.query)}" if parts.query else ""
    headers = {"User-Agent": probe.AGENT, "Accept": accept}
    try:
        connection.request("GET", probe.quoted(parts.path or "/") + query, headers=headers)
        response = connection.getresponse()
        location = response.getheader("Location") or ""
        body = b"" if location else _body(response)
        return Answer(response.status, response.getheader("Content-Type") or "", body, location)
    except http.client.HTTPException as error:
        raise OSError(0, f"no HTTP: {type(error).__name__}") from error
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse) -> bytes:
    pieces: list[bytes] = []
    size, deadline = 0, time.monotonic() + TOTAL
    while piece := response.read1(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > BYTES:
            raise OSError(0, f"the page has more than {BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(pieces)
