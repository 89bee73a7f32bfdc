"""Imports WeasyPrint without what a build does not need, for half of the time.

It imports the subsetter and the instancer of fontTools, which are used only where HarfBuzz is
missing or a font is variable. Stand-ins import the real module when it is called.

It tries several names for each library, and for a name that is not there Python asks ldconfig and
a compiler. On Linux the last name is the one there is.
"""

import contextlib
import ctypes.util
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

PARENT = "fontTools.varLib"
SELDOM = ("fontTools.subset", "fontTools.varLib.instancer")


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            return getattr(importlib.import_module(self.__name__), name)(*arguments, **named)

        return call


@contextlib.contextmanager
def imports() -> Iterator[None]:
    """While this stands, the first import of WeasyPrint is a lean one."""
    if "weasyprint" in sys.modules or any(name in sys.modules for name in (PARENT, *SELDOM)):
        yield
        return
    import fontTools

    parent = types.ModuleType(PARENT)
    parent.__path__ = []
    stand_ins = {PARENT: parent, **{name: _StandIn(name) for name in SELDOM}}
    sys.modules.update(stand_ins)
    fontTools.subset = stand_ins["fontTools.subset"]
    find = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = find
        for name in stand_ins:
            sys.modules.pop(name, None)
        del fontTools.subset
