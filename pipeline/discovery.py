"""Families of interchangeable members: a member is a file in the family's folder."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def names(family: str) -> tuple[str, ...]:
    """The member modules of a family, `pipeline/<family>/*.py`, sorted; nothing is imported."""
    package = importlib.import_module(f"pipeline.{family}")
    found = (item.name for item in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


@cache
def member(family: str, name: str) -> ModuleType:
    """Import one member of a family."""
    return importlib.import_module(f"pipeline.{family}.{name}")


def members(family: str) -> tuple[ModuleType, ...]:
    """Import every member of a family, sorted by module name."""
    return tuple(member(family, name) for name in names(family))
