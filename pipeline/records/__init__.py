"""YAML with places, typed and validated; the ways in are `front_matter` and `schema`."""
