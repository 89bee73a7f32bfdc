"""Subcommands: a file each with NAME, HELP, `add_arguments(parser)` and `run(args) -> int`."""
