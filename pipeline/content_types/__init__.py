"""Content types: a file each, one `ContentType`; see `pipeline.config`."""
