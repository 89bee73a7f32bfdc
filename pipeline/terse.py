"""Values whose `repr` is short, for a library that puts what it was given into its messages."""

from typing import Any

LONG = 200


class Keys(dict[str, Any]):
    """A mapping."""

    def __repr__(self) -> str:
        return "{…}"


class Items(list[Any]):
    """A list."""

    def __repr__(self) -> str:
        return "[…]"


class Text(str):
    """A long text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{self[:LONG]}…"


def terse(value: Any) -> Any:
    """An equal value, all the way down."""
    if isinstance(value, dict):
        return Keys((key, terse(item)) for key, item in value.items())
    if isinstance(value, list):
        return Items(map(terse, value))
    return Text(value) if isinstance(value, str) and len(value) > LONG else value
