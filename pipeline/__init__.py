"""make-book: checks and publishes fact-based books."""

__version__ = "0.1.0"
