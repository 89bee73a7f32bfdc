"""Ask outside addresses whether they still answer. Only with `--online`.

Only http and https; the host of every hop is looked up here and connected to by that address, and
addresses of this machine and of private networks are refused; time, redirections and the pace per
host are limited; no body is read (`fetching` does, by the same rules). Failures are not cached.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import http.client

    from pipeline.cache import Store

State = Literal["good", "moved", "dead", "unsure"]

SECONDS = 15.0  # for one answer
TOTAL = 600.0  # for all of them
HOPS = 8
PACE = 0.5  # seconds between two questions to one host
WORKERS = 8
DAYS = 7  # a good answer is believed
AGENT = "Mozilla/5.0 (compatible; make-book link check)"

PERMANENT = (301, 308)
REDIRECTS = (*PERMANENT, 302, 303, 307)
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What an address answered: `moved` for good, to `location`; `unsure` says nothing.

    `said` is the answer in words, `date` (ISO) when it was given.
    """

    state: State
    said: str
    date: str
    location: str = ""


class Refused(Exception):
    """An address that is not asked, with the reason in words."""


Ask = Callable[[str, str], tuple[int, str]]
"""(method, url) → (status, Location). Raises `Refused`, `OSError` or `ValueError`."""


def probe(
    urls: Iterable[str], today: date, store: Store | None = None, ask: Ask | None = None
) -> dict[str, ProbeResult]:
    """What each address answers, from the cache where a good answer is young enough."""
    found: dict[str, ProbeResult] = {}
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        known = _recall(url, today, store)
        if known:
            found[url] = known
        else:
            hosts[_host(url)].append(url)
    deadline = time.monotonic() + TOTAL
    with ThreadPoolExecutor(WORKERS) as pool:
        asked = pool.map(
            lambda group: _ask_host(group, today, deadline, ask or _ask), hosts.values()
        )
        for results in asked:
            found.update(results)
    for url in sorted(found):
        _remember(url, found[url], store)
    return found


def _ask_host(group: list[str], today: date, deadline: float, ask: Ask) -> dict[str, ProbeResult]:
    results = {}
    for count, url in enumerate(group):
        if time.monotonic() > deadline:
            break
        if count:
            time.sleep(PACE)
        results[url] = one(url, today, ask)
    return results


def one(url: str, today: date, ask: Ask | None = None) -> ProbeResult:
    """What one address answers; a failure that may pass is tried twice."""
    result = _follow(url, today, ask or _ask)
    if result.state == "dead" and not result.said.startswith(tuple(map(str, GONE))):
        result = _follow(url, today, ask or _ask)
    return result


def _follow(url: str, today: date, ask: Ask) -> ProbeResult:
    day = today.isoformat()
    here, permanent = url, True
    location = ""
    for _ in range(HOPS):
        try:
            status, target = _answer(here, ask)
        except Refused as error:
            return ProbeResult("unsure", str(error), day)
        except (OSError, ValueError) as error:
            return ProbeResult("dead", reason(error), day)
        if status in REDIRECTS and target:
            permanent = permanent and status in PERMANENT
            here = urljoin(here, target)
            location = here if permanent else location
            continue
        return _judged(status, day, location)
    return ProbeResult("dead", f"more than {HOPS} redirections", day)


def _judged(status: int, day: str, location: str) -> ProbeResult:
    said = f"{status}"
    if 200 <= status < 300:
        return ProbeResult("moved" if location else "good", said, day, location)
    if status in GONE or status >= 500:
        return ProbeResult("dead", said, day)
    return ProbeResult("unsure", said, day)  # 401, 403, 429: it answers, but not to us


def _answer(url: str, ask: Ask) -> tuple[int, str]:
    status, target = ask("HEAD", url)
    if status in (400, 403, 404, 405, 406, 429, 501, 503):
        return ask("GET", url)  # many servers do not know HEAD
    return status, target


def reason(error: Exception) -> str:
    """Why an address could not be asked, in words."""
    if isinstance(error, TimeoutError):
        return f"no answer in {SECONDS:g} seconds"
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return type(error).__name__


# ---- the network ----------------------------------------------------------------------------


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _ask(method: str, url: str) -> tuple[int, str]:
    """One question without following anything; the body is not read."""
    import http.client

    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise Refused("neither http nor https")
    asked = connection(parts.scheme, host, parts.port)
    path = quoted(parts.path or "/") + (f"?{quoted(parts.query)}" if parts.query else "")
    try:
        asked.request(method, path, headers={"User-Agent": AGENT, "Accept": "*/*"})
        response = asked.getresponse()
        return response.status, response.getheader("Location") or ""
    except http.client.HTTPException as error:
        raise OSError(0, f"no HTTP: {type(error).__name__}") from error
    finally:
        asked.close()


def quoted(text: str) -> str:
    """A path or query as it may be sent."""
    from urllib.parse import quote

    return quote(text, safe="/:;,?&=+$@!~*'()%#[]-._")


def connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """A connection to an address that was looked up and vetted here, so that it cannot change."""
    import http.client
    import ssl

    address = vetted(host, port or (443 if scheme == "https" else 80))
    sock = socket.create_connection(address, timeout=SECONDS)
    name = host.encode("idna").decode("ascii") if not host.isascii() else host
    connection = http.client.HTTPConnection(name, address[1], timeout=SECONDS)
    if scheme == "https":
        try:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=name)
        except BaseException:
            sock.close()
            raise
    connection.sock = sock
    return connection


def vetted(host: str, port: int) -> tuple[str, int]:
    """A public address of a host. Raises `Refused` where any of its addresses is private."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(item[4][0]) for item in found]
    for address in addresses:
        if not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise Refused("an address of this machine or of a private network")
    if not addresses:
        raise OSError(0, "no such host")
    return addresses[0], port


# ---- the cache ------------------------------------------------------------------------------


def _recall(url: str, today: date, store: Store | None) -> ProbeResult | None:
    data = store.get(_key(url)) if store else None
    if data is None:
        return None
    try:
        result = ProbeResult(**json.loads(data))
        age = (today - date.fromisoformat(result.date)).days
    except (ValueError, TypeError):
        return None
    return result if 0 <= age < DAYS else None


def _remember(url: str, result: ProbeResult, store: Store | None) -> None:
    if store and result.state in ("good", "moved"):
        store.put(_key(url), json.dumps(asdict(result)).encode())


def _key(url: str) -> str:
    from pipeline import cache

    return cache.key("probe", url)
