"""Print the system packages that a book (`book`) or the tests as well (`test`) still lack.

Asked by bootstrap.sh with whatever Python there is, before anything is installed: one package
name a line, nothing where all is here.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline import parts

NEEDS: dict[str, tuple[parts.Need, ...]] = {"book": ("book",), "test": ("book", "check", "tests")}

if __name__ == "__main__":
    manager = parts.package_manager() or "apt"
    for package in parts.missing_packages(NEEDS[sys.argv[1]], manager):
        print(package)
