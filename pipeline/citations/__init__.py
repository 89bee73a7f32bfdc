"""Bibliography entries read, checked, matched and written; the way in is `bibliography`."""
