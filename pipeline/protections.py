"""What guards this machine from the content of a book: each protection, on or off, and why."""

import resource
from dataclasses import dataclass

from pipeline import no_sockets, sandbox

NO_RESTRICTION = "only what the program itself allows holds"


@dataclass(frozen=True, slots=True)
class Protection:
    """One of them; `reason` says what it does, or why it is off."""

    name: str
    on: bool
    reason: str


def survey() -> tuple[Protection, ...]:
    """All of them, as this machine has them."""
    return (_files(), _network(), _memory(), _time())


def _files() -> Protection:
    if refusal := sandbox.refusal():
        return Protection("files", False, f"{refusal}; {NO_RESTRICTION}")
    did = f"pandoc and the layout open what they are given only (Landlock {sandbox.version()})"
    return Protection("files", True, did)


def _network() -> Protection:
    refusal = no_sockets.refusal()
    if not refusal:
        return Protection("network", True, "pandoc and the layout open no sockets (seccomp)")
    if not sandbox.refusal() and sandbox.version() >= sandbox.NETWORK_SINCE:
        did = f"pandoc and the layout connect to nothing by TCP (Landlock); {refusal}"
        return Protection("network", True, did)
    return Protection("network", False, f"{refusal}; {NO_RESTRICTION}")


def _memory() -> Protection:
    if hasattr(resource, "prlimit"):
        return Protection("memory", True, "pandoc and the layout end at limits.*_megabytes")
    return Protection("memory", False, "this system sets no limit; pandoc keeps to its own")


def _time() -> Protection:
    return Protection("time", True, "pandoc and the layout end at limits.*_seconds")
