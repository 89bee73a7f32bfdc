"""How names are read aloud, which is what lists of them are ordered by."""

import json
from collections.abc import Iterable

from pipeline import cache


def readings(texts: Iterable[str], store: cache.Store) -> dict[str, str]:
    """Pinyin for Han, Latin folded, of each text; kept, as the dictionary takes long to load."""
    from importlib import metadata  # as slow to import as much of a check

    wanted = sorted(set(texts))
    name = cache.key("pinyin", metadata.version("pypinyin"), wanted)
    kept = store.get(name)
    made = json.loads(kept) if kept else _read(wanted)
    if not kept:
        store.put(name, json.dumps(made).encode())
    return dict(zip(wanted, made, strict=True))


def _read(texts: list[str]) -> list[str]:
    from pypinyin import lazy_pinyin

    return [" ".join(lazy_pinyin(text)).casefold() for text in texts]
