"""Rules: a file each, named by code and name; see `pipeline.checker` for the shape of one."""
