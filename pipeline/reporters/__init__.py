"""Reporters: a file each, `report(run, stream)`; see `pipeline.checker`."""
