"""Markdown as pandoc reads it, with the place of every construct; the way in is `parser`."""
