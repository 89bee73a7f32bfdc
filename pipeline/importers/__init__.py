"""Importers, a file each: a recogniser and a converter of one shape of foreign text.

A member has `NAME`, `HELP`, `KINDS` (content types it writes, the usual one first; none for
sources alone), `recognises(text) -> float` from 0 to 1, and `convert(text, desk) -> Draft`.
"""
