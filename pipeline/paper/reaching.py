"""What a layout may touch: the book, the fonts, the libraries it runs on, a folder to write to."""

import sys
import sysconfig
from pathlib import Path

import pipeline
from pipeline import fonts
from pipeline.paper.layout_job import LayoutJob
from pipeline.sandbox import Reach

LIBRARIES = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache"),
    "/usr/share/fontconfig",
)
FONTS = ("/etc/fonts", "/usr/share", "/usr/local/share", "~/.fonts", "~/.local/share/fonts")
PYTHON = ("stdlib", "platstdlib", "purelib", "platlib")
PACKAGES = ("site-packages", "dist-packages")  # those of the system too, where a venv uses them


def of(job: LayoutJob, folder: Path) -> Reach:
    """The reach of a job that writes below a folder; the book's own fonts suffice if it has any."""
    conf = job.fonts_conf
    found = fonts.folders(conf) if conf else [Path(path).expanduser() for path in FONTS]
    code = [Path(sysconfig.get_path(name)) for name in PYTHON]
    code += [path for path in map(Path, sys.path) if path.name in PACKAGES]
    package = Path(pipeline.__file__).parent
    read = (*job.roots, *found, *map(Path, LIBRARIES), *code, package)
    write = (folder, fonts.kept(conf)) if conf else (folder,)
    return Reach(read=(*read, conf) if conf else read, write=write)
