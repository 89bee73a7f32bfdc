"""Renderers: a file each, `render(context) -> list[Artefact]`; see `pipeline.book`."""
