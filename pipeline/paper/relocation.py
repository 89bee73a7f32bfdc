"""The objects of a unit, moved to their numbers in the book and packed; kept by content.

A unit gets a range of numbers with room to spare, so that most edits move no other unit.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline import cache
from pipeline.paper.artefact import SEPARATOR, Artefact, Objects
from pipeline.paper.fontset import BlobStore
from pipeline.paper.pdf_writer import PACK, Pack, pack

ROOM = 1024
_TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]*>|\b(\d+) 0 R\b|@(\d+)", re.DOTALL)
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")


@dataclass(frozen=True)
class Moved:
    """A unit's objects under their final numbers.

    `pages` and `heads` are insides of dictionaries: of its pages, still open for what the join
    adds, and of its streams.
    """

    packs: tuple[Pack, ...]
    pages: tuple[str, ...]
    heads: Mapping[int, str]
    intents: str


@dataclass(frozen=True)
class Setting:
    """What moving a unit depends on beside the unit.

    Its objects are numbered from `base` + 1. `special` are objects that stand elsewhere, by
    their numbers in the unit; `resources` what its resources must name too, by kind and name.
    """

    base: int
    special: Mapping[int, int]
    resources: Mapping[str, Mapping[str, str]]


def room(objects: Objects) -> int:
    """How many numbers a unit gets; its packs have the ones after its objects."""
    needed = objects.count - (-objects.count // PACK)
    return -(-needed // ROOM) * ROOM


def move(name: str, artefact: Artefact, setting: Setting, store: BlobStore) -> Moved:
    """Move the unit with this key; what was done before comes from the store."""
    special = sorted(setting.special.items())
    key = cache.key("moved", name, setting.base, special, setting.resources)
    kept = store.get(key)
    found = _load(kept) if kept else None
    if found is None:
        found = _make(artefact, setting)
        store.put(key, _dump(found))
    return found


def digests(objects: Objects, skip: set[int]) -> dict[int, str]:
    """Digests of images and profiles, so that equal ones are written once.

    A stream counts if it refers to other such streams at most.
    """
    bodies = objects.bodies.split(SEPARATOR)
    found: dict[int, str] = {}
    waiting = [number for number in objects.streams if number not in skip]
    while waiting:
        ready = [number for number in waiting if _references(bodies[number - 1]) <= found.keys()]
        if not ready:
            break
        for number in ready:
            body = _REFERENCE.sub(lambda match: found[int(match[1])].encode(), bodies[number - 1])
            found[number] = hashlib.sha256(body + b"\n" + objects.streams[number]).hexdigest()
        waiting = [number for number in waiting if number not in found]
    return found


def _references(body: bytes) -> set[int]:
    return {int(match[1]) for match in _REFERENCE.finditer(body)}


def _make(artefact: Artefact, setting: Setting) -> Moved:
    objects, base = artefact.objects, setting.base
    bodies = _renumbered(objects.bodies, base, setting.special).split(SEPARATOR)
    pages = {layer.page for layer in artefact.pages}
    skipped = pages | setting.special.keys() | objects.streams.keys()
    packed = [
        (
            base + number,
            _with_more(body, setting.resources) if number == objects.resources else body,
        )
        for number, body in enumerate(bodies, start=1)
        if body and number not in skipped
    ]
    first = base + objects.count + 1
    return Moved(
        packs=tuple(
            pack(first + index, packed[start : start + PACK])
            for index, start in enumerate(range(0, len(packed), PACK))
        ),
        pages=tuple(_inside(bodies[layer.page - 1]) for layer in artefact.pages),
        heads={number: _inside(bodies[number - 1]) for number in objects.streams},
        intents=_renumbered(objects.intents.encode(), base, setting.special).decode("latin-1"),
    )


def _inside(body: bytes) -> str:
    return body[2:-2].decode("latin-1")


def _renumbered(data: bytes, base: int, special: Mapping[int, int]) -> bytes:
    """Bodies with references and keys moved; strings stay as they are."""

    def renumber(match: "re.Match[bytes]") -> bytes:
        if match[1]:
            number = int(match[1])
            return b"%d 0 R" % special.get(number, base + number)
        if match[2]:
            return b"%d" % (base + int(match[2]))
        return match[0]

    return _TOKEN.sub(renumber, data)


def _with_more(body: bytes, resources: Mapping[str, Mapping[str, str]]) -> bytes:
    for kind, named in resources.items():
        head, start, rest = body.partition(b"/%b <<" % kind.encode())
        missing = (
            f"/{name} {value}"
            for name, value in named.items()
            if b"/%b " % name.encode() not in rest
        )
        body = head + start + "".join(missing).encode() + rest
    return body


def _dump(made: Moved) -> bytes:
    plain = asdict(made)
    for each in plain["packs"]:
        each["data"] = len(each["data"])
    head = json.dumps(plain, separators=(",", ":")).encode()
    return b"".join((len(head).to_bytes(8, "big"), head, *(each.data for each in made.packs)))


def _load(data: bytes) -> Moved | None:
    try:
        end = 8 + int.from_bytes(data[:8], "big")
        plain: dict[str, Any] = json.loads(data[8:end])
        packs = []
        for each in plain["packs"]:
            start, end = end, end + each["data"]
            members = tuple(each["members"])
            packs.append(Pack(each["number"], members, each["first"], data[start:end]))
        heads = {int(number): head for number, head in plain["heads"].items()}
        made = Moved(tuple(packs), tuple(plain["pages"]), heads, plain["intents"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return made if end == len(data) else None
