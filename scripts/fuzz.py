"""Feeds the readers of untrusted text with ever stranger bytes, led by what code they reach.

    make fuzz                                  every target for five minutes each
    make fuzz ARGS="yaml bibtex --seconds 960"

What crashes, hangs or misplaces a finding is written to build/fuzz/<target>/; when it is mended
it moves to tests/corpus/<target>/, which every run begins with and `make test` replays.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

with atheris.instrument_imports(include=["pipeline"]):
    import fuzzing

MEGABYTES = 2048
SECONDS_EACH = 5  # for one input
SIZE = 4096  # bytes of one input


def main() -> int:
    """Fuzz the targets that were asked for, each in a process of its own; how many failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("targets", nargs="*", choices=[[], *fuzzing.TARGETS], metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=300, help="for each target")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    targets = options.targets or list(fuzzing.TARGETS)
    if options.inside:
        _fuzz(targets[0], options.seconds)
    words = [sys.executable, __file__, "--inside", f"--seconds={options.seconds}"]
    return sum(bool(subprocess.run([*words, target], check=False).returncode) for target in targets)


def _fuzz(target: str, seconds: int) -> None:
    """Never returns: libFuzzer ends the process."""
    found = ROOT / "build" / "fuzz" / target
    grown = found / "corpus"
    grown.mkdir(parents=True, exist_ok=True)
    words = [
        f"-max_total_time={seconds}", f"-max_len={SIZE}", f"-timeout={SECONDS_EACH}",
        f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={found}/",
        f"-dict={fuzzing.CORPUS / target}.dict", "-print_final_stats=1",
        str(grown), str(fuzzing.CORPUS / target),
    ]  # fmt: skip
    work: Callable[[bytes], None] = fuzzing.TARGETS[target]
    atheris.Setup([sys.argv[0], *words], work)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
