"""Ask outside addresses whether they still answer. Only with `--online`, only in this module.

Only http and https; every hop of a redirection is checked again; addresses of this machine and
of private networks are refused; time, size, redirections and the pace per host are limited.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "moved", "dead", "unsure"]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What an address answered: `moved` for good, to `location`; `unsure` says nothing.

    `said` is the answer in words, `date` (ISO) when it was given.
    """

    state: State
    said: str
    date: str
    location: str = ""
