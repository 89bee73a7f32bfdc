"""The stages of a chapter and of an event card, lowest first."""

from collections.abc import Mapping
from typing import Any

STAGES = ("draft", "reviewed", "final")
VERIFICATION = ("disputed", "reported", "single_source", "verified", "highly_verified")


def at_status(settings: Mapping[str, Any], status: str) -> Any:
    """What is set for a chapter's status, else for the next one below; None for neither."""
    if status not in STAGES:
        return None
    below = STAGES[: STAGES.index(status) + 1]
    return next((settings[stage] for stage in reversed(below) if stage in settings), None)
