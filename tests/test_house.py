"""The house keeps its shape: imports go one way, families are open, rules touch no disk."""

import ast
from functools import cache
from pathlib import Path

import pytest

from pipeline import discovery

PACKAGE = Path(discovery.__file__).parent
FAMILIES = ("rules", "renderers", "reporters", "content_types", "importers", "commands")

# The spine, lowest first: a module imports from lower storeys only.
STOREYS: tuple[tuple[str, ...], ...] = (
    ("errors", "source", "discovery"),
    ("files", "process", "diagnostics", "document", "config"),
    ("cache", "pandoc", "content_types"),
    ("front_matter", "bibliography", "schema"),
    ("parser",),
    ("project",),
    ("index",),
    ("book",),
    ("rules",),
    ("checker",),
    ("linker", "fixer"),
    ("units",),
    ("rendering", "reporting"),
    ("renderers", "reporters", "importers"),
    ("preview",),
    ("commands",),
    ("cli",),
)
DISK = frozenset({"files", "process", "tree", "cache", "pandoc", "journal", "git"})


@cache
def modules() -> dict[str, frozenset[str]]:
    """Every module of the package and the modules of the package that it imports."""
    paths = {_name(path): path for path in PACKAGE.rglob("*.py")}
    return {
        name: frozenset(_known(target, paths) for target in _imports(path)) - {"", name}
        for name, path in paths.items()
    }


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "__init__"


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pipeline":
            base = (node.module or "").removeprefix("pipeline").lstrip(".")
            found |= {f"{base}.{item.name}".lstrip(".") for item in node.names}
    return found


def _known(target: str, paths: dict[str, Path]) -> str:
    while target and target not in paths:
        target = target.rpartition(".")[0]
    return target


def test_imports_have_no_cycle() -> None:
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " → ".join((*above[above.index(name) :], name))
        if name not in done:
            for target in sorted(modules()[name]):
                visit(target, (*above, name))
            done.add(name)

    for name in modules():
        visit(name, ())


def _storey(name: str) -> int | None:
    head = name.split(".")[0]
    return next((place for place, names in enumerate(STOREYS) if head in names), None)


@pytest.mark.parametrize("name", sorted(name for name in modules() if _storey(name) is not None))
def test_the_spine_imports_downwards(name: str) -> None:
    here = _storey(name)
    for target in modules()[name]:
        there = _storey(target)
        if there is not None and target.split(".")[0] != name.split(".")[0]:
            assert there < (here or 0), f"{name} imports {target}"


def test_nothing_imports_the_command_line() -> None:
    assert [name for name, targets in modules().items() if "cli" in targets] == ["__main__"]


def test_members_of_a_family_never_import_each_other() -> None:
    for name, targets in modules().items():
        for target in targets:
            family = target.split(".")[0]
            if family in FAMILIES and "." in target:
                raise AssertionError(f"{name} imports {target}; use discovery")


def test_rules_and_index_touch_no_disk() -> None:
    for name, targets in modules().items():
        if name == "index" or name.startswith("rules."):
            assert not targets & DISK, f"{name} imports {sorted(targets & DISK)}"
            text = (PACKAGE / f"{name.replace('.', '/')}.py").read_text("utf-8")
            assert "open(" not in text, name
            assert "import os" not in text, name


@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_file_is_a_new_member(
    family: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "zz_new.py").write_text('NAME = "zz"\n', "utf-8")
    package = __import__(f"pipeline.{family}", fromlist=["__path__"])
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    discovery.names.cache_clear()
    try:
        assert "zz_new" in discovery.names(family)
        assert discovery.member(family, "zz_new").NAME == "zz"
    finally:
        discovery.names.cache_clear()
        discovery.member.cache_clear()
