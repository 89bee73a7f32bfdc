"""Where things in a book may stand before it is laid out: as last time, or by their length."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline import cache
from pipeline.paper import pagination
from pipeline.paper.fontset import BlobStore
from pipeline.paper.layout_job import LayoutJob
from pipeline.paper.pagination import Extent, Place

Memory = tuple[dict[str, int], dict[str, str]]  # pages of units, labels of anchors


def place(job: LayoutJob, pages: Sequence[int]) -> tuple[Place, ...]:
    """Where the units stand, from the number of their pages."""
    extents = [
        Extent(count, unit.numbering, unit.start)
        for count, unit in zip(pages, job.units, strict=True)
    ]
    return pagination.place(extents, mirror=job.mirror)


def guess(job: LayoutJob, memory: Memory) -> tuple[tuple[Place, ...], dict[str, str]]:
    """Likely places of the units, and the likely page of each anchor."""
    pages, labels = memory
    extents, offsets = pagination.guess(
        [(unit.html, unit.numbering, unit.start) for unit in job.units]
    )
    places = place(
        job,
        [
            max(1, pages.get(unit.key, extent.pages))
            for unit, extent in zip(job.units, extents, strict=True)
        ],
    )
    names = [set(pagination.identifiers(unit.html)) for unit in job.units]
    likely = pagination.labels(
        places, [{name: offsets[name] for name in sorted(some)} for some in names]
    )
    return places, likely | {name: label for name, label in labels.items() if name in likely}


def remember(
    job: LayoutJob, store: BlobStore, pages: Sequence[int], labels: Mapping[str, str]
) -> None:
    """Keep where things stand, for the next time."""
    counts = {unit.key: count for unit, count in zip(job.units, pages, strict=True)}
    store.put(_name(job), json.dumps({"pages": counts, "labels": dict(labels)}).encode())


def recall(job: LayoutJob, store: BlobStore) -> Memory:
    """Where things stood when this book was laid out last; empty where it never was."""
    try:
        memory: dict[str, Any] = json.loads(store.get(_name(job)) or b"{}")
        pages = {str(key): int(count) for key, count in memory["pages"].items()}
        labels = {str(name): str(label) for name, label in memory["labels"].items()}
    except (ValueError, KeyError, AttributeError, TypeError):
        return {}, {}
    return pages, labels


def _name(job: LayoutJob) -> str:
    return cache.key("places", job.identifier, job.variant or "", job.lang)
