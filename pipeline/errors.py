"""What a user can cause, and the exit codes of every command."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, a contract with scripts."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INTERRUPTED = 130  # by Ctrl-C; 128 and the signal's number for the others


class Interrupted(KeyboardInterrupt):
    """The process was told to stop by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


class UserError(Exception):
    """A failure that the user can mend: one line that says what and where, and what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
